/* A workload: a kind of work, its parameters, and one task of it.
 *
 * Built-in workloads are rows of bench/list.c; a plug-in is a shared object that exports one symbol:
 *
 *     const struct pb_workload pb_workload = { PB_WORKLOAD_HEADER, .name = "mine", ... };
 *
 * It needs nothing of the harness at link time. It may export, too, `const char *pb_workload_unfit(void)`,
 * which is asked before anything else is: why it cannot be used, and what to do; or NULL. Order of calls, in
 * the process that runs the cell (the runner): `setup` once; then the executor opens its workers, each of
 * which calls `lane_setup` once per lane; then `run`, many times; then `lane_teardown` and `teardown`. A
 * worker process that is restarted starts from the image as it was after `setup`. CPU-bound workloads
 * allocate nothing in `run`, read no clock, and print nothing.
 */
#ifndef PARBENCH_WORKLOAD_H
#define PARBENCH_WORKLOAD_H

#include "parbench/meter.h"
#include "parbench/param.h"
#include "parbench/task.h"

#define PB_WORKLOAD_ABI    3u
#define PB_WORKLOAD_SYMBOL "pb_workload"
#define PB_WORKLOAD_UNFIT  "pb_workload_unfit"
#define PB_WORKLOAD_HEADER .abi = PB_WORKLOAD_ABI, .size = sizeof(struct pb_workload)

enum pb_bound { PB_CPU = 1, PB_IO = 2 };

/* What `run` returns: PB_OK, PB_ERROR, or 2 + index into the workload's `statuses`. A failed task's digest
   counts, its time is reported apart; statuses are counted per cell. */
enum { PB_OK = 0, PB_ERROR = 1, PB_STATUS_FIRST = 2, PB_STATUS_MAX = 8 };

/* A message that `setup`, `lane_setup` and `begin` may leave behind when they return -errno. What `setup`
   leaves when it returns 0 is a note of the row: "client on processors 0-1". */
struct pb_message {
    char text[256];
};

/* What a repetition will be. */
struct pb_repetition {
    uint64_t tasks;
    uint32_t workers; /* tasks that can compute at once: threads or processes */
    uint32_t lanes;   /* tasks that can be under way at once: the same, or what an event loop has in flight */
};

struct pb_workload {
    uint32_t abi, size; /* PB_WORKLOAD_HEADER; checked before anything else is read */
    const char *name, *summary;
    enum pb_bound bound;
    const struct pb_param *params; /* ends with a nameless row; or NULL */
    const char *const *statuses;   /* names of status classes beyond ok and error, NULL-ended; or NULL */
    const char *const *counters;   /* names of what pb_count counts, NULL-ended, e.g. "requests"; or NULL. The
                                      first is what the row's rate counts, instead of tasks */
    size_t state_size;             /* shared by all workers, also across processes; zeroed */
    size_t lane_size;              /* one per lane, private to it; zeroed by the worker that uses it */
    size_t stack_size;             /* that one task needs; 0: 64 KiB */
    bool must_succeed;             /* a task with another status than ok makes the repetition, and so the row,
                                      fail with what pb_reason said of it */
    bool meets; /* its tasks meet in `state`: they wait for each other there, or contend for it. Then it is
                   refused where workers have no memory in common: ranks, each of which has a state of its own
                 */

    /* Natural number of tasks; NULL or 0: the harness chooses it so that a repetition is 20 to 100 ms. */
    uint64_t (*count)(const void *state);
    /* Bytes that one task processes, or NULL: the table shows throughput. */
    uint64_t (*bytes)(const void *state);
    /* Tasks per second that become due whether or not earlier ones have ended (an open loop). NULL or 0: each
       begins when there is room for it. Where they come, a row is judged by whether it keeps up. */
    double (*offered)(const void *state);

    /* Before and after each repetition, in the runner, while no task runs; neither is timed. `begin` returns
       0 or -errno; -ENOTSUP: this cannot be run so (too few workers at once), and the message says why and
       what to do: the row is then refused, not failed. `end` follows every `begin` that returned 0. What it
       returns, of what the tasks left in `state` together, is part of the answer that every executor must
       give, as the digest of one task more: a lost update shows there. Either may be NULL. */
    int (*begin)(void *state, const struct pb_repetition *, struct pb_message *message);
    uint64_t (*end)(void *state);

    /* Each 0 or -errno. May be NULL. */
    int (*setup)(void *state, const struct pb_params *params, struct pb_message *message);
    int (*lane_setup)(void *lane, void *state, struct pb_message *message);
    /* One task; deterministic in i, and different for every i. Returns a status; writes a digest of what it
       computed, by which the harness proves that every executor did the same work. */
    int (*run)(struct pb_task *task, uint64_t i, uint64_t *digest);
    void (*lane_teardown)(void *lane, void *state);
    void (*teardown)(void *state);
};

#ifdef __cplusplus
extern "C" const struct pb_workload pb_workload; /* else its name would be another, and not be exported */
#endif

/* Mixes an index and a value into 64 well-distributed bits (the finaliser of SplitMix64: Steele, Lea, Flood
 * 2014). */
static inline uint64_t pb_mix(uint64_t i, uint64_t value) {
    uint64_t z = value + 0x9e3779b97f4a7c15u * (i + 1);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Work of a known amount: a chain of dependent steps that no compiler and no out-of-order core can shorten,
   and that touches no memory. Parameters of type PB_PARAM_WORK are counted in these iterations. */
static inline uint64_t pb_spin(uint64_t iterations, uint64_t seed) {
    uint64_t x = seed | 1;
    for (uint64_t k = 0; k < iterations; k++)
        x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9u;
    return x;
}

#endif
