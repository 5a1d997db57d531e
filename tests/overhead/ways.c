/* The ways by which tasks are handed over. Whatever a run needs to know or to have beforehand is made by its
 * way's `prepare`, so that the run itself does nothing but what is measured, and compares answers. */
#include "meter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chain.h"
#include "parbench/workload.h"

enum { PAGE = 4096 };

/* ---- Tasks ---- */

static inline void work(const struct pb_task *task) {
    const struct pb_gauge_shared *shared = task->state;
    if (shared->links)
        pb_chain(shared->links);
}

static int answer(struct pb_task *task, const void *args, size_t size) {
    work(task);
    return pb_return(task, args, size);
}

static int body(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    work(task);
    *digest = i;
    return 0;
}

/* ---- Answers ---- */

static int wrong(uint64_t i, uint64_t value, struct pb_error *error) {
    return pb_error_set(error, -EBADMSG,
                        "task %" PRIu64 ": it answered %" PRIu64 ": the executor mixes results up", i, value);
}

static int failed(uint64_t i, int rc, const char *why, struct pb_error *error) {
    rc = rc < 0 ? rc : -EIO;
    return pb_error_set(error, rc, "task %" PRIu64 ": %s", i, why && *why ? why : strerror(-rc));
}

/* ---- By submit ---- */

static inline int queue(struct pb_gauge *m, uint64_t slot, uint64_t i, struct pb_error *error) {
    m->future[slot] = pb_submit(m->executor, answer, &i, sizeof i);
    return m->future[slot] ? 0 : failed(i, -errno, NULL, error);
}

static inline int take(struct pb_gauge *m, uint64_t slot, uint64_t i, struct pb_error *error) {
    struct pb_future *f = m->future[slot];
    uint64_t value = ~i;
    int rc = pb_future_result(f, &value, sizeof value, PB_FOREVER);
    if (rc)
        return failed(i, rc, pb_future_message(f), error);
    if (value != i)
        return wrong(i, value, error);
    pb_future_release(f);
    m->future[slot] = NULL;
    return 0;
}

/* After a failure: gives up what is still out. */
static int drop(struct pb_gauge *m, int rc) {
    for (uint64_t slot = 0; rc && slot < m->room; slot++) {
        pb_future_release(m->future[slot]);
        m->future[slot] = NULL;
    }
    return rc;
}

int pb_gauge_queue(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    int rc = 0;
    for (uint64_t i = 0; i < tasks && rc == 0; i++)
        rc = queue(m, i, i, error);
    return drop(m, rc);
}

int pb_gauge_collect(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    int rc = 0;
    for (uint64_t i = 0; i < tasks && rc == 0; i++)
        rc = take(m, i, i, error);
    return drop(m, rc);
}

static uint64_t submit_room(const struct pb_gauge *m, uint64_t tasks) {
    uint64_t window = m->config.window;
    return window && window < tasks ? window : tasks;
}

static int submit_run(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    uint64_t window = submit_room(m, tasks);
    int rc = pb_gauge_queue(m, window, error);
    for (uint64_t i = 0, slot = 0; i < tasks && rc == 0; i++) {
        rc = take(m, slot, i, error);
        if (rc == 0 && i + window < tasks)
            rc = queue(m, slot, i + window, error);
        slot = slot + 1 < window ? slot + 1 : 0;
    }
    return drop(m, rc);
}

static int submit_prepare(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    uint64_t room = submit_room(m, tasks);
    if (room <= m->room)
        return 0;
    free(m->future);
    m->room = 0;
    m->future = calloc(room, sizeof *m->future);
    if (!m->future)
        return pb_error_set(error, -ENOMEM, "futures: no memory for %" PRIu64 ": ask for fewer, or --window",
                            room);
    m->room = room;
    struct pb_future *volatile *touched = m->future;
    for (uint64_t i = 0; i < room; i += PAGE / sizeof *m->future)
        touched[i] = NULL;
    return 0;
}

/* ---- By for ---- */

static int for_prepare(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    (void)error;
    if (m->prepared == tasks)
        return 0;
    m->prepared = tasks;
    m->expected = 0;
    for (uint64_t i = 0; i < tasks; i++)
        m->expected += pb_mix(i, i);
    return 0;
}

static int for_run(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    struct pb_range_result result;
    int rc = pb_for(m->executor, tasks, body, NULL, 0, &result, error);
    if (rc < 0)
        return rc;
    if (result.tasks != tasks || result.status[0] != tasks || result.digest != m->expected)
        return pb_error_set(error, -EBADMSG,
                            "range: %" PRIu64 " of %" PRIu64 " tasks ran, %" PRIu64
                            " with status 0, digest %" PRIx64 " instead of %" PRIx64
                            ": the executor loses or doubles tasks",
                            result.tasks, tasks, result.status[0], result.digest, m->expected);
    return 0;
}

/* ---- By map ---- */

static int map_prepare(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    (void)m;
    (void)tasks;
    (void)error;
    return 0;
}

static int map_run(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    struct pb_map *map;
    struct pb_error why = {0};
    int rc = pb_map_open(&map, m->executor, answer, NULL, 0, tasks, NULL);
    if (rc < 0)
        return pb_error_set(error, rc, "map: %s", strerror(-rc));
    for (uint64_t i = 0; i < tasks && rc == 0; i++) {
        uint64_t value = ~i;
        rc = pb_map_next(map, &value, sizeof value, &why);
        if (rc)
            rc = failed(i, rc, why.text, error);
        else if (value != i)
            rc = wrong(i, value, error);
    }
    pb_map_close(map);
    return rc;
}

/* ---- By any of them ---- */

static const struct way {
    int (*prepare)(struct pb_gauge *, uint64_t tasks, struct pb_error *);
    int (*run)(struct pb_gauge *, uint64_t tasks, struct pb_error *);
} ways[] = {
    [PB_VIA_SUBMIT] = {submit_prepare, submit_run},
    [PB_VIA_FOR] = {for_prepare, for_run},
    [PB_VIA_MAP] = {map_prepare, map_run},
};

int pb_gauge_prepare(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    return ways[m->config.via].prepare(m, tasks, error);
}

int pb_gauge_run(struct pb_gauge *m, uint64_t tasks, struct pb_error *error) {
    return ways[m->config.via].run(m, tasks, error);
}

int pb_gauge_time(struct pb_gauge *m, uint64_t tasks, uint64_t *ns, struct pb_error *error) {
    int rc = pb_gauge_prepare(m, tasks, error);
    if (rc < 0)
        return rc;
    uint64_t began = pb_now();
    rc = pb_gauge_run(m, tasks, error);
    *ns = pb_now() - began;
    return rc;
}
