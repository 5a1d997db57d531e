/* Loses updates wherever two tasks run at once: each reads the sum, waits for another that does the same, and
 * writes what it read, plus one. */
#include <sched.h>
#include <stdatomic.h>

#include "parbench/workload.h"

enum { TRIES = 10000 };

struct state {
    _Atomic uint64_t sum, arrived;
    uint32_t lanes;
};

static uint64_t count(const void *state) {
    (void)state;
    return 8;
}

static int begin(void *state, const struct pb_repetition *repetition, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->sum = self->arrived = 0;
    self->lanes = repetition->lanes;
    return 0;
}

static uint64_t end(void *state) {
    return ((struct state *)state)->sum;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    struct state *self = task->state;
    uint64_t sum = self->sum, mine = atomic_fetch_add(&self->arrived, 1);
    for (int k = 0; k < TRIES && self->lanes > 1 && self->arrived < (mine | 1) + 1; k++)
        sched_yield();
    self->sum = sum + 1;
    *digest = i;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER, .name = "race", .summary = "shares a sum without a lock",
    .bound = PB_CPU,    .count = count, .begin = begin,
    .end = end,         .run = run,     .state_size = sizeof(struct state),
};
