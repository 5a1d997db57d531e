/* The twenty numbers of the primes example of Fluent Python (2nd edition, chapter 19), and smaller sets of
 * their shape. */
#ifndef PB_BENCH_PRIMES_H
#define PB_BENCH_PRIMES_H

#include "parbench/task.h"

enum { PB_PRIMES_COUNT = 20, PB_PRIMES_SETS = 3 };

struct pb_primes_set {
    uint64_t digits; /* of most of its numbers */
    uint64_t number[PB_PRIMES_COUNT];
};
extern const struct pb_primes_set pb_primes_sets[PB_PRIMES_SETS];

/* The least divisor above 1 of n >= 2, by trial: n itself if it is prime. */
uint64_t pb_least_divisor(struct pb_task *, uint64_t n);

#endif
