/* Doubts about series whose truth is known by construction. */
#include "analysis/analysis.h"
#include "analysis/trust.h"
#include "base/random.h"
#include "suite.h"

enum { ROUNDS = 40 };

/* A row of makespans of 10 ms that scatter by 1 %, independently and without outliers, each with ordinary
   counts. */
static void build(struct pb_run *run) {
    struct pb_random random;
    pb_random_seed(&random, 4);
    pb_run_init(run);
    run->limits.usable = run->limits.processors = 2;
    run->limits.quota = INFINITY;
    struct pb_cell *cell = pb_run_add_cell(run);
    CHECK(cell);
    cell->role = PB_ROLE_CELL;
    cell->bound = PB_CPU;
    cell->workers = 2;
    cell->tasks = 8;
    cell->state = PB_CELL_DONE;
    CHECK_INT(pb_set_text(&cell->workload, "sha"), 0);
    CHECK_INT(pb_set_text(&cell->executor, "thread"), 0);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        struct pb_sample s = {.round = i,
                              .tasks = 8,
                              .makespan_ns = 10000000 + pb_random_below(&random, 200001),
                              .cpu_ns = 19000000,
                              .voluntary = 40,
                              .involuntary = (int64_t)pb_random_below(&random, 3),
                              .migrations = (int64_t)pb_random_below(&random, 2),
                              .minor_faults = (int64_t)pb_random_below(&random, 5)};
        CHECK_INT(pb_cell_add_sample(cell, &s), 0);
    }
}

static void quiet(struct pb_sample *s) {
    (void)s;
}
static void slow(struct pb_sample *s) {
    s[7].makespan_ns = 14000000;
}
static void fast(struct pb_sample *s) {
    s[7].makespan_ns = 6000000;
    s[7].involuntary = 80;
}
static void preempted(struct pb_sample *s) {
    slow(s);
    s[7].involuntary = 80;
}
static void preempted_elsewhere(struct pb_sample *s) {
    slow(s);
    s[8].involuntary = 80;
}
static void migrated(struct pb_sample *s) {
    slow(s);
    s[7].migrations = 9;
}
static void read_from_disk(struct pb_sample *s) {
    slow(s);
    s[7].major_faults = 1;
}
static void touched(struct pb_sample *s) {
    slow(s);
    s[7].minor_faults = 900;
}
static void throttled(struct pb_sample *s) {
    slow(s);
    s[7].throttled_ns = 8000000;
    s[7].involuntary = 80; /* it is the quota that preempts */
}
static void stolen(struct pb_sample *s) {
    slow(s);
    s[7].steal_ns = 10000000;
}
static void untold(struct pb_sample *s) {
    preempted(s);
    s[0].involuntary = -1;
}
static void several(struct pb_sample *s) {
    preempted(s);
    s[20].makespan_ns = 10350000;
    s[30].makespan_ns = 20000000;
    s[30].migrations = 9;
}
/* 0.2 % a round, 7.4 % over all of them; the scatter makes 7.6 of it. */
static void drifting(struct pb_sample *s) {
    for (int i = 0; i < ROUNDS; i++)
        s[i].makespan_ns += (uint64_t)(20000 * i);
}
static void stepping(struct pb_sample *s) {
    for (int i = 0; i < ROUNDS; i++)
        s[i].makespan_ns += i / 4 % 2 ? 150000 : 0;
}
static void two_modes(struct pb_sample *s) {
    for (int i = 0; i < ROUNDS; i++)
        s[i].makespan_ns += i % 10 % 3 == 0 ? 3000000 : 0;
}

#define OUTLIERS "Outliers, and what was far above usual in the same repetition: thread 2: "

static const struct row {
    const char *name;
    void (*change)(struct pb_sample *);
    const char *said; /* the only doubt; NULL: none */
} rows[] = {
    {"quiet", quiet, NULL},
    {"slow", slow, OUTLIERS "1 of 40 (no cause recorded); none is left out."},
    {"fast", fast, OUTLIERS "1 of 40 (no cause recorded); none is left out."},
    {"preempted", preempted, OUTLIERS "1 of 40 (preemption); none is left out."},
    {"preempted elsewhere", preempted_elsewhere, OUTLIERS "1 of 40 (no cause recorded); none is left out."},
    {"migrated", migrated, OUTLIERS "1 of 40 (migration); none is left out."},
    {"read from disk", read_from_disk, OUTLIERS "1 of 40 (major faults); none is left out."},
    {"touched", touched, OUTLIERS "1 of 40 (minor faults); none is left out."},
    {"throttled", throttled, OUTLIERS "1 of 40 (quota); none is left out."},
    {"stolen", stolen, OUTLIERS "1 of 40 (steal); none is left out."},
    {"untold", untold, OUTLIERS "1 of 40 (no cause recorded); none is left out."},
    {"several", several,
     OUTLIERS "3 of 40 (preemption 1, migration 1, no cause recorded 1); none is left out."},
    {"drifting", drifting,
     "Drift from the first round to the last: thread 2: +7.6 %; ratios are paired by round, which cancels "
     "it."},
    {"depending", stepping,
     "Rounds depend on the one before (lag-1 autocorrelation): thread 2: 0.38; intervals of their times are "
     "too "
     "narrow."},
    {"two modes", two_modes,
     "Two modes, between which a median may jump: thread 2: 10.1 ms, and 40 % at 13.1 ms."},
};

static void doubts(const void *data) {
    const struct row *row = data;
    struct pb_run run;
    build(&run);
    row->change(run.cell[0].sample);
    CHECK_INT(pb_analyse(&run), 0);
    CHECK_INT(run.cell[0].samples, ROUNDS);
    bool found = !row->said;
    for (uint32_t i = 0; i < run.doubts; i++) {
        found |= row->said && strcmp(run.doubt[i].text, row->said) == 0;
        CHECK(!run.doubt[i].grave);
    }
    CHECK_MSG(found && (row->said || run.doubts == 0), "%u doubts; the first is \"%s\"", run.doubts,
              run.doubts ? run.doubt[0].text : "");
    pb_run_release(&run);
}

/* The severe are told from the mild, and each is blamed once. */
static void counts(const void *data) {
    struct pb_run run;
    struct pb_trust trust;
    (void)data;
    build(&run);
    several(run.cell[0].sample);
    CHECK_INT(pb_analyse(&run), 0);
    CHECK_INT(pb_cell_trust(&run.cell[0], &trust), 0);
    CHECK_INT(trust.samples, ROUNDS);
    CHECK_INT(trust.mild, 1);
    CHECK_INT(trust.severe, 2);
    CHECK_INT(trust.culprit[PB_BY_PREEMPTION], 1);
    CHECK_INT(trust.culprit[PB_BY_MIGRATION], 1);
    CHECK_INT(trust.culprit[PB_BY_UNKNOWN], 1);
    CHECK(!trust.drifts && !trust.two_modes);
    pb_run_release(&run);
}

/* What was dropped is told whatever else there is, even of a row that has nothing left. */
static void suspended(const void *data) {
    struct pb_run run;
    (void)data;
    build(&run);
    run.cell[0].suspended = 2;
    CHECK_INT(pb_analyse(&run), 0);
    CHECK_INT(run.doubts, 1);
    CHECK_TEXT(run.doubt[0].text,
               "Dropped, since the machine was suspended meanwhile: thread 2: 2 repetitions.");
    CHECK(run.doubt[0].grave);
    pb_run_clear_computed(&run);
    CHECK_INT(run.doubts, 0);
    pb_run_release(&run);
}

static const struct pb_case plain[] = {{"counts", counts, NULL}, {"suspended", suspended, NULL}};

static bool generate(size_t i, struct pb_case *out) {
    enum { PLAIN = sizeof plain / sizeof *plain, ROWS = sizeof rows / sizeof *rows };
    if (i < PLAIN)
        *out = plain[i];
    else if (i < PLAIN + ROWS)
        *out = (struct pb_case){rows[i - PLAIN].name, doubts, &rows[i - PLAIN]};
    else
        return false;
    return true;
}

const struct pb_suite suite_trust = {"trust", NULL, generate};
