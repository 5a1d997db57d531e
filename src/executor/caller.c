/* Callers take turns: there is one lane, whose worker is whoever's turn it is. */
#include "executor/caller.h"

#include "io/io.h"

static bool run_one(struct pb_caller *s) {
    struct pb_crew *crew = s->worker.crew;
    struct pb_future *f = pb_queue_take(crew->depot, 0, &s->worker.account->claim);
    if (f)
        pb_worker_run(&s->worker, f);
    return f != NULL;
}

static bool help(struct pb_helper *h) {
    return run_one((struct pb_caller *)((char *)h - offsetof(struct pb_caller, helper)));
}

/* Whatever the caller gives up where it blocks, its tasks give up. */
static void pass_on(struct pb_helper *h, bool begins) {
    struct pb_helper *outer = ((struct pb_caller *)((char *)h - offsetof(struct pb_caller, helper)))->outer;
    if (outer && outer->blocks)
        outer->blocks(outer, begins);
}

int pb_caller_open(struct pb_caller *s, struct pb_crew *crew, struct pb_error *error) {
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
static void enter(struct pb_caller *s) {
    pb_block_lock(&s->lock);
    if (s->depth++ == 0) {
        s->outer = pb_helper_here;
        pb_helper_here = &s->helper;
        pb_worker_begin(&s->worker);
    }
}

static void leave(struct pb_caller *s) {
    if (--s->depth == 0) {
        pb_worker_end(&s->worker);
        pb_worker_renew(&s->worker);
        pb_helper_here = s->outer;
    }
    pthread_mutex_unlock(&s->lock);
}

/* Whoever's turn it is runs all there is, its own among them. */
void pb_caller_notify(void *self) {
    struct pb_caller *s = self;
    enter(s);
    while (run_one(s))
        ;
    leave(s);
}

int pb_caller_for_range(void *self, struct pb_range *range) {
    struct pb_caller *s = self;
    enter(s);
    pb_range_run(range, &s->worker.task, &s->worker.account->current, &range->total);
    pb_worker_count(&s->worker, range->n - range->begin);
    leave(s);
    return 0;
}

/* A caller may have queued a task and be about to take its turn: it finds nothing left, but does take the
 * lock. */
int pb_caller_close(void *self, enum pb_close how, uint64_t deadline) {
    struct pb_caller *s = self;
    (void)how;
    (void)deadline;
    if (!s->entered)
        return 0;
    pb_caller_notify(s);
    pb_block_lock(&s->lock);
    pb_worker_leave(&s->worker);
    pthread_mutex_unlock(&s->lock);
    return 0;
}
