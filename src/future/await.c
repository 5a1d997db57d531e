/* Waiting for one future: help, spin, nap, sleep.
 *
 * A worker that waits for its own executor's future runs other tasks instead. Spinning answers a hot round
 * trip in a fraction of a microsecond where a sleeper takes tens, but only where a processor is free for it:
 * never while as many workers are awake as there are processors. */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/futex.h"
#include "future/future.h"
#include "future/help.h"
#include "future/lot.h"

_Thread_local struct pb_helper *pb_helper_here;

enum {
    SPIN_NS = 20000, /* about what a sleep and a wake cost on a virtual machine: 25 us each way */
    NAP_NS = 50000,  /* what the kernel rounds short sleeps to */
    NAPS = 3,
    PATIENCE_NS = 10000000,
    SPINS_A_LOOK = 32, /* pauses between two looks at the clock */
};

static bool is_settled(const struct pb_future *f) {
    return pb_is_settled(atomic_load_explicit(&f->state, memory_order_acquire));
}

/* While fewer workers are awake than there are processors, one is left for the waiter. Where workers
 * outnumber processors the one that is to run may need this one. */
static bool may_spin(const struct pb_depot *d) {
    return d->workers <= d->processors && d->workers - pb_lot_asleep(&d->lot) < d->processors;
}

bool pb_spin_until(struct pb_depot *d, bool (*is_met)(const void *), const void *context) {
    if (!may_spin(d))
        return is_met(context);
    atomic_store_explicit(&d->waiter_cpu, sched_getcpu(), memory_order_relaxed);
    for (uint64_t end = 0; may_spin(d); sched_yield()) { /* a worker may share this processor */
        for (int k = 0; k < SPINS_A_LOOK; k++) {
            if (is_met(context))
                return true;
            pb_pause();
        }
        uint64_t now = pb_now();
        end = end ? end : now + SPIN_NS;
        if (now >= end)
            break;
    }
    return is_met(context);
}

static bool is_settled_future(const void *f) {
    return is_settled(f);
}

/* Workers take all processors, and more tasks wait than they can take at once. */
static bool is_rushed(const struct pb_depot *d) {
    return !may_spin(d) && pb_queue_length(&d->queue) > d->workers;
}

/* In a rush a waiter that is woken for each result takes a processor from the workers, twice, and one of them
 * pays for waking it. If tasks are short a nap sees many of them done; after a few the task is a long one. */
static bool nap(struct pb_future *f, uint64_t deadline) {
    const struct pb_depot *d = pb_depot_of(f);
    for (int k = 0; k < NAPS && is_rushed(d) && !is_settled(f); k++) {
        uint64_t end = pb_deadline(NAP_NS);
        unsigned state = atomic_load_explicit(&f->state, memory_order_acquire);
        if (!pb_is_settled(state))
            pb_futex_wait(&f->state, state, end < deadline ? end : deadline, d->shared);
    }
    return is_settled(f);
}

/* A search takes microseconds. Whoever submitted counted on it, so if after so long nobody has taken the
 * task, the one that searches was stopped. */
static int sleep_until_settled(struct pb_future *f, uint64_t deadline) {
    struct pb_depot *d = pb_depot_of(f);
    unsigned state = atomic_fetch_or(&f->state, PB_WAITED) | PB_WAITED;
    uint64_t patience = pb_deadline(PATIENCE_NS);
    int rc = 0;
    while (!pb_is_settled(state) && rc == 0) {
        bool patient = patience < deadline;
        rc = pb_futex_wait(&f->state, state, patient ? patience : deadline, d->shared);
        state = atomic_load_explicit(&f->state, memory_order_acquire);
        if (patient && rc == -ETIMEDOUT) {
            rc = 0;
            patience = UINT64_MAX;
            if (pb_phase(state) == PB_PENDING)
                pb_lot_overrule(&d->lot, d->shared);
        }
    }
    return pb_is_settled(state) ? 0 : rc;
}

bool pb_depot_is_foreign(const struct pb_depot *d) {
    const struct pb_helper *h = pb_helper_here;
    return h && !h->run_one && d->home != getpid();
}

int pb_depot_may_wait(const struct pb_depot *d) {
    struct pb_helper *h = pb_helper_for(d);
    return (h && !h->run_one) || d->home != getpid() ? -EDEADLK : 0;
}

static int block_until_settled(struct pb_future *f, uint64_t deadline) {
    struct pb_depot *d = pb_depot_of(f);
    if (pb_spin_until(d, is_settled_future, f))
        return 0;
    int rc = pb_depot_may_wait(d);
    return rc < 0 ? rc : nap(f, deadline) ? 0 : sleep_until_settled(f, deadline);
}

int pb_future_await(struct pb_future *f, int64_t timeout_ns) {
    struct pb_helper *h = pb_helper_for(pb_depot_of(f));
    if (timeout_ns <= 0)
        return is_settled(f) ? 0 : -ETIMEDOUT;
    uint64_t deadline = pb_deadline(timeout_ns);
    while (h && h->run_one && !is_settled(f) && pb_remaining(deadline) && h->run_one(h))
        ;
    if (is_settled(f))
        return 0;
    pb_block_begin();
    int rc = block_until_settled(f, deadline);
    pb_block_end();
    return rc;
}
