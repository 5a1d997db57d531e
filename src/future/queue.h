/* The queue of pending futures of one executor: first in first out, one lock for who appends, none for who
 * takes, safe against takers that are killed.
 *
 * It is a list through the futures themselves (`next`), after Michael and Scott (1996): `head` names the last
 * future that was passed, the one behind it is the first in the queue. Taking one is a compare-and-swap of
 * its state, PENDING to RUNNING; moving the head on comes after, and whoever finds a first future that is no
 * longer pending moves the head on for the one that took or cancelled it. So there is no step at which a
 * taker can die and leave the queue blocked or a future lost: it was taken, and its state names the worker,
 * or it was not.
 *
 * The head counts what it passed. A future has its place (`turn`) in that count, and its slot is not used
 * again before the head is beyond it: a reader with an old head may look at a slot that has become another
 * future, may even take that one before its turn, but cannot move the head. */
#ifndef PB_FUTURE_QUEUE_H
#define PB_FUTURE_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct pb_depot;
struct pb_future;

struct pb_queue {
    _Alignas(64) _Atomic uint64_t head; /* passed: count << 32 | index of the last */
    _Alignas(64) uint32_t tail;         /* the last in the queue, or the last passed */
    _Atomic uint32_t pushed;            /* count */
    _Alignas(64) _Atomic uint32_t seen; /* of the head's count, by who releases futures */
};

/* Appends, with the depot's lock held. */
void pb_queue_push(struct pb_depot *, struct pb_future *);
/* Takes the first pending one for `worker`: it is RUNNING then; NULL: the queue is empty. *claim names the
   slot from before it is taken. */
struct pb_future *pb_queue_take(struct pb_depot *, uint32_t worker, atomic_uint *claim);
/* Nothing to take, as far as can be seen without taking. */
bool pb_queue_empty(const struct pb_depot *);
/* How many are pending, exactly, with the depot's lock held. */
uint32_t pb_queue_pending(struct pb_depot *);
/* The first pending one, left in its place; NULL: there is none. */
struct pb_future *pb_queue_first(struct pb_depot *);
/* The head is beyond the future. */
bool pb_queue_passed(struct pb_queue *, const struct pb_future *);

/* How many were pushed and not passed: those that wait, and cancelled ones among them. */
static inline uint32_t pb_queue_length(const struct pb_queue *q) {
    return atomic_load(&q->pushed) - (uint32_t)(atomic_load(&q->head) >> 32);
}

#endif
