/* Allocating and freeing blocks of mixed sizes, with `live` of them at any time. Its subject is the allocator
 * (the C library's), so it is the one workload that is bound by the processor and allocates in `run`; a task
 * frees all that it got.
 *
 * Processes share no heap: there it must scale as spin does, and whatever threads lack is the allocator's
 * doing. glibc gives each thread an arena of its own, up to eight for each processor, so threads scale too,
 * until blocks are so large that each is mapped (see pagefault). With arenas=1 all threads use one arena
 * under one lock: then they do not, except with sizes up to 1032 bytes, of which each thread keeps a few back
 * for itself. serial runs in a process of one thread, where glibc takes no locks at all: others pay some
 * more for each block.
 *
 * A block is stamped at both ends when it is got, and the stamps go into the digest when it is freed: two
 * blocks that overlap would show. There is a check point every 256 replacements, some 30 us. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "bench/workloads.h"

enum { LIVE = 4096, PIECE = 256 };

struct state {
    uint64_t least, spread; /* sizes are least .. least + spread - 1 */
    uint64_t live, rounds;
};

struct lane {
    struct {
        unsigned char *at; /* NULL: none */
        size_t size;
    } block[LIVE];
};

static const struct pb_param params[] = {
    {.name = "min",
     .type = PB_PARAM_SIZE,
     .fallback = "16",
     .min = 8,
     .max = 0x1p30,
     .help = "bytes of the smallest block"},
    {.name = "max",
     .type = PB_PARAM_SIZE,
     .fallback = "8KiB",
     .min = 8,
     .max = 0x1p30,
     .help = "bytes of the largest block; sizes between are equally likely"},
    {.name = "live",
     .type = PB_PARAM_COUNT,
     .fallback = "256",
     .min = 1,
     .max = LIVE,
     .help = "blocks that a task holds at a time"},
    {.name = "rounds",
     .type = PB_PARAM_COUNT,
     .fallback = "10000",
     .min = 1,
     .max = 1e9,
     .help = "times that one task frees a block and gets another"},
    {.name = "arenas",
     .type = PB_PARAM_COUNT,
     .fallback = "0",
     .min = 0,
     .max = 4096,
     .help = "that all threads share; 0: as many as glibc thinks right"},
    {0},
};

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    int64_t least = given->value[0].integer, most = given->value[1].integer;
    if (most < least) {
        snprintf(message->text, sizeof message->text,
                 "malloc: min=%lld is above max=%lld: give a smaller min or a larger max", (long long)least,
                 (long long)most);
        return -EINVAL;
    }
    self->least = (uint64_t)least;
    self->spread = (uint64_t)(most - least) + 1;
    self->live = (uint64_t)given->value[2].integer;
    self->rounds = (uint64_t)given->value[3].integer;
    if (given->value[4].integer)
        mallopt(M_ARENA_MAX, (int)given->value[4].integer);
    return 0;
}

/* Frees block k; its stamps. */
static uint64_t give_back(struct lane *lane, uint64_t k) {
    unsigned char *at = lane->block[k].at;
    if (!at)
        return 0;
    uint64_t stamps = (uint64_t)at[0] << 8 | at[lane->block[k].size - 1];
    free(at);
    lane->block[k].at = NULL;
    return stamps;
}

/* Whether there was memory for it. */
static bool get(struct lane *lane, uint64_t k, size_t size, uint64_t stamp) {
    unsigned char *at = malloc(size);
    lane->block[k].at = at;
    lane->block[k].size = size;
    if (!at)
        return false;
    at[0] = (unsigned char)stamp;
    at[size - 1] = (unsigned char)(stamp >> 8);
    return true;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    struct lane *lane = task->lane;
    uint64_t seed = pb_mix(i, 0), fold = 0;
    int status = PB_OK;
    for (uint64_t round = 0; round < self->rounds && status == PB_OK; round++) {
        uint64_t x = pb_mix(round, seed), k = (x & 0xffffffff) % self->live;
        size_t size = self->least + (x >> 32) % self->spread;
        fold = pb_mix(fold, give_back(lane, k));
        if (!get(lane, k, size, x))
            status = pb_reason(task, i, PB_ERROR, "no memory for a block of %zu bytes", size);
        if (round % PIECE == PIECE - 1)
            pb_checkpoint(task);
    }
    for (uint64_t k = 0; k < self->live; k++)
        fold = pb_mix(fold, give_back(lane, k));
    *digest = pb_mix(i, fold);
    return status;
}

const struct pb_workload pb_workload_malloc = {
    PB_WORKLOAD_HEADER, .name = "malloc", .summary = "allocating and freeing blocks of mixed sizes",
    .bound = PB_CPU,    .params = params, .state_size = sizeof(struct state),
    .setup = setup,     .run = run,       .lane_size = sizeof(struct lane),
};
