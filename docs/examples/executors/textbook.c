/* An executor as textbooks have it: threads, one lock, and a condition for either side. A worker takes its
 * part in a range, else the next future of the queue, else it sleeps. While a task runs `lock` is not held.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/thread.h"
#include "base/wait.h"
#include "executor/executor_ops.h"
#include "io/io.h"

struct textbook;

struct member {
    struct textbook *pool;
    pthread_t thread;
    uint32_t index;
    unsigned last_range; /* that it took part in */
    struct pb_worker worker;
    struct pb_helper helper;
};

struct textbook {
    struct pb_crew *crew;
    pthread_mutex_t lock;
    pthread_cond_t work;    /* for workers: a future, a range, or the end */
    pthread_cond_t event;   /* for callers: a worker entered, left a range, or ended */
    struct pb_range *range; /* that is being run, or NULL */
    unsigned ranges;        /* how many there were, so that each worker joins each once */
    uint32_t started, entered, inside, ended;
    bool closing;
    int failed; /* what an initializer returned */
    struct pb_error failure;
    struct member *member;
};

/* ---- The workers ---- */

/* Another worker may have been faster, or the future may have been cancelled: then there is none. */
static bool run_one(struct member *m) {
    struct pb_depot *depot = m->pool->crew->depot;
    struct pb_future *f = pb_queue_take(depot, m->index, &m->worker.account->claim);
    if (f) {
        pb_depot_make_room(depot); /* for who waits to submit, if the queue is bounded */
        pb_worker_run(&m->worker, f);
    }
    return f != NULL;
}

/* A task that waits for a future of this executor runs others meanwhile. */
static bool help(struct pb_helper *h) {
    return run_one((struct member *)((char *)h - offsetof(struct member, helper)));
}

/* With the lock held, as the next three are called. */
static bool has_range(const struct member *m) {
    return m->pool->range && m->last_range != m->pool->ranges;
}

static void join_range(struct member *m) {
    struct textbook *t = m->pool;
    struct pb_range *range = t->range;
    struct pb_range_result tally = {0};
    m->last_range = t->ranges;
    t->inside++;
    pthread_mutex_unlock(&t->lock);
    pb_range_run(range, &m->worker.task, &m->worker.account->current, &tally);
    pb_worker_count(&m->worker, tally.tasks);
    pb_worker_renew(&m->worker);
    pthread_mutex_lock(&t->lock);
    pb_tally_add(&range->total, &tally);
    t->inside--;
    pthread_cond_broadcast(&t->event);
}

static void run_next(struct member *m) {
    pthread_mutex_unlock(&m->pool->lock);
    run_one(m);
    pb_worker_renew(&m->worker);
    pthread_mutex_lock(&m->pool->lock);
}

static void rest(struct member *m) {
    pb_worker_end(&m->worker); /* the time until it begins again counts as idle */
    pthread_cond_wait(&m->pool->work, &m->pool->lock);
    pb_worker_begin(&m->worker);
}

static void serve(struct member *m) {
    struct textbook *t = m->pool;
    pb_helper_here = &m->helper;
    pthread_mutex_lock(&t->lock);
    pb_worker_begin(&m->worker);
    for (;;) {
        if (has_range(m))
            join_range(m);
        else if (!pb_queue_empty(t->crew->depot))
            run_next(m);
        else if (t->closing)
            break;
        else
            rest(m);
    }
    pb_worker_end(&m->worker);
    pthread_mutex_unlock(&t->lock);
    pb_helper_here = NULL;
}

static void say(struct textbook *t, uint32_t *count, int rc, const struct pb_error *error) {
    pthread_mutex_lock(&t->lock);
    (*count)++;
    if (rc < 0 && t->failed == 0) {
        t->failed = rc;
        t->failure = *error;
    }
    pthread_cond_broadcast(&t->event);
    pthread_mutex_unlock(&t->lock);
}

static void *member_main(void *argument) {
    struct member *m = argument;
    struct pb_error error = {0};
    int rc = pb_worker_enter(&m->worker, m->pool->crew, m->index, &pb_io_blocking, &error);
    m->helper = (struct pb_helper){.depot = m->pool->crew->depot, .run_one = help, .task = &m->worker.task};
    say(m->pool, &m->pool->entered, rc, &error);
    if (rc == 0) {
        serve(m);
        pb_worker_leave(&m->worker);
    }
    say(m->pool, &m->pool->ended, 0, NULL);
    return NULL;
}

/* ---- The operations ---- */

static int textbook_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                         struct pb_error *error) {
    struct textbook *t = self;
    (void)params;
    t->crew = crew;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->work, NULL);
    pthread_cond_init(&t->event, NULL);
    t->member = calloc(crew->workers, sizeof *t->member);
    if (!t->member)
        return pb_error_set(error, -ENOMEM, "executor textbook: no memory for %u workers: ask for fewer",
                            crew->workers);
    for (; t->started < crew->workers; t->started++) {
        struct member *m = &t->member[t->started];
        *m = (struct member){.pool = t, .index = t->started};
        int rc = pb_thread_start(&m->thread, member_main, m);
        if (rc < 0)
            return pb_error_set(error, rc,
                                "executor textbook: thread %u cannot be started: ask for fewer workers",
                                t->started + 1);
    }
    pb_block_begin();
    pthread_mutex_lock(&t->lock);
    while (t->entered < t->started)
        pthread_cond_wait(&t->event, &t->lock);
    pthread_mutex_unlock(&t->lock);
    pb_block_end();
    if (t->failed && error)
        *error = t->failure;
    return t->failed;
}

static void textbook_notify(void *self) {
    struct textbook *t = self;
    pthread_mutex_lock(&t->lock);
    pthread_cond_signal(&t->work);
    pthread_mutex_unlock(&t->lock);
}

static int textbook_for_range(void *self, struct pb_range *range) {
    struct textbook *t = self;
    pb_block_begin();
    pthread_mutex_lock(&t->lock);
    t->range = range;
    t->ranges++;
    pthread_cond_broadcast(&t->work);
    while ((!pb_range_exhausted(range) || t->inside) && t->ended < t->started)
        pthread_cond_wait(&t->event, &t->lock);
    t->range = NULL;
    pthread_mutex_unlock(&t->lock);
    pb_block_end();
    if (range->total.tasks == range->n)
        return 0;
    return pb_error_set(&range->error, -ESHUTDOWN, "pb_for: its executor was shut down meanwhile");
}

static int textbook_close(void *self, enum pb_close how, uint64_t deadline) {
    struct textbook *t = self;
    int rc = 0;
    (void)how; /* what was to be cancelled is, and tasks have been told to stop */
    pb_block_begin();
    pthread_mutex_lock(&t->lock);
    t->closing = true;
    pthread_cond_broadcast(&t->work);
    while (t->ended < t->started && rc == 0)
        rc = pb_cond_wait(&t->event, &t->lock, deadline);
    pthread_mutex_unlock(&t->lock);
    pb_block_end();
    if (rc < 0)
        return rc; /* -ETIMEDOUT: a task still runs, so nothing is freed */
    for (uint32_t i = 0; i < t->started; i++)
        pthread_join(t->member[i].thread, NULL);
    free(t->member);
    return 0; /* the lock stays: another thread may be about to notify of a future that has been run */
}

extern const struct pb_executor_ops pb_textbook_ops;
const struct pb_executor_ops pb_textbook_ops = {
    .name = "textbook",
    .summary = "threads, one lock and two conditions",
    .size = sizeof(struct textbook),
    .open = textbook_open,
    .notify = textbook_notify,
    .for_range = textbook_for_range,
    .close = textbook_close,
};
