/* Describing one series of numbers: pure functions over double[]. No I/O, no clock.
 *
 * Where a parameter is called `sorted` the caller has sorted it (pb_sort); elsewhere the order is the order
 * of measurement. What cannot be told from so few numbers is NAN. */
#ifndef PB_STATS_SUMMARY_H
#define PB_STATS_SUMMARY_H

#include <stddef.h>

/* A value and its 95 % interval; low and high are NAN where there is none. */
struct pb_interval {
    double value, low, high;
};

enum {
    PB_EXACT_SAMPLES = 6,      /* fewer give no 95 % interval of a median */
    PB_BOOTSTRAP_SAMPLES = 10, /* fewer get the exact interval instead of the bootstrap's */
};

void pb_sort(double *values, size_t n); /* ascending */

/* Linear between order statistics (type 7 of Hyndman and Fan 1996, numpy's default), 0 <= q <= 1. */
double pb_quantile(const double *sorted, size_t n, double q);
double pb_median(const double *sorted, size_t n);
/* The mean of the smallest `share` of the values without the very smallest eighteenth (counts rounded down,
   at least one value). What disturbs a repetition only ever adds time, so that the fast ones tell of the work
   and the slow ones of the disturbance. NAN if n is 0. */
double pb_undisturbed_mean(const double *sorted, size_t n, double share);
/* The mean of the middle half, without a quarter at each end (counts rounded down): the midmean, or 25 %
   trimmed mean. NAN if n is 0. */
double pb_midmean(const double *sorted, size_t n);
/* Median absolute deviation from the median, not scaled. 0 or -ENOMEM. */
int pb_mad(const double *sorted, size_t n, double *mad);

/* The exact interval of the median from order statistics: the k-th smallest and k-th largest value, with the
   greatest k for which a binomial of n fair coins stays below k with at most 2.5 % (David and Nagaraja,
   Order Statistics, 2003, 7.1). It covers at least 95 %, whatever the distribution. */
struct pb_interval pb_median_exact(const double *sorted, size_t n);

/* Lag-1 autocorrelation: near 0 when samples are independent. NAN below 3 samples or without any spread. */
double pb_lag1(const double *values, size_t n);

/* Drift: Theil and Sen's slope against the index, the median of all pairs' slopes; a value's change per
   sample. 0 or -ENOMEM; NAN below 2 samples. */
int pb_drift(const double *values, size_t n, double *slope);

/* Tukey's fences: beyond 1.5 interquartile ranges from the quartiles is mild, beyond 3 severe. Outliers are
   classified, never removed. */
struct pb_outliers {
    size_t low_severe, low_mild, high_mild, high_severe;
};
struct pb_outliers pb_outliers(const double *sorted, size_t n);

#endif
