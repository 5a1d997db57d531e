/* Page faults: each task writes to every page of fresh memory for the first time.
 *
 * Threads share an address space and the kernel's lock on it. Faults take it shared, or since Linux 6.4
 * mostly not at all; mapping and unmapping take it alone, and whoever unmaps must interrupt every other
 * processor that runs this process, to make it forget the pages: dear, above all in a virtual machine.
 * Processes have address spaces of their own, so there it must scale as spin does, until the kernel's
 * allocator of pages or the machine's memory sets an end; what threads lack beside them is the lock's doing.
 *
 *     map       a mapping for each task: mmap, touch, munmap
 *     discard   one mapping for each lane, whose pages are given back (MADV_DONTNEED) after each task
 *
 * Huge pages are declined: there would be one fault where 512 are counted on. That a page is fresh, hence
 * zero, goes into the digest. There is a check point every 64 pages, some 30 us. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/workloads.h"

enum { KIND_MAP, KIND_DISCARD, PIECE = 64 };

struct state {
    uint64_t size, page; /* bytes */
    uint32_t kind;
};

struct lane {
    unsigned char *region; /* of kind discard; else NULL */
};

static const struct pb_param params[] = {
    {.name = "size",
     .type = PB_PARAM_SIZE,
     .fallback = "1MiB",
     .min = 1,
     .max = 0x1p36,
     .help = "bytes that one task touches, made up to whole pages"},
    {.name = "kind",
     .type = PB_PARAM_CHOICE,
     .fallback = "map",
     .choices = "map|discard",
     .help = "map and unmap for each task, or give pages back"},
    {0},
};

static unsigned char *map(const struct state *self) {
    void *at = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    madvise(at, self->size, MADV_NOHUGEPAGE); /* fails where the kernel has none */
    return at;
}

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->page = (uint64_t)sysconf(_SC_PAGESIZE);
    self->size = ((uint64_t)given->value[0].integer + self->page - 1) / self->page * self->page;
    self->kind = (uint32_t)given->value[1].integer;
    return 0;
}

static uint64_t bytes(const void *state) {
    return ((const struct state *)state)->size;
}

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    struct lane *self = lane;
    const struct state *shared = state;
    if (shared->kind != KIND_DISCARD)
        return 0;
    self->region = map(shared);
    if (self->region)
        return 0;
    snprintf(message->text, sizeof message->text,
             "pagefault: no memory for a mapping of %llu bytes in each worker: give a smaller size",
             (unsigned long long)shared->size);
    return -ENOMEM;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    const struct lane *lane = task->lane;
    unsigned char *region = lane->region ? lane->region : map(self);
    uint64_t fold = pb_mix(i, 0);
    if (!region)
        return pb_reason(task, i, PB_ERROR, "mmap: %s", strerror(errno));
    for (uint64_t page = 0; page < self->size / self->page; page++) {
        volatile unsigned char *at = region + page * self->page;
        fold = pb_mix(fold, *at);
        *at = (unsigned char)(fold | 1);
        if (page % PIECE == PIECE - 1)
            pb_checkpoint(task);
    }
    *digest = fold;
    int rc = lane->region ? madvise(region, self->size, MADV_DONTNEED) : munmap(region, self->size);
    return rc < 0 ? pb_reason(task, i, PB_ERROR, "giving pages back: %s", strerror(errno)) : PB_OK;
}

static void lane_teardown(void *lane, void *state) {
    struct lane *self = lane;
    if (self->region)
        munmap(self->region, ((const struct state *)state)->size);
    self->region = NULL;
}

const struct pb_workload pb_workload_pagefault = {
    PB_WORKLOAD_HEADER,
    .name = "pagefault",
    .summary = "first writes to the pages of fresh memory",
    .bound = PB_CPU,
    .params = params,
    .state_size = sizeof(struct state),
    .lane_size = sizeof(struct lane),
    .bytes = bytes,
    .setup = setup,
    .lane_setup = lane_setup,
    .run = run,
    .lane_teardown = lane_teardown,
};
