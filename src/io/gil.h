/* A lock that behaves like CPython's global interpreter lock: Python/ceval_gil.c of CPython 3.2 to 3.14,
 * where it is not built without. A model of it: what it costs to hold it is the workload's business. */
#ifndef PB_IO_GIL_H
#define PB_IO_GIL_H

#include "parbench/task.h"

struct pb_gil;

/* `interval_ns`: how long a waiter waits before it asks the holder to give the lock up; CPython's is 5 ms.
 * NULL: no memory. */
struct pb_gil *pb_gil_new(uint64_t interval_ns);
void pb_gil_free(struct pb_gil *);

/* One thread's relation to the lock; task->verbs of a worker that lives under it. Its counts are written by
 * its thread alone and read by any. */
struct pb_gil_holder {
    struct pb_gil *gil;
    _Atomic uint64_t switches; /* times it took the lock after another thread had had it */
    _Atomic uint64_t forced;   /* times it gave the lock up because it was asked to */
    _Atomic uint64_t wait_ns;  /* that it waited to take the lock */
    bool holds;
};

void pb_gil_take(struct pb_gil_holder *); /* blocks; not recursive */
void pb_gil_drop(struct pb_gil_holder *);
/* If a waiter asks for the lock: drops it, lets the other have it, takes it again. */
void pb_gil_checkpoint(struct pb_gil_holder *);

/* The verbs: drop, the system call, take, even where the call returns at once; `sleep` and `poll` as well.
 * task->verbs is a holder that holds the lock. */
extern const struct pb_io pb_io_gil;

#endif
