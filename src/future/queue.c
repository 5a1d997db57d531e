#include "future/queue.h"

#include "base/point.h"
#include "future/future.h"

static uint32_t index_of(uint64_t head) {
    return (uint32_t)head;
}

static uint32_t count_of(uint64_t head) {
    return (uint32_t)(head >> 32);
}

void pb_queue_push(struct pb_depot *d, struct pb_future *f) {
    struct pb_queue *q = &d->queue;
    uint32_t index = pb_depot_index(f);
    f->turn = atomic_load_explicit(&q->pushed, memory_order_relaxed) + 1;
    atomic_store_explicit(&q->pushed, f->turn, memory_order_relaxed);
    atomic_store_explicit(&pb_depot_slot(d, q->tail)->next, index, memory_order_release);
    q->tail = index;
}

/* The first in the queue behind `head`, or NULL. */
static struct pb_future *first_behind(const struct pb_depot *d, uint64_t head) {
    uint32_t next = atomic_load_explicit(&pb_depot_slot(d, index_of(head))->next, memory_order_acquire);
    return next ? pb_depot_slot(d, next) : NULL;
}

/* Moves the head from `head` on to `f`, unless somebody did. In one order with what follows, the look for
 * somebody who waits for room: who waits says so, and looks at the head after. */
static void pass(struct pb_queue *q, uint64_t head, const struct pb_future *f) {
    uint64_t next = (uint64_t)(count_of(head) + 1) << 32 | pb_depot_index(f);
    atomic_compare_exchange_strong(&q->head, &head, next);
}

static bool take(struct pb_future *f, uint32_t worker) {
    unsigned state = atomic_load_explicit(&f->state, memory_order_relaxed);
    while (pb_phase(state) == PB_PENDING) {
        unsigned running = (state & 0xffffu) | PB_RUNNING | PB_BUSY | (worker + 1) << PB_WORKER_SHIFT;
        if (atomic_compare_exchange_weak_explicit(&f->state, &state, running, memory_order_acq_rel,
                                                  memory_order_relaxed))
            return true;
    }
    return false;
}

struct pb_future *pb_queue_take(struct pb_depot *d, uint32_t worker, atomic_uint *claim) {
    struct pb_queue *q = &d->queue;
    for (;;) {
        uint64_t head = atomic_load_explicit(&q->head, memory_order_acquire);
        struct pb_future *f = first_behind(d, head);
        if (!f) {
            if (atomic_load_explicit(&q->head, memory_order_acquire) == head)
                return NULL;
            continue;
        }
        atomic_store_explicit(claim, pb_depot_index(f), memory_order_relaxed);
        PB_POINT(queue_claimed);
        bool taken = take(f, worker);
        PB_POINT(queue_tried);
        pass(q, head, f);
        if (taken)
            return f;
    }
}

bool pb_queue_empty(const struct pb_depot *d) {
    uint64_t head = atomic_load_explicit(&d->queue.head, memory_order_acquire);
    return !first_behind(d, head);
}

static bool is_pending(const struct pb_future *f) {
    return pb_phase(atomic_load_explicit(&f->state, memory_order_relaxed)) == PB_PENDING;
}

struct pb_future *pb_queue_first(struct pb_depot *d) {
    struct pb_queue *q = &d->queue;
    for (;;) {
        uint64_t head = atomic_load_explicit(&q->head, memory_order_acquire);
        struct pb_future *f = first_behind(d, head);
        if (!f || is_pending(f))
            return f;
        pass(q, head, f);
    }
}

/* Slots are not taken while the lock is held, so the list behind the head stays as it is, even if the head
 * moves on. */
uint32_t pb_queue_pending(struct pb_depot *d) {
    uint32_t count = 0;
    struct pb_future *f = first_behind(d, atomic_load_explicit(&d->queue.head, memory_order_acquire));
    for (uint32_t next; f; f = next ? pb_depot_slot(d, next) : NULL) {
        next = atomic_load_explicit(&f->next, memory_order_acquire);
        count += is_pending(f);
    }
    return count;
}

static bool is_beyond(uint32_t count, const struct pb_future *f) {
    return (int32_t)(count - f->turn) > 0;
}

/* Takers write the head all the time: it is read again only when what was seen of it last does not tell. */
bool pb_queue_passed(struct pb_queue *q, const struct pb_future *f) {
    if (is_beyond(atomic_load_explicit(&q->seen, memory_order_acquire), f))
        return true;
    uint32_t count = count_of(atomic_load_explicit(&q->head, memory_order_acquire));
    atomic_store_explicit(&q->seen, count, memory_order_release);
    return is_beyond(count, f);
}
