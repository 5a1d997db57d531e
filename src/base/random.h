/* Seeded random numbers: xoshiro256** (Blackman, Vigna 2018), seeded through SplitMix64. Not for secrets. */
#ifndef PB_BASE_RANDOM_H
#define PB_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct pb_random {
    uint64_t s[4];
};

void pb_random_seed(struct pb_random *, uint64_t seed);
uint64_t pb_random_next(struct pb_random *);
uint64_t pb_random_below(struct pb_random *,
                         uint64_t bound);  /* uniform in [0, bound), bound > 0 (Lemire 2019) */
double pb_random_unit(struct pb_random *); /* uniform in [0, 1) */
void pb_random_shuffle(struct pb_random *, uint32_t *values, size_t count);

#endif
