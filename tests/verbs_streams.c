/* Pipes and sockets: short transfers, full buffers, ends that are gone, and connections. */
#include "verbs.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "parbench/workload.h"

static char large[1 << 20];

static void short_transfers(struct pb_task *task, void *argument) {
    char buffer[8];
    int fd[2];
    (void)argument;
    CHECK(pipe(fd) == 0);
    CHECK_INT(pb_write(task, fd[1], "abc", 3), 3);
    CHECK_INT(pb_read(task, fd[0], buffer, 2), 2);
    CHECK_INT(pb_read(task, fd[0], buffer, sizeof buffer), 1);
    CHECK(buffer[0] == 'c');
    CHECK_INT(pb_close(task, fd[1]), 0);
    CHECK_INT(pb_close(task, fd[0]), 0);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
    CHECK_INT(pb_send(task, fd[0], "hello", 5, 0), 5);
    CHECK_INT(pb_recv(task, fd[1], buffer, 2, MSG_PEEK), 2);
    CHECK_INT(pb_recv(task, fd[1], buffer, sizeof buffer, 0), 5);
    CHECK(memcmp(buffer, "hello", 5) == 0);
    CHECK_INT(pb_write(task, fd[0], "x", 1), 1); /* read and write serve sockets too */
    CHECK_INT(pb_read(task, fd[1], buffer, sizeof buffer), 1);
    CHECK_INT(pb_close(task, fd[1]), 0);
    CHECK_INT(pb_close(task, fd[0]), 0);
}

/* A descriptor that asks not to be waited for is not. */
static void does_not_wait(struct pb_task *task, void *argument) {
    char buffer[8];
    int fd[2];
    (void)argument;
    CHECK(pipe2(fd, O_NONBLOCK) == 0);
    CHECK_INT(pb_read(task, fd[0], buffer, sizeof buffer), -EAGAIN);
    ssize_t written = pb_write(task, fd[1], large, sizeof large);
    CHECK_MSG(written > 0 && written < (ssize_t)sizeof large, "wrote %zd", written);
    CHECK_INT(pb_write(task, fd[1], large, sizeof large), -EAGAIN);
    close(fd[0]);
    close(fd[1]);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
    CHECK_INT(pb_recv(task, fd[0], buffer, sizeof buffer, 0), -EAGAIN);
    CHECK_INT(pb_read(task, fd[0], buffer, sizeof buffer), -EAGAIN);
    ssize_t sent = pb_send(task, fd[1], large, sizeof large, 0);
    CHECK_MSG(sent > 0 && sent < (ssize_t)sizeof large, "sent %zd", sent);
    CHECK_INT(pb_send(task, fd[1], large, sizeof large, 0), -EAGAIN);
    close(fd[0]);
    close(fd[1]);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
    CHECK_INT(pb_recv(task, fd[0], buffer, sizeof buffer, MSG_DONTWAIT), -EAGAIN);
    sent = pb_send(task, fd[1], large, sizeof large, MSG_DONTWAIT);
    CHECK_MSG(sent > 0 && sent < (ssize_t)sizeof large, "sent %zd", sent);
    CHECK_INT(pb_send(task, fd[1], large, sizeof large, MSG_DONTWAIT), -EAGAIN);
    close(fd[0]);
    close(fd[1]);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK(listen(server, 1) == 0);
    CHECK_INT(pb_accept(task, server, NULL, NULL), -EAGAIN);
    close(server);
}

/* `send` never raises SIGPIPE, whose default would end the test; `write` raises it as ever. */
static void other_side_gone(struct pb_task *task, void *argument) {
    char buffer[8];
    int fd[2];
    (void)argument;
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
    CHECK_INT(pb_send(task, fd[1], "bye", 3, 0), 3);
    CHECK_INT(pb_close(task, fd[1]), 0);
    CHECK_INT(pb_send(task, fd[0], "x", 1, 0), -EPIPE);
    CHECK_INT(pb_recv(task, fd[0], buffer, sizeof buffer, 0), 3);
    CHECK_INT(pb_recv(task, fd[0], buffer, sizeof buffer, 0), 0);
    CHECK_INT(pb_close(task, fd[0]), 0);
    signal(SIGPIPE, SIG_IGN);
    CHECK(pipe(fd) == 0);
    CHECK_INT(pb_close(task, fd[0]), 0);
    CHECK_INT(pb_write(task, fd[1], "x", 1), -EPIPE);
    CHECK_INT(pb_close(task, fd[1]), 0);
    signal(SIGPIPE, SIG_DFL);
}

static int listen_on_loopback(struct sockaddr_in *address) {
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)address, sizeof *address) == 0 && listen(fd, 64) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)address, &size) == 0);
    return fd;
}

static void refusals(struct pb_task *task, void *argument) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    const struct sockaddr *to = (const struct sockaddr *)&local;
    struct sockaddr_in address;
    char directory[32];
    int ends[2], stranger = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)argument;
    temporary(directory);
    snprintf(local.sun_path, sizeof local.sun_path, "%s/socket", directory);
    CHECK_INT(pb_connect(task, client, to, sizeof local), -ENOENT);
    CHECK(bind(stranger, to, sizeof local) == 0);
    CHECK_INT(pb_connect(task, client, to, sizeof local), -ECONNREFUSED);
    CHECK_INT(pb_accept(task, stranger, NULL, NULL), -EINVAL);
    CHECK_INT(pb_send(task, client, "x", 1, 0), -ENOTCONN);
    CHECK_INT(pb_recv(task, client, &(char){0}, 1, 0), -EINVAL);
    CHECK(listen(stranger, 1) == 0);
    CHECK_INT(pb_connect(task, client, to, sizeof local), 0);
    CHECK_INT(pb_connect(task, client, to, sizeof local), -EISCONN);
    close(stranger);
    close(client);
    close(listen_on_loopback(&address)); /* a port where nobody listens any more */
    client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(pb_recv(task, client, &(char){0}, 1, 0), -ENOTCONN);
    CHECK_INT(pb_connect(task, client, (struct sockaddr *)&address, sizeof address), -ECONNREFUSED);
    close(client);
    CHECK(pipe(ends) == 0);
    CHECK_INT(pb_connect(task, ends[0], to, sizeof local), -ENOTSOCK);
    CHECK_INT(pb_accept(task, ends[0], NULL, NULL), -ENOTSOCK);
    CHECK_INT(pb_send(task, ends[1], "x", 1, 0), -ENOTSOCK);
    CHECK_INT(pb_recv(task, ends[0], &(char){0}, 1, 0), -ENOTSOCK);
    close(ends[0]);
    close(ends[1]);
    unlink(local.sun_path);
    rmdir(directory);
}

/* ---- Two tasks, and many ---- */

enum { MUCH = 4 << 20 };

static unsigned char byte_at(size_t k) {
    return (unsigned char)(k * 2654435761u >> 15);
}

struct flow {
    int fd[2];
    bool sockets;
};

/* Far more than the buffer between them holds: each waits for the other many times. */
static void pour(struct pb_task *task, void *argument) {
    const struct flow *flow = argument;
    unsigned char *data = malloc(MUCH);
    CHECK(data);
    for (size_t k = 0; k < MUCH; k++)
        data[k] = byte_at(k);
    for (size_t done = 0; done < MUCH;) {
        ssize_t n = flow->sockets ? pb_send(task, flow->fd[1], data + done, MUCH - done, 0)
                                  : pb_write(task, flow->fd[1], data + done, MUCH - done);
        CHECK_MSG(n > 0, "sent %zd", n);
        done += (size_t)n;
    }
    free(data);
    CHECK_INT(pb_close(task, flow->fd[1]), 0);
}

static void drink(struct pb_task *task, void *argument) {
    const struct flow *flow = argument;
    unsigned char buffer[10000];
    size_t done = 0;
    for (;;) {
        ssize_t n = flow->sockets ? pb_recv(task, flow->fd[0], buffer, sizeof buffer, 0)
                                  : pb_read(task, flow->fd[0], buffer, sizeof buffer);
        CHECK_MSG(n >= 0, "received %zd", n);
        if (n == 0)
            break;
        for (ssize_t k = 0; k < n; k++, done++)
            CHECK_MSG(buffer[k] == byte_at(done), "byte %zu is another", done);
    }
    CHECK_INT(done, MUCH);
    CHECK_INT(pb_close(task, flow->fd[0]), 0);
}

static void flows(const struct way *way, const void *data) {
    struct flow flow = {.sockets = data != NULL};
    CHECK((flow.sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, flow.fd) : pipe(flow.fd)) == 0);
    struct pb_executor *e = way_open(way, 2);
    struct pb_future *from = way_submit(e, pour, &flow), *to = way_submit(e, drink, &flow);
    way_finish(from);
    way_finish(to);
    way_close(e);
}

enum { CLIENTS = 12 };

struct service {
    struct sockaddr_in address;
    int server;
    atomic_uint number;
};

static void serve(struct pb_task *task, void *argument) {
    const struct service *s = argument;
    for (int k = 0; k < CLIENTS; k++) {
        struct sockaddr_in peer, same;
        socklen_t size = sizeof peer, same_size = sizeof same;
        uint64_t question;
        int fd = pb_accept(task, s->server, (struct sockaddr *)&peer, &size);
        CHECK_MSG(fd >= 0, "accept: %d", fd);
        CHECK_INT(size, sizeof peer);
        CHECK(getpeername(fd, (struct sockaddr *)&same, &same_size) == 0);
        CHECK(peer.sin_family == AF_INET && peer.sin_port == same.sin_port);
        CHECK_INT(pb_recv(task, fd, &question, sizeof question, MSG_WAITALL), sizeof question);
        question = pb_mix(question, 1);
        CHECK_INT(pb_send(task, fd, &question, sizeof question, 0), sizeof question);
        CHECK_INT(pb_recv(task, fd, &question, 1, 0), 0);
        CHECK_INT(pb_close(task, fd), 0);
    }
}

static void ask(struct pb_task *task, void *argument) {
    struct service *s = argument;
    uint64_t question = atomic_fetch_add(&s->number, 1), answer;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(pb_connect(task, fd, (struct sockaddr *)&s->address, sizeof s->address), 0);
    CHECK_INT(pb_send(task, fd, &question, sizeof question, 0), sizeof question);
    CHECK_INT(pb_recv(task, fd, &answer, sizeof answer, MSG_WAITALL), sizeof answer);
    CHECK(answer == pb_mix(question, 1));
    CHECK_INT(pb_close(task, fd), 0);
}

static void serves(const struct way *way, const void *data) {
    struct service service = {0};
    struct pb_future *f[CLIENTS + 1];
    (void)data;
    service.server = listen_on_loopback(&service.address);
    struct pb_executor *e = way_open(way, CLIENTS + 1);
    for (int k = 0; k <= CLIENTS; k++)
        f[k] = way_submit(e, k == CLIENTS / 2 ? serve : ask, &service);
    for (int k = 0; k <= CLIENTS; k++)
        way_finish(f[k]);
    way_close(e);
    close(service.server);
}

const struct verbs_case verbs_streams[] = {
    {.name = "short-transfers", .task = short_transfers},
    {.name = "does-not-wait", .task = does_not_wait},
    {.name = "other-side-gone", .task = other_side_gone},
    {.name = "refusals", .task = refusals},
    {.name = "flows-through-a-pipe", .run = flows},
    {.name = "flows-through-sockets", .run = flows, .data = "sockets"},
    {.name = "serves", .run = serves},
    {0},
};
