/* The seam behind which an executor stands. An executor is one file that defines one of these, and one row in
 * list.c.
 *
 * `self` is state_size bytes that the core allocates, zeroed. The core calls members one at a time where it
 * says so; futures and ranges may be handed over from any thread at once. No lock of the core is held during
 * any call. */
#ifndef PB_EXECUTOR_EXECUTOR_OPS_H
#define PB_EXECUTOR_EXECUTOR_OPS_H

#include "executor/worker.h"
#include "future/future.h"
#include "future/range.h"

struct pb_executor_ops {
    const char *name, *summary;
    const char *absent;            /* why this machine cannot run it, or NULL */
    const struct pb_param *params; /* of `name:key=value`; ends with a nameless row; or NULL */
    size_t size;                   /* of its own state */

    /* Starts the workers; returns when every initializer has. Params are in the order of the table. May
       block. On failure `close` is called all the same. */
    int (*open)(void *self, struct pb_crew *, const struct pb_params *, struct pb_error *);
    /* Takes a pending future and its reference. Must not wait for another task. 0 or -errno: then nothing was
     * taken. */
    int (*submit)(void *self, struct pb_future *);
    /* Runs the range and blocks until it is done; one at a time. Fills range->total, and range->error when it
     * is not 0. */
    int (*for_range)(void *self, struct pb_range *);
    /* Ends a running task by force. NULL: it cannot; pending ones are cancelled by the core. */
    bool (*cancel)(void *self, struct pb_future *);
    /* Called once, also after a failed open. By the deadline every future is finished or dropped, every
       worker gone and every resource freed, or -ETIMEDOUT: then `self` stays allocated for the threads that
       still run. */
    int (*close)(void *self, enum pb_close how, uint64_t deadline);
};

/* Rows of the list; a row with a module is a shared object that exports `pb_executor_module`, an ops struct.
 */
struct pb_executor_entry {
    const char *name;
    const struct pb_executor_ops *ops;
    const char *module, *summary, *needs; /* needs: what to install when the module is missing */
};
extern const struct pb_executor_entry pb_executors[]; /* ends with a nameless row */
#define PB_EXECUTOR_SYMBOL "pb_executor_module"

#endif
