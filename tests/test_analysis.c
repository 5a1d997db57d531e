/* Analysing records whose truth is known by construction: what each row must be called, and why. */
#include "analysis/analysis.h"
#include "stats/verdict.h"
#include "suite.h"

#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))
enum { ROUNDS = 12, TASKS = 64 };

/* A row by its truth: how many times as fast as the base, and its CPU time relative to the base's. */
struct truth {
    const char *workload, *executor;
    uint32_t workers;
    double speedup, cost;
    enum pb_bound bound;
};

static void must(int rc) {
    CHECK_INT(rc, 0);
}

/* One sample; the machine drifts by 1 % per round and rows jitter by 0.2 %, which pairing has to remove or
   bear. */
static void add_sample(struct pb_cell *cell, uint32_t round, double base_ns, const struct truth *t,
                       double busy) {
    double makespan =
        base_ns * (1 + 0.01 * round) / t->speedup * (1 + 0.002 * ((round + cell->id) % 3 - 1.0));
    struct pb_worker_sample worker[64] = {{0}};
    struct pb_sample s = {
        .round = round,
        .tasks = cell->tasks,
        .makespan_ns = (uint64_t)makespan,
        .cpu_ns = (uint64_t)(makespan * busy),
        .digest = 7,
        .workers = strcmp(t->executor, "loop") == 0 ? 1 : t->workers,
        .worker = worker,
    };
    for (uint32_t i = 0; i < s.workers; i++)
        worker[i] = (struct pb_worker_sample){cell->tasks / s.workers, s.cpu_ns / s.workers, -1, -1, -1, -1};
    must(pb_cell_add_sample(cell, &s));
}

static int32_t add_row(struct pb_run *run, enum pb_role role, const struct truth *t, double base_ns) {
    struct pb_cell *cell = pb_run_add_cell(run);
    CHECK(cell);
    cell->role = role;
    cell->bound = t->bound ? t->bound : PB_CPU;
    cell->workers = t->workers;
    cell->tasks = TASKS;
    cell->state = PB_CELL_DONE;
    must(pb_set_text(&cell->workload, t->workload));
    must(pb_set_text(&cell->executor, t->executor));
    double busy = cell->bound == PB_IO ? 0.01 * t->speedup : t->cost * t->speedup;
    for (uint32_t round = 0; round < ROUNDS; round++)
        add_sample(cell, round, base_ns, t, busy);
    return (int32_t)cell->id;
}

/* A run on 2 processors that can give 1.98x: reference rows 0 and 1, then a base per workload, then rows. */
static void build(struct pb_run *run, double task_ns, const struct truth *rows, size_t n) {
    static const struct truth spin[] = {{"spin", "serial", 1, 1, 1, PB_CPU},
                                        {"spin", "thread", 2, 1.98, 1, PB_CPU}};
    int32_t base = -1;
    pb_run_init(run);
    run->seed = 42;
    run->limits.usable = run->limits.processors = 2;
    run->limits.quota = INFINITY;
    add_row(run, PB_ROLE_REFERENCE, &spin[0], 3e7);
    add_row(run, PB_ROLE_REFERENCE, &spin[1], 3e7);
    run->cell[1].base = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(rows[i].workload, rows[i - 1].workload) != 0)
            base =
                add_row(run, PB_ROLE_BASE,
                        &(struct truth){rows[i].workload, "serial", 1, 1, 1, rows[i].bound}, task_ns * TASKS);
        int32_t id = add_row(run, PB_ROLE_CELL, &rows[i], task_ns * TASKS);
        run->cell[id].base = base;
        if (rows[i].bound != PB_IO) {
            run->cell[id].reference = 1;
            run->cell[id].reference_base = 0;
        }
    }
}

static const struct pb_cell *row(const struct pb_run *run, const char *executor) {
    for (uint32_t i = 2; i < run->cells; i++)
        if (strcmp(run->cell[i].executor, executor) == 0)
            return &run->cell[i];
    CHECK_MSG(false, "no row %s", executor);
    return NULL;
}

static void check_finding(const struct pb_run *run, uint32_t i, const char *claim, const char *evidence,
                          const char *next) {
    CHECK_MSG(i < run->findings, "only %u findings", run->findings);
    CHECK_TEXT(run->finding[i].claim, claim);
    CHECK_TEXT(run->finding[i].evidence, evidence);
    CHECK_TEXT(run->finding[i].next ? run->finding[i].next : "", next);
}

static const struct truth sha[] = {
    {"sha", "thread", 2, 1.97, 1, PB_CPU},  {"sha", "gil", 2, 0.99, 1.01, PB_CPU},
    {"sha", "process", 2, 1.97, 1, PB_CPU}, {"sha", "openmp", 2, 1.97, 1, PB_CPU},
    {"sha", "loop", 2, 0.99, 1.01, PB_CPU},
};

static void numbers(const void *data) {
    struct pb_run run;
    (void)data;
    build(&run, 5e5, sha, LENGTH(sha));
    must(pb_analyse(&run));
    const struct pb_summary *base = &row(&run, "serial")->summary, *thread = &row(&run, "thread")->summary;
    CHECK(base->speedup.value == 1 && isnan(base->speedup.low) && base->cost == 1);
    CHECK_TEXT(base->outcome, "-");
    CHECK_NEAR(thread->speedup.value, 1.97, 0.005);
    CHECK(thread->speedup.low <= thread->speedup.value && thread->speedup.value <= thread->speedup.high);
    CHECK_MSG(thread->speedup.high - thread->speedup.low < 0.02, "drift of the machine is not paired out");
    CHECK_INT(thread->speedup.samples, ROUNDS);
    CHECK_NEAR(thread->possible.value, 1.98, 0.005);
    CHECK(thread->possible.value == run.cell[1].summary.speedup.value);
    CHECK_NEAR(thread->busy, 1.97, 0.005);
    CHECK_NEAR(thread->cost, 1, 0.005);
    CHECK_NEAR(thread->efficiency, 0.985, 0.005);
    CHECK_NEAR(thread->imbalance, 1, 1e-9);
    CHECK_NEAR(thread->throughput.value, TASKS * 1e9 / thread->time.value, 1e-9);
    CHECK(isnan(thread->bound));
    CHECK_TEXT(run.cell[1].summary.outcome, "-");
    pb_run_release(&run);
}

/* Another program's lock is its runtime's: its processes are what helps, as ours are against the model's. */
static void lock_of_a_runtime(const void *data) {
    static const char *const remedies[][2] = {
        {"py.process", "Processes fix that (1.97x)."},
        {"py.other", "Take processes, or give the lock up in native parts."},
    };
    struct pb_run run;
    (void)data;
    build(&run, 5e5, sha, LENGTH(sha));
    for (uint32_t i = 0; i < run.cells; i++)
        if (run.cell[i].role == PB_ROLE_CELL)
            must(pb_set_text(&run.cell[i].runner, "python3"));
    must(pb_set_text(&run.cell[row(&run, "gil")->id].executor, "py.thread"));
    struct pb_cell *process = &run.cell[row(&run, "process")->id];
    for (size_t i = 0; i < LENGTH(remedies); i++) {
        must(pb_set_text(&process->executor, remedies[i][0]));
        must(pb_analyse(&run));
        check_finding(&run, 1, "py.thread 2: serialised (0.99x), lock.",
                      "2 workers keep 1.00 processors busy: one works, the others wait.", remedies[i][1]);
    }
    pb_run_release(&run);
}

static void story(const void *data) {
    struct pb_run run;
    (void)data;
    build(&run, 5e5, sha, LENGTH(sha));
    for (int again = 0; again < 2; again++) {
        must(pb_analyse(&run));
        CHECK_INT(run.findings, 3);
        CHECK_TEXT(row(&run, "gil")->summary.cause, "lock");
        CHECK(!row(&run, "loop")->summary.cause);
        check_finding(&run, 0,
                      "Threads, processes and OpenMP use both processors (1.97x of a possible 1.98x).",
                      "Processors busy 1.97, cost 1.00.", "");
        check_finding(&run, 1, "gil 2: serialised (0.99x), lock.",
                      "2 workers keep 1.00 processors busy: one holds the model's lock, the others wait.",
                      "Processes fix that (1.97x).");
        CHECK_HAS(run.finding[2].claim, "loop 2: serialised (0.99x).");
        CHECK_HAS(run.finding[2].evidence, "an event loop overlaps waiting, not computing");
    }
    pb_run_release(&run);
}

static void tiny_tasks(const void *data) {
    static const struct truth rows[] = {{"primes", "process", 2, 0.41, 3, PB_CPU}};
    struct pb_run run;
    (void)data;
    build(&run, 900, rows, 1);
    for (uint32_t i = 2; i < run.cells; i++)
        run.cell[i].tasks = 50000;
    for (uint32_t i = 0; i < run.cell[2].samples; i++) { /* 50,000 tasks of 0.9 us */
        run.cell[2].sample[i].makespan_ns = 45000000;
        run.cell[3].sample[i].makespan_ns = 109756098;
    }
    must(pb_analyse(&run));
    check_finding(&run, 0, "process 2: slower (0.41x), overhead.",
                  "A task takes 900 ns, handing it over 2.20 us.", "Batch 25 or more.");
    pb_run_release(&run);
}

static void waiting(const void *data) {
    static const struct truth rows[] = {{"sleep", "thread", 8, 7.9, 1, PB_IO},
                                        {"sleep", "process", 8, 7.9, 1, PB_IO},
                                        {"sleep", "loop", 8, 7.9, 1, PB_IO}};
    struct pb_run run;
    (void)data;
    build(&run, 1e6, rows, LENGTH(rows));
    must(pb_analyse(&run));
    CHECK(isnan(run.cell[3].summary.possible.value));
    CHECK_TEXT(run.cell[3].summary.outcome, "overlapped");
    CHECK_MSG(isnan(run.cell[2].summary.cost) && isnan(run.cell[3].summary.cost),
              "a cost of next to nothing");
    check_finding(&run, 0, "sleep: 8 tasks at once overlap under thread, process and loop (7.9x).",
                  "They wait, they do not compute: processors busy 0.08.", "");
    pb_run_release(&run);
}

/* Each cause from samples, with the figures of its sentence. */
static void lengths(struct pb_run *run) {
    static double task_ns[TASKS];
    for (size_t i = 0; i < TASKS; i++)
        task_ns[i] = i + 1 < TASKS ? 1 : 189; /* 63 + 189 over a makespan of 31 + 189 */
    run->cell[2].task_ns = malloc(sizeof task_ns);
    CHECK(run->cell[2].task_ns);
    memcpy(run->cell[2].task_ns, task_ns, sizeof task_ns);
    run->cell[2].task_times = TASKS;
}

static void bytes(struct pb_run *run) {
    run->cell[3].bytes_per_task = 1000000;
}

static void tight_quota(struct pb_run *run) {
    run->limits.quota = run->limits.usable = 1.5;
    run->limits.processors = 1;
    strcpy(run->limits.where, "/user.slice");
    for (uint32_t i = 0; i < run->cell[3].samples; i++)
        run->cell[3].sample[i].throttled_ns = (int64_t)run->cell[3].sample[i].cpu_ns;
}

/* The kernel does not tell what it stopped. */
static void untold_quota(struct pb_run *run) {
    tight_quota(run);
    run->cell[3].sample[0].throttled_ns = -1;
}

static void stolen(struct pb_run *run) {
    run->machine.pu = calloc(2, sizeof *run->machine.pu);
    CHECK(run->machine.pu);
    run->machine.pus = 2;
    for (uint32_t i = 0; i < run->cell[3].samples; i++)
        run->cell[3].sample[i].steal_ns = (int64_t)(run->cell[3].sample[i].makespan_ns / 4);
}

static void preempted(struct pb_run *run) {
    for (uint32_t i = 0; i < run->cell[3].samples; i++) { /* 7 in 35 ms */
        run->cell[3].sample[i].cpu_ns = 35000000;
        run->cell[3].sample[i].involuntary = 7;
    }
}

/* Of the workers' time `off` is on no clock, and they went to sleep so often for each time that others forced
   them. */
static void off_the_clocks(struct pb_cell *cell, double off, int64_t slept) {
    for (uint32_t i = 0; i < cell->samples; i++) {
        struct pb_sample *s = &cell->sample[i];
        s->involuntary = (int64_t)s->tasks;
        s->voluntary = slept * s->involuntary;
        for (uint32_t w = 0; w < s->workers; w++) {
            s->worker[w].gil_ns = s->worker[w].io_ns = s->worker[w].idle_ns = 0;
            s->worker[w].cpu_ns = (uint64_t)((double)s->makespan_ns * (1 - off));
        }
    }
}

static void slept(struct pb_run *run) {
    off_the_clocks(&run->cell[3], 0.33, 11);
}

static void slept_under_load(struct pb_run *run) {
    off_the_clocks(&run->cell[1], 0.1, 0);
    off_the_clocks(&run->cell[3], 0.43, 3);
}

static void displaced_as_the_reference(struct pb_run *run) {
    off_the_clocks(&run->cell[1], 0.3, 0);
    off_the_clocks(&run->cell[3], 0.33, 3);
}

static void nothing(struct pb_run *run) {
    (void)run;
}

static const struct cause_row {
    const char *name;
    struct truth truth;
    void (*change)(struct pb_run *);
    const char *outcome, *cause, *evidence, *next;
} causes[] = {
    {"imbalance",
     {"rc4", "thread", 2, 1.13, 1, PB_CPU},
     lengths,
     "partial",
     "imbalance",
     "in this order, allow at most 1.15x; the longest takes 189 ns of 252 ns in all.",
     "With the longest first 1.33x is possible"},
    {"shared hardware",
     {"stream", "thread", 2, 1.2, 1.63, PB_CPU},
     bytes,
     "partial",
     "shared hardware",
     "Serial moves 1.89 GB/s, 2 workers 2.27 GB/s in all.",
     "memory bandwidth"},
    {"lock",
     {"lock", "thread", 2, 1.3, 1, PB_CPU},
     slept,
     "partial",
     "lock",
     "2 workers keep 1.30 processors busy: they wait for one another for 33 % of their time.",
     "Hold the lock for less"},
    {"lock under load",
     {"lock", "thread", 2, 1.3, 1, PB_CPU},
     slept_under_load,
     "partial",
     "lock",
     "they wait for one another for 33 % of their time.",
     "Hold the lock for less"},
    {"others ran, on the reference too",
     {"sha", "thread", 2, 1.05, 1, PB_CPU},
     displaced_as_the_reference,
     "serialised",
     "other load",
     "Others took its processors",
     "Measure again"},
    {"quota",
     {"sha", "thread", 8, 1.3, 1.12, PB_CPU},
     tight_quota,
     "partial",
     "quota",
     "The cgroup allows 1.50 processors; it stopped the workers for 50 % of the time.",
     "Use -n 1, or raise cpu.max of /user.slice."},
    {"quota-untold",
     {"sha", "thread", 8, 1.3, 1.12, PB_CPU},
     untold_quota,
     "partial",
     "quota",
     "The cgroup allows 1.50 processors; 8 workers keep 1.46 busy.",
     "Use -n 1, or raise cpu.max of /user.slice."},
    {"quota-against-a-reference-under-it",
     {"sha", "thread", 8, 1.97, 1, PB_CPU},
     tight_quota,
     "partial",
     "quota",
     "it stopped the workers for 50 % of the time.",
     "Use -n 1"},
    {"steal",
     {"sha", "thread", 2, 1.4, 1, PB_CPU},
     stolen,
     "partial",
     "other load",
     "The hypervisor gave 12 % of the processors' time to others.",
     "idle"},
    {"oversubscribed",
     {"sha", "thread", 8, 1.5, 1.3, PB_CPU},
     nothing,
     "partial",
     "oversubscribed",
     "8 workers take turns on 2 processors",
     "Use -n 2."},
    {"other load",
     {"sha", "thread", 2, 1.4, 1, PB_CPU},
     preempted,
     "partial",
     "other load",
     "took its processors 200 times per CPU second",
     "idle"},
    {"unknown",
     {"sha", "thread", 2, 1.4, 1, PB_CPU},
     nothing,
     "partial",
     "unknown",
     "2 workers keep 1.40 processors busy",
     ""},
};

static void cause(const void *data) {
    const struct cause_row *r = data;
    struct pb_run run;
    build(&run, 5e5, &r->truth, 1);
    r->change(&run);
    must(pb_analyse(&run));
    CHECK_TEXT(run.cell[3].summary.outcome, r->outcome);
    CHECK_TEXT(run.cell[3].summary.cause, r->cause);
    CHECK_INT(run.findings, 1);
    CHECK_HAS(run.finding[0].claim, r->outcome);
    CHECK_HAS(run.finding[0].evidence, r->evidence);
    CHECK_HAS(run.finding[0].next ? run.finding[0].next : "", r->next);
    pb_run_release(&run);
}

/* Amdahl's law with a serial fraction of 0.2 at 2, 3 and 4 workers of 4 processors. */
static void serial_part(const void *data) {
    static const struct truth rows[] = {{"mix", "thread", 2, 1.667, 1, PB_CPU},
                                        {"mix", "thread", 3, 2.143, 1, PB_CPU},
                                        {"mix", "thread", 4, 2.5, 1, PB_CPU}};
    struct pb_run run;
    (void)data;
    build(&run, 5e5, rows, LENGTH(rows));
    run.limits.usable = run.limits.processors = 4;
    for (uint32_t i = 3; i < run.cells; i++)
        run.cell[i].reference = -1; /* without a reference: against the processors */
    must(pb_analyse(&run));
    CHECK_NEAR(run.cell[5].summary.serial_fraction, 0.2, 0.03);
    CHECK_TEXT(run.cell[5].summary.cause, "serial part");
    CHECK_HAS(run.finding[0].claim, "thread 2/3/4: partial (1.66 to 2.50x), serial part.");
    pb_run_release(&run);
}

static void wrong_and_failed(const void *data) {
    struct pb_run run;
    (void)data;
    build(&run, 5e5, sha, LENGTH(sha));
    run.cell[3].state = PB_CELL_WRONG;
    for (uint32_t i = 0; i < ROUNDS; i++)
        run.cell[3].sample[i].digest = i % 3;
    for (uint32_t i = 4; i < 6; i++) {
        run.cell[i].state = PB_CELL_FAILED;
        must(pb_set_text(&run.cell[i].error, "worker 1: killed by signal 9: give it more memory"));
    }
    must(pb_analyse(&run));
    CHECK_TEXT(run.cell[3].summary.outcome, "-");
    CHECK(isnan(run.cell[3].summary.speedup.value) && isnan(run.cell[4].summary.time.value));
    check_finding(
        &run, 0, "thread 2 gives other answers than serial",
        "a race: tasks change shared state without a lock, and the answers differ from round to round",
        "put a lock around it, or give each task its own: serial is right");
    CHECK_TEXT(run.finding[1].claim, "OpenMP uses both processors (1.97x of a possible 1.98x).");
    run.cell[6].state = PB_CELL_WRONG;
    must(pb_analyse(&run));
    CHECK_TEXT(run.finding[0].claim, "thread 2 and openmp 2 give other answers than serial");
    run.cell[2].state = PB_CELL_WRONG; /* serial itself: nobody is known to be right */
    must(pb_analyse(&run));
    check_finding(&run, 0, "serial, thread 2 and openmp 2 do not repeat the first answers",
                  "a task must depend on its index alone", "look for random or leftover state");
    pb_run_release(&run);
}

static void failed_base(const void *data) {
    struct pb_run run;
    (void)data;
    build(&run, 5e5, sha, 1);
    run.cell[2].state = PB_CELL_FAILED;
    must(pb_analyse(&run));
    CHECK(isnan(run.cell[3].summary.speedup.value) && !isnan(run.cell[3].summary.time.value));
    CHECK_TEXT(run.cell[3].summary.outcome, "-");
    must(pb_set_text(&run.cell[2].error, "killed by SIGSEGV"));
    check_finding(&run, 0, "serial failed, so there are no speedups.", "", "");
    run.cell[2].state = PB_CELL_DONE;
    run.cell[1].state = PB_CELL_FAILED;
    must(pb_set_text(&run.cell[1].error, "killed by SIGSEGV"));
    must(pb_analyse(&run));
    check_finding(&run, 0, "The reference thread of spin failed, so what is possible is not known",
                  "killed by SIGSEGV", "");
    pb_run_release(&run);
}

static void few_samples(const void *data) {
    struct pb_run run;
    int32_t cell;
    (void)data;
    build(&run, 5e5, sha, 1);
    CHECK(pb_widest_interval(&run, &cell) < 0.01);
    CHECK(cell == 1 || cell == 3);
    /* Rounds 1 to 7 are missing in the row, so 5 pairs are left. */
    for (uint32_t i = 5; i < ROUNDS; i++)
        run.cell[3].sample[i].round = 100 + i;
    must(pb_analyse(&run));
    const struct pb_summary *s = &run.cell[3].summary;
    CHECK_INT(s->speedup.samples, 5);
    CHECK_NEAR(s->speedup.value, 1.97, 0.005);
    CHECK(isnan(s->speedup.low) && isnan(s->speedup.high) && !isnan(s->time.low));
    CHECK_TEXT(s->outcome, "parallel");
    CHECK(isinf(pb_widest_interval(&run, &cell)));
    CHECK_INT(cell, 3);
    run.cell[3].state = PB_CELL_FAILED; /* no longer waited for */
    CHECK(pb_widest_interval(&run, &cell) < 0.01);
    pb_run_release(&run);
}

static void unclear(const void *data) {
    struct pb_run run;
    (void)data;
    build(&run, 5e5, sha, 1);
    for (uint32_t i = 0; i < ROUNDS; i += 2)
        run.cell[3].sample[i].makespan_ns = run.cell[3].sample[i].makespan_ns * 3 / 2;
    must(pb_analyse(&run));
    CHECK_TEXT(run.cell[3].summary.outcome, "unclear");
    CHECK_HAS(run.finding[0].claim, "thread 2: unclear (");
    CHECK_HAS(run.finding[0].evidence, "After 12 rounds the speedup may be 1.31x or 1.97x.");
    CHECK_HAS(run.finding[0].next, "--thorough");
    pb_run_release(&run);
}

/* The same rows of two workloads say the same in one sentence; widths as good need no sentence of their own.
 */
static void merging(const void *data) {
    static const struct truth rows[] = {
        {"sha", "thread", 2, 1.97, 1, PB_CPU},    {"sha", "thread", 4, 1.96, 1, PB_CPU},
        {"sha", "gil", 2, 0.99, 1.01, PB_CPU},    {"primes", "thread", 2, 1.9, 1, PB_CPU},
        {"primes", "gil", 2, 0.97, 1.03, PB_CPU},
    };
    struct pb_run run;
    (void)data;
    build(&run, 5e5, rows, LENGTH(rows));
    must(pb_analyse(&run));
    CHECK_INT(run.findings, 2);
    CHECK_TEXT(run.finding[0].claim,
               "sha and primes: threads use both processors (1.90 to 1.97x of a possible 1.98x).");
    CHECK_TEXT(run.finding[1].claim, "sha and primes: gil 2: serialised (0.97 to 0.99x), lock.");
    pb_run_release(&run);
}

static void at_most_four(const void *data) {
    static const struct truth rows[] = {
        {"a", "thread", 2, 1.97, 1, PB_CPU}, {"b", "process", 2, 1.4, 1, PB_CPU},
        {"c", "openmp", 2, 1.0, 1, PB_CPU},  {"d", "thread", 2, 0.5, 4, PB_CPU},
        {"e", "thread", 8, 7, 1, PB_IO},     {"f", "loop", 8, 7, 1, PB_IO},
    };
    static const char *const starts[] = {"a: threads use", "d: thread 2: slower", "c: openmp 2: serialised",
                                         "e: 8 tasks at once"};
    struct pb_run run;
    (void)data;
    build(&run, 5e5, rows, LENGTH(rows));
    must(pb_analyse(&run));
    CHECK_INT(run.findings, LENGTH(starts));
    for (uint32_t i = 0; i < run.findings; i++)
        CHECK_HAS(run.finding[i].claim, starts[i]);
    pb_run_release(&run);
}

static void nothing_measured(const void *data) {
    struct pb_run run;
    int32_t cell;
    (void)data;
    pb_run_init(&run);
    must(pb_analyse(&run));
    CHECK(pb_widest_interval(&run, &cell) == 0 && cell == -1);
    CHECK(pb_run_add_cell(&run));
    must(pb_analyse(&run));
    CHECK_INT(run.findings, 0);
    CHECK_TEXT(run.cell[0].summary.outcome, "-");
    CHECK(isinf(pb_widest_interval(&run, &cell)));
    pb_run_release(&run);
}

static void words(const void *data) {
    static const char *const columns[] = {
        "time",  "speedup", "busy", "cost",     "possible", "verdict",      "cell", "round",
        "lane",  "worker",  "task", "executor", "refused",  "rate",         "p50",  "p99",
        "p99.9", "peak",    "race", "gil*",     "status",   "wrong answers"};
    (void)data;
    for (size_t i = 0; pb_outcome(i); i++)
        CHECK_TEXT(pb_explain(pb_outcome(i))->kind, "outcome");
    for (size_t i = 0; pb_cause(i); i++)
        CHECK_TEXT(pb_explain(pb_cause(i))->kind, "cause");
    for (size_t i = 0; i < LENGTH(columns); i++)
        CHECK_MSG(pb_explain(columns[i]), "no explanation of %s", columns[i]);
    for (size_t i = 0; pb_explanation(i); i++) {
        CHECK(pb_explanation(i)->rule && *pb_explanation(i)->rule);
        CHECK_MSG(pb_explain(pb_explanation(i)->word) == pb_explanation(i), "%s stands twice",
                  pb_explanation(i)->word);
    }
    CHECK(!pb_explain("nonsense"));
}

static const struct pb_case fixed[] = {
    {"numbers", numbers, NULL},
    {"story", story, NULL},
    {"lock-of-a-runtime", lock_of_a_runtime, NULL},
    {"tiny tasks", tiny_tasks, NULL},
    {"waiting", waiting, NULL},
    {"serial part", serial_part, NULL},
    {"wrong and failed", wrong_and_failed, NULL},
    {"failed base", failed_base, NULL},
    {"few samples", few_samples, NULL},
    {"unclear", unclear, NULL},
    {"merging", merging, NULL},
    {"at most four", at_most_four, NULL},
    {"nothing measured", nothing_measured, NULL},
    {"words", words, NULL},
};

static bool cases(size_t i, struct pb_case *out) {
    if (i < LENGTH(fixed))
        *out = fixed[i];
    else if (i - LENGTH(fixed) < LENGTH(causes))
        *out = (struct pb_case){causes[i - LENGTH(fixed)].name, cause, &causes[i - LENGTH(fixed)]};
    else
        return false;
    return true;
}

const struct pb_suite suite_analysis = {"analysis", NULL, cases};
