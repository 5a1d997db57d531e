/* A pool of threads, and nothing else: a verb is the system call. */
#include "executor/executors.h"
#include "executor/pool.h"
#include "io/io.h"

static int thread_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                       struct pb_error *error) {
    static const struct pb_pool_kind kind = {.name = "thread", .io = &pb_io_blocking};
    (void)params;
    return pb_pool_open(self, &kind, crew, error);
}

const struct pb_executor_ops pb_thread_ops = {
    .name = "thread",
    .summary = "a pool of threads in this process",
    .size = sizeof(struct pb_pool),
    .open = thread_open,
    .notify = pb_pool_notify,
    .for_range = pb_pool_for_range,
    .close = pb_pool_close,
};
