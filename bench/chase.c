/* Pointer chasing: memory latency, where stream is bandwidth. Each step loads the address of the next, at
 * random, so that no processor can fetch ahead; one task takes `steps` steps.
 *
 * Each lane has a cycle of its own, the same one in each. A chain of loads leaves a processor's connection
 * to memory almost idle, so chains on several processors hardly meet: it scales about as spin does where
 * stream has long stopped. The exception is a cache that the processors share and that holds the nodes of
 * one worker but not those of all: there each step gets slower with each worker. 32 MiB of nodes are more
 * than most caches, and more pages than any TLB holds: part of what is measured is the walk of the page
 * table.
 *
 * A task's answer is the node at which it ends, which depends on every step. There is a check point every
 * 1024 steps, some 100 us. */
#include "bench/chase.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/workloads.h"

enum { PIECE = 1024 };

struct state {
    uint64_t nodes, steps, seed;
};

struct lane {
    struct pb_chase_node *node;
};

static const struct pb_param params[] = {
    {.name = "size",
     .type = PB_PARAM_SIZE,
     .fallback = "32MiB",
     .min = 128,
     .max = 0x1p36,
     .help = "bytes of a worker's nodes, 64 each"},
    {.name = "steps",
     .type = PB_PARAM_COUNT,
     .fallback = "10000",
     .min = 1,
     .max = 1e9,
     .help = "loads of one task, each from where the one before says"},
    {.name = "seed",
     .type = PB_PARAM_COUNT,
     .fallback = "1",
     .min = 0,
     .max = 1e9,
     .help = "of the order of the nodes"},
    {0},
};

void pb_chase_link(struct pb_chase_node *node, uint64_t count, uint64_t seed) {
    for (uint64_t k = 0; k < count; k++)
        node[k].next = &node[k];
    for (uint64_t k = count - 1; k > 0; k--) {
        struct pb_chase_node *other = &node[pb_mix(k, seed) % k], *next = other->next;
        other->next = node[k].next;
        node[k].next = next;
    }
}

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->nodes = (uint64_t)given->value[0].integer / sizeof(struct pb_chase_node);
    self->steps = (uint64_t)given->value[1].integer;
    self->seed = (uint64_t)given->value[2].integer;
    return 0;
}

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    struct lane *self = lane;
    const struct state *shared = state;
    size_t size = shared->nodes * sizeof *self->node;
    self->node = aligned_alloc(sizeof *self->node, size);
    if (!self->node) {
        snprintf(message->text, sizeof message->text,
                 "chase: no memory for nodes of %zu bytes in each worker: give a smaller size", size);
        return -ENOMEM;
    }
    pb_chase_link(self->node, shared->nodes, shared->seed);
    return 0;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    const struct lane *lane = task->lane;
    const struct pb_chase_node *at = &lane->node[pb_mix(i, self->seed) % self->nodes];
    for (uint64_t left = self->steps; left > 0; pb_checkpoint(task)) {
        uint64_t piece = left < PIECE ? left : PIECE;
        for (uint64_t k = 0; k < piece; k++)
            at = at->next;
        left -= piece;
    }
    *digest = pb_mix(i, (uint64_t)(at - lane->node));
    return PB_OK;
}

static void lane_teardown(void *lane, void *state) {
    struct lane *self = lane;
    (void)state;
    free(self->node);
    self->node = NULL;
}

const struct pb_workload pb_workload_chase = {
    PB_WORKLOAD_HEADER,
    .name = "chase",
    .summary = "memory latency: each load says where the next one is",
    .bound = PB_CPU,
    .params = params,
    .state_size = sizeof(struct state),
    .lane_size = sizeof(struct lane),
    .setup = setup,
    .lane_setup = lane_setup,
    .run = run,
    .lane_teardown = lane_teardown,
};
