/* A ring of bytes with one producer and one consumer, in memory that two processes share.
 *
 * `tail` is written by the producer alone and `head` by the consumer alone; both only grow. The producer's
 * release of tail publishes the bytes before it, the consumer's release of head gives their room back. A side
 * that is killed at any instruction leaves the ring consistent: bytes not yet published were never there. */
#ifndef PB_EXECUTOR_RING_H
#define PB_EXECUTOR_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PB_RING_SIZE = 64 << 10 }; /* a power of two */

struct pb_ring {
    _Alignas(64) _Atomic uint64_t tail;
    _Alignas(64) _Atomic uint64_t head;
    _Alignas(64) unsigned char data[PB_RING_SIZE];
};

/* Forgets what is in it; only while no other side is alive. */
void pb_ring_reset(struct pb_ring *);
/* Write or read as much as fits or is there, at most `size`; return how much. Never block. */
size_t pb_ring_write(struct pb_ring *, const void *data, size_t size);
size_t pb_ring_read(struct pb_ring *, void *data, size_t size);
bool pb_ring_empty(const struct pb_ring *);
bool pb_ring_full(const struct pb_ring *);

#endif
