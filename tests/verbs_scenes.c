/* Scenes in which a verb waits: for each verb that can, how it is made to, and what ends it. */
#include "verbs.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void temporary(char directory[32]) {
    strcpy(directory, "/tmp/parbench-io-XXXXXX");
    CHECK(mkdtemp(directory));
}

void fill_up(int fd) {
    static const char block[4096];
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    while (write(fd, block, sizeof block) > 0 || write(fd, block, 1) > 0)
        ;
    CHECK(fcntl(fd, F_SETFL, 0) == 0);
}

/* ---- Before ---- */

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
    s->other = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(connect(s->other, (struct sockaddr *)&s->address, sizeof s->address) == 0);
}

/* ---- Verbs ---- */

static long verb_open(struct pb_task *task, struct scene *s) {
    int fd = pb_open(task, s->address.sun_path, O_RDONLY, 0);
    if (fd < 0)
        return fd;
    s->fd[0] = fd;
    return 1;
}

static long verb_read(struct pb_task *task, struct scene *s) {
    return pb_read(task, s->fd[0], &(char){0}, 1);
}

static long verb_write(struct pb_task *task, struct scene *s) {
    return pb_write(task, s->fd[1], "x", 1);
}

static long verb_connect(struct pb_task *task, struct scene *s) {
    return pb_connect(task, s->fd[1], (struct sockaddr *)&s->address, sizeof s->address);
}

static long verb_accept(struct pb_task *task, struct scene *s) {
    int fd = pb_accept(task, s->fd[0], NULL, NULL);
    if (fd < 0)
        return fd;
    s->other = fd;
    return 1;
}

static long verb_send(struct pb_task *task, struct scene *s) {
    return pb_send(task, s->fd[1], "x", 1, 0);
}

static long verb_recv(struct pb_task *task, struct scene *s) {
    return pb_recv(task, s->fd[0], &(char){0}, 1, 0);
}

static long verb_poll(struct pb_task *task, struct scene *s) {
    return pb_poll(task, s->fd[0], POLLIN, -1);
}

static long verb_poll_in_time(struct pb_task *task, struct scene *s) {
    return pb_poll(task, s->fd[0], POLLIN, INT64_MAX);
}

/* ---- After ---- */

static void feed(struct scene *s) {
    CHECK(write(s->fd[1], "x", 1) == 1);
}

static void drain(struct scene *s) {
    char block[4096];
    CHECK(fcntl(s->fd[0], F_SETFL, O_NONBLOCK) == 0);
    while (read(s->fd[0], block, sizeof block) > 0)
        ;
}

/* Waits itself until the reader opens, which a signal may just keep from it. */
static void open_writer(struct scene *s) {
    s->fd[1] = open(s->address.sun_path, O_WRONLY);
    CHECK(s->fd[1] >= 0);
}

static void call_listener(struct scene *s) {
    CHECK(connect(s->fd[1], (struct sockaddr *)&s->address, sizeof s->address) == 0);
}

static void take_caller(struct scene *s) {
    int fd = accept(s->fd[0], NULL, NULL);
    CHECK(fd >= 0);
    close(fd);
}

const struct waiting verbs_waiting[] = {
    {"open", fifo, verb_open, open_writer, 1, true},
    {"read", empty_pipe, verb_read, feed, 1, false},
    {"write", full_pipe, verb_write, drain, 1, false},
    {"connect", busy_listener, verb_connect, take_caller, 0, false},
    {"accept", listener, verb_accept, call_listener, 1, false},
    {"send", full_pair, verb_send, drain, 1, false},
    {"recv", idle_pair, verb_recv, feed, 1, false},
    {"poll", empty_pipe, verb_poll, feed, POLLIN, false},
    {"poll-in-time", idle_pair, verb_poll_in_time, feed, POLLIN, false},
    {0},
};

/* ---- A scene's life ---- */

void scene_set(struct scene *s, const struct waiting *waiting) {
    *s = (struct scene){.fd = {-1, -1}, .other = -1, .waiting = waiting};
    temporary(s->directory);
    s->address.sun_family = AF_UNIX;
    snprintf(s->address.sun_path, sizeof s->address.sun_path, "%s/it", s->directory);
    waiting->prepare(s);
}

void scene_clear(struct scene *s) {
    int open[] = {s->fd[0], s->fd[1], s->other};
    for (int k = 0; k < 3; k++)
        if (open[k] >= 0)
            CHECK(close(open[k]) == 0);
    unlink(s->address.sun_path);
    CHECK(rmdir(s->directory) == 0);
}

void scene_task(struct pb_task *task, void *argument) {
    struct scene *s = argument;
    atomic_store(&s->thread_id, gettid());
    atomic_store(&s->result, s->waiting->verb(task, s));
    atomic_store(&s->after, pb_sleep(task, 0));
    atomic_store(&s->over, 1);
}

void scene_await(const atomic_uint *word) {
    while (!atomic_load(word))
        sched_yield();
}
