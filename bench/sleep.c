/* Waiting in its purest form: what overlaps however few processors there are. */
#include "bench/workloads.h"

struct state {
    int64_t ns;
};

static const struct pb_param params[] = {
    {.name = "ms",
     .type = PB_PARAM_TIME,
     .fallback = "10",
     .min = 0,
     .max = 60e9,
     .unit = "ms",
     .help = "how long one task sleeps"},
    {0},
};

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->ns = given->value[0].integer;
    return 0;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    *digest = pb_mix(i, (uint64_t)self->ns);
    return pb_sleep(task, self->ns) < 0 ? PB_ERROR : PB_OK;
}

const struct pb_workload pb_workload_sleep = {
    PB_WORKLOAD_HEADER, .name = "sleep",  .summary = "waiting, no computing",
    .bound = PB_IO,     .params = params, .state_size = sizeof(struct state),
    .setup = setup,     .run = run,
};
