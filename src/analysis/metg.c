#include "analysis/metg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/groups.h"
#include "analysis/series.h"
#include "base/units.h"
#include "results/row_name.h"
#include "stats/bootstrap.h"

/* At the crossing of share = length / (length + overhead) the slope is 1/4; with far less of it, what is
   seen is no crossing. */
static const double least_slope = 0.05;

static const struct pb_sample *sample_of(const struct pb_cell *cell, uint32_t round) {
    for (uint32_t i = 0; i < cell->samples; i++)
        if (cell->sample[i].round == round && cell->sample[i].makespan_ns && cell->sample[i].tasks)
            return &cell->sample[i];
    return NULL;
}

/* ns of one iteration in that round; NAN: not known. */
static double iteration_in(const struct pb_metg_point *reference, uint32_t round) {
    const struct pb_sample *s = sample_of(reference->cell, round);
    return s ? (double)s->makespan_ns / ((double)s->tasks * reference->iterations) : NAN;
}

static double share_in(const struct pb_metg_point *p, const struct pb_metg_point *reference, uint32_t round) {
    const struct pb_sample *s = sample_of(p->cell, round);
    double work = s ? (double)s->tasks * p->iterations * iteration_in(reference, round) : NAN;
    return s ? work / ((double)s->makespan_ns * p->threads) : NAN;
}

typedef double of_round(const struct pb_metg_point *, const struct pb_metg_point *, uint32_t round);

static double iteration_of(const struct pb_metg_point *unused, const struct pb_metg_point *reference,
                           uint32_t round) {
    (void)unused;
    return iteration_in(reference, round);
}

static int median_over(of_round *value, const struct pb_metg_point *p, const struct pb_metg_point *reference,
                       double *median) {
    uint32_t n = 0, samples = reference->cell->samples;
    double *each = calloc(samples + 1, sizeof *each);
    *median = NAN;
    if (!each)
        return -ENOMEM;
    for (uint32_t i = 0; i < samples; i++) {
        double v = value(p, reference, reference->cell->sample[i].round);
        if (!isnan(v))
            each[n++] = v;
    }
    pb_sort(each, n);
    *median = pb_median(each, n);
    free(each);
    return 0;
}

int pb_metg_share(const struct pb_metg_point *p, const struct pb_metg_point *reference, double *share) {
    return median_over(share_in, p, reference, share);
}

int pb_metg_iteration(const struct pb_metg_point *reference, double *ns) {
    return median_over(iteration_of, NULL, reference, ns);
}

/* Least squares of the points' median shares over the logarithms of their iterations. */
static int slope_of(const struct pb_metg_point *point, const struct pb_metg_point *reference, double *slope) {
    double x[PB_METG_POINTS], y[PB_METG_POINTS], mean_x = 0, mean_y = 0, xx = 0, xy = 0;
    for (int k = 0; k < PB_METG_POINTS; k++) {
        int rc = pb_metg_share(&point[k], reference, &y[k]);
        if (rc)
            return rc;
        x[k] = log(point[k].iterations);
        mean_x += x[k] / PB_METG_POINTS;
        mean_y += y[k] / PB_METG_POINTS;
    }
    for (int k = 0; k < PB_METG_POINTS; k++) {
        xx += (x[k] - mean_x) * (x[k] - mean_x);
        xy += (x[k] - mean_x) * (y[k] - mean_y);
    }
    *slope = xy / xx;
    return 0;
}

/* The logarithm of the crossing's length in that round; NAN if a point lacks it. */
static double crossing_in(const struct pb_metg_point *point, const struct pb_metg_point *reference,
                          double slope, uint32_t round) {
    double x = 0, share = 0;
    for (int k = 0; k < PB_METG_POINTS; k++) {
        x += log(point[k].iterations) / PB_METG_POINTS;
        share += share_in(&point[k], reference, round) / PB_METG_POINTS;
    }
    return x + (0.5 - share) / slope + log(iteration_in(reference, round));
}

int pb_metg_crossing(const struct pb_metg_point point[PB_METG_POINTS], const struct pb_metg_point *reference,
                     uint64_t seed, struct pb_estimate *out) {
    struct pb_interval crossing = {NAN, NAN, NAN};
    uint32_t n = 0, samples = reference->cell->samples;
    double slope, *each = calloc(samples + 1, sizeof *each);
    *out = (struct pb_estimate){NAN, NAN, NAN, 0};
    int rc = each ? slope_of(point, reference, &slope) : -ENOMEM;
    for (uint32_t i = 0; i < samples && rc == 0 && slope >= least_slope; i++) {
        double v = crossing_in(point, reference, slope, reference->cell->sample[i].round);
        if (!isnan(v))
            each[n++] = v;
    }
    if (rc == 0 && n) {
        pb_sort(each, n);
        rc = pb_median_interval(each, n, seed, &crossing);
        *out = (struct pb_estimate){exp(crossing.value), exp(crossing.low), exp(crossing.high), n};
    }
    free(each);
    return rc;
}

/* ---- What to do ---- */

static uint32_t count(const struct pb_metg *m, enum pb_metg_state state) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->rows; i++)
        n += m->row[i].state == state;
    return n;
}

static void say_rows(const struct pb_metg *m, enum pb_metg_state state, struct pb_buffer *out) {
    uint32_t said = 0, all = count(m, state);
    for (uint32_t i = 0; i < m->rows; i++) {
        struct pb_buffer item = {0};
        char length[32];
        if (m->row[i].state != state)
            continue;
        if (state == PB_METG_FOUND)
            pb_buffer_printf(&item, "%s under ",
                             pb_format_time(m->row[i].length.value, length, sizeof length));
        pb_row_brief(m->row[i].executor, m->row[i].workers, &item);
        pb_say_item(out, said++, all, pb_buffer_string(&item));
        pb_buffer_release(&item);
    }
}

int pb_metg_find(struct pb_run *run, const struct pb_metg *m) {
    struct pb_buffer found = {0}, never = {0};
    int rc = 0;
    pb_run_clear_findings(run);
    if (count(m, PB_METG_FOUND)) {
        pb_buffer_text(&found, "Batch shorter tasks to at least ");
        say_rows(m, PB_METG_FOUND, &found);
        pb_buffer_text(&found, ".");
        rc = pb_run_add_finding(run, pb_buffer_string(&found),
                                "Below that, handing out takes more of the workers' time than the work.",
                                "To lose only a tenth, make them nine times as long.");
    }
    if (rc == 0 && count(m, PB_METG_NEVER)) {
        say_rows(m, PB_METG_NEVER, &never);
        pb_buffer_printf(&never, " never %s half of the workers' time.",
                         count(m, PB_METG_NEVER) == 1 ? "uses" : "use");
        rc =
            pb_run_add_finding(run, pb_buffer_string(&never),
                               "Longer tasks do not help: something else keeps workers from running at once.",
                               "bench tells what.");
    }
    pb_buffer_release(&found);
    pb_buffer_release(&never);
    return rc;
}
