/* The stacks of a reactor's coroutines: one reserved mapping, of which memory is taken page by page as it is
 * touched. Below each stack lies a page that may not be touched: with a kernel from 6.13 on below every one,
 * and on older ones, where each of these pages costs two of the process's mappings, below the first 2,048. A
 * stack beyond these that overflows runs into its neighbour's. */
#ifndef PB_IO_STACKS_H
#define PB_IO_STACKS_H

#include <stddef.h>
#include <stdint.h>

struct pb_stacks {
    char *base;
    size_t size;   /* of each, without what guards it */
    size_t stride; /* from one to the next */
    uint32_t count;
};

/* 0 or -errno. `size` is rounded up to pages. */
int pb_stacks_init(struct pb_stacks *, uint32_t count, size_t size);
void pb_stacks_release(struct pb_stacks *);
/* The lowest byte of stack i, guarded from now on; to be asked for once. */
char *pb_stacks_take(struct pb_stacks *, uint32_t i);

#endif
