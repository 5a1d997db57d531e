#include "analysis/phrases.h"

#include "analysis/capacity.h"
#include "base/name.h"
#include "base/units.h"
#include "stats/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *pb_format_ratio(double ratio, char *out, size_t size) {
    snprintf(out, size, "%.*f", ratio < 4.995 ? 2 : ratio < 99.95 ? 1 : 0, ratio);
    return out;
}

bool pb_runs_under(const struct pb_cell *cell, const char *executor) {
    return pb_is_executor(cell->executor, executor);
}

/* "2", "1.5": processors, which a quota may cut into parts. */
static void say_processors(struct pb_buffer *out, double processors) {
    pb_buffer_printf(out, processors == floor(processors) ? "%.0f" : "%.2f", processors);
    pb_buffer_printf(out, processors == 1 ? " processor" : " processors");
}

/* The base's: "serial's", or "the base's" where that is a width of the same row. */
static const char *whose(const struct pb_view *v) {
    const struct pb_cell *base = pb_sound_cell(v->run, v->cell->base);
    return !base || pb_is_serial(base->executor) ? "serial's" : "the base's";
}

static void say_quota(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    pb_buffer_text(evidence, "The cgroup allows ");
    say_processors(evidence, v->facts.quota);
    if (isnan(v->facts.throttled))
        pb_buffer_printf(evidence, "; %u workers keep %.2f busy.", v->facts.workers, v->facts.busy);
    else
        pb_buffer_printf(evidence, "; it stopped the workers for %.0f %% of the time.",
                         100 * v->facts.throttled);
    pb_buffer_printf(next, "Use -n %.0f, or raise cpu.max", fmax(1, floor(v->facts.quota)));
    if (!v->cell->hosts && *v->run->limits.where)
        pb_buffer_printf(next, " of %s", v->run->limits.where);
    pb_buffer_text(next, ".");
}

/* Handing out is told as the pace at which tasks get done: where it dominates, the two are the same. */
static void say_overhead(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    char task[32], pace[32];
    uint64_t batch = pb_batch(&v->facts);
    pb_format_time(v->facts.task_ns, task, sizeof task);
    pb_format_time(v->facts.task_ns / v->facts.speedup.value, pace, sizeof pace);
    pb_buffer_printf(evidence, "A task takes %s, handing it over %s.", task, pace);
    if (v->facts.tasks && batch > v->facts.tasks / v->facts.workers)
        pb_buffer_printf(next, "%llu such tasks are too little work to share.",
                         (unsigned long long)v->facts.tasks);
    else
        pb_buffer_printf(next, "Batch %llu or more.", (unsigned long long)batch);
}

/* What the tasks would allow if the longest were started first (LPT, Graham 1969); NAN without memory. */
static double longest_first(const struct pb_cell *base, uint32_t workers) {
    double bound = NAN, *length = malloc(base->task_times * sizeof *length);
    if (!length)
        return NAN;
    for (uint32_t i = 0; i < base->task_times; i++)
        length[i] = -base->task_ns[i];
    pb_sort(length, base->task_times);
    for (uint32_t i = 0; i < base->task_times; i++)
        length[i] = -length[i];
    if (pb_list_bound(length, base->task_times, workers, &bound) < 0)
        bound = NAN;
    free(length);
    return bound;
}

static void say_lengths(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    const struct pb_cell *base = pb_sound_cell(v->run, v->cell->base);
    double longest = 0, sum = 0, sorted;
    char one[32], all[32];
    pb_buffer_printf(evidence, "The tasks' lengths, in this order, allow at most %.2fx", v->facts.bound);
    for (uint32_t i = 0; base && base->task_ns && i < base->task_times; i++) {
        longest = fmax(longest, base->task_ns[i]);
        sum += base->task_ns[i];
    }
    if (sum > 0)
        pb_buffer_printf(evidence, "; the longest takes %s of %s in all",
                         pb_format_time(longest, one, sizeof one), pb_format_time(sum, all, sizeof all));
    pb_buffer_text(evidence, ".");
    sorted = sum > 0 ? longest_first(base, v->facts.workers) : NAN;
    if (sorted > 1.02 * v->facts.bound)
        pb_buffer_printf(next, "With the longest first %.2fx is possible; with them split, more.", sorted);
    else
        pb_buffer_text(next, "Split the longest: no order of them allows much more.");
}

static void say_imbalance(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    if (pb_bounded(&v->facts)) {
        say_lengths(v, evidence, next);
        return;
    }
    pb_buffer_printf(evidence, "The busiest worker computes %.2f times the mean.", v->facts.imbalance);
    pb_buffer_text(next, "Hand out smaller shares, on demand.");
}

static void say_lock(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    bool model = !v->cell->runner && pb_runs_under(v->cell, "gil");
    pb_buffer_printf(evidence, "%u workers keep %.2f processors busy: ", v->facts.workers, v->facts.busy);
    if (v->facts.speedup.value <= PB_SERIALISED && v->facts.busy <= 1.2)
        pb_buffer_printf(evidence, "one %s, the others wait.", model ? "holds the model's lock" : "works");
    else
        pb_buffer_printf(evidence, "they wait for one another for %.0f %% of their time.",
                         100 * v->facts.waited);
    if (v->better && pb_runs_under(v->better, "process"))
        pb_buffer_printf(next, "Processes fix that (%.2fx).", v->better->summary.speedup.value);
    else if (model || v->cell->runner) /* a lock that is not the tasks' own, but their runtime's */
        pb_buffer_text(next, "Take processes, or give the lock up in native parts.");
    else
        pb_buffer_text(next, "Hold the lock for less, or give each worker its own data.");
}

static void say_serial_part(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    double fraction = v->cell->summary.serial_fraction;
    if (v->facts.own && v->facts.speedup.value <= PB_SERIALISED) {
        pb_buffer_printf(evidence, "Told to make %u workers, it keeps %.2f processors busy.",
                         v->facts.workers, v->facts.busy);
        pb_buffer_text(next, "See whether it heeds {n}, and whether its work can be split.");
        return;
    }
    pb_buffer_printf(evidence, "At every width a share of %.2f stays serial.", fraction);
    pb_buffer_printf(next, "However many workers, it ends at %.1fx: shorten what runs alone.", 1 / fraction);
}

static void say_oversubscribed(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    pb_buffer_printf(evidence, "%u workers take turns on ", v->facts.workers);
    say_processors(evidence, v->facts.usable);
    if (v->facts.cost >= PB_SERIALISED)
        pb_buffer_printf(evidence, ", and the work costs %.2f times %s CPU time", v->facts.cost, whose(v));
    pb_buffer_text(evidence, ".");
    pb_buffer_printf(next, "Use -n %.0f.", fmax(1, floor(v->facts.usable)));
}

/* Bytes per second tell best whether memory is the limit, where the workload states its bytes. */
static void say_shared_hardware(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    const struct pb_cell *base = pb_sound_cell(v->run, v->cell->base);
    pb_buffer_printf(evidence, "%.2f processors are busy, but the work costs %.2f times %s CPU time.",
                     v->facts.busy, v->facts.cost, whose(v));
    if (base && v->cell->bytes_per_task > 0) {
        char alone[32], together[32];
        double bytes = (double)v->cell->bytes_per_task;
        pb_format_rate(base->summary.throughput.value * bytes, alone, sizeof alone);
        pb_format_rate(v->cell->summary.throughput.value * bytes, together, sizeof together);
        pb_buffer_printf(evidence, " Serial moves %sB/s, %u workers %sB/s in all.", alone, v->facts.workers,
                         together);
    }
    pb_buffer_printf(next, "Suspect %s or SMT siblings; fewer workers may do.",
                     v->facts.own ? "workers that spin while they wait (OMP_WAIT_POLICY), memory bandwidth"
                                  : "memory bandwidth, shared cache lines");
}

static void say_other_load(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    if (v->facts.stolen >= PB_STOLEN)
        pb_buffer_printf(evidence, "The hypervisor gave %.0f %% of the processors' time to others.",
                         100 * v->facts.stolen);
    else
        pb_buffer_printf(evidence, "Others took its processors %.0f times per CPU second.",
                         v->facts.preempted);
    pb_buffer_text(next, "Measure again when the machine is idle.");
}

static void say_unknown(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    (void)next;
    pb_buffer_printf(evidence, "%u workers keep %.2f processors busy", v->facts.workers, v->facts.busy);
    if (!isnan(v->facts.cost))
        pb_buffer_printf(evidence, " at %.2f times %s CPU time", v->facts.cost, whose(v));
    pb_buffer_text(evidence, "; nothing recorded tells why.");
}

/* No cause: one thread runs every task, by design. */
static void say_one_thread(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    if (pb_runs_under(v->cell, "loop"))
        pb_buffer_text(evidence, "One thread runs all tasks: an event loop overlaps waiting, not computing.");
    else
        pb_buffer_text(evidence, "One worker ran all tasks.");
    if (v->better)
        pb_buffer_printf(next, "Use %s (%.2fx).", pb_text(v->better->executor),
                         v->better->summary.speedup.value);
}

static const struct {
    const char *cause;
    void (*say)(const struct pb_view *, struct pb_buffer *evidence, struct pb_buffer *next);
} sayings[] = {
    {"quota", say_quota},
    {"overhead", say_overhead},
    {"imbalance", say_imbalance},
    {"lock", say_lock},
    {"serial part", say_serial_part},
    {"oversubscribed", say_oversubscribed},
    {"shared hardware", say_shared_hardware},
    {"other load", say_other_load},
    {"unknown", say_unknown},
};

static void say_cause(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++)
        if (strcmp(sayings[i].cause, v->cell->summary.cause) == 0)
            sayings[i].say(v, evidence, next);
}

void pb_phrase_shortfall(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    if (v->cell->summary.cause)
        say_cause(v, evidence, next);
    else
        say_one_thread(v, evidence, next);
}

void pb_phrase_parallel(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    const struct pb_facts *f = &v->facts;
    pb_buffer_printf(evidence, "Processors busy %.2f", f->busy);
    if (!isnan(f->cost))
        pb_buffer_printf(evidence, ", cost %.2f", f->cost);
    pb_buffer_text(evidence, ".");
    const struct pb_cell *base = pb_sound_cell(v->run, v->cell->base);
    uint32_t processors = pb_capacity_of(v->run, v->cell).processors;
    double all = processors ? processors : NAN;
    double hoped = fmin(f->workers, all) / (base ? fmin(base->workers, all) : 1);
    if (f->io || !(f->possible < PB_BUSY_SHARE * hoped))
        return;
    pb_buffer_printf(next, "The machine gives no more than %.2fx on %.0f processors: ", f->possible,
                     fmin(f->workers, all));
    pb_buffer_text(next, v->run->machine.smt ? "SMT siblings share a core." : "turbo, quota or other load.");
}

void pb_phrase_overlapped(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    (void)next;
    if (v->facts.busy < 0.1)
        pb_buffer_printf(evidence, "They wait, they do not compute: processors busy %.2f.", v->facts.busy);
    else
        pb_buffer_printf(evidence, "Their waiting overlaps; processors busy %.2f.", v->facts.busy);
}

/* The least that keeps up where only the width differs; 0: none that was measured. */
static uint32_t least_that_keeps_up(const struct pb_run *run, const struct pb_cell *cell) {
    uint32_t least = 0;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *other = &run->cell[i];
        if (other->role == PB_ROLE_CELL && pb_turned_out(other, "keeps up") &&
            pb_same_but_width(other, cell) && other->workers > cell->workers &&
            (!least || other->workers < least))
            least = other->workers;
    }
    return least;
}

/* One number is given where it holds for every row of the group. */
static void say_enough(const struct pb_run *run, const struct pb_group *group, struct pb_buffer *next) {
    uint32_t enough = least_that_keeps_up(run, group->member[0]);
    for (uint32_t i = 1; i < group->members; i++)
        if (least_that_keeps_up(run, group->member[i]) != enough)
            enough = 0;
    if (enough)
        pb_buffer_printf(next, "%u at once keep up: give as many (-n %u), or let fewer come.", enough,
                         enough);
    else
        pb_buffer_text(next, "Give more at once (-n), or let fewer come.");
}

void pb_phrase_offered(const struct pb_run *run, const struct pb_group *group, const struct pb_cell *cell,
                       struct pb_buffer *evidence, struct pb_buffer *next) {
    const struct pb_summary *s = &cell->summary;
    bool up = pb_turned_out(cell, "keeps up");
    char text[32];
    double latency = up ? s->p99 : s->p50;
    if (pb_turned_out(cell, "unclear")) {
        pb_buffer_printf(evidence, "After %u rounds it may be %.0f or %.0f of them.", s->kept.samples,
                         s->kept.low * cell->offered, s->kept.high * cell->offered);
        pb_buffer_text(next, "Measure longer: --thorough.");
        return;
    }
    if (isfinite(latency))
        pb_buffer_printf(evidence, up ? "p99 is %s." : "Latency grows with the queue: p50 is %s already.",
                         pb_format_time(latency, text, sizeof text));
    if (!up)
        say_enough(run, group, next);
}

void pb_phrase_unclear(const struct pb_view *v, struct pb_buffer *evidence, struct pb_buffer *next) {
    const struct pb_estimate *s = &v->cell->summary.speedup;
    char low[32], high[32];
    pb_buffer_printf(evidence, "After %u rounds the speedup may be %sx or %sx.", s->samples,
                     pb_format_ratio(s->low, low, sizeof low), pb_format_ratio(s->high, high, sizeof high));
    if (v->cell->summary.cause) {
        pb_buffer_text(evidence, " ");
        say_cause(v, evidence, next);
    } else {
        pb_buffer_text(next, "Measure longer: --thorough.");
    }
}
