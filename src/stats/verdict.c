/* An outcome is a band of speedups; both ends of the interval must lie in the same one, unless it is so
 * narrow that the border is what is in doubt, and not the speedup. Before that, a row that does what the
 * lengths of its tasks allow, and no more, is told so; so is one that does what the quota allows, since the
 * reference that tells what is possible is stopped by it too. Causes are tried in the order of their table,
 * from what is recorded (a quota) to what is inferred; the first that holds is told. So what the work brings
 * along stands before what happens around it: a row that waits for a lock waits for it under other load too.
 * Comparisons with NAN are false, so an unknown number never proves anything. */
#include "stats/verdict.h"

#include <math.h>

enum outcome {
    PARALLEL,
    OVERLAPPED,
    PARTIAL,
    SERIALISED,
    SLOWER,
    KEEPS_UP,
    FALLS_BEHIND,
    UNCLEAR,
    NOTHING,
    OUTCOMES
};
static const char *const outcomes[OUTCOMES] = {
    "parallel", "overlapped", "partial", "serialised", "slower", "keeps up", "falls behind", "unclear", "-",
};

/* fmin takes the number where the other is NAN, which here means "does not limit". A program is one task for
 * all its workers. */
static double at_once(const struct pb_facts *f) {
    return fmin(f->workers, f->tasks && !f->own ? (double)f->tasks : NAN);
}

static double computing_at_once(const struct pb_facts *f) {
    return fmin(at_once(f), f->usable);
}

double pb_ceiling(const struct pb_facts *f) {
    if (f->io)
        return at_once(f);
    /* A base that was disturbed makes more seem possible than there are workers. */
    return isnan(f->possible) ? computing_at_once(f) : fmin(f->possible, f->workers);
}

static enum outcome outcome_at(const struct pb_facts *f, double speedup) {
    if (speedup < PB_SLOWER)
        return SLOWER;
    if (speedup <= PB_SERIALISED)
        return SERIALISED;
    if (!f->io)
        return speedup >= PB_PARALLEL_SHARE * pb_ceiling(f) ? PARALLEL : PARTIAL;
    /* An I/O-bound workload that turns out to compute: busy processors explain its speedup. */
    if (speedup <= PB_SERIALISED * f->busy)
        return speedup >= PB_PARALLEL_SHARE * computing_at_once(f) ? PARALLEL : PARTIAL;
    return speedup > PB_OVERLAPPED ? OVERLAPPED : PARTIAL;
}

bool pb_bounded(const struct pb_facts *f) {
    return !f->io && f->bound < PB_BOUND_SHARE * pb_ceiling(f);
}

/* Less was not lost, and more was not to be had: where the interval reaches beyond what the tasks' lengths
 * allow, it was the base that was disturbed. */
static bool at_bound(const struct pb_facts *f) {
    struct pb_interval s = f->speedup;
    double low = isnan(s.low) ? s.value : s.low;
    return pb_bounded(f) && s.value > PB_SERIALISED && low >= PB_BOUND_REACHED * f->bound &&
           s.value <= f->bound / PB_BOUND_REACHED;
}

static enum outcome kept_at(double kept) {
    return kept >= PB_KEPT_UP ? KEEPS_UP : FALLS_BEHIND;
}

static enum outcome keeping_up(struct pb_interval kept) {
    if (isnan(kept.value))
        return NOTHING;
    if (isnan(kept.low) || isnan(kept.high))
        return kept_at(kept.value);
    return kept_at(kept.low) == kept_at(kept.high) ? kept_at(kept.low) : UNCLEAR;
}

/* Where the kernel does not tell how long the quota stopped it, using nearly all of it must do. */
static bool quota(const struct pb_facts *f) {
    if (!(f->quota < at_once(f)))
        return false;
    return isnan(f->throttled) ? f->busy >= PB_BUSY_SHARE * f->quota : f->throttled >= PB_THROTTLED;
}

static bool other_load(const struct pb_facts *f) {
    bool others = f->preempted >= PB_PREEMPTED || f->stolen >= PB_STOLEN;
    return others && !(f->workers > f->usable) && f->busy < 0.9 * computing_at_once(f);
}

/* What takes processors from the row takes them from the reference too: reaching that is not enough. */
static enum outcome short_of(const struct pb_facts *f, double speedup) {
    enum outcome outcome = outcome_at(f, speedup);
    bool stopped = f->throttled >= PB_THROTTLED && quota(f);
    bool displaced = !f->io && other_load(f) && speedup < PB_PARALLEL_SHARE * computing_at_once(f);
    return outcome == PARALLEL && (stopped || displaced) ? PARTIAL : outcome;
}

static enum outcome outcome_of(const struct pb_facts *f) {
    struct pb_interval s = f->speedup;
    if (f->offered)
        return keeping_up(f->kept);
    if (at_once(f) < 2 || isnan(s.value))
        return NOTHING;
    if (at_bound(f))
        return PARTIAL;
    if (isnan(s.low) || isnan(s.high) || (s.high - s.low) / 2 <= PB_NARROW * s.value)
        return short_of(f, s.value);
    enum outcome low = short_of(f, s.low);
    return low == short_of(f, s.high) ? low : UNCLEAR;
}

/* Short tasks that either take longer than on serial or burn CPU time beyond their own. */
static bool overhead(const struct pb_facts *f) {
    return f->task_ns <= PB_TINY_TASK_NS && (f->speedup.value < PB_SLOWER || f->cost >= PB_SERIALISED);
}

/* Tasks that compute do not sleep; these did, or were seen waiting. */
static bool waited(const struct pb_facts *f) {
    return !f->io && f->threads != 1 && f->waited >= PB_WAITED;
}

/* The tasks allow no more than was reached; or the longest worker's share explains what is missing. Shares
 * are unequal, too, where a lock or somebody else keeps one worker: then those with less do not idle. */
static bool imbalance(const struct pb_facts *f) {
    double ceiling = pb_ceiling(f), s = f->speedup.value;
    if (pb_bounded(f) && s >= 0.9 * f->bound)
        return true;
    bool others_idle = !waited(f) && !(f->displaced > f->idle);
    return others_idle && s > PB_SERIALISED && f->imbalance >= 1.15 && s >= 0.9 * ceiling / f->imbalance;
}

/* One processor's worth is busy although more workers had tasks, or were asked for, and processors. */
static bool one_busy(const struct pb_facts *f) {
    return f->threads != 1 && f->speedup.value <= PB_SERIALISED && computing_at_once(f) >= 2 &&
           f->busy >= 0.8 && f->busy <= 1.2;
}

/* Whether a program's workers had work at all is not known; who was ready to run did not wait. */
static bool lock(const struct pb_facts *f) {
    return !f->own && (waited(f) || (one_busy(f) && !(f->displaced >= PB_DISPLACED)));
}

static bool serial_part(const struct pb_facts *f) {
    return f->flat || (f->own && one_busy(f));
}

/* More workers than processors, all busy, and the work costs more; on one processor nothing can be gained. */
static bool oversubscribed(const struct pb_facts *f) {
    return !f->io && f->workers > f->usable && f->busy >= PB_BUSY_SHARE * f->usable &&
           (f->cost >= PB_SERIALISED || f->usable < 2);
}

static bool shared_hardware(const struct pb_facts *f) {
    return f->cost >= PB_COSTLY && f->busy >= PB_BUSY_SHARE * computing_at_once(f);
}

static const struct cause {
    const char *word;
    bool (*holds)(const struct pb_facts *);
} causes[] = {
    {"quota", quota},
    {"overhead", overhead},
    {"imbalance", imbalance},
    {"lock", lock},
    {"serial part", serial_part},
    {"oversubscribed", oversubscribed},
    {"shared hardware", shared_hardware},
    {"other load", other_load},
};
enum { CAUSES = sizeof causes / sizeof *causes };

static const char *cause_of(const struct pb_facts *f, enum outcome outcome) {
    if (outcome == UNCLEAR)
        return f->throttled >= PB_THROTTLED && quota(f) ? "quota" : other_load(f) ? "other load" : NULL;
    if (f->offered || outcome == NOTHING || outcome == PARALLEL || outcome == OVERLAPPED)
        return NULL;
    if (at_bound(f))
        return "imbalance";
    for (size_t i = 0; i < CAUSES; i++)
        if (causes[i].holds(f))
            return causes[i].word;
    /* One thread that runs everything is how the executor works, no obstacle to name. */
    return f->threads == 1 && f->speedup.value <= PB_SERIALISED ? NULL : "unknown";
}

double pb_kept_up(double tasks, double offered, double makespan_ns, double least_ns) {
    double span_ns = (tasks - 1) / offered * 1e9, took_ns = makespan_ns - least_ns;
    double kept = tasks >= 2 && took_ns > 0 ? span_ns / took_ns : NAN;
    return isfinite(kept) ? kept : NAN; /* offered may be a number that is hardly one */
}

struct pb_verdict pb_judge(const struct pb_facts *f) {
    enum outcome outcome = outcome_of(f);
    return (struct pb_verdict){outcomes[outcome], cause_of(f, outcome)};
}

const char *pb_outcome(size_t i) {
    return i < OUTCOMES ? outcomes[i] : NULL;
}

const char *pb_cause(size_t i) {
    return i < CAUSES ? causes[i].word : i == CAUSES ? "unknown" : NULL;
}

uint64_t pb_batch(const struct pb_facts *f) {
    double batch = fmax(10, pb_ceiling(f)) / f->speedup.value;
    if (!(batch >= 1) || !isfinite(batch))
        return 1;
    double unit = pow(10, fmax(0, floor(log10(batch)) - 1));
    return (uint64_t)(ceil(batch / unit) * unit);
}
