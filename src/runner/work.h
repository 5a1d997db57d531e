/* The workload as tasks see it: the bridge from an executor's calls to a workload's. */
#ifndef PB_RUNNER_WORK_H
#define PB_RUNNER_WORK_H

#include "base/trace.h"
#include "parbench/executor.h"
#include "parbench/workload.h"
#include "runner/meters.h"

/* Lies in memory shared with worker processes, its meters behind it; task->state points to `state`. */
struct pb_work {
    const struct pb_workload *workload;
    pb_body *body;           /* one task: pb_work_plain or pb_work_counted */
    double *task_ns;         /* where pb_work_timed writes; serial only */
    struct pb_trace *trace;  /* where pb_work_traced notes; NULL: nowhere */
    struct pb_meters meters; /* of the workers from first_worker on */
    uint32_t first_worker;
    void *owner; /* whose it is, where only its state is known */
    _Alignas(64) unsigned char state[];
};

static inline struct pb_work *pb_work_at(void *state) {
    return (struct pb_work *)(void *)((char *)state - offsetof(struct pb_work, state));
}
static inline const struct pb_work *pb_work_of(const struct pb_task *task) {
    return pb_work_at(task->state);
}

/* Maps the work of a workload, with meters for so many workers; NULL: no memory. `setup` is not called. */
struct pb_work *pb_work_new(const struct pb_workload *, uint32_t workers);
void pb_work_free(struct pb_work *);

/* An initializer, a finalizer, and bodies of ranges. Tasks that wait are counted as they end, so that a long
 * repetition can tell how far it is; tasks that compute may be too short for that. */
int pb_work_enter(struct pb_task *, struct pb_error *);
void pb_work_leave(struct pb_task *);
int pb_work_plain(struct pb_task *, uint64_t i, const void *args, uint64_t *digest);
int pb_work_counted(struct pb_task *, uint64_t i, const void *args, uint64_t *digest);
int pb_work_timed(struct pb_task *, uint64_t i, const void *args, uint64_t *digest);
int pb_work_traced(struct pb_task *, uint64_t i, const void *args, uint64_t *digest);

#endif
