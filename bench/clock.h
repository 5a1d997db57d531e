/* The clock of I/O-bound workloads; CPU-bound ones see none. */
#ifndef PB_BENCH_CLOCK_H
#define PB_BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC, in nanoseconds; the same in all processes. */
static inline uint64_t pb_clock_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
