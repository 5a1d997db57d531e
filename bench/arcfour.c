/* One task encrypts `size` zeros under a key of its own, a block at a time on the stack, and folds all of the
 * output into the digest. After each block, some 10 us, it passes a check point. `hold` says what the task
 * does under a global lock: what is written in the language that the lock protects holds it, native code may
 * do without. */
#include "bench/arcfour.h"

#include <string.h>

#include "bench/workloads.h"

enum { BLOCK = 4096, KEY = 16 };

struct state {
    uint64_t size;
    bool hold;
};

void pb_arcfour_key(struct pb_arcfour *rc4, const uint8_t *key, size_t size) {
    rc4->i = rc4->j = 0;
    for (unsigned k = 0; k < 256; k++)
        rc4->s[k] = (uint8_t)k;
    uint8_t j = 0;
    for (unsigned k = 0; k < 256; k++) {
        uint8_t swapped = rc4->s[k];
        j = (uint8_t)(j + swapped + key[k % size]);
        rc4->s[k] = rc4->s[j];
        rc4->s[j] = swapped;
    }
}

void pb_arcfour_crypt(struct pb_arcfour *rc4, const uint8_t *in, uint8_t *out, size_t size) {
    uint8_t *s = rc4->s, i = rc4->i, j = rc4->j;
    for (size_t k = 0; k < size; k++) {
        i = (uint8_t)(i + 1);
        uint8_t a = s[i];
        j = (uint8_t)(j + a);
        uint8_t b = s[j];
        s[i] = b;
        s[j] = a;
        out[k] = in[k] ^ s[(uint8_t)(a + b)];
    }
    rc4->i = i;
    rc4->j = j;
}

enum { SIZE, HOLD };

static const struct pb_param params[] = {
    [SIZE] = {.name = "size",
              .type = PB_PARAM_SIZE,
              .fallback = "256KiB",
              .min = 1,
              .max = 0x1p30,
              .help = "bytes that one task encrypts"},
    [HOLD] = {.name = "hold",
              .type = PB_PARAM_COUNT,
              .fallback = "1",
              .min = 0,
              .max = 1,
              .help = "keep the lock of gil (1) or give it up (0)"},
    {0},
};

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->size = (uint64_t)given->value[SIZE].integer;
    self->hold = given->value[HOLD].integer != 0;
    return 0;
}

static uint64_t bytes(const void *state) {
    return ((const struct state *)state)->size;
}

static uint64_t encrypt(struct pb_task *task, struct pb_arcfour *rc4, uint64_t bytes_left) {
    uint64_t fold = 0;
    while (bytes_left) {
        uint64_t block[BLOCK / 8] = {0}, size = bytes_left < BLOCK ? bytes_left : BLOCK;
        pb_arcfour_crypt(rc4, (const uint8_t *)block, (uint8_t *)block, size);
        for (size_t k = 0; k < (size + 7) / 8; k++)
            fold = (fold ^ block[k]) * 0xbf58476d1ce4e5b9u;
        bytes_left -= size;
        pb_checkpoint(task);
    }
    return fold;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    struct pb_arcfour rc4;
    uint64_t key[KEY / 8] = {pb_mix(i, 0), pb_mix(i, 1)};
    if (!self->hold)
        pb_allow_begin(task);
    pb_arcfour_key(&rc4, (const uint8_t *)key, KEY);
    *digest = pb_mix(i, encrypt(task, &rc4, self->size));
    if (!self->hold)
        pb_allow_end(task);
    return PB_OK;
}

const struct pb_workload pb_workload_arcfour = {
    PB_WORKLOAD_HEADER, .name = "arcfour", .summary = "RC4 encryption",
    .bound = PB_CPU,    .params = params,  .state_size = sizeof(struct state),
    .bytes = bytes,     .setup = setup,    .run = run,
};
