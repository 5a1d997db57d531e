/* A rank without an inner executor is one worker: the thread that serves. It needs no queue and no futures of
 * its own, only what every worker has: a lane, an initializer, an account. */
#ifndef PB_EXECUTOR_MPI_ALONE_H
#define PB_EXECUTOR_MPI_ALONE_H

#include "executor/worker.h"

struct pb_mpi_alone {
    struct pb_crew *crew; /* NULL: it is not open */
    struct pb_worker worker;
    bool entered;
};

int pb_mpi_alone_open(struct pb_mpi_alone *, const struct pb_executor_config *, struct pb_error *);
void pb_mpi_alone_close(struct pb_mpi_alone *);
/* Around a batch of tasks, and around each part of a range: the account is kept for all of it together. */
void pb_mpi_alone_begin(struct pb_mpi_alone *);
void pb_mpi_alone_end(struct pb_mpi_alone *);
/* One task, into an empty call; returns its code. `over` says that its time is over. */
int pb_mpi_alone_run(struct pb_mpi_alone *, struct pb_call *, pb_function *, const void *args, size_t size,
                     const atomic_uint *over);
void pb_mpi_alone_for(struct pb_mpi_alone *, uint64_t begin, uint64_t end, pb_body *, const void *args,
                      size_t size, struct pb_range_result *);

#endif
