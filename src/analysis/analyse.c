/* Numbers first, for all cells; then verdicts, which look at other cells' numbers; then findings, which look
 * at the verdicts; beside them the laws of scaling. Every bootstrap has a seed of its own, made from the
 * run's seed, the cell and what is estimated, so a result does not depend on the order of computing. */
#include "analysis/analysis.h"

#include "analysis/curve_law.h"
#include "analysis/facts.h"
#include "analysis/findings.h"
#include "analysis/latencies.h"
#include "analysis/series.h"
#include "analysis/spent.h"
#include "analysis/trust.h"
#include "stats/schedule.h"

#include <errno.h>

enum estimated { TIME, SPEEDUP, COST };

static uint64_t seed_of(const struct pb_run *run, const struct pb_cell *cell, enum estimated what) {
    return pb_mix((uint64_t)cell->id << 8 | what, run->seed);
}

/* What 1.00x means is 1 by definition: compared with itself it has no interval. */
static bool is_unit(const struct pb_cell *cell) {
    return cell->base == (int32_t)cell->id ||
           (cell->base < 0 &&
            (cell->role == PB_ROLE_BASE || (cell->role == PB_ROLE_REFERENCE && cell->workers <= 1)));
}

/* Of throughput, which is that of time where rows run the same tasks. */
static int speedup_of(const struct pb_run *run, const struct pb_cell *cell, int32_t base_id,
                      struct pb_estimate *speedup) {
    const struct pb_cell *base = pb_sound_cell(run, base_id);
    if (!base || !pb_cell_sound(cell))
        return 0;
    return pb_cell_ratio(cell, base, pb_metric_tasks, seed_of(run, cell, SPEEDUP), speedup);
}

/* Below this share of its time a base computes too little to compare CPU seconds with. */
static const double least_busy = 0.05;

static int against_base(const struct pb_run *run, struct pb_cell *cell) {
    struct pb_summary *s = &cell->summary;
    const struct pb_cell *base = pb_sound_cell(run, cell->base);
    struct pb_estimate cost;
    double base_busy;
    if (is_unit(cell)) {
        s->speedup = (struct pb_estimate){1, NAN, NAN, cell->samples};
        s->cost = s->busy < least_busy ? NAN : 1;
        return 0;
    }
    if (!base)
        return 0;
    int rc = pb_cell_median(base, pb_metric_busy, &base_busy);
    rc = rc ? rc : speedup_of(run, cell, cell->base, &s->speedup);
    rc = rc ? rc : pb_cell_ratio(cell, base, pb_metric_task_cpu, seed_of(run, cell, COST), &cost);
    if (rc)
        return rc;
    s->cost = base_busy < least_busy ? NAN : cost.value;
    /* Tasks whose lengths are not all known bound nothing. */
    if (base->task_ns && base->task_times == cell->tasks)
        rc = pb_list_bound(base->task_ns, base->task_times, cell->workers, &s->bound);
    return rc;
}

/* The reference's speedup; under the reference's own seed, so that it is the same in every row that shows it.
   Waiting tasks need no processor: for them nothing of this kind limits. */
static int possible_of(const struct pb_run *run, struct pb_cell *cell) {
    const struct pb_cell *reference = pb_sound_cell(run, cell->reference);
    if (!reference || cell->bound == PB_IO)
        return 0;
    if (cell->reference == cell->reference_base) {
        cell->summary.possible = (struct pb_estimate){1, NAN, NAN, reference->samples};
        return 0;
    }
    return speedup_of(run, reference, cell->reference_base, &cell->summary.possible);
}

static struct pb_estimate per_second(struct pb_estimate time, uint64_t tasks) {
    double count = tasks ? (double)tasks * 1e9 : NAN;
    return (struct pb_estimate){count / time.value, count / time.high, count / time.low, time.samples};
}

static struct pb_estimate kept_of(const struct pb_cell *cell) {
    struct pb_estimate time = cell->summary.time;
    double tasks = (double)cell->tasks, least = pb_cell_least_latency(cell);
    struct pb_estimate kept = {pb_kept_up(tasks, cell->offered, time.value, least),
                               pb_kept_up(tasks, cell->offered, time.high, least),
                               pb_kept_up(tasks, cell->offered, time.low, least), time.samples};
    /* A repetition shorter than its shortest latency leaves half an interval: that is none. */
    if (isnan(kept.value) || isnan(kept.low) || isnan(kept.high))
        kept.low = kept.high = NAN;
    return kept;
}

/* Karp and Flatt's fraction is of a speedup over one worker. */
static uint32_t base_workers(const struct pb_run *run, const struct pb_cell *cell) {
    const struct pb_cell *base = is_unit(cell) ? cell : pb_sound_cell(run, cell->base);
    return base ? base->workers : 1;
}

static int summarise(const struct pb_run *run, struct pb_cell *cell) {
    struct pb_summary *s = &cell->summary;
    pb_metric *rate = cell->counter_name[0] ? pb_metric_counted : pb_metric_tasks;
    if (!pb_cell_sound(cell) || cell->samples == 0)
        return 0;
    int rc = pb_cell_interval(cell, pb_metric_makespan, seed_of(run, cell, TIME), &s->time);
    rc = rc ? rc : pb_cell_median(cell, pb_metric_busy, &s->busy);
    rc = rc ? rc : pb_cell_median(cell, pb_metric_imbalance, &s->imbalance);
    rc = rc ? rc : pb_cell_spent(cell, &s->spent);
    rc = rc ? rc : pb_cell_median(cell, rate, &s->rate);
    rc = rc ? rc : pb_cell_latencies(cell, s);
    rc = rc ? rc : against_base(run, cell);
    rc = rc ? rc : possible_of(run, cell);
    s->throughput = per_second(s->time, cell->tasks);
    if (cell->offered > 0)
        s->kept = kept_of(cell);
    s->efficiency = cell->workers ? s->speedup.value / cell->workers * base_workers(run, cell) : NAN;
    s->serial_fraction = base_workers(run, cell) > 1 ? NAN : pb_karp_flatt(s->speedup.value, cell->workers);
    return rc;
}

/* Against a base of several workers a row is judged if it is wider, and if the machine gives more there. */
static bool is_within(const struct pb_run *run, const struct pb_cell *cell) {
    const struct pb_cell *base = pb_sound_cell(run, cell->base);
    return base && base->workers > 1 &&
           (cell->workers <= base->workers || cell->summary.possible.value <= PB_SERIALISED);
}

static int judge(const struct pb_run *run, struct pb_cell *cell) {
    struct pb_facts facts;
    bool is_told = cell->offered > 0 ? cell->role != PB_ROLE_REFERENCE
                                     : cell->role == PB_ROLE_CELL && !is_unit(cell) && !is_within(run, cell);
    if (!is_told || !pb_cell_sound(cell))
        return 0;
    int rc = pb_cell_facts(run, cell, &facts);
    struct pb_verdict verdict = pb_judge(&facts);
    cell->summary.outcome = verdict.outcome;
    cell->summary.cause = verdict.cause;
    return rc;
}

int pb_analyse(struct pb_run *run) {
    int rc = 0;
    pb_run_clear_computed(run);
    for (uint32_t i = 0; i < run->cells && rc == 0; i++)
        rc = summarise(run, &run->cell[i]);
    for (uint32_t i = 0; i < run->cells && rc == 0; i++)
        rc = judge(run, &run->cell[i]);
    rc = rc ? rc : pb_find(run);
    rc = rc ? rc : pb_find_laws(run);
    return rc ? rc : pb_doubt(run);
}

/* Without a base the time itself is what is to become precise. */
static double half_width(const struct pb_run *run, const struct pb_cell *cell) {
    struct pb_estimate e = {NAN, NAN, NAN, 0};
    int rc = pb_sound_cell(run, cell->base) && !is_unit(cell)
                 ? speedup_of(run, cell, cell->base, &e)
                 : pb_cell_interval(cell, pb_metric_makespan, seed_of(run, cell, TIME), &e);
    double width = (e.high - e.low) / 2 / e.value;
    return rc || isnan(width) ? INFINITY : width;
}

/* Among what is compared, or among the rows that are 1.00x. */
static double widest_among(const struct pb_run *run, bool units, int32_t *cell) {
    double widest = 0;
    *cell = -1;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *c = &run->cell[i];
        if (!pb_cell_sound(c) || is_unit(c) != units)
            continue;
        double width = half_width(run, c);
        if (*cell < 0 || width > widest) {
            widest = width;
            *cell = (int32_t)i;
        }
    }
    return widest;
}

double pb_widest_interval(const struct pb_run *run, int32_t *cell) {
    int32_t nowhere;
    cell = cell ? cell : &nowhere;
    double widest = widest_among(run, false, cell);
    return *cell < 0 ? widest_among(run, true, cell) : widest;
}
