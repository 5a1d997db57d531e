/* A curve is the rows of one program under `own` that differ in width alone, its base among them. What is
 * said of it is one of four: more only cost, wider gives no more, it still grows, or the machine ends it. */
#include "analysis/programs.h"

#include "analysis/facts.h"
#include "analysis/phrases.h"
#include "analysis/series.h"
#include "analysis/widths.h"
#include "results/short_name.h"

#include <errno.h>

struct curve {
    const struct pb_cell *least, *most; /* by width */
    const struct pb_cell *best;         /* by rate */
    const struct pb_cell *use;
    const struct pb_cell *before, *next; /* of `use`, by width; or NULL */
    bool vague;                          /* the best may be better than `use`, or not */
};

/* Above this the work costs more CPU time than noise explains. */
static const double more_cost = 1.05;

static bool on_curve(const struct pb_cell *a, const struct pb_cell *b) {
    return pb_cell_is_own(b) && b->role != PB_ROLE_REFERENCE && pb_cell_sound(b) &&
           b->summary.throughput.value > 0 && pb_same_but_width(a, b);
}

static bool starts_curve(const struct pb_run *run, uint32_t first) {
    if (!on_curve(&run->cell[first], &run->cell[first]))
        return false;
    for (uint32_t i = 0; i < first; i++)
        if (on_curve(&run->cell[first], &run->cell[i]))
            return false;
    return true;
}

/* Speedups are paired by round, which rates are not; without a base there are none. */
static double rate(const struct pb_cell *cell) {
    double speedup = cell->summary.speedup.value;
    return isnan(speedup) ? cell->summary.throughput.value : speedup;
}

/* Whether the best is better than the cell, as far as the rounds tell. */
static int compare(const struct pb_run *run, const struct pb_cell *cell, const struct pb_cell *best,
                   bool *better) {
    struct pb_estimate ratio;
    int rc = cell == best ? 0 : pb_cell_ratio(cell, best, pb_metric_makespan, run->seed, &ratio);
    *better = cell != best && (isnan(ratio.low) || ratio.low > 1);
    return rc;
}

static int find_use(const struct pb_run *run, struct curve *c) {
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *cell = &run->cell[i];
        bool enough = rate(cell) >= PB_ENOUGH_RATE * rate(c->best), better = false;
        if (!on_curve(c->best, cell) || (c->use && cell->workers > c->use->workers))
            continue;
        int rc = enough ? 0 : compare(run, cell, c->best, &better);
        if (rc < 0)
            return rc;
        if (better)
            continue;
        c->use = cell;
        c->vague = !enough;
    }
    return 0;
}

static int curve_of(const struct pb_run *run, const struct pb_cell *first, struct curve *c) {
    *c = (struct curve){.least = first, .most = first, .best = first};
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *cell = &run->cell[i];
        if (!on_curve(first, cell))
            continue;
        c->least = cell->workers < c->least->workers ? cell : c->least;
        c->most = cell->workers > c->most->workers ? cell : c->most;
        c->best = rate(cell) > rate(c->best) ? cell : c->best;
    }
    int rc = find_use(run, c);
    for (uint32_t i = 0; rc == 0 && i < run->cells; i++) {
        const struct pb_cell *cell = &run->cell[i];
        if (!on_curve(first, cell))
            continue;
        if (cell->workers < c->use->workers && (!c->before || cell->workers > c->before->workers))
            c->before = cell;
        if (cell->workers > c->use->workers && (!c->next || cell->workers < c->next->workers))
            c->next = cell;
    }
    if (rc == 0 && c->best->workers > c->use->workers)
        c->next = c->best;
    return rc;
}

/* "2 take 0.52 of the time of 1" */
static void say_share(const struct pb_cell *wide, const struct pb_cell *narrow, struct pb_buffer *out) {
    pb_buffer_printf(out, "%u take %.2f of the time of %u", wide->workers, rate(narrow) / rate(wide),
                     narrow->workers);
}

/* More than the processors that may be used cannot compute at once. */
static void say_machine(const struct pb_run *run, struct pb_buffer *out) {
    uint32_t processors = run->limits.processors;
    pb_buffer_printf(out, " There %s %u processor%s.", processors == 1 ? "is" : "are", processors,
                     processors == 1 ? "" : "s");
}

/* All that there is to compute on is used already, and used well. */
static bool machine_ends(const struct pb_run *run, const struct pb_cell *use) {
    double possible = use->summary.possible.value, speedup = use->summary.speedup.value;
    bool well = isnan(possible) ? use->role == PB_ROLE_BASE : speedup >= PB_PARALLEL_SHARE * possible;
    return run->limits.processors && use->workers >= run->limits.processors && well;
}

/* "xz: use 1: more workers only cost (4: 0.90x, 2.10 times the CPU time)." */
static void say_narrowest(const struct pb_run *run, const struct curve *c, struct pb_buffer *claim,
                          struct pb_buffer *evidence) {
    double cost = c->most->summary.cost / c->use->summary.cost, gain = rate(c->most) / rate(c->use);
    bool costs = cost > more_cost || gain < PB_ENOUGH_RATE;
    char ratio[32];
    pb_buffer_printf(claim, ": more workers %s (%u: %sx", costs ? "only cost" : "change nothing",
                     c->most->workers, pb_format_ratio(gain, ratio, sizeof ratio));
    if (isfinite(cost))
        pb_buffer_printf(claim, ", %.2f times the CPU time", cost);
    pb_buffer_text(claim, ").");
    if (machine_ends(run, c->use))
        say_machine(run, evidence);
}

static void say_wider(const struct pb_run *run, const struct curve *c, struct pb_buffer *claim,
                      struct pb_buffer *evidence) {
    pb_buffer_text(claim, ".");
    if (c->next) {
        pb_say_gain(c->use, c->next, rate(c->next) / rate(c->use), evidence);
        pb_buffer_text(evidence, ", and ");
    }
    say_share(c->use, c->least, evidence);
    pb_buffer_text(evidence, ".");
    if (machine_ends(run, c->use))
        say_machine(run, evidence);
}

/* "xz: the speedup still grows at 4." Only where there are processors for more. */
static void say_growth(const struct pb_run *run, const struct curve *c, struct pb_buffer *evidence,
                       struct pb_buffer *next) {
    uint32_t twice = 2 * c->use->workers, all = run->limits.processors;
    say_share(c->use, c->before, evidence);
    pb_buffer_text(evidence, ".");
    pb_buffer_printf(next, "Try -n %u.", twice < all ? twice : all);
}

/* Others took its processors: the advice is as good as that. */
static bool is_disturbed(const struct curve *c) {
    const char *next = pb_text(c->next ? c->next->summary.cause : NULL);
    return strcmp(next, "other load") == 0 || strcmp(pb_text(c->most->summary.cause), "other load") == 0;
}

static int say(struct pb_run *run, const struct curve *c) {
    struct pb_buffer claim = {0}, evidence = {0}, next = {0};
    char name[PB_SHORT_NAME];
    bool grows = !c->next && c->use->workers < run->limits.processors;
    pb_buffer_printf(&claim, grows ? "%s: the speedup still grows at %u." : "%s: use %u",
                     pb_cell_short_name(run, c->use, name, sizeof name), c->use->workers);
    if (grows) {
        say_growth(run, c, &evidence, &next);
    } else if (c->vague) {
        pb_buffer_text(&claim, ".");
        pb_buffer_printf(&evidence, "After %u rounds it is not known whether %u give more.", c->use->samples,
                         c->best->workers);
        pb_buffer_text(&next, is_disturbed(c) ? "" : "Measure longer: --thorough.");
    } else if (c->use == c->least) {
        say_narrowest(run, c, &claim, &evidence);
    } else {
        say_wider(run, c, &claim, &evidence);
    }
    if (is_disturbed(c) && !next.size)
        pb_buffer_text(&next, "Other work disturbed this: measure again when the machine is idle.");
    const char *said = pb_buffer_string(&evidence);
    int rc = claim.failed || evidence.failed || next.failed
                 ? -ENOMEM
                 : pb_run_add_finding(run, claim.data, said + (*said == ' '), next.data);
    pb_buffer_release(&claim);
    pb_buffer_release(&evidence);
    pb_buffer_release(&next);
    return rc;
}

int pb_find_programs(struct pb_run *run, uint32_t most) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < run->cells && run->findings < most; i++) {
        struct curve c;
        if (!starts_curve(run, i))
            continue;
        rc = curve_of(run, &run->cell[i], &c);
        if (rc == 0 && c.least != c.most)
            rc = say(run, &c);
    }
    return rc;
}
