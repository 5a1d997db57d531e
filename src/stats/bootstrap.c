/* A resample of sorted values is described by how often each was drawn, so its median is found by walking
 * those counts: no resample is ever sorted. The jackknife needs no copies either: a median without the i-th
 * value depends only on which side of the middle i lies. */
#include "stats/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

double pb_normal_cdf(double x) {
    return erfc(-x * M_SQRT1_2) / 2;
}

/* By bisection: asked twice per interval, so it may be slow, and it needs no table of coefficients. */
double pb_normal_quantile(double p) {
    double low = -9, high = 9;
    for (int i = 0; i < 64; i++) {
        double middle = (low + high) / 2;
        *(pb_normal_cdf(middle) < p ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

/* The k-th smallest (from 0) of a resample, given how often each value was drawn. */
static size_t drawn(const uint32_t *count, size_t k) {
    size_t i = 0, seen = count[0];
    while (seen <= k)
        seen += count[++i];
    return i;
}

double pb_resampled_median(const double *sorted, size_t n, struct pb_random *random, uint32_t *count) {
    memset(count, 0, n * sizeof *count);
    for (size_t i = 0; i < n; i++)
        count[pb_random_below(random, n)]++;
    double upper = sorted[drawn(count, n / 2)];
    return n % 2 ? upper : (sorted[drawn(count, n / 2 - 1)] + upper) / 2;
}

static double median_without(const double *sorted, size_t n, size_t i) {
    size_t rest = n - 1, upper = rest / 2;
    double high = sorted[upper < i ? upper : upper + 1];
    if (rest % 2)
        return high;
    size_t lower = upper - 1;
    return (sorted[lower < i ? lower : lower + 1] + high) / 2;
}

/* Efron's acceleration from the jackknife; 0 when leaving a value out changes nothing. */
static double acceleration(const double *sorted, size_t n) {
    double mean = 0, square = 0, cube = 0;
    for (size_t i = 0; i < n; i++)
        mean += median_without(sorted, n, i) / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = mean - median_without(sorted, n, i);
        square += d * d;
        cube += d * d * d;
    }
    return square > 0 ? cube / (6 * pow(square, 1.5)) : 0;
}

/* The share of resamples below the median, ties counted half; kept off 0 and 1, whose quantiles are
   infinite. */
static double share_below(const double *resample, uint32_t resamples, double median) {
    double below = 0;
    for (uint32_t i = 0; i < resamples; i++)
        below += resample[i] < median ? 1 : resample[i] == median ? 0.5 : 0;
    double least = 0.5 / resamples;
    return fmin(fmax(below / resamples, least), 1 - least);
}

int pb_median_bca(const double *sorted, size_t n, uint64_t seed, uint32_t resamples,
                  struct pb_interval *result) {
    struct pb_random random;
    int rc = -ENOMEM;
    double *resample = malloc(resamples * sizeof *resample);
    uint32_t *count = malloc(n * sizeof *count);
    *result = (struct pb_interval){pb_median(sorted, n), NAN, NAN};
    if (!resample || !count)
        goto out;
    pb_random_seed(&random, seed);
    for (uint32_t i = 0; i < resamples; i++)
        resample[i] = pb_resampled_median(sorted, n, &random, count);
    pb_sort(resample, resamples);

    double bias = pb_normal_quantile(share_below(resample, resamples, result->value));
    double a = acceleration(sorted, n), z = pb_normal_quantile(0.975);
    double low = bias - z, high = bias + z;
    result->low = pb_quantile(resample, resamples, pb_normal_cdf(bias + low / (1 - a * low)));
    result->high = pb_quantile(resample, resamples, pb_normal_cdf(bias + high / (1 - a * high)));
    rc = 0;
out:
    free(count);
    free(resample);
    return rc;
}

int pb_median_interval(const double *sorted, size_t n, uint64_t seed, struct pb_interval *result) {
    if (n >= PB_BOOTSTRAP_SAMPLES)
        return pb_median_bca(sorted, n, seed, PB_RESAMPLES, result);
    *result = pb_median_exact(sorted, n);
    return 0;
}
