/* What all executors have in common: finding one in the list, opening it, the way in for tasks and ranges,
 * shutdown.
 *
 * `state` goes OPEN -> CLOSING -> CLOSED under `lock`; submit reads it without the lock, so a task that is
 * submitted while another thread shuts down is either refused here or drained by the executor. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/name.h"
#include "base/param.h"
#include "executor/executor_ops.h"
#include "executor/find.h"
#include "topology/limits.h"

enum state { OPEN, CLOSING, CLOSED };

struct pb_executor {
    const struct pb_executor_ops *ops;
    struct pb_crew *crew;
    pthread_mutex_t lock;  /* shutdown */
    pthread_mutex_t range; /* one range at a time */
    atomic_int state;
    int close_result;
    _Alignas(64) unsigned char self[];
};

uint32_t pb_usable_processors(void) {
    struct pb_limits limits;
    pb_limits_read(&limits, NULL);
    return limits.processors;
}

static int open_with(struct pb_executor **out, const struct pb_executor_ops *ops,
                     const struct pb_executor_config *config, const struct pb_params *params,
                     struct pb_error *error) {
    uint32_t workers = config->workers ? config->workers : pb_usable_processors();
    size_t size = (sizeof(struct pb_executor) + ops->size + 63) / 64 * 64;
    struct pb_executor *e = aligned_alloc(64, size);
    struct pb_crew *crew = pb_crew_new(config, workers);
    int rc = -ENOMEM;
    if (!e || !crew) {
        pb_error_set(error, rc, "executor %s: no memory for %u workers: ask for fewer", ops->name, workers);
        goto out;
    }
    memset(e, 0, size);
    e->ops = ops;
    e->crew = crew;
    pthread_mutex_init(&e->lock, NULL);
    pthread_mutex_init(&e->range, NULL);
    rc = ops->open(e->self, crew, params, error);
    if (rc == 0) {
        *out = e;
        return 0;
    }
    ops->close(e->self, PB_KILL, UINT64_MAX);
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
    pthread_mutex_lock(&e->lock);
    if (atomic_load(&e->state) == OPEN) {
        atomic_store(&e->state, CLOSING);
        if (how == PB_KILL)
            atomic_store(&e->crew->stop, 1);
        e->close_result = e->ops->close(e->self, how, deadline);
        atomic_store(&e->state, CLOSED);
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

const char *pb_executor_name(const struct pb_executor *e) {
    return e->ops->name;
}

int pb_executor_worker(const struct pb_executor *e, uint32_t worker, struct pb_worker_info *info) {
    if (worker >= e->crew->workers)
        return -ERANGE;
    const struct pb_account *a = &e->crew->account[worker];
    *info = (struct pb_worker_info){
        .tasks = atomic_load(&a->tasks),
        .cpu_ns = atomic_load(&a->cpu_ns),
        .pid = atomic_load(&a->pid),
        .cpu = atomic_load(&a->cpu),
        .restarts = atomic_load(&a->restarts),
        .bind_error = atomic_load(&a->bind_error),
    };
    return 0;
}

struct pb_future *pb_submit(struct pb_executor *e, pb_function *function, const void *args, size_t size) {
    if (atomic_load_explicit(&e->state, memory_order_acquire) != OPEN) {
        errno = ESHUTDOWN;
        return NULL;
    }
    struct pb_future *f = pb_future_new(function, args, size);
    if (!f)
        return NULL;
    int rc = e->ops->submit(e->self, f);
    if (rc < 0) {
        pb_future_release(f);
        pb_future_release(f);
        errno = -rc;
        return NULL;
    }
    return f;
}

struct pb_future *pb_submit_within(struct pb_executor *e, pb_function *function, const void *args,
                                   size_t size, int64_t timeout_ns) {
    (void)timeout_ns;
    return pb_submit(e, function, args, size);
}

uint64_t pb_executor_pending(const struct pb_executor *e) {
    (void)e;
    return 0;
}

int pb_for(struct pb_executor *e, uint64_t n, pb_body *body, const void *args, size_t size,
           struct pb_range_result *result, struct pb_error *error) {
    struct pb_range range;
    pb_range_init(&range, n, body, args, size, e->crew->workers);
    pthread_mutex_lock(&e->range);
    int rc = atomic_load(&e->state) == OPEN
                 ? e->ops->for_range(e->self, &range)
                 : pb_error_set(&range.error, -ESHUTDOWN, "executor %s: it is shut down: open another",
                                e->ops->name);
    pthread_mutex_unlock(&e->range);
    if (result)
        *result = range.total;
    if (rc < 0 && error)
        *error = range.error;
    return rc;
}
