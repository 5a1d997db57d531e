#include "analysis/curve_law.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/series.h"
#include "stats/scaling.h"

struct samples {
    uint32_t widths;
    const struct pb_cell *first;
    struct pb_series *series; /* by width */
    double *n, *x;
    size_t rounds; /* complete ones */
};

static const double *find(const struct pb_series *series, uint32_t round) {
    for (size_t i = 0; i < series->n && series->point[i].round <= round; i++)
        if (series->point[i].round == round)
            return &series->point[i].value;
    return NULL;
}

/* The rounds of the first width that all others have too. */
static void pair(struct samples *s) {
    for (size_t i = 0; i < s->series[0].n; i++) {
        double *row = &s->x[s->rounds * s->widths];
        bool complete = true;
        for (uint32_t w = 0; w < s->widths; w++) {
            const double *x = find(&s->series[w], s->series[0].point[i].round);
            complete &= x && *x > 0;
            row[w] = x ? *x : NAN;
        }
        s->rounds += complete;
    }
}

static int gather(struct samples *s, const struct pb_curve *curve) {
    int rc = 0;
    s->series = calloc(curve->rows + 1, sizeof *s->series);
    s->n = calloc(curve->rows + 1, sizeof *s->n);
    if (!s->series || !s->n)
        return -ENOMEM;
    for (uint32_t i = 0; i < curve->rows && rc == 0; i++) {
        const struct pb_cell *cell = curve->row[i].cell;
        if (curve->row[i].left_out)
            continue;
        s->first = s->first ? s->first : cell;
        s->n[s->widths] = cell->workers;
        rc = pb_series_init(&s->series[s->widths++], cell, pb_metric_tasks);
    }
    if (rc || s->widths == 0)
        return rc;
    s->x = calloc((s->series[0].n + 1) * s->widths, sizeof *s->x);
    if (!s->x)
        return -ENOMEM;
    pair(s);
    return 0;
}

static void release(struct samples *s) {
    for (uint32_t w = 0; s->series && w < s->widths; w++)
        pb_series_release(&s->series[w]);
    free(s->series);
    free(s->n);
    free(s->x);
}

static int refuse(struct pb_curve *curve, const struct samples *s) {
    static const struct pb_estimate unknown = {NAN, NAN, NAN, 0};
    char text[128];
    bool within = s->widths < curve->rows;
    curve->a = curve->b = curve->peak = curve->throughput = curve->speedup = unknown;
    curve->misfit = NAN;
    if (s->widths < PB_AMDAHL_WIDTHS)
        snprintf(text, sizeof text, "%u width%s%s, %d are needed", s->widths, s->widths == 1 ? "" : "s",
                 within ? " that can be compared" : "", PB_AMDAHL_WIDTHS);
    else
        snprintf(text, sizeof text, "%zu complete round%s, %d are needed", s->rounds,
                 s->rounds == 1 ? "" : "s", PB_EXACT_SAMPLES);
    return pb_set_text(&curve->why, text);
}

static struct pb_estimate estimate(struct pb_interval i, size_t rounds) {
    return (struct pb_estimate){i.value, i.low, i.high, (uint32_t)rounds};
}

static int fit(const struct pb_run *run, struct pb_curve *curve, const struct samples *s, uint32_t predict) {
    static const char *const names[] = {NULL, "amdahl", "usl"};
    struct pb_scaling_data data = {s->widths, s->rounds, s->n, s->x};
    struct pb_scaling_fit fit;
    curve->predicted = predict ? predict : 2 * (uint32_t)s->n[s->widths - 1];
    int rc = pb_scaling_fit(&data, curve->predicted, pb_mix(s->first->id, run->seed), &fit);
    if (rc)
        return rc;
    curve->law = names[fit.law];
    curve->a = estimate(fit.a, s->rounds);
    curve->b = estimate(fit.b, s->rounds);
    curve->peak = estimate(fit.peak, s->rounds);
    curve->throughput = estimate(fit.throughput, s->rounds);
    curve->speedup = estimate(fit.speedup, s->rounds);
    curve->misfit = fit.misfit;
    curve->misfit_at = (uint32_t)fit.misfit_at;
    return 0;
}

int pb_curve_fit(const struct pb_run *run, struct pb_curve *curve, uint32_t predict) {
    struct samples s = {0};
    int rc = gather(&s, curve);
    if (rc == 0)
        rc = s.widths < PB_AMDAHL_WIDTHS || s.rounds < PB_EXACT_SAMPLES ? refuse(curve, &s)
                                                                        : fit(run, curve, &s, predict);
    release(&s);
    return rc;
}
