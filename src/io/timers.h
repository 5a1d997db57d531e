/* Deadlines of numbered owners, at most one each: a heap in which a parent has four children, so that the
 * children of one lie in one cache line. Setting, clearing and popping are O(log n); setting one that is
 * later than all others, as equal sleeps are, is O(1). Equal deadlines come in the order that they were set
 * in. */
#ifndef PB_IO_TIMERS_H
#define PB_IO_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

struct pb_timer {
    uint64_t deadline; /* of pb_now */
    uint32_t order, owner;
};

struct pb_timers {
    struct pb_timer *heap; /* heap[0] is the earliest; the children of i are 4 i + 1 to 4 i + 4 */
    uint32_t *place;       /* by owner: its index in the heap + 1, or 0 */
    void *memory;
    uint32_t count, order;
};

/* For owners 0 .. owners - 1. 0 or -errno. */
int pb_timers_init(struct pb_timers *, uint32_t owners);
void pb_timers_release(struct pb_timers *);
/* The owner has none. */
void pb_timers_set(struct pb_timers *, uint32_t owner, uint64_t deadline);
/* Nothing if the owner has none. */
void pb_timers_clear(struct pb_timers *, uint32_t owner);
/* Takes out the earliest of those that `now` has reached; false: there is none. */
bool pb_timers_pop(struct pb_timers *, uint64_t now, uint32_t *owner);

/* The earliest deadline; UINT64_MAX: there is none. */
static inline uint64_t pb_timers_next(const struct pb_timers *t) {
    return t->count ? t->heap[0].deadline : UINT64_MAX;
}

#endif
