/* What a rank other than 0 does for the executor mpi: an executor of its own runs what it is sent. */
#ifndef PB_EXECUTOR_MPI_WORKER_H
#define PB_EXECUTOR_MPI_WORKER_H

#include "ranks/ranks.h"

struct pb_mpi_worker;

/* For `ranks`, whose messages it handles from then on; NULL: no memory. */
struct pb_mpi_worker *pb_mpi_worker_new(struct pb_ranks *);
/* Once the ranks have ended. */
void pb_mpi_worker_free(struct pb_mpi_worker *);

#endif
