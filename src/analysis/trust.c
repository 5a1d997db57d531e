#include "analysis/trust.h"

#include "analysis/facts.h"
#include "analysis/series.h"
#include "stats/shape.h"
#include "stats/summary.h"

#include <errno.h>
#include <stdlib.h>

static double quota(const struct pb_sample *s) {
    return (double)s->throttled_ns;
}
static double steal(const struct pb_sample *s) {
    return (double)s->steal_ns;
}
static double major_faults(const struct pb_sample *s) {
    return (double)s->major_faults;
}
static double preemption(const struct pb_sample *s) {
    return (double)s->involuntary;
}
static double migration(const struct pb_sample *s) {
    return (double)s->migrations;
}
static double minor_faults(const struct pb_sample *s) {
    return (double)s->minor_faults;
}

/* Below `few` above the upper quartile a count explains no outlier, however even the others are. */
static const struct culprit {
    const char *name;
    double (*count)(const struct pb_sample *);
    double few;
} culprits[PB_BY_UNKNOWN] = {
    [PB_BY_QUOTA] = {"quota", quota, 1e6},
    [PB_BY_STEAL] = {"steal", steal, 5e6},
    [PB_BY_MAJOR_FAULTS] = {"major faults", major_faults, 0.5},
    [PB_BY_PREEMPTION] = {"preemption", preemption, 3},
    [PB_BY_MIGRATION] = {"migration", migration, 3},
    [PB_BY_MINOR_FAULTS] = {"minor faults", minor_faults, 50},
};

const char *pb_culprit_name(enum pb_culprit c) {
    return c < PB_BY_UNKNOWN ? culprits[c].name : "no cause recorded";
}

/* Beyond this a count is far above the others; INFINITY where it is not known of each sample. */
static double fence_of(const struct pb_cell *cell, const struct culprit *c, double *room) {
    for (uint32_t i = 0; i < cell->samples; i++) {
        room[i] = c->count(&cell->sample[i]);
        if (room[i] < 0)
            return INFINITY;
    }
    pb_sort(room, cell->samples);
    double first = pb_quantile(room, cell->samples, 0.25), third = pb_quantile(room, cell->samples, 0.75);
    return third + fmax(3 * (third - first), c->few);
}

static enum pb_culprit blame(const struct pb_sample *s, const double fence[PB_BY_UNKNOWN]) {
    int c = 0;
    while (c < PB_BY_UNKNOWN && !(culprits[c].count(s) > fence[c]))
        c++;
    return (enum pb_culprit)c;
}

/* `sorted` are the makespans; `room` is for as many numbers. */
static void find_outliers(const struct pb_cell *cell, const double *sorted, double *room,
                          struct pb_trust *t) {
    size_t n = cell->samples;
    double first = pb_quantile(sorted, n, 0.25), third = pb_quantile(sorted, n, 0.75);
    double mild = 1.5 * (third - first), fence[PB_BY_UNKNOWN];
    struct pb_outliers found = pb_outliers(sorted, n);
    t->mild = (uint32_t)(found.low_mild + found.high_mild);
    t->severe = (uint32_t)(found.low_severe + found.high_severe);
    for (int c = 0; c < PB_BY_UNKNOWN && t->mild + t->severe; c++)
        fence[c] = fence_of(cell, &culprits[c], room);
    for (size_t i = 0; i < n && t->mild + t->severe; i++) {
        double time = pb_metric_makespan(&cell->sample[i]);
        if (time - third > mild)
            t->culprit[blame(&cell->sample[i], fence)]++;
        else if (first - time > mild)
            t->culprit[PB_BY_UNKNOWN]++;
    }
}

/* Of pairs of values, whose number is the square: of a long series every so-manieth will do. */
enum { MOST_PAIRED = 500 };

static int find_trend(const struct pb_cell *cell, const double *value, double *room, struct pb_trust *t) {
    const struct pb_estimate *time = &cell->summary.time;
    size_t n = cell->samples, step = (n + MOST_PAIRED - 1) / MOST_PAIRED, kept = 0;
    double slope;
    for (size_t i = 0; i < n; i += step)
        room[kept++] = value[i];
    int rc = pb_drift(room, kept, &slope);
    t->drift = slope * (double)(kept - 1) / time->value;
    t->drifts = fabs(pb_trend(room, kept)) > 2.576 && fabs(t->drift) > (time->high - time->low) / time->value;
    t->lag1 = pb_lag1(value, n);
    t->depends = t->lag1 > 2 / sqrt((double)n);
    return rc;
}

static void find_modes(const double *sorted, size_t n, struct pb_trust *t) {
    struct pb_cut cut = pb_cut(sorted, n);
    t->two_modes = pb_has_two_modes(cut, n);
    t->low = cut.low;
    t->high = cut.high;
    t->high_share = 1 - (double)cut.below / (double)n;
}

int pb_cell_trust(const struct pb_cell *cell, struct pb_trust *t) {
    struct pb_series series;
    int rc = pb_series_init(&series, cell, pb_metric_makespan);
    size_t n = series.n;
    *t = (struct pb_trust){.samples = (uint32_t)n, .drift = NAN, .lag1 = NAN, .low = NAN, .high = NAN};
    double *value = n && n == cell->samples ? malloc(3 * n * sizeof *value) : NULL;
    if (value) {
        double *sorted = value + n, *room = sorted + n;
        for (size_t i = 0; i < n; i++)
            sorted[i] = value[i] = series.point[i].value;
        pb_sort(sorted, n);
        find_outliers(cell, sorted, room, t);
        if (n >= PB_TRUST_SAMPLES) {
            rc = find_trend(cell, value, room, t);
            find_modes(sorted, n, t);
        }
    } else if (n && n == cell->samples) {
        rc = -ENOMEM;
    }
    free(value);
    pb_series_release(&series);
    return rc;
}
