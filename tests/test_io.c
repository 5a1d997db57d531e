/* The verbs of io/blocking.c: results, errors, short transfers, and that signals do not show.
 *
 * A verb is interrupted for certain, not by luck: a helper thread watches /proc until the thread under test
 * sleeps in the kernel, sends it a signal, sees the handler run, does so again, and only then makes the
 * verb's condition come true. */
#include "io/io.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static struct pb_task task = {.io = &pb_io_blocking};
static atomic_uint handled; /* signals; the handler has no other way to tell */

static void handler(int signal) {
    (void)signal;
    atomic_fetch_add(&handled, 1);
}

/* Without SA_RESTART, so that system calls fail with EINTR. */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = handler};
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
}

/* ---- Results and errors ---- */

static void temporary(char *directory) {
    strcpy(directory, "/tmp/parbench-io-XXXXXX");
    CHECK(mkdtemp(directory));
}

static void files(const void *data) {
    char directory[32], path[64], buffer[16];
    (void)data;
    temporary(directory);
    snprintf(path, sizeof path, "%s/file", directory);
    CHECK_INT(pb_open(&task, path, O_RDONLY, 0), -ENOENT);
    int fd = pb_open(&task, path, O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK(fd >= 0);
    CHECK_INT(pb_open(&task, path, O_RDWR | O_CREAT | O_EXCL, 0600), -EEXIST);
    CHECK_INT(pb_write(&task, fd, "0123456789", 10), 10);
    CHECK_INT(pb_pwrite(&task, fd, "ab", 2, 4), 2);
    CHECK_INT(pb_fsync(&task, fd), 0);
    CHECK_INT(pb_pread(&task, fd, buffer, 4, 3), 4);
    CHECK(memcmp(buffer, "3ab6", 4) == 0);
    CHECK_INT(pb_pread(&task, fd, buffer, sizeof buffer, 7), 3);
    CHECK_INT(pb_read(&task, fd, buffer, sizeof buffer), 0);
    CHECK_INT(pb_pread(&task, fd, buffer, 1, -1), -EINVAL);
    CHECK_INT(pb_close(&task, fd), 0);
    CHECK_INT(pb_close(&task, fd), -EBADF);
    struct stat status;
    CHECK(stat(path, &status) == 0);
    CHECK_INT(status.st_mode & 0777, 0600);
    unlink(path);
    rmdir(directory);
}

static void bad_descriptors(const void *data) {
    char buffer[1] = {0};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)data;
    CHECK_INT(pb_read(&task, -1, buffer, 1), -EBADF);
    CHECK_INT(pb_write(&task, -1, buffer, 1), -EBADF);
    CHECK_INT(pb_pread(&task, -1, buffer, 1, 0), -EBADF);
    CHECK_INT(pb_pwrite(&task, -1, buffer, 1, 0), -EBADF);
    CHECK_INT(pb_fsync(&task, -1), -EBADF);
    CHECK_INT(pb_connect(&task, -1, (struct sockaddr *)&address, sizeof address), -EBADF);
    CHECK_INT(pb_accept(&task, -1, NULL, NULL), -EBADF);
    CHECK_INT(pb_send(&task, -1, buffer, 1, 0), -EBADF);
    CHECK_INT(pb_recv(&task, -1, buffer, 1, 0), -EBADF);
    CHECK_INT(pb_poll(&task, -1, POLLIN, 0), -EBADF);
    CHECK_INT(pb_poll(&task, 1 << 20, POLLIN, 0), -EBADF);
    CHECK_INT(pb_close(&task, -1), -EBADF);
}

static void short_transfers(const void *data) {
    static char large[1 << 20];
    char buffer[8];
    int fd[2];
    (void)data;
    CHECK(pipe2(fd, O_NONBLOCK) == 0);
    CHECK_INT(pb_write(&task, fd[1], "abc", 3), 3);
    CHECK_INT(pb_read(&task, fd[0], buffer, sizeof buffer), 3);
    CHECK_INT(pb_read(&task, fd[0], buffer, sizeof buffer), -EAGAIN);
    ssize_t written = pb_write(&task, fd[1], large, sizeof large);
    CHECK_MSG(written > 0 && written < (ssize_t)sizeof large, "wrote %zd", written);
    CHECK_INT(pb_write(&task, fd[1], large, sizeof large), -EAGAIN);
    CHECK_INT(pb_close(&task, fd[1]), 0);
    CHECK_INT(pb_close(&task, fd[0]), 0);
}

static struct sockaddr_un address_in(const char *directory) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", directory);
    return address;
}

static void sockets(const void *data) {
    char directory[32], buffer[8];
    (void)data;
    temporary(directory);
    struct sockaddr_un address = address_in(directory), peer;
    socklen_t size = sizeof peer;
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_INT(pb_connect(&task, client, (struct sockaddr *)&address, sizeof address), -ENOENT);
    CHECK(bind(server, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK_INT(pb_connect(&task, client, (struct sockaddr *)&address, sizeof address), -ECONNREFUSED);
    CHECK(listen(server, 1) == 0);
    CHECK_INT(pb_connect(&task, client, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_INT(pb_connect(&task, client, (struct sockaddr *)&address, sizeof address), -EISCONN);
    int accepted = pb_accept(&task, server, (struct sockaddr *)&peer, &size);
    CHECK(accepted >= 0);
    CHECK_INT(peer.sun_family, AF_UNIX);
    CHECK_INT(pb_send(&task, client, "hello", 5, 0), 5);
    CHECK_INT(pb_recv(&task, accepted, buffer, 2, MSG_PEEK), 2);
    CHECK_INT(pb_recv(&task, accepted, buffer, sizeof buffer, 0), 5);
    CHECK(memcmp(buffer, "hello", 5) == 0);
    CHECK_INT(pb_recv(&task, accepted, buffer, sizeof buffer, MSG_DONTWAIT), -EAGAIN);
    CHECK_INT(pb_close(&task, accepted), 0);
    CHECK_INT(pb_recv(&task, client, buffer, sizeof buffer, 0), 0);
    CHECK_INT(pb_send(&task, client, "x", 1, 0), -EPIPE); /* and no SIGPIPE, which would end the test */
    close(client);
    close(server);
    unlink(address.sun_path);
    rmdir(directory);
}

static void polls(const void *data) {
    int fd[2];
    (void)data;
    CHECK(pipe(fd) == 0);
    CHECK_INT(pb_poll(&task, fd[0], POLLIN, 0), 0);
    CHECK_INT(pb_poll(&task, fd[0], POLLIN, 1000), 0);
    CHECK_INT(pb_poll(&task, fd[1], POLLOUT, -1), POLLOUT);
    CHECK_INT(pb_write(&task, fd[1], "x", 1), 1);
    CHECK_INT(pb_poll(&task, fd[0], POLLIN, -1), POLLIN);
    CHECK_INT(pb_poll(&task, fd[0], POLLIN, INT64_MAX), POLLIN);
    close(fd[1]);
    CHECK_INT(pb_poll(&task, fd[0], POLLIN, -1), POLLIN | POLLHUP);
    close(fd[0]);
}

static void no_ops(const void *data) {
    (void)data;
    CHECK_TEXT(task.io->name, "blocking");
    CHECK_INT(pb_sleep(&task, 0), 0);
    CHECK_INT(pb_sleep(&task, -5), 0);
    pb_checkpoint(&task);
    pb_allow_begin(&task);
    pb_allow_end(&task);
}

/* ---- Signals ---- */

struct scene {
    int fd[2];
    char directory[32];
    struct sockaddr_un address;
};

static void fill_up(int fd) {
    static const char block[4096];
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    while (write(fd, block, sizeof block) > 0 || write(fd, block, 1) > 0)
        ;
    CHECK(fcntl(fd, F_SETFL, 0) == 0);
}

static void empty_pipe(struct scene *s) {
    CHECK(pipe(s->fd) == 0);
}

static void full_pipe(struct scene *s) {
    empty_pipe(s);
    fill_up(s->fd[1]);
}

static void idle_pair(struct scene *s) {
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s->fd) == 0);
}

static void full_pair(struct scene *s) {
    idle_pair(s);
    fill_up(s->fd[1]);
}

static void fifo(struct scene *s) {
    CHECK(mkfifo(s->address.sun_path, 0600) == 0);
    s->fd[0] = s->fd[1] = -1;
}

static void listener(struct scene *s) {
    s->fd[0] = socket(AF_UNIX, SOCK_STREAM, 0);
    s->fd[1] = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(s->fd[0], (struct sockaddr *)&s->address, sizeof s->address) == 0);
    CHECK(listen(s->fd[0], 0) == 0);
}

/* One connection waits to be accepted, and there is no room for another. */
static void busy_listener(struct scene *s) {
    listener(s);
    CHECK(connect(s->fd[1], (struct sockaddr *)&s->address, sizeof s->address) == 0);
    s->fd[1] = socket(AF_UNIX, SOCK_STREAM, 0);
}

static void feed(struct scene *s) {
    CHECK(write(s->fd[1], "x", 1) == 1);
}

static void drain(struct scene *s) {
    char block[4096];
    CHECK(fcntl(s->fd[0], F_SETFL, O_NONBLOCK) == 0);
    while (read(s->fd[0], block, sizeof block) > 0)
        ;
}

static void open_writer(struct scene *s) {
    s->fd[1] = open(s->address.sun_path, O_WRONLY); /* waits until the reader is back from its signal */
}

static void call_listener(struct scene *s) {
    CHECK(connect(s->fd[1], (struct sockaddr *)&s->address, sizeof s->address) == 0);
}

static void take_caller(struct scene *s) {
    CHECK(accept(s->fd[0], NULL, NULL) >= 0);
}

static long verb_open(struct scene *s) {
    return pb_open(&task, s->address.sun_path, O_RDONLY, 0) >= 0;
}

static long verb_read(struct scene *s) {
    return pb_read(&task, s->fd[0], &(char){0}, 1);
}

static long verb_write(struct scene *s) {
    return pb_write(&task, s->fd[1], "x", 1);
}

static long verb_connect(struct scene *s) {
    return pb_connect(&task, s->fd[1], (struct sockaddr *)&s->address, sizeof s->address);
}

static long verb_accept(struct scene *s) {
    return pb_accept(&task, s->fd[0], NULL, NULL) >= 0;
}

static long verb_send(struct scene *s) {
    return pb_send(&task, s->fd[1], "x", 1, 0);
}

static long verb_recv(struct scene *s) {
    return pb_recv(&task, s->fd[0], &(char){0}, 1, 0);
}

static long verb_poll(struct scene *s) {
    return pb_poll(&task, s->fd[0], POLLIN, -1);
}

struct interruption {
    void (*prepare)(struct scene *);
    long (*verb)(struct scene *);    /* blocks ... */
    void (*release)(struct scene *); /* ... until this has run */
    long expected;
};

struct helper {
    const struct interruption *row;
    struct scene *scene;
    pthread_t target;
    pid_t thread_id;
};

static bool sleeps(pid_t thread_id) {
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread_id);
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    CHECK(size > 0);
    text[size] = '\0';
    return strstr(text, ") S") != NULL;
}

static void *interrupt(void *argument) {
    struct helper *h = argument;
    for (unsigned count = 1; count <= 3; count++) {
        while (!sleeps(h->thread_id))
            sched_yield();
        pthread_kill(h->target, SIGUSR1);
        while (atomic_load(&handled) < count)
            sched_yield();
    }
    h->row->release(h->scene);
    return NULL;
}

static void interrupted(const void *data) {
    const struct interruption *row = data;
    struct scene scene = {.fd = {-1, -1}};
    temporary(scene.directory);
    scene.address = address_in(scene.directory);
    row->prepare(&scene);
    catch_signals();
    struct helper helper = {row, &scene, pthread_self(), gettid()};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, interrupt, &helper) == 0);
    CHECK_INT(row->verb(&scene), row->expected);
    CHECK_INT(atomic_load(&handled), 3);
    CHECK(pthread_join(thread, NULL) == 0);
    close(scene.fd[0]);
    close(scene.fd[1]);
    unlink(scene.address.sun_path);
    rmdir(scene.directory);
}

/* A timer sends a signal every millisecond: a wait that began anew each time would never end, and one that
 * gave up would end early. */
static void waits_in_a_storm(const void *data) {
    enum { WAIT = 20000000 };
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec every = {{0, 1000000}, {0, 1000000}};
    timer_t timer;
    int fd[2];
    (void)data;
    catch_signals();
    CHECK(pipe(fd) == 0);
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    CHECK(timer_settime(timer, 0, &every, NULL) == 0);
    uint64_t start = pb_now();
    CHECK_INT(pb_sleep(&task, WAIT), 0);
    CHECK(pb_now() - start >= WAIT);
    CHECK(atomic_load(&handled) > 0);
    start = pb_now();
    atomic_store(&handled, 0);
    CHECK_INT(pb_poll(&task, fd[0], POLLIN, WAIT), 0);
    CHECK(pb_now() - start >= WAIT);
    CHECK(atomic_load(&handled) > 0);
    timer_delete(timer);
    close(fd[0]);
    close(fd[1]);
}

#define INTERRUPTED(name, ...)                                                                               \
    { "interrupted-" name, interrupted, &(const struct interruption)__VA_ARGS__ }

const struct pb_suite suite_io = {
    "io",
    (const struct pb_case[]){{"files", files, NULL},
                             {"bad-descriptors", bad_descriptors, NULL},
                             {"short-transfers", short_transfers, NULL},
                             {"sockets", sockets, NULL},
                             {"polls", polls, NULL},
                             {"no-ops", no_ops, NULL},
                             INTERRUPTED("open", {fifo, verb_open, open_writer, 1}),
                             INTERRUPTED("read", {empty_pipe, verb_read, feed, 1}),
                             INTERRUPTED("write", {full_pipe, verb_write, drain, 1}),
                             INTERRUPTED("connect", {busy_listener, verb_connect, take_caller, 0}),
                             INTERRUPTED("accept", {listener, verb_accept, call_listener, 1}),
                             INTERRUPTED("send", {full_pair, verb_send, drain, 1}),
                             INTERRUPTED("recv", {idle_pair, verb_recv, feed, 1}),
                             INTERRUPTED("poll", {empty_pipe, verb_poll, feed, POLLIN}),
                             {"waits-in-a-storm", waits_in_a_storm, NULL},
                             {0}},
    NULL,
};
