#include "executor/ring.h"

#include <string.h>

void pb_ring_reset(struct pb_ring *r) {
    atomic_store(&r->tail, 0);
    atomic_store(&r->head, 0);
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

size_t pb_ring_write(struct pb_ring *r, const void *data, size_t size) {
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    uint64_t head = atomic_load_explicit(&r->head, memory_order_acquire);
    size = least(size, PB_RING_SIZE - (size_t)(tail - head));
    if (size == 0)
        return 0;
    size_t at = tail % PB_RING_SIZE, first = least(size, PB_RING_SIZE - at);
    memcpy(r->data + at, data, first);
    memcpy(r->data, (const unsigned char *)data + first, size - first);
    atomic_store_explicit(&r->tail, tail + size, memory_order_release);
    return size;
}

size_t pb_ring_read(struct pb_ring *r, void *data, size_t size) {
    uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    size = least(size, (size_t)(tail - head));
    if (size == 0)
        return 0;
    size_t at = head % PB_RING_SIZE, first = least(size, PB_RING_SIZE - at);
    memcpy(data, r->data + at, first);
    memcpy((unsigned char *)data + first, r->data, size - first);
    atomic_store_explicit(&r->head, head + size, memory_order_release);
    return size;
}

bool pb_ring_empty(const struct pb_ring *r) {
    return atomic_load(&r->tail) == atomic_load(&r->head);
}

bool pb_ring_full(const struct pb_ring *r) {
    return atomic_load(&r->tail) - atomic_load(&r->head) == PB_RING_SIZE;
}
