/* Where futures live: one depot for each executor, and every future in it a slot of 64 bytes.
 *
 * A depot is a stretch of reserved address space, aligned to its size, so that a future's address tells its
 * depot and a number of 32 bits tells a future. Memory is taken as slots are used for the first time and kept
 * for the next; slots have no constructor, so one that a stale reader still looks at stays a slot. Where
 * workers are processes the depot is shared with them, and they write into slots, but only the process that
 * opened it, its home, takes slots and gives them back.
 *
 * A slot is given back once three things hold: the caller released it, it is settled and nobody still fires
 * its watches or runs its task, and the queue has passed it. A release that finds all three puts the slot on
 * `returned`; any other marks it `late`, and it is found again when slots are needed. */
#ifndef PB_FUTURE_DEPOT_H
#define PB_FUTURE_DEPOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/spin.h"
#include "future/arena.h"
#include "future/queue.h"
#include "future/timing.h"

struct pb_future;

struct pb_depot {
    /* Fixed once it is open. */
    uint32_t capacity; /* slots, this header's included */
    bool shared;
    pid_t home;
    uint32_t workers, processors;
    uint64_t max_pending;  /* 0: any number */
    struct pb_arena arena; /* if shared */
    struct pb_timing timing;
    uint32_t *late; /* room for all slots */

    struct pb_queue queue;        /* through which its futures go */
    _Alignas(64) atomic_uint lot; /* where its workers are, see lot.h; 0 where they never sleep in it */

    _Alignas(64) struct pb_spin lock; /* guards what follows, the queue's tail, and every future's extra */
    int refusing;                     /* errno for who submits, once the executor is shut down or broken */
    uint32_t fresh;                   /* never used from here on */
    uint32_t free;                    /* a list, linked by `turn`; 0 ends it */
    uint32_t late_count, late_at;

    _Alignas(64) atomic_uint room; /* counted up when there may be room for one more that waits */
    atomic_uint room_wanted;       /* somebody sleeps on `room` */
    atomic_int waiter_cpu;         /* where somebody spun for a future last */

    _Alignas(64) atomic_uint returned; /* a stack, linked by `turn`, or UINT32_MAX: closed */
    _Atomic uint64_t outstanding;      /* once closed: futures still held */
};

enum { PB_DEPOT_SLOT = 64 };

int pb_depot_open(struct pb_depot **, bool shared); /* 0 or -ENOMEM */
/* The executor is gone: all its futures are settled. The depot goes with the last one that is released. */
void pb_depot_close(struct pb_depot *);

/* A slot, with the lock held; NULL: the depot is full. Its state is that of a settled future nobody holds. */
struct pb_future *pb_depot_take(struct pb_depot *);
/* The slots that were ever used are [*first, *end): most are no future just now, their states say so. */
void pb_depot_used(struct pb_depot *, uint32_t *first, uint32_t *end);
/* Gives back a future that its caller has released, see above. Called once for each. */
void pb_depot_give(struct pb_depot *, struct pb_future *);

/* Blocks for arguments, see arena.h; malloc where nothing is shared. */
void *pb_depot_block(struct pb_depot *, size_t size);
void pb_depot_unblock(struct pb_depot *, void *block, size_t size);

void pb_depot_wake_submitters(struct pb_depot *);
/* A future began or will not: for who waits to submit. */
static inline void pb_depot_make_room(struct pb_depot *d) {
    if (atomic_load(&d->room_wanted))
        pb_depot_wake_submitters(d);
}
void pb_depot_refuse(struct pb_depot *, int error); /* from now on pb_future_queue fails with this errno */
int pb_depot_refuses(struct pb_depot *);            /* that errno, or 0 */
/* Sleeps until there may be room, counted from `seen`. */
void pb_depot_await_room(struct pb_depot *, unsigned seen);

/* Spins for a short while if a processor is free for it; true once the condition is met. */
bool pb_spin_until(struct pb_depot *, bool (*is_met)(const void *), const void *context);

/* In a worker process, of an executor that another process opened: nobody would take a task from here. */
bool pb_depot_is_foreign(const struct pb_depot *);
/* 0, or -EDEADLK: the calling thread must not block for futures of this depot. */
int pb_depot_may_wait(const struct pb_depot *);

#define PB_DEPOT_SPAN ((size_t)1 << 30) /* bytes: 16 million futures */

static inline struct pb_depot *pb_depot_of(const struct pb_future *f) {
    return (struct pb_depot *)((uintptr_t)f & ~(uintptr_t)(PB_DEPOT_SPAN - 1));
}
static inline uint32_t pb_depot_index(const struct pb_future *f) {
    return (uint32_t)(((uintptr_t)f & (uintptr_t)(PB_DEPOT_SPAN - 1)) / PB_DEPOT_SLOT);
}
static inline struct pb_future *pb_depot_slot(const struct pb_depot *d, uint32_t index) {
    return (struct pb_future *)((uintptr_t)d + (uintptr_t)index * PB_DEPOT_SLOT);
}

#endif
