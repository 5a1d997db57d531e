/* What a running task sees: its lane, its state, and the I/O verbs.
 *
 * A task gets a `struct pb_task *`, valid while its function runs and on its own thread of control only. All
 * I/O goes through the verbs: they block, give up the model GIL, or suspend a coroutine, as the executor
 * needs it, so that one source runs under every executor. Each returns a result of at least 0, or -errno;
 * they are interrupted by nothing but cancellation (-ECANCELED).
 */
#ifndef PARBENCH_TASK_H
#define PARBENCH_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus /* from C++20 on */
#include <atomic>
using std::atomic_load_explicit;
using std::atomic_uint;
using std::atomic_uint_fast64_t;
using std::memory_order_relaxed;
#else
#include <stdatomic.h>
#endif

struct pb_task;
struct pb_meter;
struct pb_waits;

/* One implementation of the verbs. Arguments and results are those of the system calls of the same names. */
struct pb_io {
    const char *name;
    int (*open)(struct pb_task *, const char *path, int flags, mode_t mode);
    int (*close)(struct pb_task *, int fd);
    ssize_t (*read)(struct pb_task *, int fd, void *buffer, size_t size);
    ssize_t (*write)(struct pb_task *, int fd, const void *buffer, size_t size);
    ssize_t (*pread)(struct pb_task *, int fd, void *buffer, size_t size, off_t offset);
    ssize_t (*pwrite)(struct pb_task *, int fd, const void *buffer, size_t size, off_t offset);
    int (*fsync)(struct pb_task *, int fd);
    int (*connect)(struct pb_task *, int fd, const struct sockaddr *address, socklen_t size);
    int (*accept)(struct pb_task *, int fd, struct sockaddr *address, socklen_t *size);
    ssize_t (*send)(struct pb_task *, int fd, const void *buffer, size_t size, int flags);
    ssize_t (*recv)(struct pb_task *, int fd, void *buffer, size_t size, int flags);
    int (*poll)(struct pb_task *, int fd, short events,
                int64_t timeout_ns); /* revents; 0: timed out; < 0 waits for ever */
    int (*sleep)(struct pb_task *, int64_t ns);
    void (*checkpoint)(struct pb_task *);  /* a place where a request to switch may be honoured */
    void (*allow_begin)(struct pb_task *); /* from here on the task needs no GIL ... */
    void (*allow_end)(struct pb_task *);   /* ... to here; pairs do not nest */
};

struct pb_task {
    const struct pb_io *io;
    void *lane;  /* this lane's memory, lane_size bytes, zeroed before the initializer ran; or NULL */
    void *state; /* the executor's config.state: for workloads the state, shared by all workers */
    const atomic_uint *stop; /* see pb_should_stop */
    uint32_t worker;         /* 0 .. workers - 1 */
    uint32_t lane_index;     /* 0 .. lanes - 1, over all workers */
    void *call;              /* the library's own: what pb_return and pb_fail write to; NULL inside pb_for */
    const atomic_uint *over; /* the library's own: the state of the task's future; NULL inside pb_for */
    struct pb_meter *meter;  /* what workloads tell beside their digest, see parbench/meter.h; or NULL */
    void *verbs;             /* the library's own: what `io` works on */
    struct pb_waits *waits;  /* the library's own: where its worker's waits are clocked; or NULL */
};

/* True once the executor is being closed by force or the task's deadline has passed: a task that runs long
 * looks now and then and returns early. */
static inline bool pb_should_stop(const struct pb_task *task) {
    enum { EXPIRED = 4 };
    return (task->stop && atomic_load_explicit(task->stop, memory_order_relaxed) != 0) ||
           (task->over && atomic_load_explicit(task->over, memory_order_relaxed) & EXPIRED);
}

static inline int pb_open(struct pb_task *t, const char *path, int flags, mode_t mode) {
    return t->io->open(t, path, flags, mode);
}
static inline int pb_close(struct pb_task *t, int fd) {
    return t->io->close(t, fd);
}
static inline ssize_t pb_read(struct pb_task *t, int fd, void *buffer, size_t size) {
    return t->io->read(t, fd, buffer, size);
}
static inline ssize_t pb_write(struct pb_task *t, int fd, const void *buffer, size_t size) {
    return t->io->write(t, fd, buffer, size);
}
static inline ssize_t pb_pread(struct pb_task *t, int fd, void *buffer, size_t size, off_t offset) {
    return t->io->pread(t, fd, buffer, size, offset);
}
static inline ssize_t pb_pwrite(struct pb_task *t, int fd, const void *buffer, size_t size, off_t offset) {
    return t->io->pwrite(t, fd, buffer, size, offset);
}
static inline int pb_fsync(struct pb_task *t, int fd) {
    return t->io->fsync(t, fd);
}
static inline int pb_connect(struct pb_task *t, int fd, const struct sockaddr *address, socklen_t size) {
    return t->io->connect(t, fd, address, size);
}
static inline int pb_accept(struct pb_task *t, int fd, struct sockaddr *address, socklen_t *size) {
    return t->io->accept(t, fd, address, size);
}
static inline ssize_t pb_send(struct pb_task *t, int fd, const void *buffer, size_t size, int flags) {
    return t->io->send(t, fd, buffer, size, flags);
}
static inline ssize_t pb_recv(struct pb_task *t, int fd, void *buffer, size_t size, int flags) {
    return t->io->recv(t, fd, buffer, size, flags);
}
static inline int pb_poll(struct pb_task *t, int fd, short events, int64_t timeout_ns) {
    return t->io->poll(t, fd, events, timeout_ns);
}
static inline int pb_sleep(struct pb_task *t, int64_t ns) {
    return t->io->sleep(t, ns);
}
static inline void pb_checkpoint(struct pb_task *t) {
    t->io->checkpoint(t);
}
static inline void pb_allow_begin(struct pb_task *t) {
    t->io->allow_begin(t);
}
static inline void pb_allow_end(struct pb_task *t) {
    t->io->allow_end(t);
}

#endif
