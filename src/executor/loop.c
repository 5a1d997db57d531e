/* An event loop as an executor: a few threads, each with a reactor, and many lanes divided among them. A task
 * runs in its lane's coroutine until a verb suspends it; another runs meanwhile. */
#include <errno.h>

#include "base/error.h"
#include "base/thread.h"
#include "base/wait.h"
#include "executor/executors.h"
#include "executor/loop_thread.h"

enum { ENGINE, THREADS };

static const struct pb_param parameters[] = {
    [ENGINE] = {.name = "engine",
                .type = PB_PARAM_CHOICE,
                .fallback = "auto",
                .choices = "auto|uring|epoll",
                .help = "how the system is asked; auto: io_uring where it is permitted"},
    [THREADS] = {.name = "threads",
                 .type = PB_PARAM_COUNT,
                 .fallback = "1",
                 .min = 1,
                 .max = PB_LOOPS_MAX,
                 .help = "loops, which share what is in flight"},
    {0},
};

static const enum pb_engine engines[] = {PB_ENGINE_AUTO, PB_ENGINE_URING, PB_ENGINE_EPOLL};

static uint32_t loop_carriers(const struct pb_params *params) {
    return (uint32_t)params->value[THREADS].integer;
}

static int start(struct pb_loop_pool *p, struct pb_error *error) {
    uint64_t lanes = p->crew->lanes;
    uint32_t threads = p->crew->workers;
    for (; p->started < threads; p->started++) {
        struct pb_loop *l = &p->loop[p->started];
        l->pool = p;
        l->index = p->started;
        l->first_lane = (uint32_t)(lanes * l->index / threads);
        l->lanes = (uint32_t)(lanes * (l->index + 1) / threads) - l->first_lane;
        int rc = pb_thread_start(&l->thread, pb_loop_main, l);
        if (rc < 0)
            return pb_error_set(error, rc,
                                "executor loop: thread %u of %u cannot be started: ask for fewer threads",
                                p->started + 1, threads);
    }
    return 0;
}

static int loop_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                     struct pb_error *error) {
    struct pb_loop_pool *p = self;
    p->crew = crew;
    p->engine = engines[params->value[ENGINE].integer];
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->event, NULL);
    if (crew->workers > crew->lanes) /* a loop without a lane would do nothing */
        crew->workers = crew->depot->workers = crew->lanes;
    int rc = start(p, error);
    pb_block_begin();
    pthread_mutex_lock(&p->lock);
    while (p->entered < p->started)
        pthread_cond_wait(&p->event, &p->lock);
    pthread_mutex_unlock(&p->lock);
    pb_block_end();
    if (rc == 0 && p->failure.code < 0)
        rc = pb_error_set(error, p->failure.code, "%s", p->failure.text);
    return rc < 0 ? rc : pb_error_set(error, 0, "%s", pb_reactor_engine_note(p->loop[0].reactor));
}

static void loop_notify(void *self) {
    struct pb_loop_pool *p = self;
    for (uint32_t i = 0; i < p->crew->workers && !pb_loop_wake(&p->loop[i], true); i++)
        ;
}

static void wake_all(struct pb_loop_pool *p) {
    for (uint32_t i = 0; i < p->started; i++)
        pb_loop_wake(&p->loop[i], false);
}

/* ---- Ranges ---- */

static bool is_left(const void *pool) {
    const struct pb_loop_pool *p = pool;
    return atomic_load_explicit(&p->within, memory_order_acquire) == 0;
}

static int loop_for_range(void *self, struct pb_range *range) {
    struct pb_loop_pool *p = self;
    pthread_mutex_lock(&p->lock);
    p->range = range;
    atomic_store(&p->within, p->started - p->ended);
    atomic_fetch_add(&p->number, 1);
    pthread_mutex_unlock(&p->lock);
    wake_all(p);
    pb_block_begin();
    pb_spin_until(p->crew->depot, is_left, p);
    pthread_mutex_lock(&p->lock);
    while (!is_left(p))
        pthread_cond_wait(&p->event, &p->lock);
    pthread_mutex_unlock(&p->lock);
    pb_block_end();
    return range->total.tasks == range->n - range->begin
               ? 0
               : pb_error_set(&range->error, -ESHUTDOWN, "pb_for: its executor was shut down meanwhile");
}

/* ---- Ends ---- */

/* A task that runs and has expired: the loop cancels its verbs. One that waits is no loop's business. */
static void loop_kill(void *self, uint32_t worker) {
    struct pb_loop_pool *p = self;
    if (worker == PB_NOBODY)
        return;
    atomic_store(&p->loop[worker].expired, 1);
    pb_loop_wake(&p->loop[worker], false);
}

static int await_ends(struct pb_loop_pool *p, uint64_t deadline) {
    int rc = 0;
    pthread_mutex_lock(&p->lock);
    while (p->ended < p->started && rc == 0)
        rc = pb_cond_wait(&p->event, &p->lock, deadline);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; rc == 0 && i < p->started; i++)
        pthread_join(p->loop[i].thread, NULL);
    return rc;
}

/* `stop` is set by now where what runs is to be cancelled. Lock, event and loops stay: a caller may be about
 * to tell of a task, or come too late with a range. */
static int loop_close(void *self, enum pb_close how, uint64_t deadline) {
    struct pb_loop_pool *p = self;
    (void)how;
    atomic_store(&p->crew->closing, 1);
    wake_all(p);
    pb_block_begin();
    int rc = await_ends(p, deadline);
    pb_block_end();
    return rc;
}

const struct pb_executor_ops pb_loop_ops = {
    .name = "loop",
    .summary = "an event loop: tasks that wait take turns on one thread",
    .params = parameters,
    .size = sizeof(struct pb_loop_pool),
    .carriers = loop_carriers,
    .open = loop_open,
    .notify = loop_notify,
    .for_range = loop_for_range,
    .kill = loop_kill,
    .close = loop_close,
};
