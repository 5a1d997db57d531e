/* OpenMP as an executor. One internal thread, the owner, opens every parallel region: libgomp keeps a pool of
 * threads for each thread that does, and its regions must not meet forked or foreign threads.
 *
 * A range is a worksharing loop of `workers` threads under the chosen schedule. For each future an `omp task`
 * is created, which takes whichever is first in the queue by then: the owner opens a region of workers + 1
 * threads, in which it creates tasks as futures come, sleeping in between, while the others run them; the
 * region ends when nothing is left. Lanes belong to worker numbers, not to threads: libgomp may replace its
 * threads between regions of different width, so a thread binds itself anew when it finds that it was another
 * worker before. */
#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/thread.h"
#include "base/wait.h"
#include "executor/executor_ops.h"
#include "io/io.h"

enum { SCHEDULE, CHUNK };

static const struct pb_param parameters[] = {
    [SCHEDULE] = {.name = "schedule",
                  .type = PB_PARAM_CHOICE,
                  .fallback = "dynamic",
                  .choices = "static|dynamic|guided|auto",
                  .help = "how a loop's iterations are dealt to threads"},
    [CHUNK] = {.name = "chunk",
               .type = PB_PARAM_COUNT,
               .fallback = "0",
               .min = 0,
               .max = 1e9,
               .help = "iterations dealt at a time; 0: the schedule's own default"},
    {0},
};

static const omp_sched_t schedules[] = {omp_sched_static, omp_sched_dynamic, omp_sched_guided,
                                        omp_sched_auto};

struct omp_worker {
    struct pb_worker worker;
    struct pb_helper helper;
    bool entered;
};

struct omp_pool {
    struct pb_crew *crew;
    omp_sched_t schedule;
    int chunk;
    pthread_mutex_t lock;
    pthread_cond_t work;  /* for the owner: something to do, or a task ended */
    pthread_cond_t event; /* for callers: opened, ended, or the range is done */
    struct pb_range *range;
    uint64_t waiting;  /* futures queued for which no task was created yet */
    uint32_t deferred; /* tasks created and not ended */
    bool opened, closing, owned, ended;
    int open_result;
    struct pb_error failure;
    pthread_t owner;
    struct omp_worker *worker;
    pid_t *thread; /* that ran in a region and may still live */
    size_t threads;
};

/* libgomp runs a task at once in its creator when this many per thread are waiting; the owner must stay free.
 */
enum { DEFERRED_PER_WORKER = 32 };

/* The worker that the calling thread is bound as; one owner thread per pool makes its region's threads its
 * own. */
static _Thread_local const struct omp_worker *bound_as;

static bool is_gone(pid_t thread) {
    return tgkill(getpid(), thread, 0) < 0;
}

/* Adds the calling thread in the place of one that is gone, or at the end. */
static void remember_thread(struct omp_pool *p) {
    pthread_mutex_lock(&p->lock);
    size_t at = 0;
    while (at < p->threads && !is_gone(p->thread[at]))
        at++;
    if (at == p->threads) {
        pid_t *grown = realloc(p->thread, (at + 1) * sizeof *grown);
        if (grown) {
            p->thread = grown;
            p->threads++;
        }
    }
    if (at < p->threads)
        p->thread[at] = gettid();
    pthread_mutex_unlock(&p->lock);
}

static bool await_threads(const struct omp_pool *p, uint64_t deadline) {
    static const struct timespec short_while = {.tv_nsec = 100000};
    for (size_t i = 0; i < p->threads; i++)
        while (!is_gone(p->thread[i])) {
            if (pb_remaining(deadline) == 0)
                return false;
            nanosleep(&short_while, NULL); /* nothing else tells that a detached thread has ended */
        }
    return true;
}

static struct omp_worker *become(struct omp_pool *p, uint32_t index) {
    struct omp_worker *w = &p->worker[index];
    if (!bound_as)
        remember_thread(p);
    if (bound_as != w && p->crew->config.binding)
        pb_cpuset_bind_thread(&p->crew->config.binding[index]);
    bound_as = w;
    pb_helper_here = &w->helper;
    return w;
}

static bool help(struct pb_helper *);

static void enter_all(struct omp_pool *p) {
#pragma omp parallel num_threads((int)p->crew->workers)
    {
        uint32_t i = (uint32_t)omp_get_thread_num();
        struct pb_error error = {0};
        struct omp_worker *w = &p->worker[i];
        int rc = pb_worker_enter(&w->worker, p->crew, i, &pb_io_blocking, &error);
        remember_thread(p);
        bound_as = w;
        w->helper = (struct pb_helper){.depot = p->crew->depot, .run_one = help, .task = &w->worker.task};
        w->entered = rc == 0;
        if (rc < 0) {
#pragma omp critical(pb_openmp_enter)
            {
                p->open_result = rc;
                p->failure = error;
            }
        }
        if (i == 0 && (uint32_t)omp_get_num_threads() != p->crew->workers)
            p->open_result =
                pb_error_set(&p->failure, -EAGAIN,
                             "executor openmp: %d of %u threads could be had: raise OMP_THREAD_LIMIT",
                             omp_get_num_threads(), p->crew->workers);
    }
}

static void leave_all(struct omp_pool *p) {
#pragma omp parallel num_threads((int)p->crew->workers)
    {
        uint32_t i = (uint32_t)omp_get_thread_num();
        struct omp_worker *w = become(p, i);
        if (w->entered)
            pb_worker_leave(&w->worker);
        pb_helper_here = NULL;
    }
}

static void run_range(struct omp_pool *p, struct pb_range *range) {
    pb_body *body = range->body;
    const void *args = range->args;
    omp_set_schedule(p->schedule, p->chunk);
#pragma omp parallel num_threads((int)p->crew->workers)
    {
        struct pb_worker *w = &become(p, (uint32_t)omp_get_thread_num())->worker;
        struct pb_range_result tally = {0};
        uint64_t sum = 0, tasks = 0, bad = 0;
        pb_worker_begin(w);
#pragma omp for schedule(runtime) nowait
        for (uint64_t i = range->begin; i < range->n; i++) {
            uint64_t digest = 0;
            int status = body(&w->task, i, args, &digest);
            sum += pb_mix(i, digest);
            tasks++;
            if (status) {
                tally.status[pb_status_row(status)]++;
                bad++;
            }
        }
        tally.tasks = tasks;
        tally.digest = sum;
        tally.status[0] += tasks - bad;
        pb_worker_count(w, tally.tasks);
        pb_worker_end(w);
        pb_worker_renew(w);
#pragma omp critical(pb_openmp_tally)
        pb_tally_add(&range->total, &tally);
    }
}

static bool take_and_run(struct pb_worker *w) {
    struct pb_crew *crew = w->crew;
    struct pb_future *f = pb_queue_take(crew->depot, w->index, &w->account->claim);
    if (f) {
        pb_depot_make_room(crew->depot);
        pb_worker_run(w, f);
    }
    return f != NULL;
}

static bool help(struct pb_helper *h) {
    struct omp_worker *w = (struct omp_worker *)((char *)h - offsetof(struct omp_worker, helper));
    return take_and_run(&w->worker);
}

/* Its future may have been cancelled, or run by a task that waited for another. */
static void run_one(struct omp_pool *p) {
    /* Thread 0 is the owner and runs tasks only if there is no other. */
    int thread = omp_get_thread_num();
    struct pb_worker *w = &become(p, thread > 0 ? (uint32_t)thread - 1 : 0)->worker;
    pb_worker_begin(w);
    take_and_run(w);
    pb_worker_end(w);
    pb_worker_renew(w);
    pthread_mutex_lock(&p->lock);
    p->deferred--;
    pthread_cond_signal(&p->work);
    pthread_mutex_unlock(&p->lock);
}

/* Creates tasks until none is pending and none runs. */
static void create_tasks(struct omp_pool *p) {
    uint32_t most = DEFERRED_PER_WORKER * p->crew->workers;
    pthread_mutex_lock(&p->lock);
    while (p->waiting || p->deferred) {
        if (!p->waiting || p->deferred >= most) {
            pthread_cond_wait(&p->work, &p->lock);
            continue;
        }
        p->waiting--;
        p->deferred++;
        pthread_mutex_unlock(&p->lock);
#pragma omp task
        run_one(p);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
}

static void run_futures(struct omp_pool *p) {
#pragma omp parallel num_threads((int)p->crew->workers + 1)
#pragma omp master
    create_tasks(p);
}

/* At the close a future may be queued of which notify has not told yet. */
static bool is_work_left(struct omp_pool *p) {
    if (!p->waiting && p->closing && !pb_queue_empty(p->crew->depot))
        p->waiting = 1;
    return p->waiting != 0;
}

static void *owner_main(void *self) {
    struct omp_pool *p = self;
    omp_set_dynamic(0);
    enter_all(p);
    pthread_mutex_lock(&p->lock);
    p->opened = true;
    pthread_cond_broadcast(&p->event);
    while (p->open_result == 0) {
        if (p->range) {
            struct pb_range *range = p->range;
            pthread_mutex_unlock(&p->lock);
            run_range(p, range);
            pthread_mutex_lock(&p->lock);
            p->range = NULL;
            pthread_cond_broadcast(&p->event);
        } else if (is_work_left(p)) {
            pthread_mutex_unlock(&p->lock);
            run_futures(p);
            pthread_mutex_lock(&p->lock);
        } else if (p->closing) {
            break;
        } else {
            pthread_cond_wait(&p->work, &p->lock);
        }
    }
    pthread_mutex_unlock(&p->lock);
    leave_all(p);
    pthread_mutex_lock(&p->lock);
    p->ended = true;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static int openmp_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                       struct pb_error *error) {
    struct omp_pool *p = self;
    p->crew = crew;
    p->schedule = schedules[params->value[SCHEDULE].integer];
    p->chunk = (int)params->value[CHUNK].integer;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->event, NULL);
    p->worker = calloc(crew->workers, sizeof *p->worker);
    if (!p->worker)
        return pb_error_set(error, -ENOMEM, "executor openmp: no memory for %u workers: ask for fewer",
                            crew->workers);
    int rc = pb_thread_start(&p->owner, owner_main, p);
    if (rc < 0)
        return pb_error_set(error, rc, "executor openmp: no thread can be started: end other processes");
    p->owned = true;
    pb_block_begin();
    pthread_mutex_lock(&p->lock);
    while (!p->opened)
        pthread_cond_wait(&p->event, &p->lock);
    pthread_mutex_unlock(&p->lock);
    pb_block_end();
    if (p->open_result < 0 && error)
        *error = p->failure;
    return p->open_result;
}

static void openmp_notify(void *self) {
    struct omp_pool *p = self;
    pthread_mutex_lock(&p->lock);
    p->waiting++;
    pthread_cond_signal(&p->work);
    pthread_mutex_unlock(&p->lock);
}

static int openmp_for_range(void *self, struct pb_range *range) {
    struct omp_pool *p = self;
    pb_block_begin();
    pthread_mutex_lock(&p->lock);
    p->range = range;
    pthread_cond_signal(&p->work);
    while (p->range && !p->ended)
        pthread_cond_wait(&p->event, &p->lock);
    bool lost = p->range != NULL;
    p->range = NULL;
    pthread_mutex_unlock(&p->lock);
    pb_block_end();
    return lost ? pb_error_set(&range->error, -ESHUTDOWN, "pb_for: its executor was shut down meanwhile") : 0;
}

static int await_end(struct omp_pool *p, uint64_t deadline) {
    int rc = 0;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_signal(&p->work);
    while (p->owned && !p->ended && rc == 0)
        rc = pb_cond_wait(&p->event, &p->lock, deadline);
    pthread_mutex_unlock(&p->lock);
    if (rc == 0 && p->owned)
        pthread_join(p->owner, NULL);
    return rc < 0 ? rc : await_threads(p, deadline) ? 0 : -ETIMEDOUT;
}

static int openmp_close(void *self, enum pb_close how, uint64_t deadline) {
    struct omp_pool *p = self;
    (void)how;
    pb_block_begin();
    int rc = await_end(p, deadline);
    pb_block_end();
    if (rc < 0)
        return rc;
    free(p->thread);
    free(p->worker);
    return 0; /* lock and event stay: a caller may be about to tell of a task, or come too late with a range
               */
}

extern const struct pb_executor_ops pb_executor_module;
const struct pb_executor_ops pb_executor_module = {
    .name = "openmp",
    .summary = "OpenMP parallel loops and tasks",
    .params = parameters,
    .size = sizeof(struct omp_pool),
    .open = openmp_open,
    .notify = openmp_notify,
    .for_range = openmp_for_range,
    .close = openmp_close,
};
