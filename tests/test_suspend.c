/* The verbs that suspend a coroutine, on both engines: many that wait at once, for each other and for one
 * descriptor. Their results and errors: test_verbs.c; cancelling them: test_reactor.c. */
#include "io/io.h"
#include "reactor_stage.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

static bool generate(size_t i, struct pb_case *out) {
    static const struct engine_case cases[] = {
        {"ping-pong", ping_pong},
        {"both-ways", both_ways},
        {"polls-together", polls_together},
        {"connections", connections},
        {"crowd", crowd},
        {"parts-of-a-file", parts_of_a_file},
        {"fair", fair},
    };
    return engine_case_of(cases, sizeof cases / sizeof cases[0], i, out);
}

const struct pb_suite suite_suspend = {"suspend", NULL, generate};
