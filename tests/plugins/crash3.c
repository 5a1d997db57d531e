/* Dies of SIGSEGV in task 3. */
#include <stddef.h>

#include "parbench/workload.h"

static uint64_t count(const void *state) {
    (void)state;
    return 8;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    volatile int *volatile nowhere = NULL;
    (void)task;
    if (i == 3)
        *nowhere = 1;
    *digest = i;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER, .name = "crash3", .summary = "writes to nowhere in task 3",
    .bound = PB_CPU,    .count = count,   .run = run,
};
