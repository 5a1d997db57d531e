#include "analysis/compare.h"
#include "made_run.h"
#include "report/comparison.h"
#include "results/comparable.h"
#include "suite.h"

#include <stdlib.h>

static void compare(const struct pb_run *base, struct pb_run *head) {
    const struct pb_compare_rule rule = {0.05, 0.05};
    CHECK_INT(pb_compare(base, head, &rule), 0);
}

/* ---- Verdicts ---- */

static const struct row {
    const char *name;
    struct made base, head;
    const char *verdict[MADE_SPIN];
    bool scaled;
} rows[] = {
    {"the same", {.seed = 1}, {.seed = 2}, {"equivalent", "equivalent", "equivalent"}, true},
    {"ten per cent slower",
     {.seed = 1},
     {.seed = 2, .factor = {1.1, 1.1, 1.1}},
     {"regressed", "regressed", "regressed"},
     true},
    {"ten per cent faster",
     {.seed = 1},
     {.seed = 2, .factor = {0, 0.9}},
     {"equivalent", "improved", "equivalent"},
     true},
    {"at the threshold",
     {.seed = 1},
     {.seed = 2, .factor = {1.05, 0, 0}},
     {"inconclusive", "equivalent", "equivalent"},
     true},
    {"a slower mood of the machine",
     {.seed = 1},
     {.seed = 2, .mood = 1.3},
     {"equivalent", "equivalent", "equivalent"},
     true},
    {"a slower mood, unseen",
     {.seed = 1},
     {.seed = 2, .mood = 1.3, .lone = true},
     {"regressed", "regressed", "equivalent"},
     false},
    {"a regression in a faster mood",
     {.seed = 1},
     {.seed = 2, .mood = 0.8, .factor = {1.15, 1.15}},
     {"regressed", "regressed", "equivalent"},
     true},
    {"spin calibrated otherwise",
     {.seed = 1},
     {.seed = 2, .rate = 700},
     {"equivalent", "equivalent", "equivalent"},
     true},
    {"launches",
     {.seed = 1, .forks = 5},
     {.seed = 2, .forks = 5, .factor = {0, 1.2}},
     {"equivalent", "regressed", "equivalent"},
     true},
    {"too noisy",
     {.seed = 1, .scatter = 0.5},
     {.seed = 2, .scatter = 0.5},
     {"inconclusive", "inconclusive", "inconclusive"},
     true},
    {"too few",
     {.seed = 1},
     {.seed = 2, .rounds = 5, .factor = {2, 2, 2}},
     {"inconclusive", "inconclusive", "inconclusive"},
     true},
};

static void verdicts(const void *data) {
    const struct row *row = data;
    struct pb_run base, head;
    made_run_init(&base, &row->base);
    made_run_init(&head, &row->head);
    compare(&base, &head);
    CHECK_INT(head.comparisons, MADE_SPIN);
    for (uint32_t i = 0; i < MADE_SPIN; i++) {
        const struct pb_comparison *c = &head.comparison[i];
        CHECK_MSG(strcmp(c->verdict, row->verdict[i]) == 0, "%s is %s (%g to %g), expected %s", c->name,
                  c->verdict, c->change.low, c->change.high, row->verdict[i]);
        CHECK_INT(c->cell, i);
        CHECK_INT(c->scaled, row->scaled && i != MADE_LOOP);
        bool few = row->head.rounds && row->head.rounds < PB_COMPARE_SAMPLES;
        CHECK_INT(isnan(c->change.value), few);
        CHECK_INT(c->why != NULL, few);
        CHECK(few || (c->confidence >= 0.95 - 1e-12 && c->detectable > 0.05));
        CHECK_INT(c->change.samples, few ? row->head.rounds : row->base.forks ? row->base.forks : 20);
    }
    pb_run_release(&base);
    pb_run_release(&head);
}

/* So many pairs of files of which nothing changed: none may be called regressed or improved. */
static void no_false_alarm(const void *data) {
    (void)data;
    for (uint64_t i = 0; i < 30; i++) {
        struct pb_run base, head;
        made_run_init(&base, &(struct made){.seed = 100 + i, .scatter = 0.1, .rounds = 8});
        made_run_init(&head, &(struct made){.seed = 200 + i, .scatter = 0.1, .rounds = 8});
        compare(&base, &head);
        for (uint32_t k = 0; k < head.comparisons; k++)
            CHECK_MSG(strcmp(head.comparison[k].verdict, PB_REGRESSED) != 0 &&
                          strcmp(head.comparison[k].verdict, PB_IMPROVED) != 0,
                      "%s is %s in pair %u", head.comparison[k].name, head.comparison[k].verdict,
                      (unsigned)i);
        pb_run_release(&base);
        pb_run_release(&head);
    }
}

/* ---- Not comparable ---- */

static void fewer_cores(struct pb_run *r) {
    r->machine.cores = 1;
}
static void other_cache(struct pb_run *r) {
    r->machine.cache[1].bytes = 16 << 20;
}
static void less_usable(struct pb_run *r) {
    r->limits.usable = 1;
}
static void on_metal(struct pb_run *r) {
    snprintf(r->host.virtualisation, sizeof r->host.virtualisation, "none");
}
static void saving_power(struct pb_run *r) {
    snprintf(r->host.governor, sizeof r->host.governor, "powersave");
}
static void without_smt(struct pb_run *r) {
    r->host.smt_active = 0;
}
static void with_turbo(struct pb_run *r) {
    r->host.turbo = 1;
}
static void next_version(struct pb_run *r) {
    CHECK_INT(pb_set_text(&r->version, "0.2.0"), 0);
}
static void other_patch(struct pb_run *r) {
    CHECK_INT(pb_set_text(&r->version, "0.1.7"), 0);
}
static void unknown_governor(struct pb_run *r) {
    *r->host.governor = '\0';
    r->host.turbo = -1;
}
static void other_size(struct pb_run *r) {
    CHECK_INT(pb_set_text(&r->cell[MADE_SHA].workload_full, "sha:size=2MiB"), 0);
}
static void other_tasks(struct pb_run *r) {
    r->cell[MADE_SHA].tasks = 65;
}
static void other_answer(struct pb_run *r) {
    r->cell[MADE_SHA].sample[0].digest = 0xbad;
}
static void other_place(struct pb_run *r) {
    CHECK_INT(pb_set_text(&r->cell[MADE_SHA].binding_effective, "none"), 0);
}
static void other_way(struct pb_run *r) {
    CHECK_INT(pb_set_text(&r->cell[MADE_SHA].via, "submit"), 0);
}
static void other_program(struct pb_run *r) {
    CHECK_INT(pb_set_text(&r->cell[MADE_SHA].runner, "python3"), 0);
}
static void failed(struct pb_run *r) {
    r->cell[MADE_SHA].state = PB_CELL_FAILED;
    CHECK_INT(pb_set_text(&r->cell[MADE_SHA].error, "it crashed"), 0);
}
static void other_width(struct pb_run *r) {
    r->cell[MADE_THREAD].workers = 4;
}

static const struct apart {
    const char *name;
    void (*change)(struct pb_run *);
    const char *why; /* of the first row; NULL: it is comparable */
    uint32_t rows;   /* that are not comparable */
} aparts[] = {
    {"processor", made_run_elsewhere, "processor: Example Processor 9000, then Another Processor", 3},
    {"cores", fewer_cores, "topology: 2 processors on 2 cores", 3},
    {"caches", other_cache, "1 L3u of 32 MiB, then 2 L1d of 32 KiB + 1 L3u of 16 MiB", 3},
    {"usable", less_usable, "usable processors: 1.5, then 1", 3},
    {"virtualisation", on_metal, "virtualisation: KVM, then none", 3},
    {"governor", saving_power, "governor: performance, then powersave", 3},
    {"SMT", without_smt, "SMT: on, then off", 3},
    {"turbo", with_turbo, "turbo: off, then on", 3},
    {"version", next_version, "parbench: 0.1, then 0.2", 3},
    {"patch version", other_patch, NULL, 0},
    {"unknown in one", unknown_governor, NULL, 0},
    {"parameters", other_size, "work: sha:size=1MiB, then sha:size=2MiB", 1},
    {"tasks", other_tasks, "tasks: 64, then 65 (measure both with --tasks 64)", 1},
    {"answers", other_answer, "answers: 0xd1ce, then 0xbad", 1},
    {"place", other_place, "bound: core, then none", 1},
    {"via", other_way, "handed out by: for, then submit", 1},
    {"runner", other_program, "runner: bench, then python3", 1},
    {"failed", failed, "the new row failed: it crashed", 1},
    {"only in one", other_width, NULL, 2},
};

static void not_comparable(const void *data) {
    const struct apart *row = data;
    struct pb_run base, head;
    uint32_t count = 0;
    made_run_init(&base, &(struct made){.seed = 1});
    made_run_init(&head, &(struct made){.seed = 2, .factor = {3, 3, 3}});
    row->change(&head);
    compare(&base, &head);
    for (uint32_t i = 0; i < head.comparisons; i++) {
        const struct pb_comparison *c = &head.comparison[i];
        bool apart = strcmp(c->verdict, PB_NOT_COMPARABLE) == 0;
        count += apart;
        CHECK_INT(isnan(c->change.value), apart);
        CHECK_INT(c->why != NULL, apart);
        CHECK_TEXT(c->verdict, apart ? PB_NOT_COMPARABLE : PB_REGRESSED);
    }
    CHECK_INT(count, row->rows);
    if (row->why)
        CHECK_HAS(head.comparison[0].why, row->why);
    pb_run_release(&base);
    pb_run_release(&head);
}

static void only_in_one(const void *data) {
    (void)data;
    struct pb_run base, head;
    made_run_init(&base, &(struct made){.seed = 1});
    made_run_init(&head, &(struct made){.seed = 2});
    other_width(&head);
    compare(&base, &head);
    CHECK_INT(head.comparisons, 4);
    CHECK_TEXT(head.comparison[1].name, "sha:size=1MiB thread 4");
    CHECK_TEXT(head.comparison[1].why, "only the new file has it");
    CHECK_INT(head.comparison[1].cell, 1);
    CHECK_TEXT(head.comparison[3].name, "sha:size=1MiB thread 2");
    CHECK_TEXT(head.comparison[3].why, "only the old file has it");
    CHECK_INT(head.comparison[3].cell, -1);
    CHECK(isnan(head.comparison[3].head_ns) && head.comparison[3].base_ns > 1e7);
    pb_run_release(&base);
    pb_run_release(&head);
}

/* Of two sizes the new row that is the old one is its partner, not the one that stands first. */
static void likeliest(const void *data) {
    (void)data;
    struct pb_run base, head;
    made_run_init(&base, &(struct made){.seed = 1});
    made_run_init(&head, &(struct made){.seed = 2});
    other_size(&head);
    CHECK_INT(pb_set_text(&head.cell[MADE_THREAD].executor, "serial"), 0);
    head.cell[MADE_THREAD].workers = 1;
    CHECK(pb_counterpart(&base, &head.cell[MADE_SHA]) == &base.cell[MADE_SHA]);
    compare(&base, &head);
    CHECK_TEXT(head.comparison[0].why, "only the new file has it");
    CHECK_INT(head.comparison[1].cell, MADE_THREAD);
    CHECK(head.comparison[1].base_ns > 3e7);
    pb_run_release(&base);
    pb_run_release(&head);
}

/* ---- The table ---- */

static void write_table(const struct pb_run *run, struct pb_report_style style, struct pb_buffer *out) {
    struct pb_error error;
    *out = (struct pb_buffer){0};
    CHECK_INT(pb_comparison_write(run, &style, out, &error), 0);
}

static void table(const void *data) {
    (void)data;
    struct pb_run base, head;
    struct pb_buffer out;
    made_run_init(&base, &(struct made){.seed = 1});
    made_run_init(&head, &(struct made){.seed = 2, .factor = {1.2, 0.8, 0}});
    CHECK_INT(pb_set_text(&head.cell[MADE_SHA].workload,
                          "sha:\x1b[31ma name that is much longer than a table bears"),
              0);
    compare(&base, &head);
    write_table(&head, (struct pb_report_style){.utf8 = true, .width = 80}, &out);
    CHECK_HAS(out.data, "base");
    CHECK_HAS(out.data, "+20 % ±");
    CHECK_HAS(out.data, "  regressed\n");
    CHECK_HAS(out.data, "sha:size=1MiB thread 2: improved: 20 % faster (");
    CHECK_HAS(out.data, "Equivalent: sleep:ms=20 loop 8: within 5 % of the base.");
    CHECK(!strchr(out.data, '\x1b'));
    check_columns(out.data, 80);
    pb_buffer_release(&out);
    write_table(&head, (struct pb_report_style){.width = 80}, &out);
    CHECK_HAS(out.data, "+20 % +-");
    CHECK(!strstr(out.data, "\xe2\x80\xa6")); /* the sign of what was left out is spelt, too */
    pb_buffer_release(&out);
    write_table(&head, (struct pb_report_style){.utf8 = true, .wide = true, .colour = true, .width = 200},
                &out);
    CHECK_HAS(out.data, "could find");
    CHECK_HAS(out.data, "\033[31mregressed\033[0m");
    CHECK(!strstr(out.data, "control"));
    pb_buffer_release(&out);
    pb_run_clear_comparisons(&head);
    write_table(&head, (struct pb_report_style){.width = 80}, &out);
    CHECK_TEXT(out.data, "Nothing to compare: neither has a row with numbers.\n");
    pb_buffer_release(&out);
    pb_run_release(&base);
    pb_run_release(&head);
}

static void sentences(const void *data) {
    (void)data;
    struct pb_run base, head;
    struct pb_buffer out;
    made_run_init(&base, &(struct made){.seed = 1, .scatter = 0.1});
    made_run_init(&head, &(struct made){.seed = 2, .scatter = 0.1});
    compare(&base, &head);
    write_table(&head, (struct pb_report_style){.utf8 = true, .width = 80}, &out);
    CHECK_HAS(out.data, "Inconclusive: all 3 rows. The smallest regression that could have been found is");
    CHECK_HAS(out.data, "times as");
    pb_buffer_release(&out);
    made_run_elsewhere(&head);
    compare(&base, &head);
    write_table(&head, (struct pb_report_style){.utf8 = true, .width = 80}, &out);
    CHECK_HAS(out.data, "Not comparable: all 3 rows: processor: Example Processor 9000, then Another");
    CHECK(!strstr(out.data, "%"));
    pb_buffer_release(&out);
    pb_run_release(&base);
    pb_run_release(&head);
}

/* ---- Cases ---- */

static bool cases(size_t i, struct pb_case *out) {
    static const struct pb_case plain[] = {
        {"no false alarm", no_false_alarm, NULL}, {"only in one", only_in_one, NULL},
        {"likeliest", likeliest, NULL},           {"table", table, NULL},
        {"sentences", sentences, NULL},
    };
    enum {
        PLAIN = sizeof plain / sizeof *plain,
        VERDICTS = sizeof rows / sizeof *rows,
        APARTS = sizeof aparts / sizeof *aparts
    };
    if (i < PLAIN)
        *out = plain[i];
    else if (i < PLAIN + VERDICTS)
        *out = (struct pb_case){rows[i - PLAIN].name, verdicts, &rows[i - PLAIN]};
    else if (i < PLAIN + VERDICTS + APARTS)
        *out = (struct pb_case){aparts[i - PLAIN - VERDICTS].name, not_comparable,
                                &aparts[i - PLAIN - VERDICTS]};
    return i < PLAIN + VERDICTS + APARTS;
}

const struct pb_suite suite_compare = {"compare", NULL, cases};
