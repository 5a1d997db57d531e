/* Says so and hangs in task 2, using no processor, and does not ask pb_should_stop. */
#include <stdio.h>
#include <unistd.h>

#include "parbench/workload.h"

static uint64_t count(const void *state) {
    (void)state;
    return 8;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    (void)task;
    if (i == 2)
        dprintf(STDERR_FILENO, "task 2 hangs\n");
    while (i == 2)
        pause();
    *digest = i;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER, .name = "hang", .summary = "never returns from task 2",
    .bound = PB_CPU,    .count = count, .run = run,
};
