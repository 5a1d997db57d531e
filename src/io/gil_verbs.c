/* The verbs of a thread that lives under the lock: each gives it up around the plain system call, and takes
 * it again in full, even where the call returns at once. That is what CPython does, and why threads that
 * compute slow down one that does I/O: whenever it comes back it waits for its turn (the convoy effect). */
#include "io/gil.h"
#include "io/io.h"

static void leave(struct pb_task *task) {
    pb_gil_leave(task->verbs);
}

/* Back with what the call returned. */
static ssize_t back(struct pb_task *task, ssize_t result) {
    pb_gil_return(task->verbs);
    return result;
}

static int gil_open(struct pb_task *task, const char *path, int flags, mode_t mode) {
    leave(task);
    return (int)back(task, pb_io_blocking.open(task, path, flags, mode));
}

static int gil_close(struct pb_task *task, int fd) {
    leave(task);
    return (int)back(task, pb_io_blocking.close(task, fd));
}

static ssize_t gil_read(struct pb_task *task, int fd, void *buffer, size_t size) {
    leave(task);
    return back(task, pb_io_blocking.read(task, fd, buffer, size));
}

static ssize_t gil_write(struct pb_task *task, int fd, const void *buffer, size_t size) {
    leave(task);
    return back(task, pb_io_blocking.write(task, fd, buffer, size));
}

static ssize_t gil_pread(struct pb_task *task, int fd, void *buffer, size_t size, off_t offset) {
    leave(task);
    return back(task, pb_io_blocking.pread(task, fd, buffer, size, offset));
}

static ssize_t gil_pwrite(struct pb_task *task, int fd, const void *buffer, size_t size, off_t offset) {
    leave(task);
    return back(task, pb_io_blocking.pwrite(task, fd, buffer, size, offset));
}

static int gil_fsync(struct pb_task *task, int fd) {
    leave(task);
    return (int)back(task, pb_io_blocking.fsync(task, fd));
}

static int gil_connect(struct pb_task *task, int fd, const struct sockaddr *address, socklen_t size) {
    leave(task);
    return (int)back(task, pb_io_blocking.connect(task, fd, address, size));
}

static int gil_accept(struct pb_task *task, int fd, struct sockaddr *address, socklen_t *size) {
    leave(task);
    return (int)back(task, pb_io_blocking.accept(task, fd, address, size));
}

static ssize_t gil_send(struct pb_task *task, int fd, const void *buffer, size_t size, int flags) {
    leave(task);
    return back(task, pb_io_blocking.send(task, fd, buffer, size, flags));
}

static ssize_t gil_recv(struct pb_task *task, int fd, void *buffer, size_t size, int flags) {
    leave(task);
    return back(task, pb_io_blocking.recv(task, fd, buffer, size, flags));
}

static int gil_poll(struct pb_task *task, int fd, short events, int64_t timeout_ns) {
    leave(task);
    return (int)back(task, pb_io_blocking.poll(task, fd, events, timeout_ns));
}

static int gil_sleep(struct pb_task *task, int64_t ns) {
    leave(task);
    return (int)back(task, pb_io_blocking.sleep(task, ns));
}

static void gil_checkpoint(struct pb_task *task) {
    pb_gil_checkpoint(task->verbs);
}

static void gil_allow_begin(struct pb_task *task) {
    leave(task);
}

static void gil_allow_end(struct pb_task *task) {
    pb_gil_return(task->verbs);
}

const struct pb_io pb_io_gil = {
    .name = "gil",
    .open = gil_open,
    .close = gil_close,
    .read = gil_read,
    .write = gil_write,
    .pread = gil_pread,
    .pwrite = gil_pwrite,
    .fsync = gil_fsync,
    .connect = gil_connect,
    .accept = gil_accept,
    .send = gil_send,
    .recv = gil_recv,
    .poll = gil_poll,
    .sleep = gil_sleep,
    .checkpoint = gil_checkpoint,
    .allow_begin = gil_allow_begin,
    .allow_end = gil_allow_end,
};
