/* The verbs that suspend a coroutine, on both engines: the results and errors of the system calls, and many
 * that wait at once. Cancelling them: test_reactor.c. */
#include "io/io.h"
#include "reactor_stage.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* ---- Results and errors: each of these holds for plain system calls too ---- */

static void files(struct actor *a) {
    struct pb_task *t = &a->task;
    char directory[] = "/tmp/parbench-suspend-XXXXXX", path[64], buffer[16];
    CHECK(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    CHECK_INT(pb_open(t, path, O_RDONLY, 0), -ENOENT);
    int fd = pb_open(t, path, O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK(fd >= 0);
    CHECK_INT(pb_open(t, path, O_RDWR | O_CREAT | O_EXCL, 0600), -EEXIST);
    CHECK_INT(pb_write(t, fd, "0123456789", 10), 10);
    CHECK_INT(pb_pwrite(t, fd, "ab", 2, 4), 2);
    CHECK_INT(pb_fsync(t, fd), 0);
    CHECK_INT(pb_pread(t, fd, buffer, 4, 3), 4);
    CHECK(memcmp(buffer, "3ab6", 4) == 0);
    CHECK_INT(pb_pread(t, fd, buffer, sizeof buffer, 7), 3);
    CHECK_INT(pb_read(t, fd, buffer, sizeof buffer), 0);
    CHECK_INT(lseek(fd, 2, SEEK_SET), 2);
    CHECK_INT(pb_read(t, fd, buffer, 4), 4);
    CHECK(memcmp(buffer, "23ab", 4) == 0);
    CHECK_INT(pb_read(t, fd, buffer, sizeof buffer), 4);
    CHECK_INT(pb_pread(t, fd, buffer, 1, -1), -EINVAL);
    CHECK_INT(pb_pwrite(t, fd, buffer, 1, -1), -EINVAL);
    CHECK_INT(pb_poll(t, fd, POLLIN | POLLOUT, -1), POLLIN | POLLOUT);
    CHECK_INT(pb_recv(t, fd, buffer, 1, 0), -ENOTSOCK);
    CHECK_INT(pb_close(t, fd), 0);
    CHECK_INT(pb_close(t, fd), -EBADF);
    struct stat status;
    CHECK(stat(path, &status) == 0);
    CHECK_INT(status.st_mode & 0777, 0600);
    fd = pb_open(t, directory, O_RDONLY, 0);
    CHECK_INT(pb_read(t, fd, buffer, 1), -EISDIR);
    CHECK_INT(pb_close(t, fd), 0);
    unlink(path);
    rmdir(directory);
}

static void bad_descriptors(struct actor *a) {
    struct pb_task *t = &a->task;
    char buffer[1] = {0};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    static const int bad[] = {-1, 1 << 20};
    for (size_t i = 0; i < 2; i++) {
        int fd = bad[i];
        CHECK_INT(pb_read(t, fd, buffer, 1), -EBADF);
        CHECK_INT(pb_write(t, fd, buffer, 1), -EBADF);
        CHECK_INT(pb_pread(t, fd, buffer, 1, 0), -EBADF);
        CHECK_INT(pb_pwrite(t, fd, buffer, 1, 0), -EBADF);
        CHECK_INT(pb_fsync(t, fd), -EBADF);
        CHECK_INT(pb_connect(t, fd, (struct sockaddr *)&address, sizeof address), -EBADF);
        CHECK_INT(pb_accept(t, fd, NULL, NULL), -EBADF);
        CHECK_INT(pb_send(t, fd, buffer, 1, 0), -EBADF);
        CHECK_INT(pb_recv(t, fd, buffer, 1, 0), -EBADF);
        CHECK_INT(pb_poll(t, fd, POLLIN, 0), -EBADF);
        CHECK_INT(pb_poll(t, fd, POLLIN, -1), -EBADF);
        CHECK_INT(pb_close(t, fd), -EBADF);
    }
}

static void pipes(struct actor *a) {
    static char large[1 << 20];
    struct pb_task *t = &a->task;
    char buffer[8];
    int fd[2];
    CHECK(pipe2(fd, O_NONBLOCK) == 0);
    CHECK_INT(pb_write(t, fd[1], "abc", 3), 3);
    CHECK_INT(pb_read(t, fd[0], buffer, sizeof buffer), 3);
    CHECK_INT(pb_read(t, fd[0], buffer, sizeof buffer), -EAGAIN);
    ssize_t written = pb_write(t, fd[1], large, sizeof large);
    CHECK_MSG(written > 0 && written < (ssize_t)sizeof large, "wrote %zd", written);
    while (pb_write(t, fd[1], large, 1) == 1)
        ;
    CHECK_INT(pb_write(t, fd[1], large, sizeof large), -EAGAIN);
    CHECK_INT(pb_pread(t, fd[0], buffer, 1, 0), -ESPIPE);
    CHECK_INT(pb_pwrite(t, fd[1], buffer, 1, 0), -ESPIPE);
    CHECK_INT(pb_fsync(t, fd[0]), -EINVAL);
    CHECK_INT(pb_accept(t, fd[0], NULL, NULL), -ENOTSOCK);
    CHECK_INT(pb_read(t, fd[1], buffer, 1), -EBADF);
    signal(SIGPIPE, SIG_IGN);
    CHECK_INT(pb_close(t, fd[0]), 0);
    CHECK_INT(pb_write(t, fd[1], "x", 1), -EPIPE);
    CHECK_INT(pb_close(t, fd[1]), 0);
}

static void sockets(struct actor *a) {
    struct pb_task *t = &a->task;
    char buffer[8], directory[] = "/tmp/parbench-suspend-XXXXXX";
    struct sockaddr_un address = {.sun_family = AF_UNIX}, peer;
    socklen_t size = sizeof peer;
    CHECK(mkdtemp(directory));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", directory);
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_INT(pb_connect(t, client, (struct sockaddr *)&address, sizeof address), -ENOENT);
    CHECK(bind(server, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK_INT(pb_connect(t, client, (struct sockaddr *)&address, sizeof address), -ECONNREFUSED);
    CHECK_INT(pb_accept(t, server, NULL, NULL), -EINVAL);
    CHECK(listen(server, 1) == 0);
    CHECK_INT(pb_connect(t, client, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_INT(pb_connect(t, client, (struct sockaddr *)&address, sizeof address), -EISCONN);
    int accepted = pb_accept(t, server, (struct sockaddr *)&peer, &size);
    CHECK(accepted >= 0);
    CHECK_INT(peer.sun_family, AF_UNIX);
    CHECK_INT(fcntl(server, F_GETFL) & O_NONBLOCK, 0);
    CHECK_INT(fcntl(client, F_GETFL) & O_NONBLOCK, 0);
    CHECK_INT(fcntl(accepted, F_GETFL) & O_NONBLOCK, 0);
    CHECK_INT(pb_send(t, client, "hello", 5, 0), 5);
    CHECK_INT(pb_recv(t, accepted, buffer, 2, MSG_PEEK), 2);
    CHECK_INT(pb_recv(t, accepted, buffer, sizeof buffer, 0), 5);
    CHECK(memcmp(buffer, "hello", 5) == 0);
    CHECK_INT(pb_recv(t, accepted, buffer, sizeof buffer, MSG_DONTWAIT), -EAGAIN);
    CHECK_INT(pb_close(t, accepted), 0);
    CHECK_INT(pb_recv(t, client, buffer, sizeof buffer, 0), 0);
    CHECK_INT(pb_send(t, client, "x", 1, 0), -EPIPE); /* and no SIGPIPE, which would end the test */
    CHECK(fcntl(server, F_SETFL, O_NONBLOCK) == 0);
    CHECK_INT(pb_accept(t, server, NULL, NULL), -EAGAIN);
    close(client);
    client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_INT(pb_connect(t, client, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_INT(pb_recv(t, client, buffer, sizeof buffer, 0), -EAGAIN);
    CHECK_INT(pb_read(t, client, buffer, sizeof buffer), -EAGAIN);
    close(client);
    close(server);
    unlink(address.sun_path);
    rmdir(directory);
}

static void polls(struct actor *a) {
    struct pb_task *t = &a->task;
    int fd[2];
    CHECK(pipe(fd) == 0);
    CHECK_INT(pb_poll(t, fd[0], POLLIN, 0), 0);
    CHECK_INT(pb_poll(t, fd[0], POLLIN, 1000), 0);
    CHECK_INT(pb_poll(t, fd[0], 0, 1000), 0);
    CHECK_INT(pb_poll(t, fd[1], POLLOUT, -1), POLLOUT);
    CHECK_INT(pb_write(t, fd[1], "x", 1), 1);
    CHECK_INT(pb_poll(t, fd[0], POLLIN, -1), POLLIN);
    CHECK_INT(pb_poll(t, fd[0], POLLIN, INT64_MAX), POLLIN);
    close(fd[1]);
    CHECK_INT(pb_poll(t, fd[0], POLLIN, -1), POLLIN | POLLHUP);
    close(fd[0]);
    CHECK_INT(pb_poll(t, fd[0], POLLIN, -1), -EBADF);
}

static void no_ops(struct actor *a) {
    CHECK_INT(pb_sleep(&a->task, 0), 0);
    CHECK_INT(pb_sleep(&a->task, -5), 0);
    pb_checkpoint(&a->task);
    pb_allow_begin(&a->task);
    pb_allow_end(&a->task);
}

/* ---- Signals ---- */

static void ignore(int signal) {
    (void)signal;
}

/* A timer sends a signal every millisecond: a wait that began anew each time would never end, and one that
 * gave up would end early. */
static void waits_in_a_storm(struct actor *a) {
    enum { WAIT = 20000000 };
    struct sigaction action = {.sa_handler = ignore};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec every = {{0, 1000000}, {0, 1000000}};
    timer_t timer;
    int fd[2];
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(pipe(fd) == 0);
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    CHECK(timer_settime(timer, 0, &every, NULL) == 0);
    uint64_t begun = pb_now();
    CHECK_INT(pb_sleep(&a->task, WAIT), 0);
    CHECK(pb_now() - begun >= WAIT);
    begun = pb_now();
    CHECK_INT(pb_poll(&a->task, fd[0], POLLIN, WAIT), 0);
    CHECK(pb_now() - begun >= WAIT);
    timer_delete(timer);
    close(fd[0]);
    close(fd[1]);
}

/* ---- Together ---- */

static void send_all(struct actor *a, int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t n = pb_write(&a->task, fd, data, size);
        CHECK_MSG(n > 0, "write: %zd", n);
        data += n;
        size -= (size_t)n;
    }
}

static void receive_all(struct actor *a, int fd, char *data, size_t size) {
    while (size > 0) {
        ssize_t n = pb_read(&a->task, fd, data, size);
        CHECK_MSG(n > 0, "read: %zd", n);
        data += n;
        size -= (size_t)n;
    }
}

/* One side of a conversation: reads from `in` and writes to `out`. */
struct talker {
    struct actor actor;
    int in, out;
};

static void ping(struct actor *a) {
    const struct talker *t = (const struct talker *)a;
    for (int64_t i = 0; i < 10; i++) {
        int64_t got = -1;
        send_all(a, t->out, (const char *)&i, sizeof i);
        receive_all(a, t->in, (char *)&got, sizeof got);
        CHECK_INT(got, i + a->number);
    }
}

static void pong(struct actor *a) {
    const struct talker *t = (const struct talker *)a;
    for (int i = 0; i < 10; i++) {
        int64_t got = -1;
        receive_all(a, t->in, (char *)&got, sizeof got);
        got += a->number;
        send_all(a, t->out, (const char *)&got, sizeof got);
    }
}

/* The odd pairs talk over two pipes, the even ones over a pair of sockets. */
static void connect_pair(struct talker pair[2], int i) {
    int there[2], back[2];
    if (i % 2) {
        CHECK(pipe(there) == 0 && pipe(back) == 0);
    } else {
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, there) == 0);
        back[0] = there[1];
        back[1] = there[0];
    }
    pair[0] = (struct talker){{.play = ping, .number = i}, back[0], there[1]};
    pair[1] = (struct talker){{.play = pong, .number = i}, there[0], back[1]};
}

static void ping_pong(const void *data) {
    enum { PAIRS = 1000 };
    struct stage s = open_stage(engine_of(data), 2 * PAIRS);
    struct talker *talkers = calloc(2 * PAIRS, sizeof *talkers);
    struct rlimit limit;
    CHECK(talkers && getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur < 4 * PAIRS)
        pb_test_skip("no more than %lu files may be open", (unsigned long)limit.rlim_cur);
    for (int i = 0; i < PAIRS; i++) {
        connect_pair(&talkers[2 * i], i);
        start(&s, &talkers[2 * i].actor);
        start(&s, &talkers[2 * i + 1].actor);
    }
    play_all(&s);
    CHECK_INT(s.ended, 2 * PAIRS);
    free(talkers);
    pb_reactor_close(s.reactor);
}

enum { STREAM = 4 << 20, BLOCK = 100000 };

static void stream_out(struct actor *a) {
    char *block = malloc(BLOCK);
    CHECK(block);
    for (int64_t at = 0; at < STREAM; at += BLOCK) {
        for (int i = 0; i < BLOCK; i++)
            block[i] = (char)((at + i) % 251);
        send_all(a, ((struct talker *)a)->out, block, BLOCK);
    }
    free(block);
}

static void stream_in(struct actor *a) {
    char *block = malloc(BLOCK);
    CHECK(block);
    for (int64_t at = 0; at < STREAM; at += BLOCK) {
        receive_all(a, ((struct talker *)a)->in, block, BLOCK);
        for (int i = 0; i < BLOCK; i++)
            CHECK(block[i] == (char)((at + i) % 251));
    }
    free(block);
}

/* A reader and a writer on either end of one connection, and a writer and a reader of one pipe. */
static void both_ways(const void *data) {
    struct stage s = open_stage(engine_of(data), 6);
    int pair[2], line[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(line) == 0);
    struct talker talkers[] = {
        {{.play = stream_in}, pair[0], -1}, {{.play = stream_out}, -1, pair[0]},
        {{.play = stream_in}, pair[1], -1}, {{.play = stream_out}, -1, pair[1]},
        {{.play = stream_in}, line[0], -1}, {{.play = stream_out}, -1, line[1]},
    };
    for (size_t i = 0; i < 6; i++)
        start(&s, &talkers[i].actor);
    play_all(&s);
    CHECK_INT(s.ended, 6);
    pb_reactor_close(s.reactor);
}

static void feeder(struct actor *a) {
    CHECK_INT(pb_sleep(&a->task, 1000000), 0);
    note(a, 'f');
    CHECK_INT(pb_write(&a->task, a->stage->fd[1], "x", 1), 1);
}

static void poller(struct actor *a) {
    CHECK_INT(pb_poll(&a->task, a->stage->fd[0], POLLIN, a->number), POLLIN);
    note(a, 'p');
}

static void impatient(struct actor *a) {
    CHECK_INT(pb_poll(&a->task, a->stage->fd[0], POLLIN, 1000), 0);
    note(a, '0');
}

/* Several wait for one descriptor. */
static void polls_together(const void *data) {
    struct stage s = open_stage(engine_of(data), 4);
    struct actor actors[] = {{.play = poller, .number = -1},
                             {.play = poller, .number = 3600000000000},
                             {.play = impatient},
                             {.play = feeder}};
    CHECK(pipe(s.fd) == 0);
    for (size_t i = 0; i < 4; i++)
        start(&s, &actors[i]);
    play_all(&s);
    CHECK_TEXT(s.order, "0fpp");
    close(s.fd[0]);
    close(s.fd[1]);
    pb_reactor_close(s.reactor);
}

/* ---- Connections ---- */

static struct sockaddr_in loopback_address(int fd) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    return address;
}

static void server(struct actor *a) {
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    char buffer[4];
    int fd = pb_accept(&a->task, a->stage->fd[0], (struct sockaddr *)&peer, &size);
    CHECK_MSG(fd >= 0, "accept: %d", fd);
    CHECK_INT(peer.sin_family, AF_INET);
    CHECK_INT(pb_recv(&a->task, fd, buffer, sizeof buffer, MSG_WAITALL), 4);
    CHECK_INT(pb_send(&a->task, fd, buffer, sizeof buffer, 0), 4);
    CHECK_INT(pb_recv(&a->task, fd, buffer, sizeof buffer, 0), 0);
    CHECK_INT(pb_close(&a->task, fd), 0);
}

static void client(struct actor *a) {
    struct sockaddr_in address = loopback_address(a->stage->fd[0]);
    char buffer[4];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fd >= 0);
    CHECK_INT(pb_connect(&a->task, fd, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_INT(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    CHECK_INT(pb_send(&a->task, fd, "ping", 4, 0), 4);
    CHECK_INT(pb_recv(&a->task, fd, buffer, sizeof buffer, 0), 4);
    CHECK(memcmp(buffer, "ping", 4) == 0);
    CHECK_INT(pb_close(&a->task, fd), 0);
}

static void connections(const void *data) {
    enum { CLIENTS = 50 };
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct stage s = open_stage(engine_of(data), 2 * CLIENTS);
    struct actor actors[2 * CLIENTS];
    s.fd[0] = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(s.fd[0], (struct sockaddr *)&any, sizeof any) == 0 && listen(s.fd[0], CLIENTS) == 0);
    for (int i = 0; i < 2 * CLIENTS; i++) {
        actors[i] = (struct actor){.play = i < CLIENTS ? server : client};
        start(&s, &actors[i]);
    }
    play_all(&s);
    CHECK_INT(s.ended, 2 * CLIENTS);
    CHECK_INT(fcntl(s.fd[0], F_GETFL) & O_NONBLOCK, 0);
    close(s.fd[0]);
    pb_reactor_close(s.reactor);
}

static void refused(struct actor *a) {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd[2] = {socket(AF_INET, SOCK_STREAM, 0), socket(AF_INET, SOCK_STREAM, 0)};
    CHECK(bind(fd[0], (struct sockaddr *)&any, sizeof any) == 0); /* and nobody listens */
    struct sockaddr_in address = loopback_address(fd[0]);
    CHECK_INT(pb_connect(&a->task, fd[1], (struct sockaddr *)&address, sizeof address), -ECONNREFUSED);
    close(fd[0]);
    close(fd[1]);
}

/* More callers than a local listener has room for: they wait until they are taken. */
static void caller(struct actor *a) {
    struct sockaddr_un address;
    socklen_t size = sizeof address;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(getsockname(a->stage->fd[0], (struct sockaddr *)&address, &size) == 0);
    CHECK_INT(pb_connect(&a->task, fd, (struct sockaddr *)&address, size), 0);
    close(fd);
}

static void taker(struct actor *a) {
    for (int i = 0; i < 10; i++) {
        int fd = pb_accept(&a->task, a->stage->fd[0], NULL, NULL);
        CHECK_MSG(fd >= 0, "accept: %d", fd);
        CHECK_INT(pb_close(&a->task, fd), 0);
        CHECK_INT(pb_sleep(&a->task, 1000), 0);
    }
}

static void crowd(const void *data) {
    struct sockaddr_un any = {.sun_family = AF_UNIX};
    struct stage s = open_stage(engine_of(data), 11);
    struct actor actors[11];
    s.fd[0] = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(s.fd[0], (struct sockaddr *)&any, sizeof(sa_family_t)) == 0 && listen(s.fd[0], 0) == 0);
    for (int i = 0; i < 11; i++) {
        actors[i] = (struct actor){.play = i < 10 ? caller : taker};
        start(&s, &actors[i]);
    }
    play_all(&s);
    CHECK_INT(s.ended, 11);
    close(s.fd[0]);
    pb_reactor_close(s.reactor);
}

/* ---- Many files, and a busy one ---- */

static void own_part(struct actor *a) {
    char block[1000], back[1000];
    off_t at = a->number * (off_t)sizeof block;
    memset(block, (char)a->number, sizeof block);
    CHECK_INT(pb_pwrite(&a->task, a->stage->fd[0], block, sizeof block, at), sizeof block);
    CHECK_INT(pb_fsync(&a->task, a->stage->fd[0]), 0);
    CHECK_INT(pb_pread(&a->task, a->stage->fd[0], back, sizeof back, at), sizeof back);
    CHECK(memcmp(block, back, sizeof back) == 0);
}

static void parts_of_a_file(const void *data) {
    char path[] = "/tmp/parbench-suspend-XXXXXX";
    struct stage s = open_stage(engine_of(data), 40);
    struct actor actors[40];
    s.fd[0] = mkstemp(path);
    CHECK(s.fd[0] >= 0 && unlink(path) == 0);
    for (int i = 0; i < 40; i++) {
        actors[i] = (struct actor){.play = own_part, .number = i};
        start(&s, &actors[i]);
    }
    play_all(&s);
    CHECK_INT(s.ended, 40);
    close(s.fd[0]);
    pb_reactor_close(s.reactor);
}

/* Never has to wait, and lets the other run all the same. */
static void busy(struct actor *a) {
    int fd = pb_open(&a->task, "/dev/null", O_WRONLY, 0);
    CHECK(fd >= 0);
    note(a, 'b');
    while (strlen(a->stage->order) < 2)
        CHECK_INT(pb_write(&a->task, fd, "x", 1), 1);
    while (strlen(a->stage->order) < 3)
        CHECK_INT(pb_poll(&a->task, fd, POLLOUT, 0), POLLOUT);
    CHECK_INT(pb_close(&a->task, fd), 0);
}

static void interloper(struct actor *a) {
    while (a->stage->order[0] == '\0')
        CHECK_INT(pb_sleep(&a->task, 1000), 0);
    note(a, 'i');
    CHECK_INT(pb_sleep(&a->task, 1000), 0);
    note(a, 'i');
}

static void fair(const void *data) {
    struct stage s = open_stage(engine_of(data), 2);
    struct actor a = {.play = busy}, b = {.play = interloper};
    start(&s, &a);
    start(&s, &b);
    play_all(&s);
    CHECK_TEXT(s.order, "bii");
    pb_reactor_close(s.reactor);
}

/* ---- The suite ---- */

#define SOLO(name)                                                                                           \
    static void solo_##name(const void *data) {                                                              \
        solo(engine_of(data), name);                                                                         \
    }                                                                                                        \
    static void plain_##name(const void *data) {                                                             \
        struct actor a = {.task = {.io = &pb_io_blocking}};                                                  \
        (void)data;                                                                                          \
        name(&a);                                                                                            \
    }
SOLO(files)
SOLO(bad_descriptors)
SOLO(pipes)
SOLO(sockets)
SOLO(polls)
SOLO(no_ops)
SOLO(waits_in_a_storm)
SOLO(refused)

static bool generate(size_t i, struct pb_case *out) {
    static const struct pb_case plain[] = {
        {"blocking/files", plain_files, NULL},
        {"blocking/bad-descriptors", plain_bad_descriptors, NULL},
        {"blocking/pipes", plain_pipes, NULL},
        {"blocking/sockets", plain_sockets, NULL},
        {"blocking/polls", plain_polls, NULL},
        {"blocking/no-ops", plain_no_ops, NULL},
        {"blocking/waits-in-a-storm", plain_waits_in_a_storm, NULL},
        {"blocking/refused", plain_refused, NULL},
    };
    static const struct engine_case cases[] = {
        {"files", solo_files},
        {"bad-descriptors", solo_bad_descriptors},
        {"pipes", solo_pipes},
        {"sockets", solo_sockets},
        {"polls", solo_polls},
        {"no-ops", solo_no_ops},
        {"waits-in-a-storm", solo_waits_in_a_storm},
        {"refused", solo_refused},
        {"ping-pong", ping_pong},
        {"both-ways", both_ways},
        {"polls-together", polls_together},
        {"connections", connections},
        {"crowd", crowd},
        {"parts-of-a-file", parts_of_a_file},
        {"fair", fair},
    };
    enum { PLAIN = sizeof plain / sizeof plain[0] };
    if (i < PLAIN) {
        *out = plain[i];
        return true;
    }
    return engine_case_of(cases, sizeof cases / sizeof cases[0], i - PLAIN, out);
}

const struct pb_suite suite_suspend = {"suspend", NULL, generate};
