/* The executor without workers: tasks run in the caller, at submit. It specifies what all others must do. */
#include "executor/caller.h"
#include "executor/executors.h"

static int serial_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                       struct pb_error *error) {
    (void)params;
    crew->workers = 1;
    return pb_caller_open(self, crew, error);
}

const struct pb_executor_ops pb_serial_ops = {
    .name = "serial",
    .summary = "one task after the other, in the caller",
    .size = sizeof(struct pb_caller),
    .open = serial_open,
    .notify = pb_caller_notify,
    .for_range = pb_caller_for_range,
    .close = pb_caller_close,
};
