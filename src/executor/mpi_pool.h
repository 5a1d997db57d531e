/* Rank 0's side of the executor mpi: what its files share.
 *
 * mpi.c opens, and is called by whoever submits; mpi_manager.c and mpi_range.c run on the thread that listens
 * to the other ranks, and alone touch seats. `lock` guards what is marked; no future is settled and nothing
 * is sent under it. */
#ifndef PB_EXECUTOR_MPI_POOL_H
#define PB_EXECUTOR_MPI_POOL_H

#include <pthread.h>

#include "executor/executor_ops.h"
#include "executor/mpi_message.h"
#include "ranks/deal.h"

/* A rank that works. */
struct pb_seat_rank {
    uint32_t rank, first, workers;
    bool answered, closed, lost; /* to OPEN, to CLOSE */
    uint32_t out;                /* tasks that are there */
    uint32_t chunks;             /* chunks of the range that are there */
    uint64_t range;              /* number of the last range that it was told of */
    double task_ns,
        trip_ns; /* what a task takes one worker, and there and back takes a message; 0: not known */
};

struct pb_mpi_pool {
    struct pb_crew *crew;
    struct pb_ranks *ranks;
    uint64_t opening;                     /* when it was opened: differs from each before */
    struct pb_code_cache cache;           /* the listener's */
    struct pb_seat_rank *seat, **seat_of; /* of each rank; NULL: it does not work */
    uint32_t seats;
    bool handling;

    atomic_uint working; /* tasks and chunks that are out, and one more while tasks are taken to be sent */
    pthread_mutex_t lock;
    pthread_cond_t event;
    struct pb_error failure; /* guarded: the first */
    /* Written with the lock held, read without. */
    atomic_uint to_open, to_close; /* ranks that have not answered yet */
    atomic_bool opened, closing, broken;

    atomic_uint kill;  /* a task that runs has expired */
    uint64_t messages; /* the listener's: that work went out with */

    /* The range that is dealt; guarded while its caller and the listener hand it over. */
    struct pb_range *range;
    struct pb_code body;
    uint64_t number, next;
    uint32_t chunks; /* that are out */
};

/* Fills all ranks with tasks; true if any was sent. */
bool pb_mpi_feed(struct pb_mpi_pool *);
void pb_mpi_take_results(struct pb_mpi_pool *, struct pb_seat_rank *, const void *bytes, size_t size);
/* Reads what stands at the head of both kinds of report. */
void pb_mpi_take_told(struct pb_mpi_pool *, struct pb_seat_rank *, struct pb_reader *);
/* Tasks, or chunks of `each` tasks, that a rank should have beyond one for each worker, so that it never
 * waits for a message. */
uint32_t pb_mpi_ahead(const struct pb_seat_rank *, double each);
/* Before something is sent to it, which is out from then on; and after something came back: it may have
 * nothing left. */
void pb_mpi_busy(struct pb_mpi_pool *, struct pb_seat_rank *);
void pb_mpi_rested(struct pb_mpi_pool *, const struct pb_seat_rank *);
/* Nothing can run any more: fails what is out and what waits. */
void pb_mpi_break_down(struct pb_mpi_pool *, const char *why);

/* Deals chunks of the range, if there is one; true if any was sent. */
bool pb_mpi_deal(struct pb_mpi_pool *);
void pb_mpi_take_chunk(struct pb_mpi_pool *, struct pb_seat_rank *, const void *bytes, size_t size);
void pb_mpi_end_range(struct pb_mpi_pool *);

#endif
