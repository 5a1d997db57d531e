/* A ledger of futures: what was submitted, what must come of it, and what came. */
#ifndef PB_TESTS_CRASH_LEDGER_H
#define PB_TESTS_CRASH_LEDGER_H

#include "trial.h"

enum task {
    SQUARE,  /* 8 bytes there and back */
    MIDDLE,  /* some hundred bytes back */
    LARGE,   /* 1 MiB back */
    SWALLOW, /* 200 KiB there */
    FAIL,    /* fails with a code and a message */
    CODE,    /* fails with a positive code */
    NAP,     /* sleeps 20 ms */
    HANG,    /* never ends: its deadline does */
    CRASH,   /* kills its worker */
    TASK_COUNT
};

struct entry {
    struct pb_future *future;
    enum task task;
    uint64_t x;
    atomic_uint called; /* times that its callback was */
    bool cancelled;     /* by us, with success */
};

enum { ENTRIES_MAX = 128 };

struct ledger {
    struct pb_executor *pool;
    unsigned count, refused;
    struct entry entry[ENTRIES_MAX];
};

/* Submits a task; 0: without a deadline. Notes a refusal that nothing explains. */
void ledger_submit(struct ledger *, enum task, uint64_t x, int64_t deadline);
void ledger_cancel(struct ledger *, unsigned entry);
/* Waits until all have resolved; what has not in time is noted as stuck. */
bool ledger_wait(struct ledger *, int64_t timeout_ns);
/* Waits for one after the other, as callers without callbacks do. */
void ledger_visit(struct ledger *, int64_t timeout_ns);
/* Looks at every result, adds to the trial's counts, releases the futures. `closing`: the pool was closed
   without waiting, so that tasks may be cancelled or lost. */
void ledger_settle(struct ledger *, bool closing);

/* Tasks and bodies, for maps and ranges. */
int task_square(struct pb_task *, const void *args, size_t size);
int body_square(struct pb_task *, uint64_t i, const void *args, uint64_t *digest);

#endif
