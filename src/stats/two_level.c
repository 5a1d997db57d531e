/* Repetitions are sorted by launch and value once. A resample of a launch is described by how often each of
 * its values was drawn, so its median is found by walking those counts, as in bootstrap.c. */
#include "stats/two_level.h"

#include "base/random.h"
#include "stats/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct side {
    struct pb_launched *sorted;
    size_t n;
    size_t *begin; /* of each launch in `sorted`; one more than launches */
    size_t launches;
    double *median;  /* of each launch; scratch */
    uint32_t *count; /* of each value of a launch; scratch */
    double value;    /* of what was measured */
    double spread;   /* by which a resample's distance from it grows */
};

static int by_launch(const void *a, const void *b) {
    const struct pb_launched *x = a, *y = b;
    int order = (x->launch > y->launch) - (x->launch < y->launch);
    return order ? order : (x->value > y->value) - (x->value < y->value);
}

static size_t size_of(const struct side *s, size_t launch) {
    return s->begin[launch + 1] - s->begin[launch];
}

/* Of the values as measured; pb_median takes an array of doubles. */
static double median_of(const struct side *s, size_t launch) {
    const struct pb_launched *first = s->sorted + s->begin[launch];
    size_t n = size_of(s, launch);
    return (first[n / 2].value + first[(n - 1) / 2].value) / 2;
}

static double median_of_launches(struct side *s) {
    pb_sort(s->median, s->launches);
    return pb_median(s->median, s->launches);
}

static void split(struct side *s) {
    for (size_t i = 0; i < s->n; i++)
        if (i == 0 || s->sorted[i].launch != s->sorted[i - 1].launch)
            s->begin[s->launches++] = i;
    s->begin[s->launches] = s->n;
}

static int side_init(struct side *s, const struct pb_launched *measured, size_t n) {
    s->n = n;
    s->sorted = malloc(n * sizeof *s->sorted);
    s->begin = malloc((n + 1) * sizeof *s->begin);
    s->median = malloc(n * sizeof *s->median);
    s->count = malloc(n * sizeof *s->count);
    if (!s->sorted || !s->begin || !s->median || !s->count)
        return -ENOMEM;
    memcpy(s->sorted, measured, n * sizeof *s->sorted);
    qsort(s->sorted, n, sizeof *s->sorted, by_launch);
    split(s);
    for (size_t i = 0; i < s->launches; i++)
        s->median[i] = median_of(s, i);
    s->value = median_of_launches(s);
    double units = s->launches > 1 ? (double)s->launches : (double)n;
    s->spread = units > 1 ? sqrt(units / (units - 1)) : 1;
    return 0;
}

static void side_release(struct side *s) {
    free(s->sorted);
    free(s->begin);
    free(s->median);
    free(s->count);
}

/* The k-th smallest (from 0) of what was drawn of a launch. */
static double drawn(const struct side *s, size_t launch, size_t k) {
    size_t i = 0, seen = s->count[0];
    while (seen <= k)
        seen += s->count[++i];
    return s->sorted[s->begin[launch] + i].value;
}

static double resampled_launch(struct side *s, size_t launch, struct pb_random *random) {
    size_t n = size_of(s, launch);
    memset(s->count, 0, n * sizeof *s->count);
    for (size_t i = 0; i < n; i++)
        s->count[pb_random_below(random, n)]++;
    return (drawn(s, launch, n / 2) + drawn(s, launch, (n - 1) / 2)) / 2;
}

static double resampled(struct side *s, struct pb_random *random) {
    for (size_t i = 0; i < s->launches; i++)
        s->median[i] = resampled_launch(s, pb_random_below(random, s->launches), random);
    return s->value + (median_of_launches(s) - s->value) * s->spread;
}

/* So few launches do not show how much launches differ: Student's quantile for what both sides tell of it,
   over the normal one that resampling amounts to. */
static void stretch(struct side *a, struct side *b) {
    size_t freedom = a->launches + b->launches - 2;
    double factor = freedom ? pb_student_975((double)freedom) / pb_normal_quantile(0.975) : 1;
    a->spread *= a->launches > 1 ? factor : 1;
    b->spread *= b->launches > 1 ? factor : 1;
}

static double deviation_of(const double *value, uint32_t n) {
    double mean = 0, square = 0;
    for (uint32_t i = 0; i < n; i++)
        mean += value[i] / n;
    for (uint32_t i = 0; i < n; i++)
        square += (value[i] - mean) * (value[i] - mean);
    return n > 1 ? sqrt(square / (n - 1)) : NAN;
}

int pb_two_level_init(struct pb_two_level *found, const struct pb_launched *base, size_t nbase,
                      const struct pb_launched *head, size_t nhead, uint64_t seed, uint32_t resamples) {
    struct side a = {0}, b = {0};
    struct pb_random random;
    *found = (struct pb_two_level){.value = NAN, .deviation = NAN};
    int rc = side_init(&a, base, nbase);
    rc = rc ? rc : side_init(&b, head, nhead);
    if (rc == 0 && !(found->resample = malloc(resamples * sizeof *found->resample)))
        rc = -ENOMEM;
    if (rc)
        goto out;
    stretch(&a, &b);
    pb_random_seed(&random, seed);
    for (uint32_t i = 0; i < resamples; i++) {
        double from = resampled(&a, &random);
        found->resample[i] = resampled(&b, &random) - from;
    }
    pb_sort(found->resample, resamples);
    found->resamples = resamples;
    found->value = b.value - a.value;
    found->deviation = deviation_of(found->resample, resamples);
    found->launches = (uint32_t)(a.launches < b.launches ? a.launches : b.launches);
out:
    side_release(&b);
    side_release(&a);
    return rc;
}

void pb_two_level_release(struct pb_two_level *found) {
    free(found->resample);
    *found = (struct pb_two_level){.value = NAN, .deviation = NAN};
}

struct pb_interval pb_two_level_interval(const struct pb_two_level *found, double confidence) {
    double tail = (1 - confidence) / 2;
    return (struct pb_interval){found->value, pb_quantile(found->resample, found->resamples, tail),
                                pb_quantile(found->resample, found->resamples, 1 - tail)};
}

/* The share of resamples at or below the border; none and all are known to one in so many only. */
static double share_below(const struct pb_two_level *found, double border) {
    uint32_t low = 0, high = found->resamples;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (found->resample[middle] <= border)
            low = middle + 1;
        else
            high = middle;
    }
    return low / (double)found->resamples;
}

double pb_two_level_level(const struct pb_two_level *found, double threshold) {
    double border = log1p(threshold), least = 1.0 / (found->resamples + 1.0);
    double below = share_below(found, -border), upto = share_below(found, border);
    double regressed = upto, improved = 1 - below, equivalent = fmax(below, 1 - upto);
    return fmin(1, 2 * fmax(least, fmin(equivalent, fmin(regressed, improved))));
}

double pb_two_level_detectable(const struct pb_two_level *found, double confidence, double threshold) {
    struct pb_interval i = pb_two_level_interval(found, confidence);
    return expm1(log1p(threshold) + (i.high - i.low) / 2 + pb_normal_quantile(0.95) * found->deviation);
}
