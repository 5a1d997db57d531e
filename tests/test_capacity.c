/* What rows are held against that ran on other hosts than the driver's: the processors that those have. */
#include "analysis/analysis.h"
#include "analysis/scaling.h"
#include "base/buffer.h"
#include "results/record.h"
#include "suite.h"

#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))
enum { ROUNDS = 12, TASKS = 64, DRIVERS = 2 };

static void must(int rc) {
    CHECK_INT(rc, 0);
}

static void add_samples(struct pb_cell *c, double speedup, double cost) {
    for (uint32_t r = 0; r < ROUNDS; r++) {
        double ns = 1e9 / speedup * (1 + 0.01 * r) * (1 + 0.002 * (r * 7 % 5));
        const struct pb_sample s = {.round = r,
                                    .tasks = TASKS,
                                    .makespan_ns = (uint64_t)ns,
                                    .cpu_ns = (uint64_t)(ns * speedup * cost),
                                    .digest = 7};
        must(pb_cell_add_sample(c, &s));
    }
}

static struct pb_cell *add_row(struct pb_run *run, const char *executor, uint32_t workers, double speedup,
                               double cost) {
    struct pb_cell *c = pb_run_add_cell(run);
    CHECK(c);
    c->role = run->cells == 1 ? PB_ROLE_BASE : PB_ROLE_CELL;
    c->base = run->cells == 1 ? -1 : 0;
    c->bound = PB_CPU;
    c->workers = workers;
    c->tasks = TASKS;
    c->state = PB_CELL_DONE;
    must(pb_set_text(&c->workload, "sha"));
    must(pb_set_text(&c->executor, executor));
    add_samples(c, speedup, cost);
    return c;
}

/* So many hosts with as many processors each; 0: without, on the driver's machine. */
static void add_hosts(struct pb_cell *c, uint32_t hosts, double usable, double quota) {
    c->host = calloc(hosts + 1, sizeof *c->host);
    CHECK(c->host);
    c->hosts = hosts;
    for (uint32_t h = 0; h < hosts; h++)
        c->host[h].limits = (struct pb_limits){.usable = usable,
                                               .quota = quota,
                                               .processors = (uint32_t)usable,
                                               .limit = quota < INFINITY ? PB_LIMIT_QUOTA : PB_LIMIT_NONE};
}

static void begin(struct pb_run *run) {
    pb_run_init(run);
    run->seed = 42;
    run->limits = (struct pb_limits){.usable = DRIVERS, .processors = DRIVERS, .quota = INFINITY};
    add_row(run, "serial", 1, 1, 1);
}

static const struct row {
    const char *name;
    uint32_t hosts;
    double usable, quota;
    uint32_t workers;
    double speedup, cost;
    const char *outcome, *cause, *evidence; /* NULL: none; not looked at */
} rows[] = {
    {"here", 0, 0, 0, 4, 1.9, 1, "parallel", NULL, NULL},
    {"all", 4, 2, INFINITY, 8, 7.8, 1, "parallel", NULL, "Processors busy 7.80"},
    {"a quarter", 4, 2, INFINITY, 8, 1.95, 1, "partial", NULL, NULL},
    {"another host", 1, 8, INFINITY, 8, 1.95, 1, "partial", NULL, NULL},
    {"oversubscribed", 4, 2, INFINITY, 16, 5, 1.5, "partial", "oversubscribed",
     "16 workers take turns on 8 processors"},
    {"quotas", 2, 1.5, 1.5, 8, 2.6, 1, "partial", "quota", "The cgroup allows 3 processors"},
};

static void verdict(const void *data) {
    const struct row *row = data;
    struct pb_run run;
    begin(&run);
    add_hosts(add_row(&run, "mpi", row->workers, row->speedup, row->cost), row->hosts, row->usable,
              row->quota);
    must(pb_analyse(&run));
    const struct pb_summary *s = &run.cell[1].summary;
    CHECK_TEXT(s->outcome, row->outcome);
    CHECK_TEXT(s->cause ? s->cause : "none", row->cause ? row->cause : s->cause ? s->cause : "none");
    CHECK(run.findings > 0);
    if (row->evidence)
        CHECK_HAS(run.finding[0].evidence, row->evidence);
    pb_run_release(&run);
}

/* A curve ends where the hosts' processors end, and its advice may be wider than the driver's machine. */
static void curve(const void *data) {
    struct pb_run run;
    struct pb_scaling s;
    (void)data;
    begin(&run);
    for (uint32_t n = 1; n <= 16; n *= 2)
        add_hosts(add_row(&run, "mpi", n, fmin(n, 8), 1), n < 4 ? 1 : 2, 4, INFINITY);
    must(pb_analyse(&run));
    must(pb_scaling_init(&s, &run));
    const struct pb_curve *c = &s.curve[0];
    CHECK_INT(c->rows, 5);
    CHECK_INT(c->use->workers, 8);
    CHECK(!c->row[1].left_out);
    CHECK_TEXT(c->row[3].left_out, "beyond one host: workers are on 2");
    CHECK_TEXT(c->row[4].left_out, "oversubscribed, 8 processors can be used");
    pb_scaling_release(&s);
    pb_run_release(&run);
}

static bool case_at(size_t i, struct pb_case *out) {
    if (i < LENGTH(rows))
        *out = (struct pb_case){rows[i].name, verdict, &rows[i]};
    else if (i == LENGTH(rows))
        *out = (struct pb_case){"curve", curve, NULL};
    return i <= LENGTH(rows);
}

const struct pb_suite suite_capacity = {.name = "capacity", .generate = case_at};
