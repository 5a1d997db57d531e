/* Sorted by launch, the values of each are a sorted run, of which pb_resampled_median draws without copying.
 */
#include "stats/launches.h"

#include "stats/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_launch(const void *a, const void *b) {
    const struct pb_launched *x = a, *y = b;
    if (x->launch != y->launch)
        return x->launch < y->launch ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

/* Exact for few degrees of freedom, else Cornish and Fisher's expansion about the normal quantile
   (Abramowitz and Stegun 26.7.5). */
double pb_student_975(double freedom) {
    static const double few[] = {12.7062, 4.30265, 3.18245, 2.77645};
    if (freedom < 5)
        return few[freedom < 1 ? 0 : (int)freedom - 1];
    const double z = 1.959964, z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
    return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom) +
           (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * freedom * freedom * freedom);
}

int pb_launches_init(struct pb_launches *l, const struct pb_launched *at, size_t n) {
    struct pb_launched *sorted = malloc(n * sizeof *sorted);
    *l = (struct pb_launches){.value = malloc(n * sizeof *l->value),
                              .start = malloc((n + 1) * sizeof *l->start),
                              .median = malloc(n * sizeof *l->median),
                              .drawn = malloc(n * sizeof *l->drawn)};
    int rc = sorted && l->value && l->start && l->median && l->drawn ? 0 : -ENOMEM;
    if (rc == 0) {
        memcpy(sorted, at, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_launch);
    }
    for (size_t i = 0; i < n && rc == 0; i++) {
        l->value[i] = sorted[i].value;
        if (i == 0 || sorted[i].launch != sorted[i - 1].launch)
            l->start[l->count++] = i;
    }
    if (rc == 0)
        l->start[l->count] = n;
    free(sorted);
    return rc;
}

void pb_launches_release(struct pb_launches *l) {
    free(l->value);
    free(l->start);
    free(l->median);
    free(l->drawn);
    *l = (struct pb_launches){.count = 0};
}

static double median_of_medians(struct pb_launches *l) {
    pb_sort(l->median, l->count);
    return pb_median(l->median, l->count);
}

double pb_launches_median(struct pb_launches *l) {
    for (size_t k = 0; k < l->count; k++)
        l->median[k] = pb_median(l->value + l->start[k], l->start[k + 1] - l->start[k]);
    return median_of_medians(l);
}

double pb_launches_resampled(struct pb_launches *l, struct pb_random *random) {
    for (size_t k = 0; k < l->count; k++) {
        size_t one = pb_random_below(random, l->count);
        const double *values = l->value + l->start[one];
        l->median[k] = pb_resampled_median(values, l->start[one + 1] - l->start[one], random, l->drawn);
    }
    return median_of_medians(l);
}

static int resample(struct pb_launches *l, uint64_t seed, struct pb_interval *out) {
    struct pb_random random;
    double launches = (double)l->count, *resample = malloc(PB_RESAMPLES * sizeof *resample);
    double stretch =
        sqrt(launches / (launches - 1)) * pb_student_975(launches - 1) / pb_normal_quantile(0.975);
    if (!resample)
        return -ENOMEM;
    pb_random_seed(&random, seed);
    for (uint32_t i = 0; i < PB_RESAMPLES; i++)
        resample[i] = pb_launches_resampled(l, &random);
    pb_sort(resample, PB_RESAMPLES);
    out->low = out->value + stretch * (pb_quantile(resample, PB_RESAMPLES, 0.025) - out->value);
    out->high = out->value + stretch * (pb_quantile(resample, PB_RESAMPLES, 0.975) - out->value);
    free(resample);
    return 0;
}

int pb_launches_interval(const struct pb_launched *at, size_t n, uint64_t seed, struct pb_interval *out) {
    struct pb_launches l;
    *out = (struct pb_interval){NAN, NAN, NAN};
    if (n == 0)
        return 0;
    int rc = pb_launches_init(&l, at, n);
    if (rc == 0 && l.count == 1)
        rc = pb_median_interval(l.value, n, seed, out);
    else if (rc == 0) {
        out->value = pb_launches_median(&l);
        rc = n < PB_EXACT_SAMPLES ? 0 : resample(&l, seed, out);
    }
    pb_launches_release(&l);
    return rc;
}
