/* The interval of a median by resampling: BCa, bias-corrected and accelerated (Efron 1987). */
#ifndef PB_STATS_BOOTSTRAP_H
#define PB_STATS_BOOTSTRAP_H

#include "base/random.h"
#include "stats/summary.h"

#include <stdint.h>

enum { PB_RESAMPLES = 2000 };

/* The distribution function of the standard normal distribution, and its inverse for 0 < p < 1. */
double pb_normal_cdf(double x);
double pb_normal_quantile(double p);

/* The median of n values drawn from `sorted` with replacement; `count` is room for n numbers. */
double pb_resampled_median(const double *sorted, size_t n, struct pb_random *, uint32_t *count);

/* The median of `sorted` with its 95 % BCa interval from `resamples` resamples, the same for the same seed.
   n must be at least 2, resamples at least 1. 0 or -ENOMEM. Of medians it covers less than it says when
   samples are few: measured on exponential samples 93 % at n = 10, 92 to 93 % at 15 to 21, 95 % from 30. */
int pb_median_bca(const double *sorted, size_t n, uint64_t seed, uint32_t resamples, struct pb_interval *);

/* The interval that suits the number of samples: none below PB_EXACT_SAMPLES, exact below
   PB_BOOTSTRAP_SAMPLES, else BCa from PB_RESAMPLES resamples. 0 or -ENOMEM; the value is NAN if n is 0. */
int pb_median_interval(const double *sorted, size_t n, uint64_t seed, struct pb_interval *);

#endif
