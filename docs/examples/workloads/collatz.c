/* collatz: how many steps do numbers take to reach 1, halving the even and tripling the odd plus one? */
#include "parbench/workload.h"

/* Set up once, then read by all workers. Whatever is written to in `run` belongs into the lane instead. */
struct state {
    uint64_t numbers;
};

/* The harness parses `collatz:numbers=5000`, checks the range, and hands over values in this order. */
static const struct pb_param params[] = {
    {.name = "numbers",
     .type = PB_PARAM_COUNT,
     .fallback = "1000",
     .min = 1,
     .max = 1e9,
     .help = "how many numbers one task follows to 1"},
    {0},
};

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message; /* where a failing setup says why: "collatz: what: what to do" */
    self->numbers = (uint64_t)given->value[0].integer;
    return 0;
}

/* Task i follows the numbers from i * numbers + 1 on; its answer is the sum of their steps. */
static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    uint64_t first = i * self->numbers + 1, steps = 0;
    for (uint64_t k = 0; k < self->numbers; k++) {
        for (uint64_t n = first + k; n != 1; steps++)
            n = n % 2 ? 3 * n + 1 : n / 2;
        pb_checkpoint(task); /* where a GIL may change hands */
    }
    *digest = steps;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER, .name = "collatz", .summary = "numbers of the 3n + 1 problem, followed to 1",
    .bound = PB_CPU,    .params = params,  .state_size = sizeof(struct state),
    .setup = setup,     .run = run,
};
