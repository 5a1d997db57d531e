/* Calls exit(0) in task 1: it looks like success, and is none. */
#include <stdlib.h>

#include "parbench/workload.h"

static uint64_t count(const void *state) {
    (void)state;
    return 8;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    (void)task;
    if (i == 1)
        exit(0);
    *digest = i;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER, .name = "exiting", .summary = "ends its process in task 1",
    .bound = PB_CPU,    .count = count,    .run = run,
};
