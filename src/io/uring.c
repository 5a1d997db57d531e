/* The engine that hands operations to the kernel: each is an entry of the submission ring, handed over when
 * the reactor looks or waits, or when the ring is full, and its answer comes through the completion ring. The
 * ring is made by the thread that uses it and by no other (IORING_SETUP_SINGLE_ISSUER), where the kernel
 * knows this; answers then come only when we ask for them, which is once a turn.
 *
 * More operations may be under way than there are places in the completion ring: the kernel keeps what does
 * not fit (IORING_FEAT_NODROP). Kernels without that or without what else is needed are refused. A read of an
 * eventfd stays armed for `wake` while the reactor waits. */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "io/attempt.h"
#include "io/engine.h"

enum {
    ENTRIES_MIN = 16,
    ENTRIES_MAX = 256, /* of 64 bytes; more than these in one turn are handed over in several calls */
    ANSWERS_MAX = 4096,
    SECOND = 1000000000,
    /* The ring's time-outs and overflow, the current position of a file (Linux 5.11 has all three). */
    NEEDED = IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP | IORING_FEAT_RW_CUR_POS,
};

/* What an answer is to: the address of an operation; the same with STOP, to the request that it end; or
 * EVENT. An operation may have ended, and another one begun in its place, before the answer to its STOP
 * comes. */
enum { EVENT = 2, STOP = 1 };

struct uring_engine {
    struct io_uring ring;
    pb_op_done *done;
    int event;
    bool event_armed;
    eventfd_t event_value;
};

/* ---- Answers ---- */

static void submit(struct uring_engine *, struct pb_op *);
static void request_stop(struct uring_engine *, struct pb_op *);

static void operation_answers(struct uring_engine *e, struct pb_op *op, int result) {
    op->begun = false;
    if (result != -EINTR)
        e->done(op, result);
    else if (op->verb == PB_VERB_CLOSE)
        e->done(op, 0);
    else if (op->stopped)
        e->done(op, -ECANCELED);
    else
        submit(e, op);
}

static void answer(struct uring_engine *e, uint64_t data, int result) {
    struct pb_op *op = (struct pb_op *)(uintptr_t)(data & ~(uint64_t)STOP);
    if (data == EVENT)
        e->event_armed = false;
    else if (!(data & STOP))
        operation_answers(e, op, result);
    else if (result == -ENOENT && op->begun && op->stopped) /* it was between two of the kernel's lists */
        request_stop(e, op);
}

/* Each is taken out of the ring before it is looked at: that may submit, and so come here again. */
static void take_answers(struct uring_engine *e) {
    struct io_uring_cqe *entry;
    while (io_uring_peek_cqe(&e->ring, &entry) == 0) {
        uint64_t data = entry->user_data;
        int result = entry->res;
        io_uring_cqe_seen(&e->ring, entry);
        answer(e, data, result);
    }
}

/* ---- Operations ---- */

static struct io_uring_sqe *next_entry(struct uring_engine *e) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&e->ring);
    while (!entry) {
        if (io_uring_submit(&e->ring) < 0) { /* the kernel keeps too many answers already */
            (void)io_uring_get_events(&e->ring);
            take_answers(e);
        }
        entry = io_uring_get_sqe(&e->ring);
    }
    return entry;
}

static void prepare(struct io_uring_sqe *entry, const struct pb_op *op) {
    unsigned size = (unsigned)op->size;
    switch (op->verb) {
    case PB_VERB_OPEN:
        io_uring_prep_openat(entry, AT_FDCWD, op->path, op->flags, op->mode);
        entry->flags |= IOSQE_ASYNC; /* without it a FIFO is opened as with O_NONBLOCK */
        break;
    case PB_VERB_CLOSE:
        io_uring_prep_close(entry, op->fd);
        break;
    case PB_VERB_READ:
        io_uring_prep_read(entry, op->fd, op->buffer, size, (uint64_t)-1); /* the current position */
        break;
    case PB_VERB_WRITE:
        io_uring_prep_write(entry, op->fd, op->data, size, (uint64_t)-1);
        break;
    case PB_VERB_PREAD:
        io_uring_prep_read(entry, op->fd, op->buffer, size, (uint64_t)op->offset);
        break;
    case PB_VERB_PWRITE:
        io_uring_prep_write(entry, op->fd, op->data, size, (uint64_t)op->offset);
        break;
    case PB_VERB_FSYNC:
        io_uring_prep_fsync(entry, op->fd, 0);
        break;
    case PB_VERB_CONNECT:
        io_uring_prep_connect(entry, op->fd, op->peer, op->given);
        break;
    case PB_VERB_ACCEPT:
        io_uring_prep_accept(entry, op->fd, op->address, op->room, 0);
        break;
    case PB_VERB_SEND:
        io_uring_prep_send(entry, op->fd, op->data, op->size, op->flags | MSG_NOSIGNAL);
        break;
    case PB_VERB_RECV:
        io_uring_prep_recv(entry, op->fd, op->buffer, op->size, op->flags);
        break;
    case PB_VERB_POLL:
        io_uring_prep_poll_add(entry, op->fd, (unsigned short)op->flags);
        break;
    default:
        io_uring_prep_nop(entry);
    }
}

static void submit(struct uring_engine *e, struct pb_op *op) {
    struct io_uring_sqe *entry = next_entry(e);
    prepare(entry, op);
    entry->user_data = (uintptr_t)op;
    op->begun = true;
}

/* The kernel would wait for descriptors that are O_NONBLOCK, and read a pipe wherever it is asked to. */
static ssize_t differs(struct pb_op *op) {
    switch (op->verb) {
    case PB_VERB_PREAD:
    case PB_VERB_PWRITE:
        return lseek(op->fd, 0, SEEK_CUR) < 0 && errno == ESPIPE ? -ESPIPE : PB_OP_ARMED;
    case PB_VERB_READ:
    case PB_VERB_WRITE:
    case PB_VERB_CONNECT:
    case PB_VERB_ACCEPT:
    case PB_VERB_SEND:
    case PB_VERB_RECV: {
        int flags = fcntl(op->fd, F_GETFL);
        return flags >= 0 && flags & O_NONBLOCK ? pb_attempt(op) : PB_OP_ARMED;
    }
    default:
        return PB_OP_ARMED;
    }
}

static ssize_t uring_arm(void *self, struct pb_op *op) {
    ssize_t rc = differs(op);
    if (rc < PB_OP_ARMED)
        return rc;
    submit(self, op);
    return PB_OP_ARMED;
}

static void request_stop(struct uring_engine *e, struct pb_op *op) {
    struct io_uring_sqe *entry = next_entry(e);
    io_uring_prep_cancel(entry, op, 0);
    entry->user_data = (uintptr_t)op | STOP;
}

static void uring_cancel(void *self, struct pb_op *op) {
    op->stopped = true;
    request_stop(self, op);
}

/* ---- Waiting ---- */

static void arm_event(struct uring_engine *e) {
    if (e->event_armed)
        return;
    struct io_uring_sqe *entry = next_entry(e);
    io_uring_prep_read(entry, e->event, &e->event_value, sizeof e->event_value, 0);
    entry->user_data = EVENT;
    e->event_armed = true;
}

static void uring_wait(void *self, uint64_t longest) {
    struct uring_engine *e = self;
    if (longest == 0) {
        (void)io_uring_submit_and_get_events(&e->ring);
    } else {
        struct io_uring_cqe *entry;
        arm_event(e);
        struct __kernel_timespec time = {.tv_sec = (int64_t)(longest / SECOND), .tv_nsec = longest % SECOND};
        (void)io_uring_submit_and_wait_timeout(&e->ring, &entry, 1, longest == UINT64_MAX ? NULL : &time,
                                               NULL);
    }
    take_answers(e);
}

static void uring_wake(void *self) {
    struct uring_engine *e = self;
    (void)eventfd_write(e->event, 1); /* cannot fail: the counter is far from full */
}

/* ---- Opening ---- */

static uint32_t entries_for(uint32_t operations, uint32_t most) {
    uint32_t n = ENTRIES_MIN;
    while (n < operations && n < most)
        n *= 2;
    return n;
}

/* With what newer kernels can do first. */
static int open_ring(struct io_uring *ring, uint32_t operations) {
    static const unsigned flags[] = {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
                                     IORING_SETUP_COOP_TASKRUN, 0};
    int rc = -EINVAL;
    for (size_t i = 0; rc == -EINVAL && i < sizeof flags / sizeof flags[0]; i++) {
        struct io_uring_params params = {.flags = flags[i] | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP};
        uint32_t entries = entries_for(operations, ENTRIES_MAX);
        params.cq_entries = 2 * entries_for(operations, ANSWERS_MAX / 2);
        if (params.cq_entries < 2 * entries)
            params.cq_entries = 2 * entries;
        rc = io_uring_queue_init_params(entries, ring, &params);
    }
    if (rc == 0 && (ring->features & NEEDED) != NEEDED) {
        io_uring_queue_exit(ring);
        return -EOPNOTSUPP;
    }
    return rc;
}

static void explain(int rc, char *why) {
    static const struct {
        int code;
        const char *why;
    } reasons[] = {{-EPERM, "io_uring is not permitted here"},
                   {-EACCES, "io_uring is not permitted here"},
                   {-ENOSYS, "this kernel has no io_uring"},
                   {-EOPNOTSUPP, "this kernel's io_uring is too old, it takes Linux 5.11"},
                   {-ENOMEM, "io_uring gets no memory here (see `ulimit -l`)"},
                   {0, "io_uring cannot be opened"}};
    size_t i = 0;
    while (reasons[i].code && reasons[i].code != rc)
        i++;
    snprintf(why, PB_ENGINE_WHY, "%s (%s)", reasons[i].why, strerror(-rc));
}

/* Where the kernel needs threads of its own for an operation they run where this thread may. */
static void bind_helpers(struct io_uring *ring) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        (void)io_uring_register_iowq_aff(ring, sizeof set, &set);
}

static int uring_open(void **self, uint32_t operations, pb_op_done *done, char *why) {
    struct uring_engine *e = calloc(1, sizeof *e);
    int rc = -ENOMEM;
    if (!e)
        goto no_engine;
    e->event = eventfd(0, EFD_CLOEXEC);
    rc = -errno;
    if (e->event < 0)
        goto no_event;
    rc = open_ring(&e->ring, operations);
    if (rc != 0)
        goto no_ring;
    bind_helpers(&e->ring);
    e->done = done;
    *self = e;
    return 0;
no_ring:
    close(e->event);
no_event:
    free(e);
no_engine:
    explain(rc, why);
    return rc;
}

/* The read of the eventfd writes to `e`: it has to be over. */
static void uring_close(void *self) {
    struct uring_engine *e = self;
    if (e->event_armed)
        uring_wake(e);
    while (e->event_armed)
        uring_wait(e, UINT64_MAX);
    io_uring_queue_exit(&e->ring);
    close(e->event);
    free(e);
}

const struct pb_engine_ops pb_engine_uring = {
    .name = "uring",
    .open = uring_open,
    .arm = uring_arm,
    .cancel = uring_cancel,
    .wait = uring_wait,
    .wake = uring_wake,
    .close = uring_close,
};
