/* What executors without workers of their own share: tasks run in the caller, one after the other, at submit.
 * For the faces of such executors: each is a file with an ops struct. */
#ifndef PB_EXECUTOR_CALLER_H
#define PB_EXECUTOR_CALLER_H

#include <pthread.h>

#include "executor/executor_ops.h"

struct pb_caller {
    pthread_mutex_t lock;
    struct pb_worker worker;
    bool entered;
    unsigned depth; /* tasks within tasks */
    struct pb_helper helper, *outer;
};

/* The caller becomes worker 0. */
int pb_caller_open(struct pb_caller *, struct pb_crew *, struct pb_error *);

/* Members of pb_executor_ops; self is a struct pb_caller. */
void pb_caller_notify(void *self);
int pb_caller_for_range(void *self, struct pb_range *);
int pb_caller_close(void *self, enum pb_close, uint64_t deadline);

#endif
