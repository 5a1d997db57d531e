/* A pool of threads over one lock: a queue of futures, and at most one range that all of them share.
 *
 * `lock` guards everything in `struct pool` but the range's cursor. Workers hold it only to take work and to
 * report; tasks run without it. A range is on offer while `range` is set; a worker joins it once (`epoch`
 * tells) and the last of those inside to find it exhausted withdraws it and wakes the caller. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/wait.h"
#include "executor/executors.h"
#include "executor/queue.h"
#include "io/io.h"

struct member {
    struct pool *pool;
    pthread_t thread;
    uint32_t index;
    uint64_t epoch; /* of the last range it joined */
    struct pb_worker worker;
};

struct pool {
    struct pb_crew *crew;
    pthread_mutex_t lock;
    pthread_cond_t work;  /* something to take, or closing */
    pthread_cond_t event; /* a worker entered or ended, or a range is done */
    struct pb_queue pending;
    struct pb_range *range;
    uint64_t epoch;
    uint32_t inside; /* workers in the range */
    uint32_t entered, failed;
    struct pb_error failure; /* the first initializer's that failed */
    bool closing;
    uint32_t threads, ended;
    struct member *member;
};

static bool range_on_offer(const struct pool *p, const struct member *m) {
    return p->range && m->epoch != p->epoch && !pb_range_exhausted(p->range);
}

/* Both are called with the lock held, and release it while tasks run. */
static void join_range(struct pool *p, struct member *m) {
    struct pb_range *range = p->range;
    struct pb_range_result tally = {0};
    m->epoch = p->epoch;
    p->inside++;
    pthread_mutex_unlock(&p->lock);
    pb_worker_begin(&m->worker);
    pb_range_run(range, &m->worker.task, NULL, &tally);
    pb_worker_end(&m->worker, tally.tasks);
    pthread_mutex_lock(&p->lock);
    pb_tally_add(&range->total, &tally);
    if (--p->inside == 0) {
        p->range = NULL;
        pthread_cond_broadcast(&p->event);
    }
}

static void run_pending(struct pool *p, struct member *m) {
    struct pb_future *f = pb_queue_pop(&p->pending);
    pthread_mutex_unlock(&p->lock);
    pb_worker_run(&m->worker, f);
    pthread_mutex_lock(&p->lock);
}

static void serve(struct pool *p, struct member *m) {
    for (;;) {
        if (range_on_offer(p, m))
            join_range(p, m);
        else if (p->pending.head)
            run_pending(p, m);
        else if (p->closing)
            return;
        else
            pthread_cond_wait(&p->work, &p->lock);
    }
}

static void *member_main(void *argument) {
    struct member *m = argument;
    struct pool *p = m->pool;
    struct pb_error error = {0};
    int rc = pb_worker_enter(&m->worker, p->crew, m->index, &pb_io_blocking, &error);
    pthread_mutex_lock(&p->lock);
    p->entered++;
    if (rc < 0 && p->failed++ == 0)
        p->failure = error;
    pthread_cond_broadcast(&p->event);
    if (rc == 0)
        serve(p, m);
    pthread_mutex_unlock(&p->lock);
    if (rc == 0)
        pb_worker_leave(&m->worker);
    pthread_mutex_lock(&p->lock);
    p->ended++;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Signals are the program's own business: its threads see them, the pool's do not. */
static int start_thread(struct member *m) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&m->thread, NULL, member_main, m);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -rc;
}

static int thread_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                       struct pb_error *error) {
    struct pool *p = self;
    (void)params;
    p->crew = crew;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->event, NULL);
    p->member = calloc(crew->workers, sizeof *p->member);
    if (!p->member)
        return pb_error_set(error, -ENOMEM, "executor thread: no memory for %u workers: ask for fewer",
                            crew->workers);
    for (uint32_t i = 0; i < crew->workers; i++) {
        struct member *m = &p->member[i];
        m->pool = p;
        m->index = i;
        int rc = start_thread(m);
        if (rc < 0)
            return pb_error_set(error, rc,
                                "executor thread: thread %u of %u cannot be started: ask for fewer workers",
                                i + 1, crew->workers);
        p->threads++;
    }
    pthread_mutex_lock(&p->lock);
    while (p->entered < p->threads)
        pthread_cond_wait(&p->event, &p->lock);
    bool failed = p->failed != 0;
    pthread_mutex_unlock(&p->lock);
    if (failed && error)
        *error = p->failure;
    return failed ? (p->failure.code ? p->failure.code : -EIO) : 0;
}

static int thread_submit(void *self, struct pb_future *f) {
    struct pool *p = self;
    pthread_mutex_lock(&p->lock);
    if (p->closing) {
        pthread_mutex_unlock(&p->lock);
        return -ESHUTDOWN;
    }
    pb_queue_push(&p->pending, f);
    pthread_cond_signal(&p->work);
    pthread_mutex_unlock(&p->lock);
    return 0;
}

static int thread_for_range(void *self, struct pb_range *range) {
    struct pool *p = self;
    if (range->n == 0)
        return 0;
    pthread_mutex_lock(&p->lock);
    p->range = range;
    p->epoch++;
    pthread_cond_broadcast(&p->work);
    while (p->range)
        pthread_cond_wait(&p->event, &p->lock);
    pthread_mutex_unlock(&p->lock);
    return 0;
}

static int thread_close(void *self, enum pb_close how, uint64_t deadline) {
    struct pool *p = self;
    int rc = 0;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    if (how != PB_DRAIN)
        pb_queue_drop(&p->pending);
    pthread_cond_broadcast(&p->work);
    while (p->ended < p->threads && rc == 0)
        rc = pb_cond_wait(&p->event, &p->lock, deadline);
    pthread_mutex_unlock(&p->lock);
    if (rc < 0)
        return rc;
    for (uint32_t i = 0; i < p->threads; i++)
        pthread_join(p->member[i].thread, NULL);
    free(p->member);
    pthread_cond_destroy(&p->event);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    return 0;
}

const struct pb_executor_ops pb_thread_ops = {
    .name = "thread",
    .summary = "a pool of threads in this process",
    .size = sizeof(struct pool),
    .open = thread_open,
    .submit = thread_submit,
    .for_range = thread_for_range,
    .close = thread_close,
};
