/* One repetition as it was measured: what a runner says, and what a record keeps. Unknown numbers are -1. */
#ifndef PB_RESULTS_SAMPLE_H
#define PB_RESULTS_SAMPLE_H

#include <stdint.h>
#include <stdlib.h>

#include "parbench/workload.h"

/* What one worker did in one repetition. */
struct pb_worker_sample {
    uint64_t tasks;
    uint64_t cpu_ns; /* CPU time spent inside tasks, and by programs that they ran: computing */
    int32_t cpu;     /* the processor it was last seen on; -1: unknown */
    /* The rest of the makespan, each clocked by itself: waiting for the model's GIL, waiting in an I/O verb,
       without a task. */
    int64_t gil_ns, io_ns, idle_ns;
};

/* How many latencies fell into a bucket of parbench/meter.h. */
struct pb_latency_count {
    uint32_t bucket, count;
};

/* Counters of a sample: the workload's own from 0 on, the executor's from PB_COUNTERS_MAX on. */
enum { PB_SAMPLE_COUNTERS = PB_COUNTERS_MAX + 4 };

/* One repetition of one cell. */
struct pb_sample {
    uint32_t round;
    uint32_t fork; /* which launch of its runner measured it, from 0 */
    uint64_t tasks;
    uint64_t makespan_ns;
    uint64_t cpu_ns; /* CPU time of the runner, its worker processes, and the programs that its tasks ran */
    int64_t voluntary, involuntary, migrations, minor_faults, major_faults; /* likewise */
    int64_t peak_bytes; /* resident memory at its highest since the start, runner and workers; and for each
                           worker that of the largest program that it ran in this repetition */
    /* Periods in which the cgroup's quota stopped it, and for how long, over all its processors; processor
       time that the hypervisor gave to others, in ticks of 10 ms, over all the machine's. */
    int64_t throttled, throttled_ns, steal_ns;
    double undisturbed_ns; /* of a gate: all tasks one after the other, each by what it takes where nothing
                              disturbs it (analysis/gate.h); 0: not measured */
    uint64_t digest;       /* sum of pb_mix(i, digest(i)) */
    uint64_t status[PB_STATUS_MAX];
    uint64_t counter[PB_SAMPLE_COUNTERS]; /* named by the cell: see counter_name */
    uint32_t latencies;                   /* buckets that are not empty, in ascending order */
    struct pb_latency_count *latency;
    uint32_t workers;
    struct pb_worker_sample *worker;
};

/* Frees what it owns. */
static inline void pb_sample_release(struct pb_sample *sample) {
    free(sample->worker);
    free(sample->latency);
}

#endif
