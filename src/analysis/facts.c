#include "analysis/facts.h"

#include "analysis/capacity.h"
#include "analysis/series.h"
#include "results/short_name.h"

#include <stdio.h>
#include <string.h>

const struct pb_cell *pb_sound_cell(const struct pb_run *run, int32_t id) {
    const struct pb_cell *cell = id >= 0 && (uint32_t)id < run->cells ? &run->cell[id] : NULL;
    return cell && pb_cell_sound(cell) ? cell : NULL;
}

bool pb_same_but_width(const struct pb_cell *a, const struct pb_cell *b) {
    bool reference = a->role == PB_ROLE_REFERENCE;
    return reference == (b->role == PB_ROLE_REFERENCE) &&
           strcmp(pb_text(a->workload), pb_text(b->workload)) == 0 &&
           strcmp(pb_text(a->executor), pb_text(b->executor)) == 0 &&
           strcmp(pb_text(a->binding), pb_text(b->binding)) == 0 &&
           strcmp(pb_text(a->via), pb_text(b->via)) == 0 &&
           strcmp(pb_text(a->runner), pb_text(b->runner)) == 0 &&
           strcmp(pb_text(a->side), pb_text(b->side)) == 0;
}

/* Karp and Flatt's fraction over at least three widths within the usable processors: the same everywhere
   means that a part of the work is serial. Beyond the processors it would rise for another reason. */
static bool flat_fraction(const struct pb_run *run, const struct pb_cell *cell, double usable) {
    double low = INFINITY, high = -INFINITY, sum = 0;
    uint32_t widths = 0;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *other = &run->cell[i];
        double fraction = other->summary.serial_fraction;
        if (isnan(fraction) || other->workers > usable || !pb_same_but_width(cell, other))
            continue;
        low = fmin(low, fraction);
        high = fmax(high, fraction);
        sum += fraction;
        widths++;
    }
    double mean = sum / widths;
    return widths >= 3 && mean >= 0.05 && high - low <= 0.25 * mean;
}

/* Involuntary switches per CPU second over all samples; one sample is too short to count in. */
static double preemptions(const struct pb_cell *cell) {
    double switches = 0, cpu_ns = 0;
    for (uint32_t i = 0; i < cell->samples; i++) {
        if (cell->sample[i].involuntary < 0)
            return NAN;
        switches += (double)cell->sample[i].involuntary;
        cpu_ns += (double)cell->sample[i].cpu_ns;
    }
    return cpu_ns > 0 ? switches / cpu_ns * 1e9 : NAN;
}

/* Whether most switches were sleeps: so many for each that others forced. */
static bool mostly_slept(const struct pb_cell *cell, double each_forced) {
    double voluntary = 0, involuntary = 0;
    for (uint32_t i = 0; i < cell->samples; i++) {
        if (cell->sample[i].voluntary < 0 || cell->sample[i].involuntary < 0)
            return false;
        voluntary += (double)cell->sample[i].voluntary;
        involuntary += (double)cell->sample[i].involuntary;
    }
    return voluntary > each_forced * involuntary;
}

/* What no clock holds of the workers' time they slept, or others took it from them. Where nearly all switches
   were sleeps, it was slept. Else the reference tells, which never sleeps inside a task: what it lacks in the
   same rounds, others took, and what a row lacks beyond that, it slept if its switches say so. What a program
   does that runs as a task is not known so well. */
static void part_rest(const struct pb_run *run, const struct pb_cell *cell, struct pb_facts *facts) {
    const struct pb_cell *reference = pb_sound_cell(run, cell->reference);
    double rest = cell->summary.spent.rest, taken = reference ? reference->summary.spent.rest : NAN;
    facts->waited = facts->displaced = facts->idle = NAN;
    if (isnan(rest) || pb_cell_is_program(cell))
        return;
    double beyond = fmax(0, rest - fmax(0, taken));
    double slept = mostly_slept(cell, 10) ? rest : !isnan(taken) && mostly_slept(cell, 2) ? beyond : 0;
    facts->waited = cell->summary.spent.gil + slept;
    facts->displaced = rest - slept;
    facts->idle = cell->summary.spent.idle;
}

/* Of the time that it ran or could have run, over all samples: what the quota withheld. On several hosts only
   the first was asked. */
static double throttled_share(const struct pb_cell *cell) {
    double stopped = 0, ran = 0;
    if (cell->hosts > 1)
        return NAN;
    for (uint32_t i = 0; i < cell->samples; i++) {
        if (cell->sample[i].throttled_ns < 0)
            return NAN;
        stopped += (double)cell->sample[i].throttled_ns;
        ran += (double)cell->sample[i].cpu_ns;
    }
    return stopped + ran > 0 ? stopped / (stopped + ran) : NAN;
}

/* Steal comes in ticks of 10 ms: of less processor time than this it tells nothing. */
static const double least_stolen_of_ns = 5e8;

/* Of all the machine's processors' time while it ran; of the first host's, where ranks were. */
static double stolen_share(const struct pb_run *run, const struct pb_cell *cell) {
    double stolen = 0, all = 0;
    uint32_t pus = cell->hosts ? cell->host[0].machine.pus : run->machine.pus;
    for (uint32_t i = 0; i < cell->samples; i++) {
        if (cell->sample[i].steal_ns < 0)
            return NAN;
        stolen += (double)cell->sample[i].steal_ns;
        all += (double)cell->sample[i].makespan_ns * pus;
    }
    return all >= least_stolen_of_ns ? stolen / all : NAN;
}

int pb_cell_facts(const struct pb_run *run, const struct pb_cell *cell, struct pb_facts *facts) {
    const struct pb_summary *s = &cell->summary;
    const struct pb_cell *base = pb_sound_cell(run, cell->base);
    double threads;
    int rc = pb_cell_median(cell, pb_metric_threads, &threads);
    const struct pb_capacity capacity = pb_capacity_of(run, cell);
    *facts = (struct pb_facts){
        .io = cell->bound == PB_IO,
        .workers = cell->workers,
        .threads = isnan(threads) ? 0 : (uint32_t)threads,
        .own = pb_cell_is_own(cell),
        .tasks = cell->tasks,
        .usable = capacity.usable,
        .quota = capacity.quota,
        .flat = !isnan(s->serial_fraction) && !isnan(capacity.usable) && cell->workers <= capacity.usable &&
                flat_fraction(run, cell, capacity.usable),
        .possible = s->possible.value,
        .busy = s->busy,
        .cost = s->cost,
        .bound = s->bound,
        .imbalance = s->imbalance,
        .task_ns = base && base->tasks ? base->summary.time.value / (double)base->tasks : NAN,
        .preempted = preemptions(cell),
        .throttled = throttled_share(cell),
        .stolen = stolen_share(run, cell),
        .speedup = {s->speedup.value, s->speedup.low, s->speedup.high},
        .offered = cell->offered > 0,
        .kept = {s->kept.value, s->kept.low, s->kept.high},
    };
    part_rest(run, cell, facts);
    return rc;
}
