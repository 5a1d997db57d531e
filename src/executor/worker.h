/* What the workers of every executor share: binding, lanes, initializers, and accounts of what they did.
 *
 * The crew lies in anonymous shared memory, so that it is the same for threads and for forked processes. */
#ifndef PB_EXECUTOR_WORKER_H
#define PB_EXECUTOR_WORKER_H

#include "base/cpuset.h"
#include "future/future.h"
#include "parbench/executor.h"

/* One worker's account: written by it alone, read by anyone. A cache line of its own. */
struct pb_account {
    _Alignas(128) _Atomic uint64_t tasks;
    _Atomic uint64_t cpu_ns;
    _Atomic uint64_t current; /* the index of a range that runs, or ran last */
    _Atomic int32_t pid, cpu, bind_error;
    _Atomic uint32_t restarts;
};

struct pb_crew {
    struct pb_executor_config config; /* binding is copied behind the accounts */
    uint32_t workers;  /* an executor that cannot have as many as asked lowers it in its open */
    uint32_t accounts; /* room behind the struct */
    atomic_uint stop;  /* see pb_should_stop */
    struct pb_account account[];
};

/* NULL: no memory. */
struct pb_crew *pb_crew_new(const struct pb_executor_config *, uint32_t workers);
void pb_crew_free(struct pb_crew *);

/* A worker, in the memory of the thread or process that is it. */
struct pb_worker {
    struct pb_crew *crew;
    struct pb_account *account;
    struct pb_task task;
    uint64_t began; /* CPU clock at pb_worker_begin */
};

/* To be called by the thread of control that becomes worker `index`: binds it, makes its lane, runs the
 * initializer. */
int pb_worker_enter(struct pb_worker *, struct pb_crew *, uint32_t index, const struct pb_io *,
                    struct pb_error *);
/* Runs the finalizer and frees the lane. */
void pb_worker_leave(struct pb_worker *);

/* Runs a future that was taken from a queue, unless it was cancelled; the account is kept before it finishes.
 */
void pb_worker_run(struct pb_worker *, struct pb_future *);

/* Around a stretch of tasks: keeps the account. */
void pb_worker_begin(struct pb_worker *);
void pb_worker_end(struct pb_worker *, uint64_t tasks);

#endif
