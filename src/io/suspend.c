/* The verbs as operations of an engine, in which the calling coroutine is suspended. What must hold whatever
 * the engine is stands here: offsets below zero, sizes beyond what a system call takes, results that nobody
 * takes because the coroutine is cancelled. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/coroutine.h"

enum {
    TRANSFER_MAX = 0x7ffff000, /* the most that one system call transfers (MAX_RW_COUNT) */
    NAP_MIN = 100000,
    NAP_MAX = 10000000,
};

static ssize_t submit(struct pb_task *task, const struct pb_op *op) {
    struct pb_coroutine *c = task->verbs;
    c->op = *op;
    return pb_coroutine_do(c, UINT64_MAX);
}

/* The same for an operation whose result is a new descriptor. */
static int submit_opening(struct pb_task *task, const struct pb_op *op) {
    struct pb_coroutine *c = task->verbs;
    ssize_t rc = submit(task, op);
    if (rc == -ECANCELED && c->op.result >= 0)
        close((int)c->op.result);
    return (int)rc;
}

static size_t capped(size_t size) {
    return size < TRANSFER_MAX ? size : TRANSFER_MAX;
}

/* ---- Files ---- */

static int suspend_open(struct pb_task *task, const char *path, int flags, mode_t mode) {
    return submit_opening(task,
                          &(struct pb_op){.verb = PB_VERB_OPEN, .path = path, .flags = flags, .mode = mode});
}

static int suspend_close(struct pb_task *task, int fd) {
    struct pb_coroutine *c = task->verbs;
    if (c->cancelled) { /* the descriptor is given up all the same */
        close(fd);
        return -ECANCELED;
    }
    return (int)submit(task, &(struct pb_op){.verb = PB_VERB_CLOSE, .fd = fd});
}

static ssize_t suspend_read(struct pb_task *task, int fd, void *buffer, size_t size) {
    return submit(task,
                  &(struct pb_op){.verb = PB_VERB_READ, .fd = fd, .buffer = buffer, .size = capped(size)});
}

static ssize_t suspend_write(struct pb_task *task, int fd, const void *buffer, size_t size) {
    return submit(task,
                  &(struct pb_op){.verb = PB_VERB_WRITE, .fd = fd, .data = buffer, .size = capped(size)});
}

static ssize_t suspend_pread(struct pb_task *task, int fd, void *buffer, size_t size, off_t offset) {
    if (offset < 0)
        return -EINVAL;
    return submit(
        task, &(struct pb_op){
                  .verb = PB_VERB_PREAD, .fd = fd, .buffer = buffer, .size = capped(size), .offset = offset});
}

static ssize_t suspend_pwrite(struct pb_task *task, int fd, const void *buffer, size_t size, off_t offset) {
    if (offset < 0)
        return -EINVAL;
    return submit(
        task, &(struct pb_op){
                  .verb = PB_VERB_PWRITE, .fd = fd, .data = buffer, .size = capped(size), .offset = offset});
}

static int suspend_fsync(struct pb_task *task, int fd) {
    return (int)submit(task, &(struct pb_op){.verb = PB_VERB_FSYNC, .fd = fd});
}

/* ---- Sockets ---- */

static bool waits(int fd) {
    return !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* A local connection for which the other side has no room yet is -EAGAIN from an engine that cannot wait for
 * it: only asking again helps. */
static int suspend_connect(struct pb_task *task, int fd, const struct sockaddr *address, socklen_t size) {
    const struct pb_op op = {.verb = PB_VERB_CONNECT, .fd = fd, .peer = address, .given = size};
    int rc = (int)submit(task, &op);
    for (uint64_t nap = NAP_MIN; rc == -EAGAIN && waits(fd); nap = nap < NAP_MAX ? 2 * nap : nap) {
        rc = pb_coroutine_sleep(task->verbs, pb_now() + nap);
        if (rc == 0)
            rc = (int)submit(task, &op);
    }
    return rc;
}

static int suspend_accept(struct pb_task *task, int fd, struct sockaddr *address, socklen_t *size) {
    return submit_opening(
        task, &(struct pb_op){.verb = PB_VERB_ACCEPT, .fd = fd, .address = address, .room = size});
}

static ssize_t suspend_send(struct pb_task *task, int fd, const void *buffer, size_t size, int flags) {
    return submit(task,
                  &(struct pb_op){
                      .verb = PB_VERB_SEND, .fd = fd, .data = buffer, .size = capped(size), .flags = flags});
}

static ssize_t suspend_recv(struct pb_task *task, int fd, void *buffer, size_t size, int flags) {
    return submit(
        task, &(struct pb_op){
                  .verb = PB_VERB_RECV, .fd = fd, .buffer = buffer, .size = capped(size), .flags = flags});
}

/* ---- Waiting ---- */

/* Asked directly first: what is true already, what never waits, and what is not open needs no engine. */
static int suspend_poll(struct pb_task *task, int fd, short events, int64_t timeout_ns) {
    struct pb_coroutine *c = task->verbs;
    struct pollfd entry = {.fd = fd, .events = events};
    if (c->cancelled)
        return -ECANCELED;
    if (fd < 0)
        return -EBADF;
    int rc = TEMP_FAILURE_RETRY(poll(&entry, 1, 0));
    if (rc != 0 || timeout_ns == 0) {
        pb_coroutine_spend(c);
        return rc < 0 ? -errno : entry.revents & POLLNVAL ? -EBADF : entry.revents;
    }
    c->op = (struct pb_op){.verb = PB_VERB_POLL, .fd = fd, .flags = events};
    rc = (int)pb_coroutine_do(c, timeout_ns < 0 ? UINT64_MAX : pb_deadline(timeout_ns));
    return rc == -ETIME ? 0 : rc;
}

static int suspend_sleep(struct pb_task *task, int64_t ns) {
    return pb_coroutine_sleep(task->verbs, pb_now() + (ns > 0 ? (uint64_t)ns : 0));
}

static void nothing(struct pb_task *task) {
    (void)task;
}

const struct pb_io pb_io_suspend = {
    .name = "suspend",
    .open = suspend_open,
    .close = suspend_close,
    .read = suspend_read,
    .write = suspend_write,
    .pread = suspend_pread,
    .pwrite = suspend_pwrite,
    .fsync = suspend_fsync,
    .connect = suspend_connect,
    .accept = suspend_accept,
    .send = suspend_send,
    .recv = suspend_recv,
    .poll = suspend_poll,
    .sleep = suspend_sleep,
    .checkpoint = nothing,
    .allow_begin = nothing,
    .allow_end = nothing,
};
