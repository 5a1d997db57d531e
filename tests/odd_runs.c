#include "odd_runs.h"

#include <float.h>
#include <stdlib.h>

#include "sample_run.h"
#include "suite.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Each is what some reader acts on, at the beginning of a text and within one. */
static const char *const attacks[] = {
    "=cmd|' /C calc'!A0",
    "+1+cmd()",
    "-2+3",
    "@SUM(A1)",
    " =1+1",
    "＝1＋1",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>&lt;",
    "]]><!--",
    "::error title=x::boom",
    "x\n::set-output name=a::b\r\n  ::stop-commands::t",
    "##[error]boom",
    "a ##[add-path]/tmp ###[x",
    "%0A::error::boom%0D",
    "\033[31mred\033[0m\033]8;;http://evil\033\\\a",
    "\302\23331mC1",
    "right\xe2\x80\xaeot left\xe2\x81\xa6",
    "bad \xff\xc3( utf8 \xed\xa0\x80",
    "\xef\xbf\xbe\xef\xbf\xbf",
    "a|b`c`*d*_e_[f](http://evil)~g~#1 @user www.evil.org $x$",
    "| --- |\n\n# heading\n- item",
    "quote \" comma , ' semicolon ; tab\t back\\slash",
    "zero width \xe2\x80\x8b and \xef\xbb\xbf",
    "\"",
    "'",
    "",
};

static const char *next(size_t *k) {
    return attacks[(*k)++ % COUNT(attacks)];
}

static void text(char **slot, size_t *k) {
    CHECK_INT(pb_set_text(slot, next(k)), 0);
}

static void chars(char *slot, size_t size, size_t *k) {
    snprintf(slot, size, "%s", next(k));
}

static void attack_cell(struct pb_cell *c, size_t *k) {
    char **const slots[] = {
        &c->workload,       &c->workload_name, &c->workload_summary,  &c->workload_full,  &c->executor,
        &c->runner,         &c->side,          &c->binding,           &c->binding_reason, &c->via,
        &c->planned,        &c->achieved,      &c->binding_effective, &c->error,          &c->status_name[0],
        &c->status_name[1], &c->status_name[2]};
    struct pb_failure failure = {.task = 1, .status = 1};
    for (size_t i = 0; i < COUNT(slots); i++)
        text(slots[i], k);
    text(&c->counter_name[0], k);
    CHECK_INT(pb_cell_add_note(c, next(k)), 0);
    chars(failure.reason, sizeof failure.reason, k);
    CHECK(pb_cell_add_failure(c, &failure) >= 0);
    sample_run_trace(c);
    c->span[0].start_ns = INT64_MAX;
    c->span[3].lane = UINT32_MAX;
    c->misplaced = true;
    for (uint32_t i = 0; i < c->samples; i++)
        c->sample[i].status[1] = 1;
}

static struct pb_comparison *compare(struct pb_run *run, const char *name, int32_t cell,
                                     const char *verdict) {
    struct pb_comparison *c = pb_run_add_comparison(run, name);
    CHECK(c);
    c->cell = cell;
    c->base_ns = 17.2e6;
    c->head_ns = 18.3e6;
    c->change = (struct pb_estimate){0.062, 0.051, 0.073, 25};
    c->confidence = 0.99;
    c->threshold = 0.05;
    c->detectable = 0.031;
    c->verdict = verdict;
    return c;
}

/* Every attack stands once at the beginning of a row's name. */
static void hostile(struct pb_run *run) {
    static const enum pb_cell_state states[] = {PB_CELL_DONE, PB_CELL_DONE, PB_CELL_FAILED, PB_CELL_WRONG,
                                                PB_CELL_REFUSED};
    static const struct sample_row row = {"thread", 2, 17.2, 1.98, 0.01, 1.98, 1, "parallel", NULL};
    size_t k = 3;
    sample_run_init(run);
    for (size_t i = 0; i < COUNT(attacks); i++) {
        attack_cell(sample_run_add(run, "sha", "x", &row), &k);
        CHECK_INT(pb_set_text(&run->cell[run->cells - 1].workload, attacks[i]), 0);
        run->cell[run->cells - 1].state = states[i % COUNT(states)];
    }
    text(&run->version, &k);
    text(&run->command, &k);
    chars(run->machine.cpu_model, sizeof run->machine.cpu_model, &k);
    chars(run->machine.source_text, sizeof run->machine.source_text, &k);
    chars(run->limits.where, sizeof run->limits.where, &k);
    struct pb_host *h = &run->host;
    chars(h->kernel, sizeof h->kernel, &k);
    chars(h->virtualisation, sizeof h->virtualisation, &k);
    chars(h->governor, sizeof h->governor, &k);
    chars(h->hostname, sizeof h->hostname, &k);
    for (size_t i = 0; i < COUNT(attacks); i++) {
        CHECK_INT(pb_run_add_warning(run, attacks[i]), 0);
        CHECK_INT(pb_run_add_finding(run, attacks[i], next(&k), next(&k)), 0);
        CHECK_INT(pb_run_add_doubt(run, attacks[i], i % 2 == 0), 0);
        struct pb_scaling_law *law = pb_run_add_law(run, (uint32_t)i);
        CHECK(law);
        text(&law->why, &k);
    }
}

static void hostile_compared(struct pb_run *run) {
    static const char *const verdicts[] = {PB_REGRESSED, PB_INCONCLUSIVE, PB_NOT_COMPARABLE, PB_EQUIVALENT};
    hostile(run);
    for (size_t i = 0; i < COUNT(attacks); i++) {
        struct pb_comparison *c = compare(run, attacks[i], (int32_t)i, verdicts[i % COUNT(verdicts)]);
        CHECK_INT(pb_set_text(&c->why, attacks[COUNT(attacks) - 1 - i]), 0);
    }
}

/* Rows that only differ in what is taken out of their names, or in nothing. */
static void same(struct pb_run *run) {
    static const char *const names[] = {"sha", "sha", "sha\001", "sha\002", "sha\xff", "sha\xfe"};
    static const struct sample_row row = {"thread", 2, 17.2, 1.98, 0.01, 1.98, 1, "parallel", NULL};
    sample_run_init(run);
    for (size_t i = 0; i < COUNT(names); i++)
        sample_run_add(run, names[i], "x", &row);
}

static void compared(struct pb_run *run) {
    sample_run_init(run);
    compare(run, "sha thread 2", 1, PB_REGRESSED);
    compare(run, "sha gil 2", 2, PB_EQUIVALENT);
    compare(run, "sha process 2", 3, PB_INCONCLUSIVE);
    struct pb_comparison *c = compare(run, "sha loop 2", -1, PB_NOT_COMPARABLE);
    c->change = c->control;
    c->head_ns = c->detectable = NAN;
    CHECK_INT(pb_set_text(&c->why, "only the base has it"), 0);
    compare(run, "sha serial", 0, PB_IMPROVED)->change.value = -0.062;
}

/* One row broken in each way; one comparison is about a broken row. */
static void failed(struct pb_run *run) {
    static const enum pb_cell_state states[] = {PB_CELL_PLANNED, PB_CELL_FAILED, PB_CELL_WRONG,
                                                PB_CELL_REFUSED};
    sample_run_init(run);
    for (size_t i = 0; i < COUNT(states); i++)
        run->cell[i].state = states[i];
    CHECK_INT(pb_set_text(&run->cell[1].error, "sha thread 2: its runner died: signal 9: see dmesg"), 0);
}

static void failed_compared(struct pb_run *run) {
    failed(run);
    compare(run, "sha thread 2", 1, PB_INCONCLUSIVE);
}

static void set_numbers(struct pb_run *run, double number, uint64_t count) {
    const struct pb_estimate e = {number, number, number, 0};
    run->elapsed = run->host.load1 = run->work_rate = number;
    for (uint32_t i = 0; i < run->cells; i++) {
        struct pb_cell *c = &run->cell[i];
        c->summary = (struct pb_summary){.time = e,
                                         .speedup = e,
                                         .possible = e,
                                         .throughput = e,
                                         .kept = e,
                                         .busy = number,
                                         .cost = number,
                                         .efficiency = number,
                                         .bound = number,
                                         .imbalance = number,
                                         .p50 = number,
                                         .p99 = number,
                                         .p999 = number,
                                         .rate = number,
                                         .serial_fraction = number};
        c->tasks = c->bytes_per_task = count;
        for (uint32_t k = 0; k < c->samples; k++)
            c->sample[k].tasks = c->sample[k].makespan_ns = c->sample[k].cpu_ns = count;
    }
    for (uint32_t i = 0; i < run->laws; i++) {
        struct pb_scaling_law *l = &run->law[i];
        l->one = l->a = l->b = l->peak = l->throughput = l->speedup = e;
        l->misfit = number;
        l->widest = l->predicted = l->misfit_at = count;
    }
    for (uint32_t i = 0; i < run->comparisons; i++) {
        struct pb_comparison *c = &run->comparison[i];
        c->change = c->control = e;
        c->base_ns = c->head_ns = c->detectable = c->threshold = c->confidence = number;
    }
}

static void unknown(struct pb_run *run) {
    compared(run);
    set_numbers(run, NAN, 0);
    run->ended = NULL;
}

static void endless(struct pb_run *run) {
    compared(run);
    set_numbers(run, INFINITY, INT64_MAX);
}

static void extreme(struct pb_run *run) {
    compared(run);
    set_numbers(run, DBL_MAX, INT64_MAX);
    run->started = 253402300799; /* the last second of the year 9999 */
}

static void tiny(struct pb_run *run) {
    compared(run);
    set_numbers(run, -DBL_TRUE_MIN, 1);
    run->started = 0;
}

/* One sample has no deviation. */
static void lone(struct pb_run *run) {
    sample_run_init(run);
    for (uint32_t i = 0; i < run->cells; i++)
        while (run->cell[i].samples > 1)
            pb_sample_release(&run->cell[i].sample[--run->cell[i].samples]);
}

const struct odd_run odd_runs[] = {
    {"sample", sample_run_init},
    {"lone", lone},
    {"hostile", hostile},
    {"hostile-compared", hostile_compared},
    {"same", same},
    {"compared", compared},
    {"failed", failed},
    {"failed-compared", failed_compared},
    {"unknown", unknown},
    {"endless", endless},
    {"extreme", extreme},
    {"tiny", tiny},
    {"bare", sample_run_bare},
    {"nothing", pb_run_init},
    {NULL, NULL},
};

const struct odd_run *odd_run(const char *name) {
    const struct odd_run *row = odd_runs;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    CHECK_MSG(row->name, "there is no run %s", name);
    return row;
}
