/* Prints to standard output wherever it can. */
#include <stdio.h>

#include "parbench/workload.h"

static void shout(const char *where) {
    printf("{\"noise\": \"%s\"}\n", where);
    fflush(stdout);
}

static int setup(void *state, const struct pb_params *params, struct pb_message *message) {
    (void)state;
    (void)params;
    (void)message;
    shout("setup");
    return 0;
}

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    (void)lane;
    (void)state;
    (void)message;
    shout("lane_setup");
    return 0;
}

static uint64_t count(const void *state) {
    (void)state;
    return 8;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    (void)task;
    shout("run");
    *digest = i;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER,       .name = "noisy", .summary = "prints to standard output",
    .bound = PB_CPU,          .count = count,  .setup = setup,
    .lane_setup = lane_setup, .run = run,
};
