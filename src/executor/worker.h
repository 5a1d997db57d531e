/* What the workers of every executor share: where their tasks come from, binding, lanes, initializers, and
 * accounts of what they did.
 *
 * The crew lies in anonymous shared memory, so that it is the same for threads and for forked processes. */
#ifndef PB_EXECUTOR_WORKER_H
#define PB_EXECUTOR_WORKER_H

#include "base/cpuset.h"
#include "future/future.h"
#include "future/help.h"
#include "future/range.h"
#include "io/waits.h"
#include "parbench/executor.h"

enum {
    PB_WORKERS_MAX = 4095, /* see lot.h */
    PB_LANES_MAX = 1000000,
    PB_CREW_COUNTERS = 4,
};

/* One worker's account: written by it alone, read by anyone. Cache lines of its own. */
struct pb_account {
    _Alignas(128) _Atomic uint64_t tasks;
    _Atomic uint64_t cpu_ns;  /* of stretches of work that ended */
    _Atomic uint64_t began;   /* its CPU clock when the present stretch began; 0: it has no work; 1: a stretch
                                 ends just now */
    _Atomic uint64_t current; /* the index of a range that runs, or ran last */
    _Atomic int32_t pid, cpu, bind_error;
    _Atomic int32_t clock; /* of its CPU time, readable by every process */
    _Atomic uint32_t restarts;
    struct pb_waits waits;
    _Atomic uint64_t counter[PB_CREW_COUNTERS]; /* what the crew's counter_name says */
    atomic_uint claim;                          /* index of the future that it takes, runs, or took last */

    /* Its part in the range with number `joined`; whole once `left` is the same. */
    _Alignas(128) atomic_uint joined, left;
    struct pb_range_result tally;
};

/* The range that is shared out, if `number` is odd. */
struct pb_share {
    _Alignas(64) atomic_uint number; /* counted up when a range is opened and when it is closed */
    struct pb_range range;
    _Alignas(64)
        atomic_uint leavings; /* counted up when a worker leaves a range, or can join none any more */
    atomic_uint awaited;      /* somebody sleeps on `leavings` */
};

struct pb_crew {
    struct pb_executor_config config;               /* binding is copied behind the accounts */
    const char *counter_name[PB_CREW_COUNTERS + 1]; /* set by an executor's open; NULL-ended */
    uint32_t lanes;                                 /* tasks that run at once, over all workers */
    uint32_t workers;  /* an executor that cannot have as many as asked of either lowers it in its open */
    uint32_t accounts; /* room behind the struct */
    bool spins;        /* each worker can have a processor to itself */
    struct pb_depot *depot;
    _Alignas(64) atomic_uint stop; /* see pb_should_stop */
    atomic_uint closing;           /* workers leave once the queue is empty */
    struct pb_share share;
    struct pb_account account[];
};

/* NULL: no memory. `shared`: workers are processes. */
struct pb_crew *pb_crew_new(const struct pb_executor_config *, uint32_t workers, uint32_t lanes, bool shared);
/* The depot goes when the last future does. */
void pb_crew_free(struct pb_crew *);

/* A worker, in the memory of the thread or process that is it, and the lane that it has: all but the threads
 * of an event loop, which have many of their own, have exactly one. */
struct pb_worker {
    struct pb_crew *crew;
    uint32_t index; /* in the crew; what its tasks are told may begin elsewhere */
    struct pb_account *account;
    struct pb_task task;
    uint64_t renewed_at; /* tasks in its account when its lane was fresh */
};

/* To be called by the thread of control that becomes worker `index`: opens its account, binds it. It has no
 * lane then. All is made anew but task.verbs, which the caller has zeroed, or set if the verbs work on
 * something. */
void pb_worker_start(struct pb_worker *, struct pb_crew *, uint32_t index);
/* The same, then makes its lane and runs the initializer. */
int pb_worker_enter(struct pb_worker *, struct pb_crew *, uint32_t index, const struct pb_io *,
                    struct pb_error *);
/* Runs the finalizer and frees the lane. */
void pb_worker_leave(struct pb_worker *);
/* It has run max_tasks_per_worker. */
bool pb_worker_is_spent(const struct pb_worker *);
/* Renews its lane if it is spent. */
void pb_worker_renew(struct pb_worker *);

/* Runs a future that was taken from the queue into an empty call; the account is kept. Returns its code. */
int pb_worker_call(struct pb_worker *, struct pb_future *, struct pb_call *);
/* Runs and finishes it, at its home. */
void pb_worker_run(struct pb_worker *, struct pb_future *);

/* A lane: what all tasks that run in it, one at a time, are told and may use. `memory` is lane_size bytes,
 * zeroed, or NULL; it stays the caller's. Called by the worker that it belongs to, or in a coroutine of it.
 */
void pb_lane_init(struct pb_task *, struct pb_crew *, uint32_t worker, uint32_t index, const struct pb_io *,
                  void *memory);
/* Runs the initializer; 0, or what it failed with. */
int pb_lane_enter(struct pb_task *, const struct pb_crew *, struct pb_error *);
/* Runs the finalizer. */
void pb_lane_leave(struct pb_task *, const struct pb_crew *);
/* After max_tasks_per_worker: finalizer, `size` bytes of memory zeroed, initializer. One that fails is told
 * to stderr, and the lane stays zeroed. Counts a restart. */
void pb_lane_renew(struct pb_task *, struct pb_crew *, uint32_t worker, size_t size);
/* As pb_worker_call, with no account kept. */
int pb_lane_call(struct pb_task *, struct pb_future *, struct pb_call *);

/* Around a stretch of work: keeps the account of CPU time, and of time without work. */
void pb_worker_begin(struct pb_worker *);
void pb_worker_end(struct pb_worker *);
void pb_worker_count(struct pb_worker *, uint64_t tasks);
/* What an account says just now. */
void pb_account_read(const struct pb_account *, struct pb_worker_info *);

#endif
