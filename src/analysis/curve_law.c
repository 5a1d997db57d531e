/* Laws first are none; what can be known of them is filled in. */
#include "analysis/curve_law.h"

#include "analysis/curves.h"
#include "analysis/series.h"
#include "stats/scaling.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct samples {
    uint32_t widths;
    const struct pb_cell *first;
    struct pb_series *series; /* by width */
    double *n, *x;
    size_t rounds; /* complete ones */
};

static const double *value_of(const struct pb_series *series, uint32_t round) {
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
            const double *x = value_of(&s->series[w], s->series[0].point[i].round);
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

static int refuse(const struct pb_curve *curve, const struct samples *s, struct pb_scaling_law *law) {
    char text[128];
    bool within = s->widths < curve->rows;
    if (s->widths < PB_AMDAHL_WIDTHS)
        snprintf(text, sizeof text, "%u width%s%s, %d are needed", s->widths, s->widths == 1 ? "" : "s",
                 within ? " that can be compared" : "", PB_AMDAHL_WIDTHS);
    else
        snprintf(text, sizeof text, "%zu complete round%s, %d are needed", s->rounds,
                 s->rounds == 1 ? "" : "s", PB_EXACT_SAMPLES);
    return pb_set_text(&law->why, text);
}

/* Unknown stays as it is. */
static void estimate(struct pb_interval i, size_t rounds, struct pb_estimate *out) {
    if (!isnan(i.value))
        *out = (struct pb_estimate){i.value, i.low, i.high, (uint32_t)rounds};
}

static int fit(const struct pb_run *run, const struct samples *s, struct pb_scaling_law *law) {
    static const char *const names[] = {NULL, "amdahl", "usl"};
    struct pb_scaling_data data = {s->widths, s->rounds, s->n, s->x};
    struct pb_scaling_fit fit;
    law->predicted = run->predict ? run->predict : 2 * law->widest;
    int rc = pb_scaling_fit(&data, (double)law->predicted, pb_mix(s->first->id, run->seed), &fit);
    if (rc)
        return rc;
    law->law = names[fit.law];
    estimate(fit.one, s->rounds, &law->one);
    estimate(fit.a, s->rounds, &law->a);
    estimate(fit.b, s->rounds, &law->b);
    estimate(fit.peak, s->rounds, &law->peak);
    estimate(fit.throughput, s->rounds, &law->throughput);
    estimate(fit.speedup, s->rounds, &law->speedup);
    law->misfit = fit.misfit;
    law->misfit_at = (uint64_t)fit.misfit_at;
    return 0;
}

static int find(const struct pb_run *run, const struct pb_curve *curve, struct pb_scaling_law *law) {
    struct samples s = {0};
    int rc = gather(&s, curve);
    law->weak = curve->weak;
    law->widest = s.widths ? (uint64_t)s.n[s.widths - 1] : 0;
    if (rc == 0)
        rc = s.widths < PB_AMDAHL_WIDTHS || s.rounds < PB_EXACT_SAMPLES ? refuse(curve, &s, law)
                                                                        : fit(run, &s, law);
    release(&s);
    return rc;
}

int pb_find_laws(struct pb_run *run) {
    struct pb_scaling s;
    int rc = pb_curves_init(&s, run);
    for (uint32_t i = 0; i < s.curves && rc == 0; i++) {
        const struct pb_curve *curve = &s.curve[i];
        const struct pb_cell *narrowest = curve->row[0].cell;
        if (curve->row[curve->rows - 1].cell->workers == narrowest->workers)
            continue;
        struct pb_scaling_law *law = pb_run_add_law(run, narrowest->id);
        rc = law ? find(run, curve, law) : -ENOMEM;
    }
    pb_scaling_release(&s);
    return rc;
}

const struct pb_scaling_law *pb_law_of(const struct pb_run *run, const struct pb_curve *curve) {
    for (uint32_t i = 0; i < run->laws; i++)
        if (run->law[i].cell == curve->row[0].cell->id)
            return &run->law[i];
    return NULL;
}
