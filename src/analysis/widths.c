/* Curves of programs that make their own workers are told of in programs.c.
 *
 * A curve is the rows of one executor that differ in width alone. Curves of one workload that come to the
 * same width share a sentence, with the figures of the fastest. */
#include "analysis/widths.h"

#include "analysis/capacity.h"
#include "analysis/facts.h"
#include "analysis/groups.h"
#include "base/name.h"
#include "base/units.h"
#include "results/short_name.h"

#include <errno.h>
#include <stdlib.h>

struct curve {
    const struct pb_cell *use; /* the narrowest that is fast enough */
    const struct pb_cell
        *next; /* what wider gives: the best, or what follows `use`; NULL: it is the widest */
    const struct pb_cell *before; /* the next narrower than `use`, or NULL */
};

/* Of what waits, and of programs that are started several at once: those are CPU-bound, and their base may be
 * a width of the same executor. */
static bool counts(const struct pb_cell *cell) {
    bool program = pb_cell_is_program(cell) && !pb_cell_is_own(cell) && !pb_is_serial(cell->executor);
    bool io = cell->role == PB_ROLE_CELL && cell->bound == PB_IO;
    return (io || (program && cell->role != PB_ROLE_REFERENCE)) && pb_cell_sound(cell) &&
           cell->summary.rate > 0;
}

static bool on_curve(const struct pb_cell *a, const struct pb_cell *b) {
    return counts(b) && pb_same_but_width(a, b);
}

static bool starts_curve(const struct pb_run *run, uint32_t first) {
    if (!counts(&run->cell[first]))
        return false;
    for (uint32_t i = 0; i < first; i++)
        if (on_curve(&run->cell[first], &run->cell[i]))
            return false;
    return true;
}

/* Where tasks come by themselves, who keeps up is better than who does not, and only such a row is enough
 * where there is one. */
static bool is_better(const struct pb_cell *cell, const struct pb_cell *best) {
    bool up = pb_turned_out(cell, "keeps up"), best_up = pb_turned_out(best, "keeps up");
    return up != best_up ? up : cell->summary.rate > best->summary.rate;
}

static bool is_enough(const struct pb_cell *cell, const struct pb_cell *best) {
    return cell->summary.rate >= PB_ENOUGH_RATE * best->summary.rate &&
           (pb_turned_out(cell, "keeps up") || !pb_turned_out(best, "keeps up"));
}

/* `use` is NULL where there is nothing to say: there is only one width, or the widest keeps up with what
 * comes, or uses all processors. */
static struct curve curve_of(const struct pb_run *run, const struct pb_cell *cell) {
    struct curve c = {0};
    const struct pb_cell *best = cell;
    for (uint32_t i = 0; i < run->cells; i++)
        if (on_curve(cell, &run->cell[i]) && is_better(&run->cell[i], best))
            best = &run->cell[i];
    for (uint32_t i = 0; i < run->cells; i++)
        if (on_curve(cell, &run->cell[i]) && is_enough(&run->cell[i], best) &&
            (!c.use || run->cell[i].workers < c.use->workers))
            c.use = &run->cell[i];
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *other = &run->cell[i];
        if (!on_curve(cell, other))
            continue;
        if (other->workers < c.use->workers && (!c.before || other->workers > c.before->workers))
            c.before = other;
        if (other->workers > c.use->workers && (!c.next || other->workers < c.next->workers))
            c.next = other;
    }
    if (best->workers > c.use->workers)
        c.next = best;
    bool all = cell->bound == PB_CPU && c.use->workers >= pb_capacity_of(run, c.use).processors;
    if (!c.next && (!c.before || all || pb_turned_out(c.use, "keeps up")))
        c.use = NULL;
    return c;
}

void pb_say_gain(const struct pb_cell *narrow, const struct pb_cell *wide, double gain,
                 struct pb_buffer *out) {
    const struct pb_summary *from = &narrow->summary, *to = &wide->summary;
    double growth = to->p99 / from->p99;
    double percent = round(100 * (gain - 1));
    char low[32], high[32];
    pb_buffer_printf(out, "%u give ", wide->workers);
    if (gain >= 2)
        pb_buffer_printf(out, "%.1f times what %u give", gain, narrow->workers);
    else if (percent == 0)
        pb_buffer_printf(out, "no more than %u", narrow->workers);
    else
        pb_buffer_printf(out, "%.0f %% %s than %u", fabs(percent), percent > 0 ? "more" : "less",
                         narrow->workers);
    if (!isfinite(growth))
        return;
    pb_format_time(from->p99, low, sizeof low);
    pb_format_time(to->p99, high, sizeof high);
    if (growth > 0.9 && growth < 1.1)
        pb_buffer_printf(out, ", and p99 stays near %s", high);
    else
        pb_buffer_printf(out, ", and p99 %s from %s to %s", growth > 1 ? "grows" : "falls", low, high);
}

static double gain_of(const struct pb_cell *narrow, const struct pb_cell *wide) {
    return wide->summary.rate / narrow->summary.rate;
}

/* The same advice, so that one sentence holds for both. */
static bool alike(const struct curve *a, const struct curve *b) {
    return a->use->workers == b->use->workers && !a->next == !b->next &&
           strcmp(pb_text(a->use->workload), pb_text(b->use->workload)) == 0;
}

/* Appends the executors of all curves like the first; returns the fastest of them. */
static const struct curve *say_executors(const struct curve *first, const struct curve *end,
                                         struct pb_buffer *out) {
    const struct curve *fastest = first;
    uint32_t said = 0, all = 0;
    for (const struct curve *c = first; c < end; c++)
        all += alike(first, c);
    for (const struct curve *c = first; c < end; c++) {
        if (!alike(first, c))
            continue;
        pb_say_item(out, said++, all, pb_text(c->use->executor));
        if (c->use->summary.rate > fastest->use->summary.rate)
            fastest = c;
    }
    return fastest;
}

static int say_use(struct pb_run *run, const struct curve *first, const struct curve *end) {
    struct pb_buffer claim = {0}, evidence = {0};
    char name[PB_SHORT_NAME];
    pb_buffer_printf(&claim, "%s: use %u at once under ",
                     pb_cell_short_name(run, first->use, name, sizeof name), first->use->workers);
    const struct curve *fastest = say_executors(first, end, &claim);
    pb_buffer_text(&claim, ".");
    pb_say_gain(fastest->use, fastest->next, gain_of(fastest->use, fastest->next), &evidence);
    pb_buffer_text(&evidence, ".");
    int rc =
        claim.failed || evidence.failed ? -ENOMEM : pb_run_add_finding(run, claim.data, evidence.data, NULL);
    pb_buffer_release(&claim);
    pb_buffer_release(&evidence);
    return rc;
}

/* Wider than there are tasks makes no sense. */
static int say_more(struct pb_run *run, const struct curve *first, const struct curve *end) {
    struct pb_buffer claim = {0}, evidence = {0}, next = {0};
    uint32_t width = first->use->workers;
    char name[PB_SHORT_NAME];
    pb_buffer_printf(&claim, "%s: the rate still grows at %u at once under ",
                     pb_cell_short_name(run, first->use, name, sizeof name), width);
    const struct curve *fastest = say_executors(first, end, &claim);
    pb_buffer_text(&claim, ".");
    pb_say_gain(fastest->before, fastest->use, gain_of(fastest->before, fastest->use), &evidence);
    pb_buffer_text(&evidence, ".");
    if (2 * (uint64_t)width <= first->use->tasks)
        pb_buffer_printf(&next, "Try -n %u.", 2 * width);
    int rc = claim.failed || evidence.failed || next.failed
                 ? -ENOMEM
                 : pb_run_add_finding(run, claim.data, evidence.data, next.data);
    pb_buffer_release(&claim);
    pb_buffer_release(&evidence);
    pb_buffer_release(&next);
    return rc;
}

int pb_find_widths(struct pb_run *run, enum pb_advice advice, uint32_t most) {
    struct curve *curve = calloc(run->cells + 1, sizeof *curve), *end = curve;
    int rc = curve ? 0 : -ENOMEM;
    for (uint32_t i = 0; curve && i < run->cells; i++) {
        if (starts_curve(run, i))
            *end = curve_of(run, &run->cell[i]);
        if (end->use && (end->next != NULL) == (advice == PB_ADVICE_USE))
            end++;
    }
    for (struct curve *c = curve; c < end && rc == 0 && run->findings < most; c++) {
        bool again = false;
        for (struct curve *earlier = curve; earlier < c && !again; earlier++)
            again = alike(earlier, c);
        if (!again)
            rc = advice == PB_ADVICE_USE ? say_use(run, c, end) : say_more(run, c, end);
    }
    free(curve);
    return rc;
}
