/* First every row on its own: its counterpart, why it cannot be compared, or how the shift of its median
 * might have come out (stats/two_level.h). Then all together: Holm's rule gives each row that has a shift its
 * level, and the interval at that level its verdict.
 *
 * A slower mood of the machine slows the reference that ran in the same rounds as well. Where both files have
 * it, what is compared is the row's time over the reference's of its round. The reference is `spin` on
 * serial, never the row's own base, since what slowed the work would slow that too. Its work was calibrated
 * in each run, so its time is taken per iteration. Tasks that wait are not scaled: no mood slows a timer. */
#include "analysis/compare.h"

#include "analysis/changed.h"
#include "analysis/facts.h"
#include "analysis/series.h"
#include "base/name.h"
#include "results/comparable.h"
#include "results/row_name.h"
#include "stats/holm.h"
#include "stats/two_level.h"

#include <errno.h>
#include <stdlib.h>

/* What the rows have in common. */
struct context {
    const struct pb_run *base;
    struct pb_run *head;
    const struct pb_compare_rule *rule;
    struct pb_buffer apart;        /* why the runs cannot be compared; empty: they can */
    struct pb_two_level *shift;    /* by comparison; without resamples where there is nothing to decide */
    const struct pb_cell **before; /* by comparison: the base's cell, or NULL */
};

/* ---- One row's measurements ---- */

/* What ran beside the cell and tells the machine's mood, or NULL. */
static const struct pb_cell *mood_of(const struct pb_run *run) {
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *c = &run->cell[i];
        if (c->role == PB_ROLE_REFERENCE && pb_is_serial(c->executor) && pb_cell_sound(c) && c->samples &&
            c->tasks && run->work_rate > 0)
            return c;
    }
    return NULL;
}

static bool is_scaled(const struct context *c, const struct pb_cell *cell) {
    const struct pb_cell *a = mood_of(c->base), *b = mood_of(c->head);
    return a && b && cell->bound == PB_CPU &&
           strcmp(pb_text(a->workload_full), pb_text(b->workload_full)) == 0;
}

static const struct pb_sample *sample_of_round(const struct pb_cell *cell, const struct pb_sample *beside) {
    for (uint32_t i = 0; i < cell->samples; i++)
        if (cell->sample[i].round == beside->round && cell->sample[i].fork == beside->fork)
            return &cell->sample[i];
    return NULL;
}

/* The logarithm of a sample's time; over the reference's time per iteration where there is one. */
static double log_of(const struct pb_run *run, const struct pb_sample *sample, const struct pb_cell *mood) {
    double time = pb_metric_makespan(sample);
    const struct pb_sample *beside = mood ? sample_of_round(mood, sample) : NULL;
    if (mood)
        time /= beside ? pb_metric_makespan(beside) / ((double)mood->tasks * run->work_rate) : NAN;
    return log(time);
}

struct measured {
    struct pb_launched *log;
    size_t n;
};

static int measure(struct measured *m, const struct pb_run *run, const struct pb_cell *cell, bool scaled) {
    const struct pb_cell *mood = scaled ? mood_of(run) : NULL;
    *m = (struct measured){calloc(cell->samples + 1, sizeof *m->log), 0};
    if (!m->log)
        return -ENOMEM;
    for (uint32_t i = 0; i < cell->samples; i++) {
        double value = log_of(run, &cell->sample[i], mood);
        if (isfinite(value))
            m->log[m->n++] = (struct pb_launched){value, cell->sample[i].fork};
    }
    return 0;
}

static int say(char **slot, struct pb_buffer *text) {
    int rc = text->failed ? -ENOMEM : pb_set_text(slot, pb_buffer_string(text));
    pb_buffer_release(text);
    return rc;
}

static int too_few(struct pb_comparison *out, size_t before, size_t now) {
    struct pb_buffer why = {0};
    pb_buffer_printf(&why, "%zu samples, then %zu: a decision needs %d of each", before, now,
                     PB_COMPARE_SAMPLES);
    return say(&out->why, &why);
}

/* The row's shift; without a verdict yet. */
static int shift_of(struct context *c, uint32_t row, const struct pb_cell *now) {
    struct pb_comparison *out = &c->head->comparison[row];
    struct measured a = {0}, b = {0};
    out->scaled = is_scaled(c, now);
    int rc = measure(&a, c->base, c->before[row], out->scaled);
    rc = rc ? rc : measure(&b, c->head, now, out->scaled);
    if (rc == 0 && (a.n < PB_COMPARE_SAMPLES || b.n < PB_COMPARE_SAMPLES))
        rc = too_few(out, a.n, b.n);
    else if (rc == 0)
        rc = pb_two_level_init(&c->shift[row], a.log, a.n, b.log, b.n, pb_mix(row, c->head->seed),
                               PB_TWO_LEVEL_RESAMPLES);
    out->change.samples = (uint32_t)(a.n < b.n ? a.n : b.n);
    if (c->shift[row].launches > 1)
        out->change.samples = c->shift[row].launches;
    free(b.log);
    free(a.log);
    return rc;
}

/* ---- Rows ---- */

static int median_time(const struct pb_cell *cell, double *ns) {
    return cell && pb_cell_sound(cell) ? pb_cell_median(cell, pb_metric_makespan, ns) : 0;
}

static int forbid(struct pb_comparison *out, const char *why) {
    out->verdict = PB_NOT_COMPARABLE;
    return pb_set_text(&out->why, why);
}

/* Adds the row of a cell that one of the files has, or both. */
static int add_row(struct context *c, const struct pb_cell *before, const struct pb_cell *now) {
    struct pb_buffer name = {0}, why = {0};
    uint32_t row = c->head->comparisons;
    const struct pb_run *run = now ? c->head : c->base;
    const struct pb_cell *cell = now ? now : before;
    pb_row_name(run, cell, PB_ROW_WORKLOAD | pb_row_apart(run, cell, pb_cell_takes_part), &name);
    struct pb_comparison *out = name.failed ? NULL : pb_run_add_comparison(c->head, pb_buffer_string(&name));
    pb_buffer_release(&name);
    if (!out)
        return -ENOMEM;
    c->before[row] = before;
    out->cell = now ? (int32_t)now->id : -1;
    out->threshold = c->rule->threshold;
    int rc = median_time(before, &out->base_ns);
    rc = rc ? rc : median_time(now, &out->head_ns);
    if (rc == 0 && !before)
        rc = forbid(out, "only the new file has it");
    else if (rc == 0 && !now)
        rc = forbid(out, "only the old file has it");
    else if (rc == 0 && c->apart.size)
        rc = forbid(out, pb_buffer_string(&c->apart));
    else if (rc == 0 && !pb_cells_comparable(before, now, &why))
        rc = why.failed ? -ENOMEM : forbid(out, pb_buffer_string(&why));
    else if (rc == 0)
        rc = shift_of(c, row, now);
    pb_buffer_release(&why);
    return rc;
}

static bool refused(const struct pb_cell *cell) {
    return !cell || cell->state == PB_CELL_REFUSED;
}

/* Its counterpart whose counterpart it is: of two rows the one that is more alike takes it. */
static const struct pb_cell *partner(const struct pb_run *mine, const struct pb_cell *cell,
                                     const struct pb_run *others) {
    const struct pb_cell *other = pb_counterpart(others, cell);
    return other && pb_counterpart(mine, other) == cell ? other : NULL;
}

static int add_rows(struct context *c) {
    int rc = 0;
    for (uint32_t i = 0; i < c->head->cells && rc == 0; i++) {
        const struct pb_cell *now = &c->head->cell[i], *before = partner(c->head, now, c->base);
        if (pb_cell_takes_part(now) && !(refused(now) && refused(before)))
            rc = add_row(c, before, now);
    }
    for (uint32_t i = 0; i < c->base->cells && rc == 0; i++) {
        const struct pb_cell *before = &c->base->cell[i];
        if (pb_cell_takes_part(before) && !partner(c->base, before, c->head) && !refused(before))
            rc = add_row(c, before, NULL);
    }
    return rc;
}

/* ---- All together ---- */

static void judge(struct pb_comparison *out, const struct pb_two_level *shift, const struct pb_decision *d) {
    out->confidence = 1 - d->level;
    struct pb_interval i = pb_two_level_interval(shift, out->confidence);
    pb_changed(out, i, out->change.samples);
    out->detectable = pb_two_level_detectable(shift, out->confidence, out->threshold);
    if (!d->decided)
        out->verdict = PB_INCONCLUSIVE;
}

static int decide(struct context *c) {
    struct pb_run *head = c->head;
    struct pb_decision *decision = calloc(head->comparisons + 1, sizeof *decision);
    size_t open = 0;
    if (!decision)
        return -ENOMEM;
    for (uint32_t i = 0; i < head->comparisons; i++)
        if (c->shift[i].resamples)
            decision[open++].p = pb_two_level_level(&c->shift[i], c->rule->threshold);
    int rc = pb_holm(decision, open, c->rule->error);
    for (uint32_t i = 0, k = 0; i < head->comparisons && rc == 0; i++)
        if (c->shift[i].resamples)
            judge(&head->comparison[i], &c->shift[i], &decision[k++]);
    free(decision);
    return rc;
}

int pb_compare(const struct pb_run *base, struct pb_run *head, const struct pb_compare_rule *rule) {
    struct context c = {.base = base, .head = head, .rule = rule};
    size_t most = (size_t)base->cells + head->cells + 1;
    c.shift = calloc(most, sizeof *c.shift);
    c.before = calloc(most, sizeof *c.before);
    pb_run_clear_comparisons(head);
    int rc = c.shift && c.before ? 0 : -ENOMEM;
    if (rc == 0)
        pb_runs_comparable(base, head, &c.apart);
    rc = c.apart.failed ? -ENOMEM : rc;
    rc = rc ? rc : add_rows(&c);
    rc = rc ? rc : decide(&c);
    for (uint32_t i = 0; c.shift && i < head->comparisons; i++)
        pb_two_level_release(&c.shift[i]);
    pb_buffer_release(&c.apart);
    free(c.before);
    free(c.shift);
    return rc;
}
