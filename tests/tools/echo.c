/* Packets there and back: `tests-echo serve` says its process id, and sends every UDP packet back.
 * `tests-echo ask ADDRESS COUNT SIZE` sends it COUNT packets of SIZE bytes at once, and says how many
 * nanoseconds passed until all of them were back, or if none comes any more, "lost". */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 7007, MOST = 9000, PATIENCE = 2 /* s */ };

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int serve(int fd, const struct sockaddr_in *mine) {
    char byte[MOST];
    if (bind(fd, (const struct sockaddr *)mine, sizeof *mine) < 0)
        return perror("tests-echo: bind"), 1;
    printf("%d\n", (int)getpid());
    fflush(stdout);
    for (;;) {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        ssize_t got = recvfrom(fd, byte, sizeof byte, 0, (struct sockaddr *)&from, &size);
        if (got < 0 || sendto(fd, byte, (size_t)got, 0, (struct sockaddr *)&from, size) < 0)
            return perror("tests-echo"), 1;
    }
}

static int ask(int fd, const struct sockaddr_in *other, int count, size_t size) {
    static char byte[MOST];
    struct timeval patience = {.tv_sec = PATIENCE};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)other, sizeof *other) < 0)
        return perror("tests-echo: connect"), 1;
    int64_t start = now();
    for (int i = 0; i < count; i++)
        if (send(fd, byte, size, 0) < 0)
            return perror("tests-echo: send"), 1;
    for (int i = 0; i < count; i++)
        if (recv(fd, byte, sizeof byte, 0) < 0)
            return puts("lost"), 0;
    printf("%lld\n", (long long)(now() - start));
    return 0;
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return perror("tests-echo: socket"), 1;
    if (argc == 2 && strcmp(argv[1], "serve") == 0)
        return serve(fd, &address);
    if (argc == 5 && strcmp(argv[1], "ask") == 0 && inet_pton(AF_INET, argv[2], &address.sin_addr) == 1 &&
        atoi(argv[4]) <= MOST)
        return ask(fd, &address, atoi(argv[3]), (size_t)atoi(argv[4]));
    return fputs("usage: tests-echo serve | ask ADDRESS COUNT SIZE\n", stderr), 2;
}
