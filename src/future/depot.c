#include "future/depot.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/futex.h"
#include "future/future.h"
#include "future/help.h"

_Static_assert(sizeof(struct pb_future) == PB_DEPOT_SLOT, "a future fills one slot");

enum { HEADER_SLOTS = (sizeof(struct pb_depot) + PB_DEPOT_SLOT - 1) / PB_DEPOT_SLOT, LATE_LOOKS = 4 };

#define CLOSED UINT32_MAX

/* Address space of `size` bytes that starts at a multiple of PB_DEPOT_SPAN; NULL: there is none. */
static void *reserve(size_t size, int sharing) {
    size_t span = PB_DEPOT_SPAN;
    unsigned char *all =
        mmap(NULL, size + span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED)
        return NULL;
    unsigned char *at = (unsigned char *)(((uintptr_t)all + span - 1) & ~(uintptr_t)(span - 1));
    if (at > all)
        munmap(all, (size_t)(at - all));
    munmap(at + size, (size_t)(all + span - at));
    if (mmap(at, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
        MAP_FAILED) {
        munmap(at, size);
        return NULL;
    }
    return at;
}

static void unmap(struct pb_depot *d) {
    pb_arena_close(&d->arena);
    pb_timing_release(&d->timing);
    if (d->late)
        munmap(d->late, d->capacity * sizeof *d->late);
    munmap(d, (size_t)d->capacity * PB_DEPOT_SLOT);
}

/* The queue's first "last passed" is a future that nobody ever sees. */
static void make_queue(struct pb_depot *d) {
    struct pb_future *nobody = pb_depot_take(d);
    uint32_t index = pb_depot_index(nobody);
    d->queue.tail = index;
    atomic_init(&d->queue.head, index);
    d->late[d->late_count++] = index;
}

int pb_depot_open(struct pb_depot **out, bool shared) {
    struct pb_depot *d = NULL;
    size_t size = PB_DEPOT_SPAN;
    /* Where address space is limited, less of it will do. */
    for (; !d && size >= (size_t)1 << 22; size /= 4)
        d = reserve(size, shared ? MAP_SHARED : MAP_PRIVATE);
    *out = NULL;
    if (!d)
        return -ENOMEM;
    d->capacity = (uint32_t)(size * 4 / PB_DEPOT_SLOT);
    d->shared = shared;
    d->home = getpid();
    d->fresh = HEADER_SLOTS;
    pb_timing_init(&d->timing, NULL, NULL);
    int rc = shared ? pb_arena_open(&d->arena) : 0;
    void *late = mmap(NULL, d->capacity * sizeof *d->late, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    d->late = late == MAP_FAILED ? NULL : late;
    if (rc < 0 || !d->late) {
        unmap(d);
        return -ENOMEM;
    }
    make_queue(d);
    *out = d;
    return 0;
}

static bool is_reusable(struct pb_depot *d, const struct pb_future *f) {
    unsigned state = atomic_load_explicit(&f->state, memory_order_acquire);
    return pb_is_settled(state) && !(state & (PB_BUSY | PB_FIRING)) && pb_queue_passed(&d->queue, f);
}

static void put_free(struct pb_depot *d, struct pb_future *f) {
    f->turn = d->free;
    d->free = pb_depot_index(f);
}

/* Looks at a few of those released before they were done. */
static bool fetch_late(struct pb_depot *d, uint32_t looks) {
    bool found = false;
    for (; looks && d->late_count; looks--) {
        if (d->late_at >= d->late_count)
            d->late_at = 0;
        struct pb_future *f = pb_depot_slot(d, d->late[d->late_at]);
        if (!is_reusable(d, f)) {
            d->late_at++;
            continue;
        }
        d->late[d->late_at] = d->late[--d->late_count];
        pb_future_clear(f);
        put_free(d, f);
        found = true;
    }
    return found;
}

void pb_depot_used(struct pb_depot *d, uint32_t *first, uint32_t *end) {
    pb_spin_lock(&d->lock);
    *first = HEADER_SLOTS;
    *end = d->fresh;
    pb_spin_unlock(&d->lock);
}

struct pb_future *pb_depot_take(struct pb_depot *d) {
    if (!d->free)
        d->free = atomic_exchange_explicit(&d->returned, 0, memory_order_acq_rel);
    if (!d->free && !fetch_late(d, LATE_LOOKS)) {
        if (d->fresh < d->capacity) {
            struct pb_future *f = pb_depot_slot(d, d->fresh++);
            atomic_init(&f->state, PB_FINISHED);
            return f;
        }
        pb_queue_first(d); /* passes what was cancelled */
        if (!fetch_late(d, d->late_count))
            return NULL;
    }
    struct pb_future *f = pb_depot_slot(d, d->free);
    d->free = f->turn;
    return f;
}

/* After the close the depot counts only what is still held. */
static void give_closed(struct pb_depot *d) {
    if (atomic_fetch_sub_explicit(&d->outstanding, 1, memory_order_acq_rel) == 1)
        unmap(d);
}

/* False: the depot was closed meanwhile. */
static bool give_late(struct pb_depot *d, const struct pb_future *f) {
    pb_spin_lock(&d->lock);
    bool open = atomic_load(&d->returned) != CLOSED;
    if (open)
        d->late[d->late_count++] = pb_depot_index(f);
    pb_spin_unlock(&d->lock);
    return open;
}

void pb_depot_give(struct pb_depot *d, struct pb_future *f) {
    uint32_t top = atomic_load_explicit(&d->returned, memory_order_acquire);
    if (top != CLOSED && !is_reusable(d, f)) {
        if (give_late(d, f))
            return;
        top = CLOSED;
    }
    pb_future_clear(f);
    do {
        if (top == CLOSED) {
            give_closed(d);
            return;
        }
        f->turn = top;
    } while (!atomic_compare_exchange_weak_explicit(&d->returned, &top, pb_depot_index(f),
                                                    memory_order_release, memory_order_acquire));
}

static uint64_t count_list(const struct pb_depot *d, uint32_t at) {
    uint64_t count = 0;
    for (; at; at = pb_depot_slot(d, at)->turn)
        count++;
    return count;
}

void pb_depot_close(struct pb_depot *d) {
    /* What was released is counted here; what is released after sees CLOSED and counts itself. */
    static const uint64_t many = UINT64_MAX / 2;
    pb_spin_lock(&d->lock);
    atomic_store(&d->outstanding, many);
    uint32_t returned = atomic_exchange(&d->returned, CLOSED);
    for (uint32_t i = 0; i < d->late_count; i++)
        pb_future_clear(pb_depot_slot(d, d->late[i]));
    uint64_t held =
        d->fresh - HEADER_SLOTS - count_list(d, d->free) - count_list(d, returned) - d->late_count;
    pb_spin_unlock(&d->lock);
    if (atomic_fetch_sub_explicit(&d->outstanding, many - held, memory_order_acq_rel) == many - held)
        unmap(d);
}

void *pb_depot_block(struct pb_depot *d, size_t size) {
    return d->shared ? pb_arena_take(&d->arena, size) : malloc(size);
}

void pb_depot_unblock(struct pb_depot *d, void *block, size_t size) {
    if (d->shared)
        pb_arena_give(&d->arena, block, size);
    else
        free(block);
}

void pb_depot_wake_submitters(struct pb_depot *d) {
    atomic_fetch_add(&d->room, 1);
    pb_futex_wake(&d->room, UINT_MAX, d->shared);
}

void pb_depot_await_room(struct pb_depot *d, unsigned seen) {
    pb_block_begin();
    pb_futex_wait(&d->room, seen, UINT64_MAX, d->shared);
    pb_block_end();
}

void pb_depot_refuse(struct pb_depot *d, int error) {
    pb_spin_lock(&d->lock);
    d->refusing = error;
    pb_spin_unlock(&d->lock);
    pb_depot_wake_submitters(d);
}

int pb_depot_refuses(struct pb_depot *d) {
    pb_spin_lock(&d->lock);
    int error = d->refusing;
    pb_spin_unlock(&d->lock);
    return error;
}
