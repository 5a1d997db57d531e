/* Free blocks are remembered outside of them, so that a worker that scribbles over an argument harms nothing
 * but that argument. */
#include "future/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { UNIT = 64, LARGE = 256 << 10, PAGE_MOST = 64 << 10 };

int pb_arena_open(struct pb_arena *a) {
    *a = (struct pb_arena){0};
    /* Where address space is limited, less of it will do. */
    for (a->size = (size_t)16 << 30; a->size >= (size_t)64 << 20; a->size /= 4) {
        void *base =
            mmap(NULL, a->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (base != MAP_FAILED) {
            a->base = base;
            return 0;
        }
    }
    return -ENOMEM;
}

void pb_arena_close(struct pb_arena *a) {
    if (a->base)
        munmap(a->base, a->size);
    for (int k = 0; k < PB_ARENA_CLASSES; k++)
        free(a->free[k].block);
    *a = (struct pb_arena){0};
}

static int class_of(size_t size) {
    int k = 0;
    while (((size_t)UNIT << k) < size)
        k++;
    return k;
}

/* Large blocks start with a page, so that their pages can be given back. */
static size_t aligned(size_t used, size_t bytes) {
    return bytes >= LARGE ? (used + PAGE_MOST - 1) & ~(size_t)(PAGE_MOST - 1) : used;
}

void *pb_arena_take(struct pb_arena *a, size_t size) {
    int k = class_of(size);
    size_t bytes = (size_t)UNIT << k;
    void *block = NULL;
    if (k >= PB_ARENA_CLASSES)
        return NULL;
    pb_spin_lock(&a->lock);
    if (a->free[k].count) {
        block = a->base + (size_t)a->free[k].block[--a->free[k].count] * UNIT;
    } else if (aligned(a->used, bytes) + bytes <= a->size) {
        a->used = aligned(a->used, bytes);
        block = a->base + a->used;
        a->used += bytes;
    }
    pb_spin_unlock(&a->lock);
    return block;
}

void pb_arena_give(struct pb_arena *a, void *block, size_t size) {
    int k = class_of(size);
    if (((size_t)UNIT << k) >= LARGE)
        madvise(block, (size_t)UNIT << k, MADV_REMOVE);
    pb_spin_lock(&a->lock);
    if (a->free[k].count == a->free[k].room) {
        size_t room = a->free[k].room ? 2 * a->free[k].room : 64;
        uint32_t *grown = realloc(a->free[k].block, room * sizeof *grown);
        if (grown) {
            a->free[k].block = grown;
            a->free[k].room = room;
        }
    }
    /* Without memory to remember it the block is not used again: address space is plenty. */
    if (a->free[k].count < a->free[k].room)
        a->free[k].block[a->free[k].count++] = (uint32_t)(((unsigned char *)block - a->base) / UNIT);
    pb_spin_unlock(&a->lock);
}
