/* The engine that attempts, and waits by epoll for the moment to attempt again.
 *
 * Every descriptor that somebody waits for has a list of operations, in the order in which they came, and is
 * registered for the union of their events, once (EPOLLONESHOT) and anew for each wait: so a descriptor that
 * was closed and opened again behind our back is noticed (ENOENT) and not waited for in vain. An event is
 * only a hint; what counts is the attempt, and the first of a direction that would wait still ends it for all
 * behind it. A descriptor that epoll refuses (EPERM) is a file: the thread for files has it, and all that may
 * wait for a disk. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "io/attempt.h"
#include "io/engine.h"
#include "io/files.h"

enum { EVENTS = 128, SECOND = 1000000000, MILLISECOND = 1000000 };

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLPRI == POLLPRI && EPOLLRDHUP == POLLRDHUP,
               "the events of poll are those of epoll");

struct queue {
    struct pb_op *first, **end;
};

struct epoll_engine {
    int epoll, event;
    pb_op_done *done;
    struct queue **queues; /* by descriptor; NULL: nobody ever waited for it */
    size_t descriptors;
    struct pb_files files;
};

/* ---- Who waits for what ---- */

static struct queue *queue_of(struct epoll_engine *e, int fd) {
    size_t index = (size_t)fd;
    if (index >= e->descriptors) {
        size_t count = e->descriptors ? e->descriptors : 64;
        while (count <= index)
            count *= 2;
        struct queue **grown = realloc(e->queues, count * sizeof *grown);
        if (!grown)
            return NULL;
        memset(grown + e->descriptors, 0, (count - e->descriptors) * sizeof *grown);
        e->queues = grown;
        e->descriptors = count;
    }
    if (!e->queues[index] && (e->queues[index] = calloc(1, sizeof(struct queue))))
        e->queues[index]->end = &e->queues[index]->first;
    return e->queues[index];
}

static void unlink_op(struct queue *q, struct pb_op **at) {
    struct pb_op *op = *at;
    *at = op->next;
    if (q->end == &op->next)
        q->end = at;
}

/* 0 or -errno, -EPERM for what epoll knows nothing of. */
static int watch(struct epoll_engine *e, int fd, const struct queue *q) {
    struct epoll_event event = {.events = EPOLLONESHOT, .data.fd = fd};
    for (const struct pb_op *op = q->first; op; op = op->next)
        event.events |= (uint16_t)pb_attempt_events(op);
    if (epoll_ctl(e->epoll, EPOLL_CTL_MOD, fd, &event) == 0)
        return 0;
    if (errno == ENOENT && epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
        return 0;
    return -errno;
}

static int enqueue(struct epoll_engine *e, struct pb_op *op) {
    struct queue *q = queue_of(e, op->fd);
    if (!q)
        return -ENOMEM;
    struct pb_op **at = q->end;
    op->next = NULL;
    *at = op;
    q->end = &op->next;
    int rc = watch(e, op->fd, q);
    if (rc != 0)
        unlink_op(q, at);
    return rc;
}

static ssize_t to_files(struct epoll_engine *e, struct pb_op *op) {
    int rc = pb_files_submit(&e->files, op);
    op->in_files = rc == 0;
    return rc == 0 ? PB_OP_ARMED : rc;
}

static ssize_t epoll_arm(void *self, struct pb_op *op) {
    struct epoll_engine *e = self;
    ssize_t rc = pb_attempt(op);
    if (rc == PB_ATTEMPT_LATER) {
        rc = enqueue(e, op);
        if (rc == 0)
            return PB_OP_ARMED;
        if (rc != -EPERM)
            pb_attempt_abandon(op);
    }
    return rc == PB_ATTEMPT_FILES || rc == -EPERM ? to_files(e, op) : rc;
}

static void epoll_cancel(void *self, struct pb_op *op) {
    struct epoll_engine *e = self;
    if (op->in_files) {
        if (pb_files_cancel(&e->files, op))
            e->done(op, -ECANCELED);
        return;
    }
    struct queue *q = e->queues[op->fd];
    struct pb_op **at = &q->first;
    while (*at != op)
        at = &(*at)->next;
    unlink_op(q, at);
    pb_attempt_abandon(op);
    e->done(op, -ECANCELED);
}

/* ---- Waiting ---- */

/* Attempts what waits for `fd`: in each direction until one would wait still, and every poll. */
static void attempt_all(struct epoll_engine *e, int fd) {
    struct queue *q = e->queues[fd];
    short waits = 0;
    for (struct pb_op **at = &q->first; *at;) {
        struct pb_op *op = *at;
        bool skip = op->verb != PB_VERB_POLL && waits & pb_attempt_events(op);
        ssize_t rc = skip ? PB_ATTEMPT_LATER : pb_attempt(op);
        if (rc == PB_ATTEMPT_LATER) {
            waits |= op->verb == PB_VERB_POLL ? 0 : pb_attempt_events(op);
            at = &op->next;
            continue;
        }
        unlink_op(q, at);
        if (rc == PB_ATTEMPT_FILES)
            rc = to_files(e, op);
        if (rc != PB_OP_ARMED)
            e->done(op, rc);
    }
    int rc = q->first ? watch(e, fd, q) : 0;
    while (rc != 0 && q->first) { /* it was closed meanwhile: nothing will ever be heard of it */
        struct pb_op *op = q->first;
        unlink_op(q, &q->first);
        e->done(op, rc);
    }
}

static int pause_for(int epoll, struct epoll_event *events, uint64_t left) {
    struct timespec time = {.tv_sec = (time_t)(left / SECOND), .tv_nsec = (long)(left % SECOND)};
    int count = epoll_pwait2(epoll, events, EVENTS, left == UINT64_MAX ? NULL : &time, NULL);
    if (count < 0 && errno == ENOSYS) {
        uint64_t milliseconds = left / MILLISECOND + (left % MILLISECOND != 0);
        int timeout = left == UINT64_MAX ? -1 : milliseconds > INT32_MAX ? INT32_MAX : (int)milliseconds;
        count = epoll_wait(epoll, events, EVENTS, timeout);
    }
    return count;
}

static void epoll_wait_for(void *self, uint64_t longest) {
    struct epoll_engine *e = self;
    struct epoll_event events[EVENTS];
    int count = pause_for(e->epoll, events, longest);
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd != e->event) {
            attempt_all(e, events[i].data.fd);
            continue;
        }
        eventfd_t value;
        (void)eventfd_read(e->event, &value);
        for (struct pb_op *op = pb_files_collect(&e->files), *next; op; op = next) {
            next = op->next;
            e->done(op, op->result);
        }
    }
}

static void epoll_wake(void *self) {
    struct epoll_engine *e = self;
    (void)eventfd_write(e->event, 1); /* where the counter is full it is readable already */
}

/* ---- Opening ---- */

static int epoll_open(void **self, uint32_t operations, pb_op_done *done, char *why) {
    struct epoll_engine *e = calloc(1, sizeof *e);
    (void)operations;
    if (!e)
        goto no_engine;
    e->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (e->epoll < 0)
        goto no_epoll;
    e->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (e->event < 0)
        goto no_event;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = e->event};
    if (epoll_ctl(e->epoll, EPOLL_CTL_ADD, e->event, &event) < 0)
        goto no_watch;
    e->done = done;
    pb_files_init(&e->files, e->event);
    *self = e;
    return 0;
no_watch:
    close(e->event);
no_event:
    close(e->epoll);
no_epoll:
    free(e);
no_engine:;
    int rc = -errno;
    snprintf(why, PB_ENGINE_WHY, "epoll cannot be opened (%s)", strerror(-rc));
    return rc;
}

static void epoll_close(void *self) {
    struct epoll_engine *e = self;
    pb_files_release(&e->files);
    for (size_t i = 0; i < e->descriptors; i++)
        free(e->queues[i]);
    free(e->queues);
    close(e->event);
    close(e->epoll);
    free(e);
}

const struct pb_engine_ops pb_engine_epoll = {
    .name = "epoll",
    .open = epoll_open,
    .arm = epoll_arm,
    .cancel = epoll_cancel,
    .wait = epoll_wait_for,
    .wake = epoll_wake,
    .close = epoll_close,
};
