/* By how much a series is shifted from zero, with an exact interval: Hodges and Lehmann's estimate, and the
 * interval that belongs to Wilcoxon's signed-rank test. It supposes that values scatter evenly about their
 * centre, not how. */
#ifndef PB_STATS_SHIFT_H
#define PB_STATS_SHIFT_H

#include "stats/summary.h"

/* P(W <= k) of Wilcoxon's signed-rank statistic of n values without ties, exact for n up to
   PB_SIGNED_RANK_EXACT, beyond that by the normal distribution with correction for continuity. */
enum { PB_SIGNED_RANK_EXACT = 128 };
double pb_signed_rank_below(size_t n, double k);

/* The median of all averages of two values, each with itself included, and as interval those of them that the
   test does not refuse, at a chance of error `alpha`, two-sided (Hollander, Wolfe, Chicken, Nonparametric
   Statistical Methods, 2014, 3.2 and 3.3). low and high are NAN where so few values allow no such interval:
   it needs 2^(1-n) <= alpha. 0 or -ENOMEM. */
int pb_shift(const double *values, size_t n, double alpha, struct pb_interval *);

#endif
