/* Work of a known amount and nothing else: the reference against which other rows are judged. It is turned in
 * pieces so that there are check points, as an interpreter has them, though far enough apart to cost nothing.
 */
#include "bench/workloads.h"

enum { PIECE = 1 << 16 };

struct state {
    uint64_t work; /* iterations */
};

static const struct pb_param params[] = {
    {.name = "work",
     .type = PB_PARAM_WORK,
     .fallback = "100us",
     .help = "how long one task spins on serial, or its iterations"},
    {0},
};

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->work = (uint64_t)given->value[0].integer;
    return 0;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    uint64_t x = pb_mix(i, 0), left = self->work;
    for (; left > PIECE; left -= PIECE) {
        x = pb_spin(PIECE, x);
        pb_checkpoint(task);
    }
    *digest = pb_spin(left, x);
    return PB_OK;
}

const struct pb_workload pb_workload_spin = {
    PB_WORKLOAD_HEADER, .name = "spin",   .summary = "a chain of multiplications, no memory",
    .bound = PB_CPU,    .params = params, .state_size = sizeof(struct state),
    .setup = setup,     .run = run,
};
