#include "stats/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void pb_sort(double *values, size_t n) {
    if (n > 1)
        qsort(values, n, sizeof *values, ascending);
}

double pb_quantile(const double *sorted, size_t n, double q) {
    if (n == 0 || isnan(q))
        return NAN;
    double at = q * (double)(n - 1);
    size_t below = (size_t)at;
    if (below >= n - 1)
        return sorted[n - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

double pb_median(const double *sorted, size_t n) {
    if (n == 0)
        return NAN;
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

double pb_undisturbed_mean(const double *sorted, size_t n, double share) {
    size_t first = n / 18, end = (size_t)(share * (double)n);
    double sum = 0;
    if (n == 0)
        return NAN;
    end = end > first ? end : first + 1;
    for (size_t i = first; i < end; i++)
        sum += sorted[i];
    return sum / (double)(end - first);
}

double pb_midmean(const double *sorted, size_t n) {
    size_t cut = n / 4;
    double sum = 0;
    for (size_t i = cut; i < n - cut; i++)
        sum += sorted[i];
    return n ? sum / (double)(n - 2 * cut) : NAN;
}

int pb_mad(const double *sorted, size_t n, double *mad) {
    double centre = pb_median(sorted, n);
    *mad = NAN;
    if (n == 0)
        return 0;
    double *distance = malloc(n * sizeof *distance);
    if (!distance)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        distance[i] = fabs(sorted[i] - centre);
    pb_sort(distance, n);
    *mad = pb_median(distance, n);
    free(distance);
    return 0;
}

/* The greatest k with P(binomial(n, 1/2) < k) <= 2.5 %; 0: there is none. Summed through logarithms, since
   2^-n underflows from n = 1075. */
static size_t exact_rank(size_t n) {
    double below = 0;
    for (size_t k = 0; k <= n / 2; k++) {
        below += exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) -
                     (double)n * M_LN2);
        if (below > 0.025)
            return k;
    }
    return n / 2;
}

struct pb_interval pb_median_exact(const double *sorted, size_t n) {
    struct pb_interval result = {pb_median(sorted, n), NAN, NAN};
    if (n >= PB_EXACT_SAMPLES) {
        size_t rank = exact_rank(n);
        result.low = sorted[rank - 1];
        result.high = sorted[n - rank];
    }
    return result;
}

/* Counted from the first value, so that values without spread have none, and those far from 0 keep theirs: a
   mean of large numbers is rounded. */
double pb_lag1(const double *values, size_t n) {
    double mean = 0, along = 0, square = 0, before = 0;
    if (n < 3)
        return NAN;
    for (size_t i = 0; i < n; i++)
        mean += (values[i] - values[0]) / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = values[i] - values[0] - mean;
        square += d * d;
        along += i > 0 ? d * before : 0;
        before = d;
    }
    return square > 0 ? along / square : NAN;
}

int pb_drift(const double *values, size_t n, double *slope) {
    *slope = NAN;
    if (n < 2)
        return 0;
    size_t pairs = n * (n - 1) / 2, k = 0;
    double *of_pair = malloc(pairs * sizeof *of_pair);
    if (!of_pair)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            of_pair[k++] = (values[j] - values[i]) / (double)(j - i);
    pb_sort(of_pair, pairs);
    *slope = pb_median(of_pair, pairs);
    free(of_pair);
    return 0;
}

struct pb_outliers pb_outliers(const double *sorted, size_t n) {
    struct pb_outliers found = {0};
    double first = pb_quantile(sorted, n, 0.25), third = pb_quantile(sorted, n, 0.75);
    double mild = 1.5 * (third - first), severe = 3 * (third - first);
    for (size_t i = 0; i < n; i++) {
        double under = first - sorted[i], over = sorted[i] - third;
        found.low_severe += under > severe;
        found.low_mild += under > mild && under <= severe;
        found.high_mild += over > mild && over <= severe;
        found.high_severe += over > severe;
    }
    return found;
}
