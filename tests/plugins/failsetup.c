/* Cannot be set up, and says why. */
#include <errno.h>
#include <string.h>

#include "parbench/workload.h"

static int setup(void *state, const struct pb_params *params, struct pb_message *message) {
    (void)state;
    (void)params;
    strcpy(message->text, "failsetup: the data set is missing: fetch it first");
    return -EIO;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    (void)task;
    *digest = i;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER, .name = "failsetup", .summary = "cannot be set up",
    .bound = PB_CPU,    .setup = setup,      .run = run,
};
