/* What rank 0 and the ranks that work for it say to each other: kinds of messages and their bodies, in the
 * order in which values are put (ranks/bytes.h). */
#ifndef PB_EXECUTOR_MPI_MESSAGE_H
#define PB_EXECUTOR_MPI_MESSAGE_H

#include "executor/worker.h"
#include "ranks/bytes.h"
#include "ranks/code.h"
#include "ranks/ranks.h"

enum pb_mpi_kind {
    /* to a rank */
    PB_MPI_OPEN = PB_RANKS_KINDS, /* pb_mpi_open, the inner executor's text, bindings, bytes for its state */
    PB_MPI_TASKS,                 /* pb_mpi_stamp, then pb_mpi_task and its arguments, padded, for each */
    PB_MPI_RANGE,                 /* pb_mpi_range, arguments: chunks of it follow */
    PB_MPI_CHUNK,                 /* pb_mpi_stamp, pb_mpi_chunk */
    PB_MPI_CLOSE,
    PB_MPI_STOP = 24 | PB_RANKS_URGENT,   /* uint64_t: in that opening pb_should_stop is true from now on */
    PB_MPI_EXPIRE = 25 | PB_RANKS_URGENT, /* pb_mpi_expiry */
    /* from a rank */
    PB_MPI_OPENED = 32, /* int code, text */
    PB_MPI_RESULTS,     /* pb_mpi_told, accounts, then pb_mpi_result, its bytes and its text, for each */
    PB_MPI_CHUNK_DONE,  /* pb_mpi_told, accounts, pb_mpi_chunk, int code, pb_range_result, text */
    PB_MPI_CLOSED,
};

/* What is set in a task's word of `over` at its deadline (pb_should_stop). */
enum { PB_MPI_EXPIRED = 4 };

/* Of the config, in this order. */
enum pb_mpi_function {
    PB_MPI_INITIALIZER,
    PB_MPI_FINALIZER,
    PB_MPI_STATE_OPEN,
    PB_MPI_STATE_CLOSE,
    PB_MPI_FUNCTIONS,
};

struct pb_mpi_open {
    uint64_t opening; /* which: what is urgent may come after the next */
    uint32_t first, workers;
    uint64_t lane_size, stack_size, max_tasks_per_worker;
    struct pb_code function[PB_MPI_FUNCTIONS];
    uint32_t bindings;
};

/* When it was sent, by rank 0's clock: comes back with what was done, and how long that was at the rank. */
struct pb_mpi_stamp {
    uint64_t sent;
    uint64_t number; /* of the message: counted up */
};

/* The deadline of a task has passed that came with that message or before: a later one of the same index is
 * another. */
struct pb_mpi_expiry {
    uint64_t number;
    uint32_t future, unused;
};

struct pb_mpi_task {
    struct pb_code function;
    uint32_t future; /* its index, by which the result is known */
    uint32_t size;   /* of its arguments */
    uint32_t chunk;  /* a map's, packed */
    uint32_t unused;
};

struct pb_mpi_told {
    uint64_t sent;    /* the stamp of the last message that work came with */
    uint64_t held_ns; /* since that came */
    uint64_t busy_ns; /* of this rank since it told last, as long as it had work */
    uint32_t done;    /* tasks since then */
    uint32_t accounts;
};

/* One worker's account, all since it was opened. */
struct pb_mpi_account {
    uint64_t tasks, cpu_ns, gil_ns, io_ns, idle_ns;
    int32_t pid, cpu, bind_error;
    uint32_t restarts;
};

struct pb_mpi_result {
    uint32_t future;
    int32_t code;
    uint32_t size, text_size, chunk_size; /* bytes that follow: outcomes of a map's chunk, result, message */
};

struct pb_mpi_range {
    uint64_t number;
    struct pb_code body;
};

struct pb_mpi_chunk {
    uint64_t number, begin, end;
};

#endif
