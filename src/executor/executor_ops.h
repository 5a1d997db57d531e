/* The seam behind which an executor stands. An executor is one file that defines one of these, and one row in
 * list.c.
 *
 * `self` is `size` bytes that the core allocates, zeroed. The core calls members one at a time where it
 * says so; futures and ranges may be handed over from any thread at once. No lock of the core is held during
 * any call. Pending futures lie in the crew's queue, from which workers take them (pb_queue_take) and run
 * them (pb_worker_run). */
#ifndef PB_EXECUTOR_EXECUTOR_OPS_H
#define PB_EXECUTOR_EXECUTOR_OPS_H

#include "executor/worker.h"
#include "future/future.h"
#include "future/range.h"

#define PB_NOBODY UINT32_MAX

struct pb_executor_ops {
    const char *name, *summary;
    const char *absent;            /* why this machine cannot run it, or NULL */
    const char *only;              /* the one workload that it runs; NULL: any */
    const struct pb_param *params; /* of `name:key=value`; ends with a nameless row; or NULL */
    size_t size;                   /* of its own state */
    bool processes;                /* workers are processes: futures lie in memory that they share */
    /* How many workers carry the tasks that run at once, where each carries many; NULL: each runs one. */
    uint32_t (*carriers)(const struct pb_params *);

    /* Starts the workers; returns when every initializer has. Params are in the order of the table. May
       block. On failure `close` is called all the same. */
    int (*open)(void *self, struct pb_crew *, const struct pb_params *, struct pb_error *);
    /* One more future is pending in the crew's queue: some worker must take it. Must not wait for it. */
    void (*notify)(void *self);
    /* Runs the range and blocks until it is done; one at a time. Fills range->total, and range->error when it
     * is not 0. */
    int (*for_range)(void *self, struct pb_range *);
    /* Ends the worker by force: its task has expired. Or, with PB_NOBODY: a task that nobody runs has, or its
     * end was not told in time. NULL: that cannot be done here. */
    void (*kill)(void *self, uint32_t worker);
    /* Called once, also after a failed open; the depot refuses by then, and what was to be cancelled is. By
       the deadline every future is settled, every worker gone and every resource freed, or -ETIMEDOUT: then
       `self` stays allocated for the threads that still run. */
    int (*close)(void *self, enum pb_close how, uint64_t deadline);
};

/* Rows of the list; a row with a module is a shared object that exports `pb_executor_module`, an ops struct.
 */
struct pb_executor_entry {
    const char *name;
    const struct pb_executor_ops *ops;
    const char *module, *summary, *needs; /* needs: what to install when the module is missing */
    const char *(*absent)(void);          /* why this build or machine lacks it, or NULL; may be left out */
    bool launched;                        /* its workers are ranks */
};
extern const struct pb_executor_entry pb_executors[]; /* ends with a nameless row */
#define PB_EXECUTOR_SYMBOL "pb_executor_module"

#endif
