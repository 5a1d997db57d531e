/* Tells everything that a task may tell beside its digest, and leaves something for `end`. */
#include <stdatomic.h>
#include <stdio.h>

#include "parbench/workload.h"

struct state {
    _Atomic uint64_t begun, sum;
};

static const char *const statuses[] = {"late", NULL};
static const char *const counters[] = {"requests", "bytes", NULL};

static int setup(void *state, const struct pb_params *params, struct pb_message *message) {
    (void)state;
    (void)params;
    snprintf(message->text, sizeof message->text, "all of it is made up");
    return 0;
}

static int begin(void *state, const struct pb_repetition *repetition, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->begun += repetition->tasks;
    self->sum = 0;
    return 0;
}

/* The sum of the indices, whichever workers added them. */
static uint64_t end(void *state) {
    return ((struct state *)state)->sum;
}

/* Tasks 3, 10, 17, ... fail. */
static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    struct state *self = task->state;
    *digest = i;
    atomic_fetch_add(&self->sum, i);
    pb_count(task, 0, 2);
    pb_count(task, 1, i);
    pb_observe(task, 1000 * (i % 3));
    return i % 7 == 3 ? pb_reason(task, i, PB_STATUS_FIRST, "task %d came late", (int)i) : PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER,
    .name = "metered",
    .summary = "counts, observes and fails",
    .bound = PB_IO,
    .statuses = statuses,
    .counters = counters,
    .setup = setup,
    .begin = begin,
    .end = end,
    .run = run,
    .state_size = sizeof(struct state),
};
