/* The triad of McCalpin's STREAM, a = b + s c: bound by memory, so processors that share it stop helping
 * early.
 *
 * Each lane has arrays of its own, allocated and first touched by the worker that uses them, so that they lie
 * near it. Three arrays of 32 MiB fill no last-level cache in common use; where it is larger (an EPYC or Xeon
 * socket has up to some hundred MiB), `size` must grow with it or the cache is measured. One task is one
 * pass.
 *
 * All values are whole numbers below 2^53: the answer is exact whether or not the compiler fuses the
 * multiplication and the addition. Every lane holds the same b and c, and a pass overwrites all of a, so the
 * answer depends on i alone. The digest looks at a sample of a: reading all of it would be a second pass.
 * There is a check point every 32768 elements, some 100 us. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/workloads.h"

enum {
    LINE = 64,
    /* Arrays that start at the same offset in a page make loads wait for stores to other addresses (4 KiB
       aliasing). */
    GAP = 5 * LINE,
    SAMPLES = 64,
    PIECE = 1 << 15,
};

struct state {
    uint64_t elements; /* of one array */
};

struct lane {
    double *block, *a, *b, *c;
};

static const struct pb_param params[] = {
    {.name = "size",
     .type = PB_PARAM_SIZE,
     .fallback = "32MiB",
     .min = 4096,
     .max = 0x1p36,
     .help = "bytes of each of the three arrays of a worker"},
    {0},
};

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->elements = (uint64_t)given->value[0].integer / sizeof(double);
    return 0;
}

static uint64_t bytes(const void *state) {
    return 3 * sizeof(double) * ((const struct state *)state)->elements;
}

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    struct lane *self = lane;
    uint64_t n = ((const struct state *)state)->elements;
    size_t stride = (n * sizeof(double) + LINE - 1) / LINE * LINE + GAP;
    self->block = aligned_alloc(LINE, 3 * stride);
    if (!self->block) {
        snprintf(message->text, sizeof message->text,
                 "stream: no memory for three arrays of %llu bytes in each worker: give a smaller size",
                 (unsigned long long)(n * sizeof(double)));
        return -ENOMEM;
    }
    self->a = self->block;
    self->b = self->a + stride / sizeof(double);
    self->c = self->b + stride / sizeof(double);
    for (uint64_t k = 0; k < n; k++) {
        self->a[k] = 0;
        self->b[k] = (double)(k % 1021);
        self->c[k] = (double)(1 + k % 509);
    }
    return 0;
}

static void triad(double *restrict a, const double *restrict b, const double *restrict c, double s,
                  uint64_t n) {
    for (uint64_t k = 0; k < n; k++)
        a[k] = b[k] + s * c[k];
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    const struct lane *lane = task->lane;
    const uint64_t n = self->elements;
    const double s = 1 + (double)(i & 0xffffffff);
    for (uint64_t k = 0; k < n; k += PIECE) {
        triad(lane->a + k, lane->b + k, lane->c + k, s, n - k < PIECE ? n - k : PIECE);
        pb_checkpoint(task);
    }
    uint64_t fold = 0;
    for (uint64_t k = 0; k < SAMPLES; k++)
        fold = pb_mix(fold, (uint64_t)lane->a[k * (n - 1) / (SAMPLES - 1)]);
    *digest = fold;
    return PB_OK;
}

static void lane_teardown(void *lane, void *state) {
    struct lane *self = lane;
    (void)state;
    free(self->block);
    self->block = NULL;
}

const struct pb_workload pb_workload_stream = {
    PB_WORKLOAD_HEADER,
    .name = "stream",
    .summary = "memory bandwidth: a = b + s c",
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
