/* A lock that behaves like CPython's global interpreter lock: Python/ceval_gil.c of CPython 3.2 to 3.14,
 * where it is not built without. A model of it: what it costs to hold it is the workload's business. */
#ifndef PB_IO_GIL_H
#define PB_IO_GIL_H

#include "io/waits.h"
#include "parbench/task.h"

struct pb_gil;

/* `interval_ns`: how long a waiter waits before it asks the holder to give the lock up; CPython's is 5 ms.
 * NULL: no memory. */
struct pb_gil *pb_gil_new(uint64_t interval_ns);
/* Nobody holds it or waits for it. */
void pb_gil_free(struct pb_gil *);

enum pb_gil_count {
    PB_GIL_SWITCHES, /* times a thread took the lock after another had had it */
    PB_GIL_FORCED,   /* times it gave the lock up because it was asked to */
    PB_GIL_WAIT_NS,  /* that it waited to take the lock */
    PB_GIL_COUNTS,
};

/* One thread's relation to the lock; task->verbs of a worker that lives under it. A thread has one for each
 * lock, and begins as one that does not hold it. */
struct pb_gil_holder {
    struct pb_gil *gil;
    _Atomic uint64_t *count; /* [PB_GIL_COUNTS]: written by the thread alone, read by any; or NULL */
    struct pb_waits *waits;  /* where its waits for the lock are clocked; or NULL */
    bool holds;
    unsigned away; /* stretches without the lock that it is inside of, see pb_gil_leave */
};

void pb_gil_take(struct pb_gil_holder *); /* blocks; not recursive */
void pb_gil_drop(struct pb_gil_holder *);
/* If a waiter asks for the lock: drops it, lets the other have it, takes it again. Nothing without it. */
void pb_gil_checkpoint(struct pb_gil_holder *);

/* Around a stretch in which a thread that may hold the lock does without: it is dropped where the outermost
 * begins, and taken where that ends. So a verb may be called, or a future waited for, between allow_begin and
 * allow_end. */
void pb_gil_leave(struct pb_gil_holder *);
void pb_gil_return(struct pb_gil_holder *);

/* The verbs: drop, the system call, take, even where the call returns at once; `sleep` and `poll` as well.
 * task->verbs is a holder that holds the lock. */
extern const struct pb_io pb_io_gil;

#endif
