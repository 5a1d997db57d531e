/* What all executors have in common: finding one in the list, opening it, the way in for tasks and ranges,
 * shutdown.
 *
 * A shutdown makes the depot refuse, under the lock that queues futures: a task submitted meanwhile by
 * another thread is either refused or already in the queue, where the executor drains it. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/name.h"
#include "base/param.h"
#include "base/units.h"
#include "executor/executor_ops.h"
#include "executor/find.h"
#include "executor/map.h"
#include "executor/part.h"
#include "topology/limits.h"

struct pb_executor {
    const struct pb_executor_ops *ops;
    struct pb_crew *crew;
    pthread_mutex_t lock;  /* shutdown */
    pthread_mutex_t range; /* one range at a time */
    bool closed;
    int close_result;
    _Alignas(64) unsigned char self[];
};

uint32_t pb_usable_processors(void) {
    struct pb_limits limits;
    pb_limits_read(&limits, NULL);
    return limits.processors;
}

static void on_expiry(void *self, bool runs, uint32_t worker) {
    struct pb_executor *e = self;
    if (e->ops->kill)
        e->ops->kill(e->self, runs ? worker : PB_NOBODY);
}

static int check(const struct pb_executor_ops *ops, const struct pb_executor_config *config, uint32_t workers,
                 uint32_t lanes, struct pb_error *error) {
    if (workers > PB_WORKERS_MAX)
        return pb_error_set(error, -EINVAL, "executor %s: %u workers: there can be %d: ask for fewer",
                            ops->name, workers, (int)PB_WORKERS_MAX);
    if (lanes > PB_LANES_MAX)
        return pb_error_set(error, -EINVAL, "executor %s: %u tasks in flight: there can be %d: ask for fewer",
                            ops->name, lanes, (int)PB_LANES_MAX);
    if (config->max_pending > UINT32_MAX / 4)
        return pb_error_set(error, -EINVAL,
                            "executor %s: max_pending is %llu: at most %u: use 0 for any number", ops->name,
                            (unsigned long long)config->max_pending, UINT32_MAX / 4);
    return 0;
}

static int open_with(struct pb_executor **out, const struct pb_executor_ops *ops,
                     const struct pb_executor_config *config, const struct pb_params *params,
                     struct pb_error *error) {
    uint32_t lanes = config->workers ? config->workers : pb_usable_processors();
    uint32_t workers = ops->carriers ? ops->carriers(params) : lanes;
    size_t size = (sizeof(struct pb_executor) + ops->size + 63) / 64 * 64;
    int rc = check(ops, config, workers, lanes, error);
    if (rc < 0)
        return rc;
    struct pb_executor *e = aligned_alloc(64, size);
    struct pb_crew *crew = pb_crew_new(config, workers, lanes, ops->processes);
    if (!e || !crew) {
        rc = pb_error_set(error, -ENOMEM, "executor %s: no memory for %u workers: ask for fewer", ops->name,
                          workers);
        goto out;
    }
    memset(e, 0, size);
    e->ops = ops;
    e->crew = crew;
    pthread_mutex_init(&e->lock, NULL);
    pthread_mutex_init(&e->range, NULL);
    crew->depot->timing.expired = on_expiry;
    crew->depot->timing.context = e;
    *out = e; /* before workers are forked: their tasks may look at it */
    rc = ops->open(e->self, crew, params, error);
    if (!ops->carriers && crew->lanes > crew->workers) /* which may be fewer than asked */
        crew->lanes = crew->workers;
    if (rc == 0)
        return 0;
    *out = NULL;
    pb_depot_refuse(crew->depot, ESHUTDOWN);
    ops->close(e->self, PB_KILL, UINT64_MAX);
    pthread_mutex_destroy(&e->lock);
    pthread_mutex_destroy(&e->range);
out:
    pb_crew_free(crew);
    free(e);
    return rc;
}

int pb_executor_open(struct pb_executor **out, const char *name, const struct pb_executor_config *config,
                     struct pb_error *error) {
    static const struct pb_executor_config defaults;
    struct pb_param_set set;
    char owner[64];
    *out = NULL;
    pb_error_set(error, 0, "%s", "");
    const struct pb_executor_ops *ops = pb_executor_find(name, error);
    if (!ops)
        return -ENOENT;
    if (!config)
        config = &defaults;
    snprintf(owner, sizeof owner, "executor %s", name);
    int rc = pb_param_set_init(&set, owner, ops->params, config->options, 0, error);
    if (rc < 0)
        return rc;
    rc = open_with(out, ops, config, &set.values, error);
    pb_param_set_release(&set);
    return rc;
}

int pb_executor_shutdown(struct pb_executor *e, enum pb_close how, int64_t timeout_ns) {
    uint64_t deadline = pb_deadline(timeout_ns);
    struct pb_crew *crew = e->crew;
    pb_block_lock(&e->lock);
    if (!e->closed) {
        e->closed = true;
        pb_depot_refuse(crew->depot, ESHUTDOWN);
        if (how != PB_DRAIN)
            pb_future_cancel_all(crew->depot);
        if (how == PB_KILL)
            atomic_store(&crew->stop, 1); /* a task that ends for it must find no other to begin */
        e->close_result = e->ops->close(e->self, how, deadline);
        pb_block_begin();
        pb_timing_end(&crew->depot->timing);
        pb_block_end();
    }
    pthread_mutex_unlock(&e->lock);
    return e->close_result;
}

int pb_executor_close(struct pb_executor *e, enum pb_close how, int64_t timeout_ns) {
    if (!e)
        return 0;
    int rc = pb_executor_shutdown(e, how, timeout_ns);
    if (rc == 0) {
        pthread_mutex_destroy(&e->lock);
        pthread_mutex_destroy(&e->range);
        pb_crew_free(e->crew);
        free(e);
    }
    return rc;
}

void pb_executor_leave(struct pb_executor **e) {
    pb_executor_close(*e, PB_DRAIN, PB_FOREVER);
}

uint32_t pb_executor_workers(const struct pb_executor *e) {
    return e->crew->workers;
}

uint32_t pb_executor_lanes(const struct pb_executor *e) {
    return e->crew->lanes;
}

const char *pb_executor_counter(const struct pb_executor *e, unsigned k, uint64_t *value) {
    const struct pb_crew *crew = e->crew;
    if (k >= PB_CREW_COUNTERS || !crew->counter_name[k])
        return NULL;
    *value = 0;
    for (uint32_t i = 0; i < crew->workers; i++)
        *value += atomic_load(&crew->account[i].counter[k]);
    return crew->counter_name[k];
}

const char *pb_executor_name(const struct pb_executor *e) {
    return e->ops->name;
}

int pb_executor_worker(const struct pb_executor *e, uint32_t worker, struct pb_worker_info *info) {
    if (worker >= e->crew->workers)
        return -ERANGE;
    pb_account_read(&e->crew->account[worker], info);
    return 0;
}

struct pb_depot *pb_executor_depot(struct pb_executor *e) {
    return e->crew->depot;
}

uint64_t pb_executor_pending(const struct pb_executor *e) {
    struct pb_depot *d = e->crew->depot;
    pb_spin_lock(&d->lock);
    uint64_t pending = pb_queue_pending(d);
    pb_spin_unlock(&d->lock);
    return pending;
}

/* ---- Tasks ---- */

/* Waits until one more may wait; a worker of the executor's own makes it so. */
static void await_room(struct pb_depot *d, unsigned seen) {
    struct pb_helper *h = pb_helper_for(d);
    if (!h || !h->run_one(h))
        pb_depot_await_room(d, seen);
}

static struct pb_future *submit(struct pb_executor *e, pb_function *function, const void *args, size_t size,
                                struct pb_extra *extra) {
    struct pb_depot *d = e->crew->depot;
    if (pb_depot_is_foreign(d)) {
        errno = EDEADLK;
        return NULL;
    }
    struct pb_future *f = pb_future_queue(d, function, args, size, extra);
    if (!f && errno == EAGAIN && e->crew->config.when_full == PB_BLOCK) {
        atomic_fetch_add(&d->room_wanted, 1);
        for (;;) {
            unsigned seen = atomic_load(&d->room);
            f = pb_future_queue(d, function, args, size, extra);
            if (f || errno != EAGAIN)
                break;
            await_room(d, seen); /* which may change errno */
        }
        atomic_fetch_sub(&d->room_wanted, 1);
    }
    if (f && extra)
        pb_timing_add(&d->timing, f); /* before it may begin: serial runs it in notify */
    if (f)
        e->ops->notify(e->self);
    return f;
}

struct pb_future *pb_submit(struct pb_executor *e, pb_function *function, const void *args, size_t size) {
    return submit(e, function, args, size, NULL);
}

struct pb_future *pb_submit_within(struct pb_executor *e, pb_function *function, const void *args,
                                   size_t size, int64_t timeout_ns) {
    struct pb_timing *timing = &e->crew->depot->timing;
    struct pb_extra *extra = calloc(1, sizeof *extra);
    char duration[32];
    int rc = !extra ? -ENOMEM : pb_depot_is_foreign(e->crew->depot) ? -EDEADLK : pb_timing_prepare(timing);
    if (rc < 0) {
        free(extra);
        errno = -rc;
        return NULL;
    }
    extra->deadline = pb_deadline(timeout_ns);
    snprintf(extra->late, sizeof extra->late, "its deadline passed: not done within %s of its submission",
             pb_format_time((double)timeout_ns, duration, sizeof duration));
    struct pb_future *f = submit(e, function, args, size, extra);
    if (!f) {
        int why = errno;
        pb_timing_unprepare(timing);
        free(extra);
        errno = why;
    }
    return f;
}

/* ---- Ranges ---- */

/* Inside a task of the executor's own: there and then, since its worker would wait for itself. */
static int run_inside(const struct pb_helper *h, struct pb_range *range) {
    void *call = h->task->call;
    h->task->call = NULL;
    pb_range_run(range, h->task, NULL, &range->total);
    h->task->call = call;
    return 0;
}

static int share_out(struct pb_executor *e, struct pb_range *range) {
    int refusing = pb_depot_refuses(e->crew->depot);
    if (refusing)
        return pb_error_set(&range->error, -refusing, "executor %s: %s: open another", e->ops->name,
                            refusing == ESHUTDOWN ? "it is shut down" : "it has no worker left");
    return range->n > range->begin ? e->ops->for_range(e->self, range) : 0;
}

int pb_for(struct pb_executor *e, uint64_t n, pb_body *body, const void *args, size_t size,
           struct pb_range_result *result, struct pb_error *error) {
    return pb_for_part(e, 0, n, body, args, size, result, error);
}

int pb_for_part(struct pb_executor *e, uint64_t begin, uint64_t n, pb_body *body, const void *args,
                size_t size, struct pb_range_result *result, struct pb_error *error) {
    const struct pb_helper *h = pb_helper_for(e->crew->depot);
    struct pb_range range;
    int rc;
    pb_range_init(&range, begin, n, body, args, size, e->crew->lanes);
    if (pb_depot_is_foreign(e->crew->depot)) {
        rc = pb_error_set(&range.error, -EDEADLK,
                          "pb_for inside a worker process: its executor was opened by another: use a loop");
    } else if (h) {
        rc = run_inside(h, &range);
    } else {
        pb_block_lock(&e->range);
        rc = share_out(e, &range);
        pthread_mutex_unlock(&e->range);
    }
    if (result)
        *result = range.total;
    if (rc < 0 && error)
        *error = range.error;
    return rc;
}
