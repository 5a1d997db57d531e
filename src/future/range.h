/* A range [0, n): how workers share its indices, and the tally that each keeps of what it ran.
 *
 * Workers claim chunks from one cursor, each a small share of what is left (guided self-scheduling:
 * Polychronopoulos and Kuck 1987, with a divisor of 64 per worker): single indices when n is small, so that
 * unequal tasks balance; some thousand claims however large n is. Nothing is stored per index. The struct may
 * lie in memory shared with processes that are killed at any moment: a claim is one atomic step, and what a
 * dead worker had claimed is n less what the others tallied. */
#ifndef PB_FUTURE_RANGE_H
#define PB_FUTURE_RANGE_H

#include "parbench/executor.h"
#include "parbench/workload.h"

struct pb_range {
    uint64_t begin, n; /* [begin, n) of [0, n): all, or a part of another's */
    pb_body *body;
    const void *args; /* valid in the worker's address space */
    size_t args_size;
    uint64_t divisor;         /* a claim takes 1/divisor of what is left, at least one index */
    _Atomic uint64_t *cursor; /* the next index to claim: one's own, or another's that takes part */
    _Alignas(64) _Atomic uint64_t own_cursor;
    _Alignas(64) struct pb_range_result total; /* guarded by the executor's lock */
    struct pb_error error;                     /* why not all ran; likewise */
};

void pb_range_init(struct pb_range *, uint64_t begin, uint64_t n, pb_body *, const void *args, size_t size,
                   uint32_t workers);

/* Claims and runs until nothing is left. `current`, if not NULL, always holds the index that runs. */
void pb_range_run(struct pb_range *, struct pb_task *, _Atomic uint64_t *current,
                  struct pb_range_result *tally);
uint64_t pb_range_left(const struct pb_range *); /* indices that nobody has claimed */
bool pb_range_exhausted(const struct pb_range *);

/* After a task, where another may follow: as between two bytecodes of an interpreter, a request to switch may
 * be honoured. Verbs that work on nothing know of none, and are not called. */
static inline void pb_task_boundary(struct pb_task *task) {
    if (task->verbs)
        pb_checkpoint(task);
}

void pb_tally_add(struct pb_range_result *to, const struct pb_range_result *from);

/* Where a status is counted; those out of range are errors. */
static inline int pb_status_row(int status) {
    return status >= 0 && status < PB_STATUS_MAX ? status : PB_ERROR;
}

#endif
