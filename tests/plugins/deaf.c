/* Closes every descriptor in task 2, the protocol's too, and hangs: the pipe's end is not the process's. */
#include <unistd.h>

#include "parbench/workload.h"

static uint64_t count(const void *state) {
    (void)state;
    return 8;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    (void)task;
    if (i == 2)
        closefrom(0);
    while (i == 2)
        pause();
    *digest = i;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER, .name = "deaf", .summary = "closes all its descriptors in task 2, and hangs",
    .bound = PB_CPU,    .count = count, .run = run,
};
