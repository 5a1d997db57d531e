/* Sorted by launch, the values of each are a sorted run, of which pb_resampled_median draws without copying.
 */
#include "stats/launches.h"

#include "base/random.h"
#include "stats/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static int by_launch(const void *a, const void *b) {
    const struct pb_launched *x = a, *y = b;
    if (x->launch != y->launch)
        return x->launch < y->launch ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

size_t pb_launches_sort(struct pb_launched *at, size_t n) {
    size_t launches = n > 0;
    if (n > 1)
        qsort(at, n, sizeof *at, by_launch);
    for (size_t i = 1; i < n; i++)
        launches += at[i].launch != at[i - 1].launch;
    return launches;
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

/* The launches as runs of one sorted array, and what resampling them needs. */
struct launches {
    double *value;
    size_t *start; /* of each launch's run; one more at the end */
    size_t count;
    double *median;   /* of each launch drawn */
    uint32_t *drawn;  /* how often each value of a launch was */
    double *resample; /* the results */
};

static int acquire(struct launches *l, const struct pb_launched *at, size_t n, size_t count) {
    *l = (struct launches){.value = malloc(n * sizeof *l->value),
                           .start = malloc((count + 1) * sizeof *l->start),
                           .median = malloc(count * sizeof *l->median),
                           .drawn = malloc(n * sizeof *l->drawn),
                           .resample = malloc(PB_RESAMPLES * sizeof *l->resample)};
    if (!l->value || !l->start || !l->median || !l->drawn || !l->resample)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        l->value[i] = at[i].value;
        if (i == 0 || at[i].launch != at[i - 1].launch)
            l->start[l->count++] = i;
    }
    l->start[l->count] = n;
    return 0;
}

static void release(struct launches *l) {
    free(l->value);
    free(l->start);
    free(l->median);
    free(l->drawn);
    free(l->resample);
}

static double median_of_medians(struct launches *l) {
    pb_sort(l->median, l->count);
    return pb_median(l->median, l->count);
}

static double observed(struct launches *l) {
    for (size_t k = 0; k < l->count; k++)
        l->median[k] = pb_median(l->value + l->start[k], l->start[k + 1] - l->start[k]);
    return median_of_medians(l);
}

static double drawn(struct launches *l, struct pb_random *random) {
    for (size_t k = 0; k < l->count; k++) {
        size_t one = pb_random_below(random, l->count);
        const double *values = l->value + l->start[one];
        l->median[k] = pb_resampled_median(values, l->start[one + 1] - l->start[one], random, l->drawn);
    }
    return median_of_medians(l);
}

static struct pb_interval resample(struct launches *l, uint64_t seed) {
    struct pb_random random;
    struct pb_interval result = {.value = observed(l)};
    double launches = (double)l->count;
    double stretch =
        sqrt(launches / (launches - 1)) * pb_student_975(launches - 1) / pb_normal_quantile(0.975);
    pb_random_seed(&random, seed);
    for (uint32_t i = 0; i < PB_RESAMPLES; i++)
        l->resample[i] = drawn(l, &random);
    pb_sort(l->resample, PB_RESAMPLES);
    double low = pb_quantile(l->resample, PB_RESAMPLES, 0.025);
    double high = pb_quantile(l->resample, PB_RESAMPLES, 0.975);
    result.low = result.value + stretch * (low - result.value);
    result.high = result.value + stretch * (high - result.value);
    return result;
}

static int one_launch(const struct pb_launched *at, size_t n, uint64_t seed, struct pb_interval *out) {
    double *value = malloc(n * sizeof *value);
    if (!value)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        value[i] = at[i].value; /* sorted, being of one launch */
    int rc = pb_median_interval(value, n, seed, out);
    free(value);
    return rc;
}

int pb_launches_interval(struct pb_launched *at, size_t n, uint64_t seed, struct pb_interval *out) {
    struct launches l;
    size_t count = pb_launches_sort(at, n);
    *out = (struct pb_interval){NAN, NAN, NAN};
    if (count < 2)
        return n ? one_launch(at, n, seed, out) : 0;
    int rc = acquire(&l, at, n, count);
    if (rc == 0)
        *out = n < PB_EXACT_SAMPLES ? (struct pb_interval){observed(&l), NAN, NAN} : resample(&l, seed);
    release(&l);
    return rc;
}
