/* sieve: how many primes are there among the numbers that are the task's own? */
#include <cerrno>
#include <new>
#include <vector>

#include "parbench/workload.h"

namespace {

struct state {
    uint64_t numbers;
};

/* Memory comes zeroed: objects are made in it, and ended, by hand. */
struct lane {
    std::vector<bool> composite;
};

const struct pb_param params[] = {
    {.name = "numbers",
     .type = PB_PARAM_COUNT,
     .fallback = "10000",
     .min = 1,
     .max = 1e9,
     .help = "how many numbers one task looks at"},
    {},
};

int setup(void *memory, const struct pb_params *given, struct pb_message *) {
    static_cast<state *>(memory)->numbers = static_cast<uint64_t>(given->value[0].integer);
    return 0;
}

/* No exception may leave a function that the harness calls. */
int lane_setup(void *memory, void *shared, struct pb_message *) try {
    new (memory) lane{std::vector<bool>(static_cast<state *>(shared)->numbers)};
    return 0;
} catch (const std::bad_alloc &) {
    return -ENOMEM;
}

void lane_teardown(void *memory, void *) {
    static_cast<lane *>(memory)->~lane();
}

int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    uint64_t numbers = static_cast<state *>(task->state)->numbers;
    uint64_t first = i * numbers, end = first + numbers, primes = 0;
    std::vector<bool> &composite = static_cast<lane *>(task->lane)->composite;
    composite.assign(numbers, false); /* in memory that it has */
    for (uint64_t d = 2; d * d < end; d++) {
        uint64_t multiple = (first + d - 1) / d * d;
        for (multiple = multiple > d ? multiple : 2 * d; multiple < end; multiple += d)
            composite[multiple - first] = true;
        pb_checkpoint(task);
    }
    for (uint64_t n = first < 2 ? 2 : first; n < end; n++)
        primes += !composite[n - first];
    *digest = primes;
    return PB_OK;
}

} // namespace

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER,
    .name = "sieve",
    .summary = "primes counted by crossing out multiples",
    .bound = PB_CPU,
    .params = params,
    .state_size = sizeof(state),
    .lane_size = sizeof(lane),
    .setup = setup,
    .lane_setup = lane_setup,
    .run = run,
    .lane_teardown = lane_teardown,
};
