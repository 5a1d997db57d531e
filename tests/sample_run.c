#include "sample_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static void text(char **slot, const char *value) {
    CHECK_INT(pb_set_text(slot, value), 0);
}

static struct pb_estimate estimate(double value, double half) {
    return (struct pb_estimate){value, half < 0 ? NAN : value - half, half < 0 ? NAN : value + half, 13};
}

static void fill_machine(struct pb_run *run) {
    static const struct pb_pu pus[] = {
        {.cpu = 0, .efficiency = 1},
        {.cpu = 1, .core = 1, .package = 1, .numa = 1, .llc = 1, .smt = 1, .efficiency = 2}};
    struct pb_machine *m = &run->machine;
    m->source = PB_MACHINE_SYNTHETIC;
    snprintf(m->source_text, sizeof m->source_text, "pack:2 core:1");
    snprintf(m->cpu_model, sizeof m->cpu_model, "Example Processor 9000");
    m->memory_bytes = 8ull << 30;
    m->packages = m->numa_nodes = m->cores = m->pus = 2;
    m->smt = true;
    m->pu = malloc(sizeof pus);
    CHECK(m->pu);
    memcpy(m->pu, pus, sizeof pus);
    m->cache[0] = (struct pb_cache){1, 'd', 32 << 10, 2, 1};
    m->cache[1] = (struct pb_cache){3, 'u', 32 << 20, 1, 2};
    m->caches = 2;
    CHECK_INT(pb_cpuset_parse(&run->limits.allowed, "0-1"), 0);
    run->limits.quota = 1.5;
    run->limits.usable = 1.5;
    run->limits.processors = 1;
    run->limits.limit = PB_LIMIT_QUOTA;
    snprintf(run->limits.where, sizeof run->limits.where, "/user.slice");
}

static void fill_host(struct pb_host *h) {
    snprintf(h->kernel, sizeof h->kernel, "Linux 6.1.0 x86_64");
    snprintf(h->distribution, sizeof h->distribution, "Example GNU/Linux 12");
    snprintf(h->compiler, sizeof h->compiler, "GCC 12.2.0");
    snprintf(h->libc, sizeof h->libc, "glibc 2.36");
    snprintf(h->virtualisation, sizeof h->virtualisation, "KVM");
    snprintf(h->governor, sizeof h->governor, "performance");
    snprintf(h->hostname, sizeof h->hostname, "example");
    h->smt_active = 1;
    h->turbo = 0;
    h->load1 = 0.25;
    h->memory_available = 4ll << 30;
}

void sample_run_bare(struct pb_run *run) {
    pb_run_init(run);
    text(&run->version, "0.1.0");
    text(&run->command, "bench -w sha -e all");
    run->seed = 0xfedcba9876543210u;
    run->started = 1800000000;
    run->elapsed = 10.04;
    run->work_rate = 512.3;
    run->precision = 0.02;
    run->time_budget = 10;
    run->rounds = 13;
    run->ended = "time";
    fill_machine(run);
    fill_host(&run->host);
}

static void add_samples(struct pb_cell *c, const struct sample_row *row) {
    struct pb_worker_sample worker[2] = {{32, 17000001, 0, -1, 0, 250000}, {32, 17000002, -1, -1, 0, -1}};
    for (uint32_t round = 0; round < 3; round++) {
        struct pb_sample s = {
            .round = round + 1,
            .tasks = 64,
            .makespan_ns = (uint64_t)(row->time_ms * 1e6) + round,
            .cpu_ns = 34000000 + round,
            .voluntary = 5,
            .involuntary = 2,
            .migrations = 1,
            .minor_faults = 7,
            .major_faults = -1,
            .peak_bytes = 12ll << 20,
            .fork = 1,
            .throttled = 2,
            .throttled_ns = 30000000,
            .steal_ns = -1,
            .digest = 0x00c0ffee00c0ffeeu,
            .status = {64},
            .workers = row->workers > 1 ? 2 : 0,
            .worker = worker,
        };
        CHECK_INT(pb_cell_add_sample(c, &s), 0);
    }
}

static void summarise(struct pb_summary *s, const struct sample_row *row) {
    s->time = estimate(row->time_ms * 1e6, row->half < 0 ? -1 : 1e5);
    s->speedup = estimate(row->speedup, row->half);
    s->throughput = estimate(64 / row->time_ms * 1e3, row->half < 0 ? -1 : 10);
    s->busy = row->busy;
    s->cost = row->cost;
    s->spent = (struct pb_shares){0.9, 0.01, 0.02, 0.04, 0.03};
    s->efficiency = row->speedup / row->workers;
    s->outcome = row->outcome;
    s->cause = row->cause;
}

struct pb_cell *sample_run_add(struct pb_run *run, const char *workload, const char *summary,
                               const struct sample_row *row) {
    struct pb_cell *c = pb_run_add_cell(run);
    CHECK(c);
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(workload, ":"), workload);
    text(&c->workload, workload);
    text(&c->workload_name, name);
    text(&c->workload_full, workload);
    text(&c->workload_summary, summary);
    text(&c->executor, row->executor);
    text(&c->binding, "auto");
    text(&c->binding_effective, "core");
    text(&c->binding_reason, "2 workers fit 2 cores");
    text(&c->via, "for");
    text(&c->planned, "0 1");
    text(&c->achieved, "0 1");
    text(&c->status_name[0], "ok");
    text(&c->status_name[1], "error");
    text(&c->status_name[3], "not_found");
    c->bound = PB_CPU;
    c->workers = row->workers;
    c->tasks = 64;
    c->bytes_per_task = 1 << 20;
    c->state = PB_CELL_DONE;
    c->role = strcmp(row->executor, "serial") == 0 ? PB_ROLE_BASE : PB_ROLE_CELL;
    add_samples(c, row);
    summarise(&c->summary, row);
    return c;
}

void sample_run_trace(struct pb_cell *c) {
    static const struct pb_span spans[] = {
        {PB_SPAN_TASK, 0, 0, 0, 0, 1500}, {PB_SPAN_TASK, 0, 0, 2, 1500, 500},
        {PB_SPAN_GIL, 1, 1, 0, 0, 400},   {PB_SPAN_TASK, 1, 1, 1, 500, 1501},
        {PB_SPAN_IO, 1, 1, 0, 600, 200},
    };
    c->span = malloc(sizeof spans);
    CHECK(c->span);
    memcpy(c->span, spans, sizeof spans);
    c->spans = sizeof spans / sizeof *spans;
    c->spans_lost = 7;
}

static void fill_laws(struct pb_run *run) {
    CHECK_INT(pb_run_add_doubt(run, "Drift from the first round to the last: thread 2: +1.5 %.", false), 0);
    struct pb_scaling_law *law = pb_run_add_law(run, 1);
    CHECK(law);
    law->weak = true;
    law->law = "usl";
    law->one = estimate(1876.5, 20);
    law->a = estimate(0.031, 0.004);
    law->b = estimate(0.0002, 0.0001);
    law->peak = (struct pb_estimate){69.6, 54.25, INFINITY, 13};
    law->widest = 8;
    law->predicted = 16;
    law->throughput = estimate(19800, 450);
    law->speedup = estimate(10.55, 0.25);
    law->misfit = -0.0125;
    law->misfit_at = 6;
    law = pb_run_add_law(run, 2);
    CHECK(law);
    text(&law->why, "2 widths, 4 are needed");
}

void sample_run_init(struct pb_run *run) {
    static const struct sample_row rows[] = {
        {"serial", 1, 34.1, 1, -1, 1, 1, "-", NULL},
        {"thread", 2, 17.2, 1.98, 0.01, 1.98, 1, "parallel", NULL},
        {"gil", 2, 34.6, 0.99, 0.01, 1, 1.01, "serialised", "lock"},
        {"process", 2, 17.4, 1.96, 0.02, 1.97, 1.01, "parallel", NULL},
    };
    static const struct sample_row references[] = {
        {"serial", 1, 20, 1, -1, 1, 1, "-", NULL},
        {"thread", 2, 10.1, 1.98, 0.005, 2, 1, "-", NULL},
    };
    sample_run_bare(run);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_cell *c = sample_run_add(run, "sha", "1 MiB SHA-256", &rows[i]);
        c->base = 0;
        c->reference = i == 0 ? -1 : 5;
        c->reference_base = i == 0 ? -1 : 4;
        if (i > 0) {
            c->summary.possible = estimate(1.98, 0.005);
            c->summary.bound = 2;
            c->summary.imbalance = 1.01;
            c->summary.serial_fraction = 0.0125;
        }
    }
    for (size_t i = 0; i < 2; i++)
        sample_run_add(run, "spin", "work of a known amount", &references[i])->role = PB_ROLE_REFERENCE;
    struct pb_cell *base = &run->cell[0], *thread = &run->cell[1];
    base->task_ns = malloc(3 * sizeof *base->task_ns);
    CHECK(base->task_ns);
    memcpy(base->task_ns, (double[]){0.1, 532812.5, 1e9 / 3}, 3 * sizeof *base->task_ns);
    base->task_times = 3;
    sample_run_trace(thread);
    thread->misplaced = true;
    text(&thread->achieved, "0 0");
    text(&run->cell[3].error, "worker 1 was slow: no reason: none");
    CHECK_INT(pb_cell_add_note(thread, "OMP_PROC_BIND set aside"), 0);
    CHECK_INT(pb_cell_add_note(thread, "OMP_PROC_BIND set aside"), 0);
    CHECK_INT(pb_run_add_warning(run, "load average is 3: other programs run"), 0);
    CHECK_INT(pb_run_add_finding(run, "Threads and processes use both processors",
                                 "1.97x of a possible 1.98x", NULL),
              0);
    CHECK_INT(pb_run_add_finding(run, "Under one lock the second processor idles", "gil* 2: busy 1.00",
                                 "processes fix that"),
              0);
    fill_laws(run);
}

void sample_table(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out) {
    struct pb_error error = {0};
    const struct pb_format *table = pb_format_find("table", &error);
    CHECK_MSG(table, "%s", error.text);
    if (table->absent)
        pb_test_skip("%s", table->absent);
    *out = (struct pb_buffer){0};
    CHECK_MSG(table->write(run, style, out, &error) == 0, "%s", error.text);
}
