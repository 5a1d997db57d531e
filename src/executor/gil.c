/* A pool of threads under one lock that behaves like CPython's (io/gil.h): a model of what threads are worth
 * to an interpreter, not Python.
 *
 * A worker holds the lock whenever it works: from before its initializer until after its finalizer, but for
 * the time in which it looks for work or sleeps, is inside a verb, stands between allow_begin and allow_end,
 * or waits for something of the library's (pb_block_begin). Between two tasks, and between two indices of a
 * range, it passes a checkpoint, as an interpreter does between bytecodes. A thread that submits tasks or
 * waits for them from outside is none of the model's: it takes no lock.
 *
 * A worker with the lock may take locks of the library (the depot's, a gathering's, the pool's): so nobody
 * may wait for this lock while holding one of those. Two locks are held while their holder waits, one range
 * at a time and a shutdown: they are taken with this lock given up (pb_block_lock). */
#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "executor/executors.h"
#include "executor/pool.h"
#include "io/gil.h"

enum { INTERVAL };

static const struct pb_param parameters[] = {
    [INTERVAL] = {.name = "interval",
                  .type = PB_PARAM_TIME,
                  .fallback = "5ms",
                  .min = 1e3,
                  .max = 1e10,
                  .help = "how long a thread waits before it asks for the lock"},
    {0},
};

struct gil {
    struct pb_pool pool;
    struct pb_gil *lock;
    struct pb_gil_holder *holder; /* one for each worker */
};

static void *holder_of(struct pb_pool *pool, uint32_t worker) {
    struct gil *g = (struct gil *)pool;
    return &g->holder[worker];
}

static void gil_blocks(struct pb_helper *h, bool begins) {
    struct pb_gil_holder *holder = h->task->verbs;
    if (begins)
        pb_gil_leave(holder);
    else
        pb_gil_return(holder);
}

static void name_counters(struct pb_crew *crew) {
    static const char *const names[PB_GIL_COUNTS] = {
        [PB_GIL_SWITCHES] = "lock switches",
        [PB_GIL_FORCED] = "lock forced",
        [PB_GIL_WAIT_NS] = "lock wait ns",
    };
    _Static_assert((int)PB_GIL_COUNTS <= (int)PB_CREW_COUNTERS, "every count has its counter");
    for (int k = 0; k < PB_GIL_COUNTS; k++)
        crew->counter_name[k] = names[k];
}

static int gil_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                    struct pb_error *error) {
    static const struct pb_pool_kind kind = {
        .name = "gil", .io = &pb_io_gil, .verbs = holder_of, .blocks = gil_blocks};
    struct gil *g = self;
    g->lock = pb_gil_new((uint64_t)params->value[INTERVAL].integer);
    g->holder = calloc(crew->workers, sizeof *g->holder);
    if (!g->lock || !g->holder)
        return pb_error_set(error, -ENOMEM, "executor gil: no memory for %u workers: ask for fewer",
                            crew->workers);
    name_counters(crew);
    for (uint32_t i = 0; i < crew->workers; i++)
        g->holder[i] = (struct pb_gil_holder){
            .gil = g->lock, .count = crew->account[i].counter, .waits = &crew->account[i].waits, .away = 1};
    return pb_pool_open(&g->pool, &kind, crew, error);
}

static int gil_close(void *self, enum pb_close how, uint64_t deadline) {
    struct gil *g = self;
    int rc = pb_pool_close(&g->pool, how, deadline);
    if (rc < 0)
        return rc;
    free(g->holder);
    pb_gil_free(g->lock);
    return 0;
}

const struct pb_executor_ops pb_gil_ops = {
    .name = "gil",
    .summary = "threads under one lock, a model of CPython's",
    .params = parameters,
    .size = sizeof(struct gil),
    .open = gil_open,
    .notify = pb_pool_notify,
    .for_range = pb_pool_for_range,
    .close = gil_close,
};
