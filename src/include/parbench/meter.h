/* What a workload's tasks may tell beside their digest: counts, latencies, and why one failed.
 *
 * Each worker has a meter of its own, in memory that outlives it, zeroed before each repetition and written
 * by that worker alone; the harness adds them up. Where task->meter is NULL nothing is kept. Everything here
 * costs some nanoseconds and allocates nothing. */
#ifndef PARBENCH_METER_H
#define PARBENCH_METER_H

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>

#include "parbench/task.h"

enum {
    PB_COUNTERS_MAX = 8,  /* of a workload */
    PB_FAILURES_MAX = 32, /* that a worker remembers of one repetition; the others are counted only */

    /* Latencies are counted in 64 buckets for each power of two, so that each is known to 1/64 of itself. */
    PB_LATENCY_STEPS = 64,
    PB_LATENCY_BUCKETS = (63 - 5) * PB_LATENCY_STEPS + PB_LATENCY_STEPS,
};

struct pb_failure {
    uint64_t task;    /* its index */
    int32_t status;   /* as `run` returns it */
    char reason[116]; /* "HTTP 503": lower case unless a name, no full stop; cut if longer */
};

/* What child processes used: sums, but for the memory of the largest. */
struct pb_charged {
    uint64_t children, cpu_ns, voluntary, involuntary, minor_faults, major_faults, peak_bytes;
};

/* What stands first tells whether the rest was written: only then is it looked at, and zeroed. */
struct pb_meter {
    alignas(128) atomic_uint_fast64_t ended; /* tasks; counted by the harness, of I/O-bound workloads only */
    uint64_t counter[PB_COUNTERS_MAX];
    struct pb_charged charged;
    uint64_t observed; /* latencies, in all buckets */
    uint64_t failures; /* in all; the first PB_FAILURES_MAX are remembered */
    uint32_t latency[PB_LATENCY_BUCKETS];
    struct pb_failure failure[PB_FAILURES_MAX];
};

/* Values below 64 have a bucket each. */
static inline unsigned pb_latency_bucket(uint64_t ns) {
    if (ns < PB_LATENCY_STEPS)
        return (unsigned)ns;
    unsigned exponent = 63u - (unsigned)__builtin_clzll(ns);
    return (exponent - 5) * PB_LATENCY_STEPS + (unsigned)(ns >> (exponent - 6) & (PB_LATENCY_STEPS - 1));
}

/* The least value that the bucket counts; that of the next bucket is above all that it counts. */
static inline uint64_t pb_latency_floor(unsigned bucket) {
    if (bucket < PB_LATENCY_STEPS)
        return bucket;
    if (bucket >= PB_LATENCY_BUCKETS)
        return UINT64_MAX;
    return (uint64_t)(PB_LATENCY_STEPS + bucket % PB_LATENCY_STEPS) << (bucket / PB_LATENCY_STEPS - 1);
}

/* One observation for the cell's latency percentiles. */
static inline void pb_observe(struct pb_task *task, uint64_t ns) {
    if (!task->meter)
        return;
    task->meter->latency[pb_latency_bucket(ns)]++;
    task->meter->observed++;
}

/* Adds to the workload's counter number `counter` (see its `counters`). */
static inline void pb_count(struct pb_task *task, unsigned counter, uint64_t amount) {
    if (task->meter)
        task->meter->counter[counter] += amount;
}

static inline uint64_t pb_timeval_ns(struct timeval t) {
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

/* Charges the task with what a child process used that it has waited for, as wait4(2) says it: processor
 * time, switches and faults become the row's and the worker's, as if the task had done it itself. Once per
 * child: the kernel never counts it as this process's own. */
static inline void pb_charge(struct pb_task *task, const struct rusage *used) {
    if (!task->meter)
        return;
    struct pb_charged *c = &task->meter->charged;
    uint64_t peak = (uint64_t)used->ru_maxrss * 1024;
    c->children++;
    c->cpu_ns += pb_timeval_ns(used->ru_utime) + pb_timeval_ns(used->ru_stime);
    c->voluntary += (uint64_t)used->ru_nvcsw;
    c->involuntary += (uint64_t)used->ru_nivcsw;
    c->minor_faults += (uint64_t)used->ru_minflt;
    c->major_faults += (uint64_t)used->ru_majflt;
    c->peak_bytes = peak > c->peak_bytes ? peak : c->peak_bytes;
}

/* Says why task i fails; returns the status, so that `return pb_reason(...)` reads well. */
__attribute__((format(printf, 4, 5))) static inline int pb_reason(struct pb_task *task, uint64_t i,
                                                                  int status, const char *format, ...) {
    struct pb_meter *meter = task->meter;
    if (!meter || meter->failures++ >= PB_FAILURES_MAX)
        return status;
    struct pb_failure *f = &meter->failure[meter->failures - 1];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f->reason, sizeof f->reason, format, arguments);
    va_end(arguments);
    f->task = i;
    f->status = status;
    return status;
}

#endif
