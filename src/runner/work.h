/* The workload as tasks see it: the bridge from an executor's calls to a workload's. */
#ifndef PB_RUNNER_WORK_H
#define PB_RUNNER_WORK_H

#include "parbench/executor.h"
#include "parbench/workload.h"

/* Lies in memory shared with worker processes; task->state points to `state`. */
struct pb_work {
    const struct pb_workload *workload;
    double *task_ns; /* where pb_work_timed writes; serial only */
    _Alignas(64) unsigned char state[];
};

static inline const struct pb_work *pb_work_of(const struct pb_task *task) {
    return (const struct pb_work *)(const void *)((const char *)task->state -
                                                  offsetof(struct pb_work, state));
}

/* An initializer, a finalizer, and bodies of ranges. */
int pb_work_enter(struct pb_task *, struct pb_error *);
void pb_work_leave(struct pb_task *);
int pb_work_body(struct pb_task *, uint64_t i, const void *args, uint64_t *digest);
int pb_work_timed(struct pb_task *, uint64_t i, const void *args, uint64_t *digest);

#endif
