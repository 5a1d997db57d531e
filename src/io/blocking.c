/* The verbs as plain system calls. Three of them are not simply called again when a signal interrupts them:
 * `close` has already closed (Linux frees the descriptor first); a `connect` may have succeeded meanwhile,
 * and the second call then says EISCONN, while one under way is waited for; and waiting counts towards an
 * absolute moment, or a stream of signals would prolong it for ever.
 *
 * What may wait is clocked for the task's worker. */
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/waits.h"

enum { SECOND = 1000000000 };

/* What the C library says (-1 and errno) as the verbs say it. */
static ssize_t result(ssize_t rc) {
    return rc < 0 ? -errno : rc;
}

static uint64_t begin(const struct pb_task *task) {
    return task ? pb_wait_begin(task->waits) : 0;
}

/* Hands on what a verb, in which the worker may have waited, returns. */
static ssize_t end(struct pb_task *task, uint64_t began, ssize_t rc) {
    if (task)
        pb_wait_end_io(task->waits, began);
    return rc;
}

static struct timespec to_timespec(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / SECOND), .tv_nsec = (long)(ns % SECOND)};
}

static int blocking_open(struct pb_task *task, const char *path, int flags, mode_t mode) {
    uint64_t began = begin(task);
    return (int)end(task, began, result(TEMP_FAILURE_RETRY(open(path, flags, mode))));
}

static int blocking_close(struct pb_task *task, int fd) {
    (void)task;
    return close(fd) < 0 && errno != EINTR ? -errno : 0;
}

static ssize_t blocking_read(struct pb_task *task, int fd, void *buffer, size_t size) {
    uint64_t began = begin(task);
    return end(task, began, result(TEMP_FAILURE_RETRY(read(fd, buffer, size))));
}

static ssize_t blocking_write(struct pb_task *task, int fd, const void *buffer, size_t size) {
    uint64_t began = begin(task);
    return end(task, began, result(TEMP_FAILURE_RETRY(write(fd, buffer, size))));
}

static ssize_t blocking_pread(struct pb_task *task, int fd, void *buffer, size_t size, off_t offset) {
    uint64_t began = begin(task);
    return end(task, began, result(TEMP_FAILURE_RETRY(pread(fd, buffer, size, offset))));
}

static ssize_t blocking_pwrite(struct pb_task *task, int fd, const void *buffer, size_t size, off_t offset) {
    uint64_t began = begin(task);
    return end(task, began, result(TEMP_FAILURE_RETRY(pwrite(fd, buffer, size, offset))));
}

static int blocking_fsync(struct pb_task *task, int fd) {
    uint64_t began = begin(task);
    return (int)end(task, began, result(TEMP_FAILURE_RETRY(fsync(fd))));
}

static int await_events(int fd, short events, uint64_t deadline) {
    struct pollfd entry = {.fd = fd, .events = events};
    int rc;
    if (fd < 0) /* which poll would pass over in silence */
        return -EBADF;
    do {
        struct timespec left = to_timespec(pb_remaining(deadline));
        rc = ppoll(&entry, 1, deadline == UINT64_MAX ? NULL : &left, NULL);
    } while (rc < 0 && errno == EINTR);
    if (rc <= 0)
        return (int)result(rc);
    return entry.revents & POLLNVAL ? -EBADF : entry.revents;
}

static int blocking_poll(struct pb_task *task, int fd, short events, int64_t timeout_ns) {
    uint64_t began = begin(task), deadline = timeout_ns < 0 ? UINT64_MAX : pb_deadline(timeout_ns);
    return (int)end(task, began, await_events(fd, events, deadline));
}

static int connect_whole(int fd, const struct sockaddr *address, socklen_t size) {
    bool interrupted = false;
    while (connect(fd, address, size) < 0) {
        if (errno != EINTR)
            return interrupted && errno == EISCONN ? 0 : -errno;
        interrupted = true;
    }
    return 0;
}

static int blocking_connect(struct pb_task *task, int fd, const struct sockaddr *address, socklen_t size) {
    uint64_t began = begin(task);
    return (int)end(task, began, connect_whole(fd, address, size));
}

static int blocking_accept(struct pb_task *task, int fd, struct sockaddr *address, socklen_t *size) {
    uint64_t began = begin(task);
    return (int)end(task, began, result(TEMP_FAILURE_RETRY(accept(fd, address, size))));
}

static ssize_t blocking_send(struct pb_task *task, int fd, const void *buffer, size_t size, int flags) {
    uint64_t began = begin(task);
    return end(task, began, result(TEMP_FAILURE_RETRY(send(fd, buffer, size, flags | MSG_NOSIGNAL))));
}

static ssize_t blocking_recv(struct pb_task *task, int fd, void *buffer, size_t size, int flags) {
    uint64_t began = begin(task);
    return end(task, began, result(TEMP_FAILURE_RETRY(recv(fd, buffer, size, flags))));
}

static int blocking_sleep(struct pb_task *task, int64_t ns) {
    uint64_t now = pb_now();
    struct timespec until = to_timespec(now + (ns > 0 ? (uint64_t)ns : 0));
    int rc;
    do {
        rc = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    } while (rc == EINTR);
    return (int)end(task, now, -rc);
}

static void nothing(struct pb_task *task) {
    (void)task;
}

const struct pb_io pb_io_blocking = {
    .name = "blocking",
    .open = blocking_open,
    .close = blocking_close,
    .read = blocking_read,
    .write = blocking_write,
    .pread = blocking_pread,
    .pwrite = blocking_pwrite,
    .fsync = blocking_fsync,
    .connect = blocking_connect,
    .accept = blocking_accept,
    .send = blocking_send,
    .recv = blocking_recv,
    .poll = blocking_poll,
    .sleep = blocking_sleep,
    .checkpoint = nothing,
    .allow_begin = nothing,
    .allow_end = nothing,
};
