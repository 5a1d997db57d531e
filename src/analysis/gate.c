#include "analysis/gate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/changed.h"
#include "analysis/series.h"
#include "base/buffer.h"
#include "stats/bootstrap.h"
#include "stats/change.h"
#include "stats/shift.h"

uint32_t pb_gate_rows(const struct pb_run *run) {
    return run->cells / 3;
}

struct pb_gate_row pb_gate_row(const struct pb_run *run, uint32_t i) {
    uint32_t rows = pb_gate_rows(run);
    return (struct pb_gate_row){&run->cell[i], &run->cell[rows + i], &run->cell[2 * rows + i]};
}

bool pb_gate_agrees(const struct pb_run *run, uint32_t i) {
    struct pb_gate_row row = pb_gate_row(run, i);
    return row.base->samples == 0 || row.head->samples == 0 ||
           row.base->sample[0].digest == row.head->sample[0].digest;
}

static double share_of(const struct pb_gate_rule *rule) {
    return rule->error / rule->rows; /* Bonferroni */
}

/* As many as either measure needs at its half. */
uint32_t pb_gate_next_look(const struct pb_gate_rule *rule, uint32_t launches) {
    return pb_looks_next(share_of(rule) / PB_GATE_MEASURES, launches);
}

/* A change that lies so far above the threshold that in 19 of 20 runs all of the interval does. */
static double detectable(struct pb_interval log_ratio, double threshold, double alpha) {
    double half = (log_ratio.high - log_ratio.low) / 2, error = half / pb_normal_quantile(1 - alpha / 2);
    return expm1(log1p(threshold) + half + pb_normal_quantile(0.95) * error);
}

static bool is_outside(struct pb_interval control, double threshold) {
    enum pb_change moved = pb_change_judge(control, threshold);
    return moved == PB_CHANGE_REGRESSED || moved == PB_CHANGE_IMPROVED;
}

int pb_gate_intervals(const struct pb_gate_series *s, double alpha, struct pb_gate_intervals *out) {
    int rc = 0;
    *out = (struct pb_gate_intervals){.measures = s->measures};
    for (uint32_t i = 0; rc == 0 && i < s->measures; i++) {
        rc = pb_shift(s->change[i], s->launches, alpha / s->measures, &out->change[i]);
        rc = rc ? rc : pb_shift(s->control[i], s->launches, alpha / s->measures, &out->control[i]);
    }
    return rc;
}

static bool is_move(enum pb_change change) {
    return change == PB_CHANGE_REGRESSED || change == PB_CHANGE_IMPROVED;
}

enum pb_change pb_gate_judge(const struct pb_gate_intervals *i, double threshold, enum pb_gate_measure *by) {
    enum pb_change said[PB_GATE_MEASURES] = {PB_CHANGE_INCONCLUSIVE, PB_CHANGE_INCONCLUSIVE};
    for (uint32_t k = 0; k < i->measures; k++)
        if (!is_outside(i->control[k], threshold))
            said[k] = pb_change_judge(i->change[k], threshold);
    enum pb_change whole = said[PB_GATE_MAKESPAN], tasks = said[PB_GATE_UNDISTURBED];
    bool agree = whole == tasks && whole != PB_CHANGE_INCONCLUSIVE;
    *by = agree || (is_move(tasks) && !is_move(whole)) ? PB_GATE_UNDISTURBED : PB_GATE_MAKESPAN;
    return said[*by];
}

/* Why there is no answer, beside an interval that is too wide; NULL: nothing else. */
static int say_why(struct pb_comparison *c, bool moved) {
    char why[160] = "";
    if (isnan(c->change.low))
        snprintf(why, sizeof why, "%u launch%s too few for an interval: raise --time", c->change.samples,
                 c->change.samples == 1 ? " is" : "es are");
    else if (moved)
        snprintf(
            why, sizeof why,
            "the control, base against itself, moved by %+.2g %%: this run is not to be trusted: quieten "
            "the machine and repeat it",
            100 * c->control.value);
    return pb_set_text(&c->why, *why ? why : NULL);
}

/* A side that failed, or that does not do the same. */
static int refuse(struct pb_comparison *c, const struct pb_gate_row *row) {
    const struct pb_cell *side[] = {row->base, row->head, row->control};
    struct pb_buffer why = {0};
    int rc = 0;
    for (size_t i = 0; i < 3 && !why.size; i++)
        if (side[i]->error)
            pb_buffer_printf(&why, "%s: %s", side[i]->side, side[i]->error);
    if (why.size) {
        c->verdict = PB_NOT_COMPARABLE;
        rc = pb_set_text(&c->why, pb_buffer_string(&why));
    }
    pb_buffer_release(&why);
    return rc;
}

/* What the tasks alone say where the makespan leaves it open. */
static int say_tasks_alone(struct pb_comparison *c, const struct pb_gate_intervals *i) {
    const struct pb_interval *tasks = &i->change[PB_GATE_UNDISTURBED];
    struct pb_buffer why = {0};
    if (c->why || i->measures < 2 || pb_change_judge(*tasks, c->threshold) != PB_CHANGE_EQUIVALENT)
        return 0;
    pb_buffer_printf(&why,
                     "what tasks take undisturbed changed by %+.2f %% (%+.2f to %+.2f), but the makespan "
                     "scatters too much to tell of the rest",
                     100 * expm1(tasks->value), 100 * expm1(tasks->low), 100 * expm1(tasks->high));
    int rc = pb_set_text(&c->why, pb_buffer_string(&why));
    pb_buffer_release(&why);
    return rc;
}

static int fill(struct pb_comparison *c, const struct pb_gate_intervals *i, const struct pb_gate_rule *rule,
                double alpha, uint32_t launches) {
    enum pb_gate_measure by;
    c->confidence = 1 - rule->error;
    c->threshold = rule->threshold;
    enum pb_change said = pb_gate_judge(i, rule->threshold, &by);
    c->control = pb_changed_share(i->control[by], launches);
    pb_changed(c, i->change[by], launches);
    c->undisturbed = by == PB_GATE_UNDISTURBED;
    c->detectable = detectable(i->change[by], rule->threshold, alpha / i->measures);
    if (said == PB_CHANGE_INCONCLUSIVE)
        c->verdict = PB_INCONCLUSIVE;
    int rc = say_why(c, is_outside(i->control[by], rule->threshold));
    return rc == 0 && said == PB_CHANGE_INCONCLUSIVE ? say_tasks_alone(c, i) : rc;
}

int pb_gate_look(struct pb_run *run, uint32_t i, const struct pb_gate_rule *rule, uint32_t look) {
    struct pb_comparison *c = &run->comparison[i];
    const struct pb_gate_row row = pb_gate_row(run, i);
    struct pb_gate_series series;
    struct pb_gate_intervals intervals;
    double alpha = pb_looks_share(share_of(rule), look);
    int rc = pb_gate_series_init(&series, &row);
    if (rc < 0)
        return rc;
    rc = pb_gate_intervals(&series, alpha, &intervals);
    rc = rc ? rc : pb_cell_median(row.base, pb_metric_makespan, &c->base_ns);
    rc = rc ? rc : pb_cell_median(row.head, pb_metric_makespan, &c->head_ns);
    c->cell = (int32_t)row.head->id;
    rc = rc ? rc : fill(c, &intervals, rule, alpha, series.launches);
    pb_gate_series_release(&series);
    return rc ? rc : refuse(c, &row);
}
