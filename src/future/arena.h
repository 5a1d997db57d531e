/* Blocks of memory that worker processes see too: for arguments too large for a future itself.
 *
 * The arena reserves address space once, before workers are forked; memory is taken as blocks are touched.
 * Blocks have sizes of powers of two and are kept for the next of their size; large ones give their pages
 * back. Only the process that made the arena takes and gives blocks, under its own lock, in memory of its
 * own: a worker that is killed leaves nothing half done. */
#ifndef PB_FUTURE_ARENA_H
#define PB_FUTURE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/spin.h"

enum { PB_ARENA_CLASSES = 20 }; /* 64 B .. 32 MiB */

struct pb_arena {
    struct pb_spin lock;
    unsigned char *base;
    size_t size, used;
    struct {
        uint32_t *block; /* free ones, as multiples of 64 bytes from base */
        size_t count, room;
    } free[PB_ARENA_CLASSES];
};

int pb_arena_open(struct pb_arena *); /* 0 or -errno */
void pb_arena_close(struct pb_arena *);
/* At least `size` bytes, aligned to 64; NULL: no memory, or more than 32 MiB. */
void *pb_arena_take(struct pb_arena *, size_t size);
void pb_arena_give(struct pb_arena *, void *block, size_t size);

#endif
