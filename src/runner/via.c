/* How a repetition's tasks are handed to the executor: as a range, or one future each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/cell.h"
#include "runner/work.h"

static int via_for(struct pb_runner_cell *cell, uint64_t tasks, struct pb_range_result *result,
                   struct pb_error *error) {
    return pb_for(cell->executor, tasks, cell->setup.work->body, NULL, 0, result, error);
}

struct outcome {
    int status;
    uint64_t digest;
};

static int run_task(struct pb_task *task, const void *args, size_t size) {
    uint64_t i;
    struct outcome outcome = {0};
    memcpy(&i, args, size);
    outcome.status = pb_work_of(task)->body(task, i, NULL, &outcome.digest);
    return pb_return(task, &outcome, sizeof outcome);
}

static void add(struct pb_range_result *result, uint64_t i, const struct outcome *outcome) {
    int status = outcome->status >= 0 && outcome->status < PB_STATUS_MAX ? outcome->status : PB_ERROR;
    result->tasks++;
    result->digest += pb_mix(i, outcome->digest);
    result->status[status]++;
}

static int fail(struct pb_error *error, uint64_t i, int rc, const char *why) {
    rc = rc < 0 ? rc : -EIO;
    return pb_error_set(error, rc, "task %llu: %s", (unsigned long long)i, *why ? why : strerror(-rc));
}

static int collect(struct pb_future *f, uint64_t i, struct pb_range_result *result, struct pb_error *error) {
    struct outcome outcome;
    int rc = pb_future_result(f, &outcome, sizeof outcome, PB_FOREVER);
    if (rc == 0)
        add(result, i, &outcome);
    else
        rc = fail(error, i, rc, pb_future_message(f));
    pb_future_release(f);
    return rc;
}

/* Futures wait in a window, so that memory does not grow with the number of tasks: of at least this many, and
 * of two for each lane. */
enum { WINDOW = 1024 };

static int via_submit(struct pb_runner_cell *cell, uint64_t tasks, struct pb_range_result *result,
                      struct pb_error *error) {
    uint64_t lanes = pb_executor_lanes(cell->executor), size = lanes > WINDOW / 2 ? 2 * lanes : WINDOW;
    struct pb_future **window = malloc(size * sizeof *window);
    uint64_t submitted = 0, collected = 0;
    int rc = 0;
    *result = (struct pb_range_result){0};
    if (!window)
        return pb_error_set(error, -ENOMEM, "runner: no memory for %llu futures", (unsigned long long)size);
    while (collected < submitted || (rc == 0 && submitted < tasks)) {
        if (rc == 0 && submitted < tasks && submitted - collected < size) {
            struct pb_future *f = pb_submit(cell->executor, run_task, &submitted, sizeof submitted);
            if (f)
                window[submitted++ % size] = f;
            else
                rc = pb_error_set(error, -errno, "task %llu: %s", (unsigned long long)submitted,
                                  strerror(errno));
        } else {
            int failed = collect(window[collected % size], collected, result, rc ? NULL : error);
            collected++;
            rc = rc ? rc : failed;
        }
    }
    free(window);
    return rc;
}

static int via_map(struct pb_runner_cell *cell, uint64_t tasks, struct pb_range_result *result,
                   struct pb_error *error) {
    struct pb_map *map;
    int rc = pb_map_open(&map, cell->executor, run_task, NULL, 0, tasks, NULL);
    *result = (struct pb_range_result){0};
    for (uint64_t i = 0; rc == 0 && i < tasks; i++) {
        struct outcome outcome;
        struct pb_error why = {0};
        rc = pb_map_next(map, &outcome, sizeof outcome, &why);
        if (rc == 0)
            add(result, i, &outcome);
        else
            rc = fail(error, i, rc, why.text);
    }
    pb_map_close(map);
    return rc;
}

const struct pb_via pb_vias[] = {
    {"for", "one range, split among the workers", via_for},
    {"submit", "one future per task", via_submit},
    {"map", "ordered results through a window", via_map},
    {0},
};
