/* Analysing what waits, is refused or races: rates, latencies, how many at once, and what is said of it. */
#include "analysis/analysis.h"
#include "suite.h"

#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))
enum { ROUNDS = 8, TASKS = 400 };

static void must(int rc) {
    CHECK_INT(rc, 0);
}

/* A row of the workload `http`: so many requests per second, one per task; p99 in ms, 0: no latencies. */
struct io_row {
    const char *executor;
    uint32_t workers;
    double rate, p99_ms;
};

/* Buckets live as long as the record, whoever copies them. */
static struct pb_latency_count *latencies_of(double p99_ms) {
    static struct pb_latency_count all[64][2];
    static size_t next;
    struct pb_latency_count *two = all[next++ % LENGTH(all)];
    two[0] = (struct pb_latency_count){pb_latency_bucket(1000000), 95};
    two[1] = (struct pb_latency_count){pb_latency_bucket((uint64_t)(p99_ms * 1e6)), 5};
    return two;
}

static struct pb_cell *add(struct pb_run *run, const struct io_row *row) {
    struct pb_cell *cell = pb_run_add_cell(run);
    CHECK(cell);
    cell->role = strcmp(row->executor, "serial") == 0 ? PB_ROLE_BASE : PB_ROLE_CELL;
    cell->base = cell->id ? 0 : -1;
    cell->bound = PB_IO;
    cell->workers = row->workers;
    cell->tasks = TASKS;
    cell->state = PB_CELL_DONE;
    must(pb_set_text(&cell->workload, "http"));
    must(pb_set_text(&cell->executor, row->executor));
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct pb_sample s = {
            .round = round,
            .tasks = TASKS,
            .makespan_ns = (uint64_t)(TASKS * 1e9 / row->rate),
            .cpu_ns = 1000000,
            .latencies = row->p99_ms > 0 ? 2 : 0,
            .latency = row->p99_ms > 0 ? latencies_of(row->p99_ms) : NULL,
        };
        must(pb_cell_add_sample(cell, &s));
    }
    return cell;
}

static void build(struct pb_run *run, const struct io_row *rows, size_t n) {
    pb_run_init(run);
    run->limits.usable = run->limits.processors = 2;
    run->limits.quota = INFINITY;
    add(run, &(struct io_row){"serial", 1, 100, rows[0].p99_ms});
    for (size_t i = 0; i < n; i++)
        add(run, &rows[i]);
}

static void check_finding(const struct pb_run *run, uint32_t i, const char *claim, const char *evidence,
                          const char *next) {
    CHECK_MSG(i < run->findings, "only %u findings", run->findings);
    CHECK_TEXT(run->finding[i].claim, claim);
    CHECK_TEXT(run->finding[i].evidence, evidence);
    CHECK_TEXT(run->finding[i].next ? run->finding[i].next : "", next);
}

/* ---- Numbers ---- */

static void percentiles(const void *data) {
    static const struct io_row rows[] = {{"thread", 8, 800, 20}};
    /* 90 of 1 ms, 9 of 5 ms and 1 of 80 ms, spread over three samples. */
    static struct pb_latency_count count[3][2];
    struct pb_run run;
    (void)data;
    build(&run, rows, 1);
    struct pb_cell *cell = &run.cell[1];
    for (uint32_t i = 0; i < ROUNDS; i++)
        cell->sample[i].latencies = 0;
    for (uint32_t i = 0; i < 3; i++) {
        count[i][0] = (struct pb_latency_count){pb_latency_bucket(1000000), 30};
        count[i][1] = (struct pb_latency_count){pb_latency_bucket(i ? 5000000 : 80000000), i ? 4 + i % 2 : 1};
        cell->sample[i].latencies = 2;
        memcpy(cell->sample[i].latency, count[i], sizeof count[i]);
    }
    must(pb_analyse(&run));
    CHECK_NEAR(cell->summary.p50, 1e6, 1.0 / 64);
    CHECK_NEAR(cell->summary.p99, 5e6, 1.0 / 64);
    CHECK_NEAR(cell->summary.p999, 8e7, 1.0 / 64);
    CHECK_NEAR(cell->summary.rate, 800, 1e-6);
    for (uint32_t i = 0; i < 3; i++)
        cell->sample[i].latencies = 0;
    must(pb_analyse(&run));
    CHECK(isnan(cell->summary.p50) && isnan(cell->summary.p99) && isnan(cell->summary.p999));
    pb_run_release(&run);
}

/* A rate counts the workload's first counter, never one of the executor's. */
static void rates(const void *data) {
    static const struct io_row rows[] = {{"gil", 8, 400, 0}};
    struct pb_run run;
    (void)data;
    build(&run, rows, 1);
    for (uint32_t i = 0; i < ROUNDS; i++)
        run.cell[1].sample[i].counter[0] = 7;
    must(pb_set_text(&run.cell[1].counter_name[PB_COUNTERS_MAX], "lock switches"));
    must(pb_analyse(&run));
    CHECK_NEAR(run.cell[1].summary.rate, 400, 1e-6);
    must(pb_set_text(&run.cell[1].counter_name[0], "requests"));
    must(pb_analyse(&run));
    CHECK_NEAR(run.cell[1].summary.rate, 7, 1e-6); /* in one second */
    pb_run_release(&run);
}

/* ---- Refused ---- */

static void refused(const void *data) {
    static const struct io_row rows[] = {{"thread", 8, 800, 0}, {"loop", 8, 800, 0}};
    struct pb_run run;
    (void)data;
    build(&run, rows, LENGTH(rows));
    run.cell[2].state = PB_CELL_REFUSED;
    must(pb_set_text(&run.cell[2].error, "needs two workers"));
    must(pb_analyse(&run));
    CHECK_INT(run.findings, 1);
    CHECK_HAS(run.finding[0].claim, "8 tasks at once overlap under thread (");
    CHECK(isnan(run.cell[2].summary.time.value) && isnan(run.cell[2].summary.rate));
    CHECK_TEXT(run.cell[2].summary.outcome, "-");
    pb_run_release(&run);
}

static void refused_base(const void *data) {
    static const struct io_row rows[] = {{"thread", 8, 800, 20}};
    struct pb_run run;
    (void)data;
    build(&run, rows, 1);
    run.cell[0].state = PB_CELL_REFUSED;
    must(pb_analyse(&run));
    const struct pb_summary *s = &run.cell[1].summary;
    CHECK(isnan(s->speedup.value) && isnan(s->cost) && !s->cause);
    CHECK_TEXT(s->outcome, "-");
    CHECK_NEAR(s->time.value, TASKS * 1e9 / 800, 1e-6);
    CHECK_NEAR(s->rate, 800, 1e-6);
    CHECK_NEAR(s->p99, 2e7, 1.0 / 64);
    CHECK_INT(run.findings, 1);
    check_finding(&run, 0, "serial was refused, so there are no speedups.", "", "");
    int32_t widest;
    CHECK(pb_widest_interval(&run, &widest) < 0.01);
    CHECK_INT(widest, 1);
    run.cell[1].state = PB_CELL_REFUSED; /* nobody misses the base */
    must(pb_analyse(&run));
    CHECK_INT(run.findings, 0);
    pb_run_release(&run);
}

/* ---- How many at once ---- */

static void enough(const void *data) {
    static const struct io_row rows[] = {
        {"thread", 2, 200, 6},   {"thread", 8, 780, 6},  {"thread", 16, 796, 11},
        {"thread", 32, 700, 30}, {"process", 8, 700, 6}, {"process", 16, 700, 6},
        {"loop", 16, 900, 6},    {"loop", 32, 1790, 12}, {"gil", 8, 300, 6},
    };
    struct pb_run run;
    (void)data;
    build(&run, rows, LENGTH(rows));
    must(pb_analyse(&run));
    CHECK_INT(run.findings, 3);
    CHECK_HAS(run.finding[0].claim, "overlap under");
    check_finding(&run, 1, "http: use 8 at once under thread and process.",
                  "16 give 2 % more than 8, and p99 grows from 6.00 ms to 10.9 ms.", "");
    check_finding(&run, 2, "http: the rate still grows at 32 at once under loop.",
                  "32 give 99 % more than 16, and p99 grows from 6.00 ms to 12.0 ms.", "Try -n 64.");
    pb_run_release(&run);
}

static void offer(struct pb_run *run, const struct io_row *rows, size_t n, double rate) {
    build(run, rows, n);
    for (uint32_t i = 0; i < run->cells; i++)
        run->cell[i].offered = rate;
}

/* 800 a second come, and every task that finds nobody before it takes 1 ms. */
static void offered(const void *data) {
    static const struct io_row rows[] = {
        {"thread", 2, 200, 6}, {"thread", 8, 795, 6}, {"process", 8, 800, 6}};
    struct pb_run run;
    (void)data;
    offer(&run, rows, LENGTH(rows), 800);
    must(pb_analyse(&run));
    CHECK_TEXT(run.cell[0].summary.outcome, "falls behind"); /* serial too */
    CHECK(fabs(run.cell[1].summary.kept.value - 0.2495) < 1e-3);
    CHECK_INT(run.findings, 2);
    check_finding(&run, 0,
                  "http: thread 2 falls behind: 200 of the 800 tasks that come in a second are done.",
                  "Latency grows with the queue: p50 is 1.00 ms already.",
                  "8 at once keep up: give as many (-n 8), or let fewer come.");
    check_finding(&run, 1, "http: thread 8 and process 8 keep up with the 800 tasks that come in a second.",
                  "p99 is 6.00 ms.", "");
    pb_run_release(&run);
}

/* The narrowest that keeps up; never one that falls behind, though another is faster by the clock; and no
   number where none keeps up, or where the rows differ in it. */
static void enough_for_what_comes(const void *data) {
    static const struct io_row wider[] = {{"thread", 4, 800, 6}, {"thread", 8, 800, 6}},
                               behind[] = {{"thread", 2, 200, 6}, {"thread", 8, 600, 6}},
                               differ[] = {{"thread", 2, 200, 6},
                                           {"thread", 4, 800, 6},
                                           {"process", 2, 200, 6},
                                           {"process", 8, 800, 6}},
                               close[] = {
                                   {"thread", 4, 770, 6}, {"thread", 8, 790, 6}, {"thread", 16, 800, 6}};
    static const char *const generic = "Give more at once (-n), or let fewer come.";
    struct pb_run run;
    (void)data;
    offer(&run, wider, LENGTH(wider), 800);
    must(pb_analyse(&run));
    check_finding(&run, 1, "http: use 4 at once under thread.",
                  "8 give no more than 4, and p99 stays near 6.00 ms.", "");
    pb_run_release(&run);
    offer(&run, behind, LENGTH(behind), 800);
    must(pb_analyse(&run));
    CHECK_TEXT(run.finding[0].next, generic);
    pb_run_release(&run);
    offer(&run, differ, LENGTH(differ), 800);
    must(pb_analyse(&run));
    CHECK_TEXT(run.finding[0].next, generic);
    pb_run_release(&run);
    offer(&run, close, LENGTH(close), 800);
    run.cell[3].sample[0].makespan_ns *= 2; /* the widest is unclear, and the fastest all the same */
    run.cell[3].sample[1].makespan_ns *= 2;
    must(pb_analyse(&run));
    CHECK_TEXT(run.cell[1].summary.outcome, "falls behind");
    CHECK_TEXT(run.cell[2].summary.outcome, "keeps up");
    CHECK_TEXT(run.cell[3].summary.outcome, "unclear");
    check_finding(&run, 2, "http: use 8 at once under thread.",
                  "16 give 1 % more than 8, and p99 stays near 6.00 ms.", "");
    pb_run_release(&run);
}

/* Half of the rounds kept up, half took twice as long: 399 / 0.999 a second. No speedup is spoken of. */
static void unclear_whether(const void *data) {
    static const struct io_row rows[] = {{"thread", 8, 800, 6}};
    struct pb_run run;
    (void)data;
    offer(&run, rows, 1, 800);
    for (uint32_t i = 0; i < ROUNDS; i += 2)
        run.cell[1].sample[i].makespan_ns *= 2;
    must(pb_analyse(&run));
    CHECK_TEXT(run.cell[1].summary.outcome, "unclear");
    CHECK_INT(run.findings, 1);
    check_finding(&run, 0,
                  "http: thread 8: unclear whether it keeps up with the 800 tasks that come in a second.",
                  "After 8 rounds it may be 399 or 800 of them.", "Measure longer: --thorough.");
    pb_run_release(&run);
}

/* Two workloads with the same rows: each has a rate of its own, and a sentence. */
static void offered_each(const void *data) {
    static const struct io_row rows[] = {{"thread", 8, 800, 6}, {"thread", 8, 400, 6}};
    struct pb_run run;
    (void)data;
    offer(&run, rows, LENGTH(rows), 800);
    must(pb_set_text(&run.cell[2].workload, "other"));
    run.cell[2].offered = 400;
    must(pb_analyse(&run));
    CHECK_INT(run.findings, 2);
    CHECK_HAS(run.finding[0].claim, "http: thread 8 keeps up with the 800 tasks");
    CHECK_HAS(run.finding[1].claim, "other: thread 8 keeps up with the 400 tasks");
    pb_run_release(&run);
}

/* Wider gives less; without latencies nothing is said of them; as many as there are tasks are enough. */
static void enough_without_latencies(const void *data) {
    static const struct io_row less[] = {{"loop", 8, 800, 0}, {"loop", 64, 600, 0}},
                               same[] = {{"loop", 8, 800, 0}, {"loop", 64, 801, 0}},
                               all[] = {{"loop", 64, 6000, 0}, {"loop", TASKS, 30000, 0}};
    struct pb_run run;
    (void)data;
    build(&run, less, LENGTH(less));
    must(pb_analyse(&run));
    check_finding(&run, 1, "http: use 8 at once under loop.", "64 give 25 % less than 8.", "");
    pb_run_release(&run);
    build(&run, same, LENGTH(same));
    must(pb_analyse(&run));
    check_finding(&run, 1, "http: use 8 at once under loop.", "64 give no more than 8.", "");
    run.cell[2].bound = PB_CPU; /* whose scaling is another question */
    run.cell[1].bound = PB_CPU;
    must(pb_analyse(&run));
    for (uint32_t i = 0; i < run.findings; i++)
        CHECK(!strstr(run.finding[i].claim, "at once under loop."));
    pb_run_release(&run);
    build(&run, all, LENGTH(all));
    must(pb_analyse(&run));
    check_finding(&run, 1, "http: the rate still grows at 400 at once under loop.",
                  "400 give 5.0 times what 64 give.", "");
    pb_run_release(&run);
}

/* ---- Races ---- */

static void differ(struct pb_cell *cell) {
    cell->state = PB_CELL_WRONG;
    cell->sample[ROUNDS - 1].digest = 3;
}

static void wrong(struct pb_cell *cell) {
    cell->state = PB_CELL_WRONG;
    for (uint32_t i = 0; i < cell->samples; i++)
        cell->sample[i].digest = 3;
}

static void races(const void *data) {
    static const struct io_row rows[] = {
        {"thread", 1, 100, 0}, {"thread", 8, 800, 0}, {"process", 8, 800, 0}};
    static const struct {
        void (*fault[4])(struct pb_cell *); /* of serial, thread 1, thread 8, process 8 */
        const char *claim, *evidence, *next;
    } cases[] = {
        {{NULL, NULL, differ, NULL},
         "thread 8 gives other answers than serial",
         "a race: tasks change shared state without a lock, and the answers differ from round to round",
         "put a lock around it, or give each task its own: serial is right"},
        {{NULL, NULL, wrong, wrong},
         "thread 8 and process 8 give other answers than serial",
         "a race: tasks change shared state without a lock",
         "put a lock around it, or give each task its own: serial is right"},
        {{NULL, wrong, wrong, NULL},
         "thread 1/8 give other answers than serial",
         "no race alone, since one task at a time is wrong too: what a task answers depends on where it runs "
         "or on what ran before",
         "look for state that a worker carries from task to task"},
        {{differ, NULL, NULL, NULL},
         "serial does not repeat the first answers",
         "a task must depend on its index alone",
         "look for random or leftover state"},
    };
    (void)data;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct pb_run run;
        build(&run, rows, LENGTH(rows));
        for (uint32_t k = 0; k < LENGTH(cases[i].fault); k++)
            if (cases[i].fault[k])
                cases[i].fault[k](&run.cell[k]);
        must(pb_analyse(&run));
        check_finding(&run, 0, cases[i].claim, cases[i].evidence, cases[i].next);
        pb_run_release(&run);
    }
}

/* Serial could not be run: the first row that ran contradicts itself. */
static void race_without_serial(const void *data) {
    static const struct io_row rows[] = {{"thread", 8, 800, 0}};
    struct pb_run run;
    (void)data;
    build(&run, rows, 1);
    run.cell[0].state = PB_CELL_REFUSED;
    differ(&run.cell[1]);
    must(pb_analyse(&run));
    check_finding(&run, 0, "thread 8 does not repeat the first answers",
                  "perhaps a race: tasks change shared state without a lock",
                  "run serial too: if it repeats its answers, it is a race");
    pb_run_release(&run);
}

const struct pb_suite suite_analysis_io = {
    "analysis-io",
    (const struct pb_case[]){{"percentiles", percentiles, NULL},
                             {"rates", rates, NULL},
                             {"refused", refused, NULL},
                             {"refused base", refused_base, NULL},
                             {"enough", enough, NULL},
                             {"offered", offered, NULL},
                             {"enough for what comes", enough_for_what_comes, NULL},
                             {"unclear whether", unclear_whether, NULL},
                             {"offered each", offered_each, NULL},
                             {"enough without latencies", enough_without_latencies, NULL},
                             {"races", races, NULL},
                             {"race without serial", race_without_serial, NULL},
                             {0}},
    NULL,
};
