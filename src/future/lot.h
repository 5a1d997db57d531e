/* Where the idle workers of an executor are: one word, which tells who submits whether to wake one.
 *
 *     bits  0..11   how many sleep, or are about to
 *     bit   12      one searches: it spins and looks for work
 *     bit   13      one is the sentinel: it sleeps with a time-out and looks for work whenever that ends
 *     bits 14..31   epoch, counted up by every wake
 *
 * The sleepers' futex is the word itself. A waker takes one from the count, so that nobody is woken twice for
 * it. A sleeper that is killed leaves the count one too high: the next wake finds nobody, or somebody else,
 * and it is right again. */
#ifndef PB_FUTURE_LOT_H
#define PB_FUTURE_LOT_H

#include <stdatomic.h>
#include <stdbool.h>

enum {
    PB_LOT_ASLEEP = (1 << 12) - 1,
    PB_LOT_SEARCHING = 1 << 12,
    PB_LOT_SENTINEL = 1 << 13,
    PB_LOT_EPOCH = 1 << 14,
};

/* What a sleeper looks at. */
struct pb_lot_work {
    bool (*ready)(void *context);     /* there may be something to do */
    unsigned (*moved)(void *context); /* changes when tasks come in */
    void *context;
};

/* Sleeps until woken (true) or until there is work. *rush: tasks come in faster than sleepers wake, so the
 * caller offers to look by itself now and then, and while it does nobody is woken for a single task; it
 * becomes false once tasks have stopped coming, and the caller sleeps like any other. */
bool pb_lot_sleep(atomic_uint *lot, bool shared, bool *rush, const struct pb_lot_work *);

/* Becomes the one that searches; false: another is. */
bool pb_lot_search(atomic_uint *lot);
/* It has found work, or gives up. If there is more work than it takes it wakes another. */
void pb_lot_found(atomic_uint *lot);

/* Work waits although somebody searches, who may have been stopped in that: he counts no more, and a sleeper
   is woken. Whoever searches after all is only awake beside it. */
void pb_lot_overrule(atomic_uint *lot, bool shared);

void pb_lot_wake_one(atomic_uint *lot, bool shared);
void pb_lot_wake_all(atomic_uint *lot, bool shared);
/* After work was brought, with a full barrier between: a sleeper should be woken for it. A sentinel will do
 * only beside a worker that is awake: it may take a while to look. */
static inline bool pb_lot_wants_wake(const atomic_uint *lot, unsigned workers) {
    unsigned now = atomic_load_explicit(lot, memory_order_seq_cst), asleep = now & PB_LOT_ASLEEP;
    if (!asleep || (now & PB_LOT_SEARCHING))
        return false;
    return !(now & PB_LOT_SENTINEL) || asleep >= workers;
}

static inline unsigned pb_lot_asleep(const atomic_uint *lot) {
    return atomic_load_explicit(lot, memory_order_relaxed) & PB_LOT_ASLEEP;
}

#endif
