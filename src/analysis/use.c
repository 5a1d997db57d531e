#include "analysis/use.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/facts.h"
#include "analysis/groups.h"
#include "analysis/widths.h"
#include "results/row_name.h"
#include "results/short_name.h"

static bool alike(const struct pb_curve *a, const struct pb_curve *b) {
    return b->use && a->vague == b->vague && a->use->workers == b->use->workers &&
           a->best->workers == b->best->workers &&
           strcmp(pb_text(a->use->workload), pb_text(b->use->workload)) == 0;
}

static bool is_said(const struct pb_scaling *s, uint32_t curve) {
    for (uint32_t i = 0; i < curve; i++)
        if (s->curve[i].use && alike(&s->curve[i], &s->curve[curve]))
            return true;
    return false;
}

/* Appends the executors of all curves like `first`; returns the fastest of them. */
static const struct pb_curve *say_executors(const struct pb_run *run, const struct pb_scaling *s,
                                            uint32_t first, struct pb_buffer *out) {
    const struct pb_curve *fastest = &s->curve[first];
    char name[PB_SHORT_NAME];
    uint32_t said = 0, all = 0;
    for (uint32_t i = first; i < s->curves; i++)
        all += alike(&s->curve[first], &s->curve[i]);
    for (uint32_t i = first; i < s->curves; i++) {
        const struct pb_curve *c = &s->curve[i];
        if (!alike(&s->curve[first], c))
            continue;
        pb_say_item(out, said++, all, pb_row_executor(run, c->use, name, sizeof name));
        if (c->use->summary.throughput.value > fastest->use->summary.throughput.value)
            fastest = c;
    }
    return fastest;
}

static double throughput(const struct pb_cell *cell) {
    return cell->summary.throughput.value;
}

/* What the next narrower or the best wider width gives. */
static void say_evidence(const struct pb_curve *c, struct pb_buffer *out) {
    const struct pb_cell *other = NULL;
    for (uint32_t i = 0; i < c->rows; i++) {
        const struct pb_cell *cell = c->row[i].cell;
        if (!pb_cell_sound(cell) || !cell->samples || cell == c->use)
            continue;
        if (cell->workers < c->use->workers || !other || other->workers < c->use->workers)
            other = cell;
    }
    if (!other)
        return;
    if (other->workers > c->use->workers)
        pb_say_gain(c->use, other, throughput(other) / throughput(c->use), out);
    else
        pb_say_gain(other, c->use, throughput(c->use) / throughput(other), out);
    pb_buffer_text(out, ".");
}

/* More may be worth it where the law rises beyond what was measured. */
static void say_next(const struct pb_curve *c, struct pb_buffer *out) {
    uint32_t widest = c->row[c->rows - 1].cell->workers;
    if (c->vague) {
        pb_buffer_text(out, "That is within the noise: measure longer, or when the machine is quiet.");
        return;
    }
    if (c->use->workers < widest || widest == 1)
        return;
    if (c->law && c->law->peak.value > widest && isfinite(c->law->peak.value))
        pb_buffer_printf(out, "By the law throughput grows up to %.0f workers.", floor(c->law->peak.value));
    else if (c->use->bound == PB_IO && 2 * (uint64_t)widest <= c->use->tasks)
        pb_buffer_printf(out, "It still grows: try -n %u.", 2 * widest);
}

static int add(struct pb_run *run, const struct pb_scaling *s, uint32_t first) {
    struct pb_buffer claim = {0}, evidence = {0}, next = {0};
    const struct pb_curve *c = &s->curve[first];
    char name[PB_SHORT_NAME];
    pb_buffer_printf(&claim, "%s: use %u under ", pb_cell_short_name(run, c->use, name, sizeof name),
                     c->use->workers);
    c = say_executors(run, s, first, &claim);
    pb_buffer_text(&claim, ".");
    say_evidence(c, &evidence);
    say_next(c, &next);
    int rc = claim.failed || evidence.failed || next.failed
                 ? -ENOMEM
                 : pb_run_add_finding(run, pb_buffer_string(&claim), pb_buffer_string(&evidence), next.data);
    pb_buffer_release(&claim);
    pb_buffer_release(&evidence);
    pb_buffer_release(&next);
    return rc;
}

int pb_find_use(struct pb_run *run, const struct pb_scaling *s) {
    int rc = 0;
    pb_run_clear_findings(run);
    for (uint32_t i = 0; i < s->curves && rc == 0; i++)
        if (s->curve[i].use && !is_said(s, i))
            rc = add(run, s, i);
    return rc;
}
