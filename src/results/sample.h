/* One repetition as it was measured: what a runner says, and what a record keeps. Unknown numbers are -1. */
#ifndef PB_RESULTS_SAMPLE_H
#define PB_RESULTS_SAMPLE_H

#include <stdint.h>
#include <stdlib.h>

#include "parbench/workload.h"

/* What one worker did in one repetition. */
struct pb_worker_sample {
    uint64_t tasks;
    uint64_t cpu_ns; /* CPU time spent inside tasks, and by programs that they ran */
    int32_t cpu;     /* the processor it was last seen on; -1: unknown */
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
    uint64_t tasks;
    uint64_t makespan_ns;
    uint64_t cpu_ns; /* CPU time of the runner, its worker processes, and the programs that its tasks ran */
    int64_t voluntary, involuntary, migrations, minor_faults, major_faults; /* likewise */
    int64_t peak_bytes; /* resident memory at its highest since the start, runner and workers; and for each
                           worker that of the largest program that it ran in this repetition */
    uint64_t digest;    /* sum of pb_mix(i, digest(i)) */
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
