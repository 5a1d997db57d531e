/* Task 0 ends at once; the others wait until somebody opens the pipe in the environment's GATE for writing.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "parbench/workload.h"

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    *digest = i;
    if (i == 0)
        return PB_OK;
    int fd = pb_open(task, getenv("GATE"), O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return pb_reason(task, i, PB_ERROR, "no gate: error %d", -fd);
    pb_close(task, fd);
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER, .name = "gated", .summary = "waits for a gate to open", .bound = PB_IO, .run = run,
};
