#include "future/lot.h"

#include <errno.h>
#include <limits.h>

#include "base/clock.h"
#include "base/futex.h"
#include "base/point.h"

/* How long a sentinel sleeps: what a task may wait at most for a worker that was not woken for it. */
enum { SENTINEL_NS = 250000 };

static unsigned epoch_of(unsigned lot) {
    return lot & ~(unsigned)(PB_LOT_EPOCH - 1);
}

void pb_lot_wake_one(atomic_uint *lot, bool shared) {
    unsigned now = atomic_load(lot);
    do {
        if (!(now & PB_LOT_ASLEEP))
            return;
    } while (!atomic_compare_exchange_weak(lot, &now, now - 1 + PB_LOT_EPOCH));
    PB_POINT(lot_uncounted);
    pb_futex_wake(lot, 1, shared);
}

void pb_lot_wake_all(atomic_uint *lot, bool shared) {
    unsigned now = atomic_load(lot);
    while (!atomic_compare_exchange_weak(lot, &now, epoch_of(now) + PB_LOT_EPOCH))
        ;
    pb_futex_wake(lot, UINT_MAX, shared);
}

bool pb_lot_search(atomic_uint *lot) {
    unsigned now = atomic_load_explicit(lot, memory_order_relaxed);
    return !(now & PB_LOT_SEARCHING) && atomic_compare_exchange_strong(lot, &now, now | PB_LOT_SEARCHING);
}

void pb_lot_found(atomic_uint *lot) {
    atomic_fetch_and(lot, ~(unsigned)PB_LOT_SEARCHING);
}

void pb_lot_overrule(atomic_uint *lot, bool shared) {
    unsigned now = atomic_load(lot);
    if (!(now & PB_LOT_SEARCHING) || !(now & PB_LOT_ASLEEP))
        return;
    pb_lot_found(lot);
    pb_lot_wake_one(lot, shared);
}

/* One more sleeper; *sentinel becomes whether it is the sentinel too. Returns the word as it is now. */
static unsigned announce(atomic_uint *lot, bool *sentinel) {
    bool wish = *sentinel;
    unsigned now = atomic_load(lot), next;
    do {
        *sentinel = wish && !(now & PB_LOT_SENTINEL);
        next = now + 1 + (*sentinel ? PB_LOT_SENTINEL : 0);
    } while (!atomic_compare_exchange_weak(lot, &now, next));
    return next;
}

/* One sleeper fewer, unless a wake has counted it already. */
static void depart(atomic_uint *lot, unsigned seen) {
    unsigned now = atomic_load(lot);
    do {
        if (epoch_of(now) != epoch_of(seen))
            return;
    } while (!atomic_compare_exchange_weak(lot, &now, now - 1));
}

static void resign(atomic_uint *lot) {
    atomic_fetch_and(lot, ~(unsigned)PB_LOT_SENTINEL);
}

/* As a sentinel: true once no task has come in since it looked last. */
static bool is_quiet(const struct pb_lot_work *work, unsigned *moved) {
    unsigned before = *moved;
    *moved = work->moved(work->context);
    return *moved == before;
}

bool pb_lot_sleep(atomic_uint *lot, bool shared, bool *rush, const struct pb_lot_work *work) {
    bool sentinel = *rush, woken = false, timed_out = false;
    unsigned seen = announce(lot, &sentinel), moved = work->moved(work->context);
    PB_POINT(lot_announced);
    /* The sleeper is counted before it looks; who brings work looks for sleepers after. One sees the other.
     */
    while (!woken && !work->ready(work->context)) {
        if (sentinel && timed_out && is_quiet(work, &moved)) {
            /* It sleeps on like the others, once it has looked again. */
            resign(lot);
            sentinel = *rush = timed_out = false;
            seen = epoch_of(seen) | (atomic_load(lot) & (PB_LOT_EPOCH - 1));
            continue;
        }
        uint64_t deadline = sentinel ? pb_deadline(SENTINEL_NS) : UINT64_MAX;
        timed_out = pb_futex_wait(lot, seen, deadline, shared) == -ETIMEDOUT;
        unsigned now = atomic_load(lot);
        woken = epoch_of(now) != epoch_of(seen);
        seen = now;
    }
    PB_POINT(lot_awake);
    if (!woken)
        depart(lot, seen);
    if (sentinel)
        resign(lot);
    return woken;
}
