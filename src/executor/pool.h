/* A pool of threads: a team whose members are threads of this process. What executors share whose workers
 * are threads; they differ in the verbs that tasks get, and in what a worker must hold to work. */
#ifndef PB_EXECUTOR_POOL_H
#define PB_EXECUTOR_POOL_H

#include <pthread.h>

#include "executor/executor_ops.h"
#include "executor/team.h"

struct pb_pool;

struct pb_pool_kind {
    const char *name;                                  /* of the executor */
    const struct pb_io *io;                            /* the verbs of its tasks ... */
    void *(*verbs)(struct pb_pool *, uint32_t worker); /* ... and what they work on; NULL: nothing */
    /* See help.h. A worker's thread begins and ends as one that blocks: it stops blocking before the
       initializer, and blocks again after the finalizer. NULL: there is nothing to give up. */
    void (*blocks)(struct pb_helper *, bool begins);
};

/* First in the state of an executor, whose ops may then be the functions below. */
struct pb_pool {
    const struct pb_pool_kind *kind;
    struct pb_crew *crew; /* NULL: it was never opened */
    pthread_mutex_t lock;
    pthread_cond_t event; /* one entered or ended */
    uint32_t started, entered, failed;
    atomic_uint ended;
    struct pb_error failure; /* the first initializer's that failed */
    struct pb_pool_thread *thread;
};

/* Starts the threads and waits until each has run its initializer; close it also when that fails. */
int pb_pool_open(struct pb_pool *, const struct pb_pool_kind *, struct pb_crew *, struct pb_error *);

/* Members of pb_executor_ops: `self` begins with a struct pb_pool. */
void pb_pool_notify(void *self);
int pb_pool_for_range(void *self, struct pb_range *);
int pb_pool_close(void *self, enum pb_close how, uint64_t deadline);

#endif
