/* Quantiles of values of which only counts in classes were kept: latencies, of which there are too many to
 * keep each. Classes come in any order, of any width, but two of them are equal or disjoint. */
#ifndef PB_STATS_HISTOGRAM_H
#define PB_STATS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/* So many values were from `least` to `most`, both included. */
struct pb_bin {
    uint64_t least, most, count;
};

/* Puts the bins into ascending order and adds up those that are equal; empty ones are dropped. Returns how
   many are left, at the beginning. */
size_t pb_bins_merge(struct pb_bin *, size_t n);

/* The quantile by nearest rank: the ceil(q N)-th smallest of N values, which is one of them (type 1 of
   Hyndman and Fan 1996); above the (N-1)/N-th it is the largest. Told as the middle of its bin, so it is off
   by half the bin's width at most: with 64 bins for each power of two by 1/128 of itself. `merged` is as
   pb_bins_merge leaves it, 0 < q <= 1. NAN without values. */
double pb_bins_quantile(const struct pb_bin *merged, size_t n, double q);

#endif
