#include "analysis/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/changed.h"
#include "analysis/gate.h"
#include "base/random.h"
#include "stats/shift.h"

const double pb_doctor_thresholds[PB_DOCTOR_THRESHOLDS] = {0.002, 0.005, 0.01, 0.02, 0.05};

static const double most_false_alarms = 0.01, least_found = 0.95;

/* ---- Trials drawn from launches ---- */

/* One trial, growing. */
struct trial {
    struct pb_gate_series drawn;
    enum pb_change said[PB_DOCTOR_THRESHOLDS];
};

static void draw_up_to(struct pb_gate_series *to, const struct pb_gate_series *from, uint32_t launches,
                       struct pb_random *random) {
    while (to->launches < launches) {
        uint64_t i = pb_random_below(random, from->launches);
        for (uint32_t k = 0; k < from->measures; k++) {
            to->change[k][to->launches] = from->change[k][i];
            to->control[k][to->launches] = from->control[k][i];
        }
        to->launches++;
    }
}

/* Whether all thresholds have their answer. */
static int look(struct trial *t, double alpha, bool *over) {
    struct pb_gate_intervals intervals;
    enum pb_gate_measure by;
    int rc = pb_gate_intervals(&t->drawn, alpha, &intervals);
    *over = true;
    for (int k = 0; rc == 0 && k < PB_DOCTOR_THRESHOLDS; k++) {
        if (t->said[k] == PB_CHANGE_INCONCLUSIVE)
            t->said[k] = pb_gate_judge(&intervals, pb_doctor_thresholds[k], &by);
        *over &= t->said[k] != PB_CHANGE_INCONCLUSIVE;
    }
    return rc;
}

/* As driver/duel.c does it: a look each time that so many launches are there, and one when time is over. */
static int run_trial(struct trial *t, const struct pb_gate_series *from, const struct pb_drawing *drawing,
                     struct pb_random *random) {
    const struct pb_gate_rule rule = {.error = PB_GATE_ERROR, .rows = 1};
    bool over = false;
    int rc = 0;
    struct pb_gate_series *drawn = &t->drawn;
    drawn->launches = 0;
    memset(t->said, 0, sizeof t->said);
    for (uint32_t k = 1; rc == 0 && !over && drawn->launches < drawing->launches; k++) {
        uint32_t next = pb_gate_next_look(&rule, drawn->launches);
        draw_up_to(drawn, from, next < drawing->launches ? next : drawing->launches, random);
        bool last = drawn->launches == drawing->launches;
        rc = look(t, pb_looks_share(PB_GATE_ERROR, last ? PB_LAST_LOOK : k), &over);
    }
    return rc;
}

static int run_trials(const struct pb_gate_series *from, const struct pb_drawing *drawing,
                      struct pb_drawn_row *row) {
    struct trial t = {.drawn = {.measures = from->measures}};
    struct pb_random random;
    int rc = 0;
    for (uint32_t k = 0; k < from->measures; k++) {
        t.drawn.change[k] = calloc(drawing->launches + 1, sizeof(double));
        t.drawn.control[k] = calloc(drawing->launches + 1, sizeof(double));
        rc = t.drawn.change[k] && t.drawn.control[k] ? rc : -ENOMEM;
    }
    pb_random_seed(&random, drawing->seed);
    for (uint32_t i = 0; rc == 0 && i < drawing->trials; i++) {
        rc = run_trial(&t, from, drawing, &random);
        for (int k = 0; k < PB_DOCTOR_THRESHOLDS; k++) {
            row->regressed[k] += (t.said[k] == PB_CHANGE_REGRESSED) / (double)drawing->trials;
            row->improved[k] += (t.said[k] == PB_CHANGE_IMPROVED) / (double)drawing->trials;
        }
    }
    pb_gate_series_release(&t.drawn);
    return rc;
}

int pb_doctor_draw(const struct pb_run *run, uint32_t i, double added, const struct pb_drawing *drawing,
                   struct pb_drawn_row *row) {
    const struct pb_gate_row cells = pb_gate_row(run, i);
    struct pb_gate_series series;
    struct pb_interval change;
    *row = (struct pb_drawn_row){.workers = cells.head->workers, .added = added};
    snprintf(row->executor, sizeof row->executor, "%s", cells.head->executor);
    int rc = pb_gate_series_init(&series, &cells);
    if (rc < 0)
        return rc;
    rc = pb_shift(series.change[series.measures - 1], series.launches, PB_GATE_ERROR, &change);
    row->change = pb_changed_share(change, series.launches);
    bool enough = series.launches >= PB_DOCTOR_LEAST;
    for (int k = 0; k < PB_DOCTOR_THRESHOLDS; k++)
        row->regressed[k] = row->improved[k] = enough ? 0 : NAN;
    if (rc == 0 && enough)
        rc = run_trials(&series, drawing, row);
    pb_gate_series_release(&series);
    return rc;
}

/* The row of least added work that is at least `least`; NULL: there is none. */
static const struct pb_drawn_row *find_added(const struct pb_drawn_row *row, uint32_t rows, double least) {
    const struct pb_drawn_row *found = NULL;
    for (uint32_t i = 0; i < rows; i++)
        if (row[i].added > least * (1 - 1e-9) && (!found || row[i].added < found->added))
            found = &row[i];
    return found;
}

void pb_doctor_carry(const struct pb_doctor *d, struct pb_carried *c) {
    const struct pb_drawn_row *row = d->drawn + c->first, *none = row;
    c->threshold = NAN;
    for (uint32_t i = 0; i < c->rows; i++)
        none = row[i].added < none->added ? &row[i] : none;
    c->none = (uint32_t)(none - d->drawn);
    for (int k = 0; !(none->added > 0) && k < PB_DOCTOR_THRESHOLDS && isnan(c->threshold); k++) {
        const struct pb_drawn_row *found = find_added(row, c->rows, 2 * pb_doctor_thresholds[k]);
        bool quiet = none->regressed[k] + none->improved[k] <= most_false_alarms;
        if (quiet && found && found->regressed[k] >= least_found) {
            c->threshold = pb_doctor_thresholds[k];
            c->found = (uint32_t)(found - d->drawn);
        }
    }
}

/* ---- Trials that were made ---- */

struct spread {
    double median, largest, deviation;
};

static int spread_of(const double *values, uint32_t n, struct spread *out) {
    double *sorted = calloc(n, sizeof *sorted), mean = 0, squares = 0;
    if (!sorted)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        sorted[i] = values[i];
        mean += values[i] / n;
    }
    for (uint32_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    pb_sort(sorted, n);
    *out = (struct spread){pb_median(sorted, n), sorted[n - 1], n > 1 ? sqrt(squares / (n - 1)) : NAN};
    free(sorted);
    return 0;
}

int pb_made_row_add(struct pb_made_row *row, const struct pb_comparison *c, double seconds) {
    const struct {
        const char *verdict;
        uint32_t *count;
    } counts[] = {
        {PB_REGRESSED, &row->regressed}, {PB_IMPROVED, &row->improved}, {PB_EQUIVALENT, &row->equivalent}};
    double *change = realloc(row->change, (row->trials + 1) * sizeof *change);
    row->change = change ? change : row->change;
    double *second = realloc(row->seconds, (row->trials + 1) * sizeof *second);
    row->seconds = second ? second : row->seconds;
    if (!change || !second)
        return -ENOMEM;
    change[row->trials] = c->change.value;
    second[row->trials++] = seconds;
    struct spread of_change, of_seconds;
    int rc = spread_of(change, row->trials, &of_change);
    rc = rc ? rc : spread_of(second, row->trials, &of_seconds);
    if (rc < 0)
        return rc;
    row->change_median = of_change.median;
    row->change_deviation = of_change.deviation;
    row->seconds_median = of_seconds.median;
    row->seconds_longest = of_seconds.largest;
    uint32_t *count = &row->inconclusive;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        count = strcmp(c->verdict, counts[i].verdict) == 0 ? counts[i].count : count;
    ++*count;
    return 0;
}
