/* How a program becomes ranks: rank 0 goes on, the others serve it and end. */
#include <stdlib.h>

#include "executor/mpi_worker.h"
#include "parbench/executor.h"
#include "ranks/ranks.h"
#include "ranks/which.h"

static void serve(struct pb_ranks *ranks) {
    struct pb_mpi_worker *w = pb_mpi_worker_new(ranks);
    if (!w)
        exit(1);
    pb_ranks_serve(ranks);
    pb_mpi_worker_free(w);
    pb_ranks_leave(ranks);
    exit(0);
}

int pb_ranks_begin(struct pb_error *error) {
    const struct pb_transport_ops *ops;
    struct pb_ranks *ranks;
    if (pb_ranks_here())
        return 0;
    int rc = pb_transport_find(&ops, error);
    rc = rc < 0 ? rc : pb_ranks_open(&ranks, ops, error);
    if (rc < 0)
        return rc;
    pb_ranks_settle_here(ranks);
    if (pb_ranks_rank(ranks) > 0)
        serve(ranks);
    return 0;
}

void pb_ranks_end(void) {
    struct pb_ranks *ranks = pb_ranks_here();
    if (ranks)
        pb_ranks_close(ranks);
    pb_ranks_settle_here(NULL);
}
