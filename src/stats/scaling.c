/* A resample is a list of rounds. Its fit needs only the mean of each width and what is left within widths,
 * so no sample is copied. Each estimate keeps its value of every resample, to be sorted at the end.
 *
 * Where resamples prefer Amdahl's law their b is 0, though data may hold a small one that they cannot show:
 * so b and the peak get the interval of the full law. */
#include "stats/scaling.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/random.h"
#include "stats/bootstrap.h"

enum estimated { ONE, A, B, PEAK, THROUGHPUT, SPEEDUP, ESTIMATES };

struct resampler {
    const struct pb_scaling_data *data;
    double predict;
    bool of_b;        /* b and the peak are those of the full law, though Amdahl's was preferred */
    double *log_x;    /* of all samples */
    double *mean;     /* of each width, in the resample */
    size_t *round;    /* the resample */
    double *estimate; /* ESTIMATES rows of PB_SCALING_RESAMPLES */
};

/* What all widths of a round share is drift of the machine, and no deviation from the curve. */
static struct pb_usl_means means_of(const struct resampler *r) {
    const struct pb_scaling_data *d = r->data;
    double within = 0;
    for (size_t w = 0; w < d->widths; w++) {
        r->mean[w] = 0;
        for (size_t k = 0; k < d->rounds; k++)
            r->mean[w] += r->log_x[r->round[k] * d->widths + w] / (double)d->rounds;
    }
    for (size_t k = 0; k < d->rounds; k++) {
        const double *row = &r->log_x[r->round[k] * d->widths];
        double drift = 0;
        for (size_t w = 0; w < d->widths; w++)
            drift += (row[w] - r->mean[w]) / (double)d->widths;
        for (size_t w = 0; w < d->widths; w++)
            within += (row[w] - r->mean[w] - drift) * (row[w] - r->mean[w] - drift);
    }
    return (struct pb_usl_means){d->widths, d->rounds, d->n, r->mean, within};
}

static enum pb_law fit(const struct resampler *r, struct pb_usl *curve, double out[ESTIMATES]) {
    struct pb_usl_means means = means_of(r);
    enum pb_law law = pb_usl_choose(&means, curve);
    out[ONE] = curve->g;
    out[A] = curve->a;
    out[B] = curve->b;
    out[PEAK] = pb_usl_peak(*curve);
    if (r->of_b && law == PB_LAW_AMDAHL) {
        struct pb_usl full;
        pb_usl_fit(&means, PB_LAW_USL, &full);
        out[B] = full.b;
        out[PEAK] = pb_usl_peak(full);
    }
    out[THROUGHPUT] = pb_usl_throughput(*curve, r->predict);
    out[SPEEDUP] = pb_usl_speedup(*curve, r->predict);
    return law;
}

/* Percentiles of few rounds cover 1 to 2 % less than they say, whatever their law: those of 97.5 % are taken,
   of which simulation shows that they cover 95 (tests/test_scaling.c). */
static const double tail = 0.0125;

/* The quantile of Student's distribution that leaves `tail` above it (Abramowitz and Stegun 26.7.5): within
   0.01 from 5 degrees of freedom on. */
static double student(double freedom) {
    double z = pb_normal_quantile(1 - tail), z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z, f = freedom;
    return z + (z3 + z) / (4 * f) + (5 * z5 + 16 * z3 + 3 * z) / (96 * f * f) +
           (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * f * f * f);
}

/* Infinite peaks have no distance from each other: no interpolation at the upper end. */
static double at(const double *sorted, double share, bool up) {
    double place = share * (PB_SCALING_RESAMPLES - 1);
    return sorted[(size_t)(up ? ceil(place) : floor(place))];
}

static struct pb_interval interval_of(const struct resampler *r, enum estimated what, double value) {
    double *row = &r->estimate[(size_t)what * PB_SCALING_RESAMPLES], n = (double)r->data->rounds;
    struct pb_interval result = {value, NAN, NAN};
    if (r->data->rounds < PB_EXACT_SAMPLES)
        return result;
    double share = pb_normal_cdf(-sqrt(n / (n - 1)) * student(n - 1));
    pb_sort(row, PB_SCALING_RESAMPLES);
    result.low = fmin(at(row, share, false), value);
    result.high = fmax(at(row, 1 - share, true), value);
    return result;
}

static void resample(struct resampler *r, uint64_t seed) {
    struct pb_random random;
    pb_random_seed(&random, seed);
    r->of_b = r->data->widths >= PB_USL_WIDTHS;
    for (size_t i = 0; i < PB_SCALING_RESAMPLES; i++) {
        struct pb_usl curve;
        double estimate[ESTIMATES];
        for (size_t k = 0; k < r->data->rounds; k++)
            r->round[k] = pb_random_below(&random, r->data->rounds);
        fit(r, &curve, estimate);
        for (size_t e = 0; e < ESTIMATES; e++)
            r->estimate[e * PB_SCALING_RESAMPLES + i] = estimate[e];
    }
}

/* `r` holds the means of the whole data. */
static void find_misfit(const struct resampler *r, struct pb_scaling_fit *out) {
    out->misfit = 0;
    for (size_t w = 0; w < r->data->widths; w++) {
        double n = r->data->n[w], off = exp(r->mean[w]) / pb_usl_throughput(out->curve, n) - 1;
        if (fabs(off) >= fabs(out->misfit)) {
            out->misfit = off;
            out->misfit_at = n;
        }
    }
}

static int acquire(struct resampler *r) {
    size_t samples = r->data->widths * r->data->rounds;
    r->log_x = malloc(samples * sizeof *r->log_x);
    r->mean = malloc(r->data->widths * sizeof *r->mean);
    r->round = malloc(r->data->rounds * sizeof *r->round);
    r->estimate = malloc(sizeof *r->estimate * ESTIMATES * PB_SCALING_RESAMPLES);
    if (!r->log_x || !r->mean || !r->round || !r->estimate)
        return -ENOMEM;
    for (size_t i = 0; i < samples; i++)
        r->log_x[i] = log(r->data->x[i]);
    for (size_t k = 0; k < r->data->rounds; k++)
        r->round[k] = k;
    return 0;
}

static void release(struct resampler *r) {
    free(r->estimate);
    free(r->round);
    free(r->mean);
    free(r->log_x);
}

int pb_scaling_fit(const struct pb_scaling_data *data, double predict, uint64_t seed,
                   struct pb_scaling_fit *out) {
    static const struct pb_interval unknown = {NAN, NAN, NAN};
    struct resampler r = {.data = data, .predict = predict};
    double value[ESTIMATES];
    *out = (struct pb_scaling_fit){.law = PB_LAW_NONE};
    if (data->widths < PB_AMDAHL_WIDTHS || data->rounds == 0)
        return 0;
    int rc = acquire(&r);
    if (rc < 0)
        goto out;
    out->law = fit(&r, &out->curve, value);
    find_misfit(&r, out);
    if (data->rounds >= PB_EXACT_SAMPLES)
        resample(&r, seed);
    struct pb_interval *const slot[ESTIMATES] = {&out->one,  &out->a,          &out->b,
                                                 &out->peak, &out->throughput, &out->speedup};
    for (int e = 0; e < ESTIMATES; e++)
        *slot[e] = interval_of(&r, (enum estimated)e, value[e]);
    if (data->widths < PB_USL_WIDTHS)
        out->b = out->peak = unknown;
out:
    release(&r);
    return rc;
}
