#include "stats/two_level.h"

#include "stats/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct side {
    struct pb_launches launches;
    double value;  /* of what was measured */
    double spread; /* by which a resample's distance from it grows */
};

static int side_init(struct side *s, const struct pb_launched *measured, size_t n) {
    int rc = pb_launches_init(&s->launches, measured, n);
    if (rc)
        return rc;
    double units = (double)(s->launches.count > 1 ? s->launches.count : n);
    s->value = pb_launches_median(&s->launches);
    s->spread = units > 1 ? sqrt(units / (units - 1)) : 1;
    return 0;
}

static double resampled(struct side *s, struct pb_random *random) {
    return s->value + (pb_launches_resampled(&s->launches, random) - s->value) * s->spread;
}

/* So few launches do not show how much launches differ: Student's quantile for what both sides tell of it,
   over the normal one that resampling amounts to. */
static void stretch(struct side *a, struct side *b) {
    size_t freedom = a->launches.count + b->launches.count - 2;
    double factor = freedom ? pb_student_975((double)freedom) / pb_normal_quantile(0.975) : 1;
    a->spread *= a->launches.count > 1 ? factor : 1;
    b->spread *= b->launches.count > 1 ? factor : 1;
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
    size_t launches = a.launches.count < b.launches.count ? a.launches.count : b.launches.count;
    found->launches = (uint32_t)launches;
out:
    pb_launches_release(&b.launches);
    pb_launches_release(&a.launches);
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
