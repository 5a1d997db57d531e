/* Built against a version of workload.h that does not exist. */
#include "parbench/workload.h"

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    (void)task;
    *digest = i;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    .abi = 999,
    .size = sizeof(struct pb_workload),
    .name = "badabi",
    .summary = "speaks an interface of the future",
    .bound = PB_CPU,
    .run = run,
};
