/* The executor without workers: tasks run in the caller, at submit. It specifies what all others must do. */
#include <pthread.h>

#include "executor/executors.h"
#include "executor/worker.h"
#include "io/io.h"

struct serial {
    pthread_mutex_t lock; /* callers take turns: there is one lane */
    struct pb_worker worker;
    bool entered;
    unsigned depth; /* tasks within tasks */
    struct pb_helper helper, *outer;
};

static bool run_one(struct serial *s) {
    struct pb_crew *crew = s->worker.crew;
    struct pb_future *f = pb_queue_take(crew->depot, 0, &s->worker.account->claim);
    if (f)
        pb_worker_run(&s->worker, f);
    return f != NULL;
}

static bool help(struct pb_helper *h) {
    return run_one((struct serial *)((char *)h - offsetof(struct serial, helper)));
}

/* Whatever the caller gives up where it blocks, its tasks give up. */
static void pass_on(struct pb_helper *h, bool begins) {
    struct pb_helper *outer = ((struct serial *)((char *)h - offsetof(struct serial, helper)))->outer;
    if (outer && outer->blocks)
        outer->blocks(outer, begins);
}

static int serial_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                       struct pb_error *error) {
    struct serial *s = self;
    (void)params;
    crew->workers = 1;
    pthread_mutexattr_t recursive; /* a task may submit another */
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&s->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    s->helper =
        (struct pb_helper){.depot = crew->depot, .run_one = help, .task = &s->worker.task, .blocks = pass_on};
    int rc = pb_worker_enter(&s->worker, crew, 0, &pb_io_blocking, error);
    s->entered = rc == 0;
    return rc;
}

/* A task may submit or wait: only the outermost keeps the account and renews the lane. The caller is the
 * worker until it leaves. */
static void enter(struct serial *s) {
    pb_block_lock(&s->lock);
    if (s->depth++ == 0) {
        s->outer = pb_helper_here;
        pb_helper_here = &s->helper;
        pb_worker_begin(&s->worker);
    }
}

static void leave(struct serial *s) {
    if (--s->depth == 0) {
        pb_worker_end(&s->worker);
        pb_worker_renew(&s->worker);
        pb_helper_here = s->outer;
    }
    pthread_mutex_unlock(&s->lock);
}

/* Whoever's turn it is runs all there is, its own among them. */
static void serial_notify(void *self) {
    struct serial *s = self;
    enter(s);
    while (run_one(s))
        ;
    leave(s);
}

static int serial_for_range(void *self, struct pb_range *range) {
    struct serial *s = self;
    enter(s);
    pb_range_run(range, &s->worker.task, &s->worker.account->current, &range->total);
    pb_worker_count(&s->worker, range->n);
    leave(s);
    return 0;
}

/* A caller may have queued a task and be about to take its turn: it finds nothing left, but does take the
 * lock. */
static int serial_close(void *self, enum pb_close how, uint64_t deadline) {
    struct serial *s = self;
    (void)how;
    (void)deadline;
    if (!s->entered)
        return 0;
    serial_notify(s);
    pb_block_lock(&s->lock);
    pb_worker_leave(&s->worker);
    pthread_mutex_unlock(&s->lock);
    return 0;
}

const struct pb_executor_ops pb_serial_ops = {
    .name = "serial",
    .summary = "one task after the other, in the caller",
    .size = sizeof(struct serial),
    .open = serial_open,
    .notify = serial_notify,
    .for_range = serial_for_range,
    .close = serial_close,
};
