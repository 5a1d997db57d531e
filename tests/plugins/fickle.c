/* Its answer depends on who runs it: right only in the process that set it up, on the first lane of the first
 * worker. */
#include <unistd.h>

#include "parbench/workload.h"

struct state {
    pid_t pid;
};

static int setup(void *state, const struct pb_params *params, struct pb_message *message) {
    (void)params;
    (void)message;
    ((struct state *)state)->pid = getpid();
    return 0;
}

static uint64_t count(const void *state) {
    (void)state;
    return 64;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    *digest = pb_spin(100000, i) + task->worker + task->lane_index + (getpid() != self->pid);
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER,
    .name = "fickle",
    .summary = "answers differently on every worker",
    .bound = PB_CPU,
    .state_size = sizeof(struct state),
    .count = count,
    .setup = setup,
    .run = run,
};
