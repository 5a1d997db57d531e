/* False sharing: each worker counts in a word of its own, and with pad=0 the words of eight workers lie in
 * one cache line. No datum is shared, but the line is, and travels between the processors that write to it.
 *
 * With pad=1 each word has two lines to itself (processors fetch lines in pairs) and the same work scales as
 * spin does; with pad=0 it is slower than serial, as a line takes longer to come than an addition. Two
 * workers on the two hardware threads of one core share its cache too: there nothing travels, and both scale
 * alike. Between processes it is the same, as the words lie in shared memory.
 *
 * The additions are atomic, as those of counters are that others may read: a processor does them one after
 * the other, whereas plain stores to a line that has been taken away wait in its store buffer and hide much
 * of the effect. The sum of all words, which `end` returns, is that of all updates. There is a check point
 * every 16384 updates, some 30 us. */
#include <stdatomic.h>

#include "bench/workloads.h"

enum {
    WORKERS = 4096, /* at least as many as an executor has */
    APART = 128 / sizeof(uint64_t),
    PIECE = 1 << 14,
};

struct state {
    uint64_t updates, stride;
    _Alignas(64) _Atomic uint64_t word[WORKERS * APART];
};

static const struct pb_param params[] = {
    {.name = "pad",
     .type = PB_PARAM_COUNT,
     .fallback = "0",
     .min = 0,
     .max = 1,
     .help = "0: workers' words lie side by side; 1: in lines of their own"},
    {.name = "updates",
     .type = PB_PARAM_COUNT,
     .fallback = "100000",
     .min = 1,
     .max = 1e9,
     .help = "times that one task adds to its worker's word"},
    {0},
};

static int begin(void *state, const struct pb_repetition *repetition, struct pb_message *message) {
    struct state *self = state;
    (void)repetition;
    (void)message;
    for (uint64_t worker = 0; worker < WORKERS; worker++)
        self->word[worker * self->stride] = 0;
    return 0;
}

static uint64_t end(void *state) {
    const struct state *self = state;
    uint64_t sum = 0;
    for (uint64_t worker = 0; worker < WORKERS; worker++)
        sum += self->word[worker * self->stride];
    return sum;
}

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->stride = given->value[0].integer ? APART : 1;
    self->updates = (uint64_t)given->value[1].integer;
    return 0;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    struct state *self = task->state;
    _Atomic uint64_t *word = &self->word[task->worker % WORKERS * self->stride];
    uint64_t x = pb_mix(i, 0);
    for (uint64_t left = self->updates; left > 0;) {
        uint64_t piece = left < PIECE ? left : PIECE;
        for (uint64_t k = 0; k < piece; k++) {
            x = pb_spin(1, x);
            atomic_fetch_add_explicit(word, x, memory_order_relaxed);
        }
        left -= piece;
        pb_checkpoint(task);
    }
    *digest = x;
    return PB_OK;
}

const struct pb_workload pb_workload_falseshare = {
    PB_WORKLOAD_HEADER,
    .name = "falseshare",
    .summary = "workers' own words in one cache line, or apart",
    .bound = PB_CPU,
    .meets = true,
    .params = params,
    .state_size = sizeof(struct state),
    .begin = begin,
    .end = end,
    .setup = setup,
    .run = run,
};
