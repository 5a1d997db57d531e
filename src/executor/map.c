/* Ordered results through a window: a ring of futures, submitted ahead of the one that is taken next. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "parbench/executor.h"

struct pb_map {
    struct pb_executor *executor;
    pb_function *function;
    const unsigned char *args;
    size_t size;
    uint64_t count, submitted, taken;
    size_t window;
    uint64_t deadline;
    struct pb_future *ring[];
};

/* Enough that no worker waits for the taker, few enough that memory stays small. */
static size_t choose_window(const struct pb_executor *e) {
    size_t window = 64 * (size_t)pb_executor_workers(e);
    return window < 4096 ? window : 4096;
}

int pb_map_open(struct pb_map **out, struct pb_executor *executor, pb_function *function, const void *args,
                size_t size, uint64_t count, const struct pb_map_options *options) {
    size_t window = options && options->window ? options->window : choose_window(executor);
    int64_t timeout_ns = options && options->timeout_ns ? options->timeout_ns : PB_FOREVER;
    *out = calloc(1, sizeof **out + window * sizeof *(*out)->ring);
    if (!*out)
        return -ENOMEM;
    **out = (struct pb_map){.executor = executor,
                            .function = function,
                            .args = args,
                            .size = size,
                            .count = count,
                            .window = window,
                            .deadline = pb_deadline(timeout_ns)};
    return 0;
}

static int fill(struct pb_map *m) {
    while (m->submitted < m->count && m->submitted - m->taken < m->window) {
        const void *args = m->args ? m->args + m->submitted * m->size : (const void *)&m->submitted;
        struct pb_future *f =
            pb_submit(m->executor, m->function, args, m->args ? m->size : sizeof m->submitted);
        if (!f)
            return -errno;
        m->ring[m->submitted++ % m->window] = f;
    }
    return 0;
}

int pb_map_next(struct pb_map *m, void *out, size_t capacity, struct pb_error *message) {
    if (m->taken == m->count)
        return -ENOENT;
    int rc = fill(m);
    if (m->submitted == m->taken)
        return pb_error_set(message, rc, "task %llu cannot be submitted: %s", (unsigned long long)m->taken,
                            strerror(-rc));
    struct pb_future *f = m->ring[m->taken % m->window];
    uint64_t left = pb_remaining(m->deadline);
    rc = pb_future_result(f, out, capacity, left > INT64_MAX ? PB_FOREVER : (int64_t)left);
    if (rc == -ETIMEDOUT && pb_future_state(f) != PB_FINISHED)
        return pb_error_set(message, rc, "task %llu: not done in time", (unsigned long long)m->taken);
    if (rc)
        pb_error_set(message, rc, "%s", pb_future_message(f));
    pb_future_release(f);
    m->taken++;
    return rc;
}

void pb_map_close(struct pb_map *m) {
    if (!m)
        return;
    for (; m->taken < m->submitted; m->taken++) {
        pb_future_cancel(m->ring[m->taken % m->window]);
        pb_future_release(m->ring[m->taken % m->window]);
    }
    free(m);
}
