/* Runs that are made up, so that their truth is known: repetitions scatter by some per cent about what the
 * row takes, the same in both files but for the seed of the scatter. */
#include "analysis/compare.h"
#include "base/random.h"
#include "cli/load.h"
#include "program.h"
#include "report/comparison.h"
#include "results/encode.h"
#include "results/json.h"
#include "results/comparable.h"
#include "sample_run.h"

#include <stdlib.h>
#include <unistd.h>

enum { SHA, THREAD, LOOP, SPIN, ROWS };

/* How a run is made; zeros are what most cases take. */
struct made {
    uint64_t seed;
    uint32_t rounds;     /* 0: 20 */
    uint32_t forks;      /* 0: one launch; else rounds are spread over so many */
    double factor[ROWS]; /* of the row's time; 0: 1 */
    double mood;         /* of all that computes; 0: 1 */
    double rate;         /* iterations of spin per microsecond; 0: 500 */
    double scatter;      /* 0: 1 % */
    bool lone;           /* without the reference */
};

static double or_one(double value) {
    return value > 0 ? value : 1;
}

static void add_samples(struct pb_cell *cell, const struct made *m, double ns, struct pb_random *random) {
    uint32_t rounds = m->rounds ? m->rounds : 20;
    double scatter = m->scatter > 0 ? m->scatter : 0.01;
    for (uint32_t i = 0; i < rounds; i++) {
        double off = 1 + scatter * (pb_random_unit(random) + pb_random_unit(random) - 1);
        struct pb_sample s = {.round = i,
                              .fork = m->forks ? i % m->forks : 0,
                              .tasks = cell->tasks,
                              .makespan_ns = (uint64_t)(ns * off),
                              .cpu_ns = (uint64_t)ns,
                              .digest = 0xd1ce};
        CHECK_INT(pb_cell_add_sample(cell, &s), 0);
    }
}

static void make(struct pb_run *run, const struct made *m) {
    static const struct sample_row rows[ROWS] = {
        [SHA] = {"serial", 1, 34.1, 1, -1, 1, 1, "-", NULL},
        [THREAD] = {"thread", 2, 17.2, 1.98, 0.01, 1.98, 1, "parallel", NULL},
        [LOOP] = {"loop", 8, 20.1, 7.9, 0.01, 0.02, 1, "overlapped", NULL},
        [SPIN] = {"serial", 1, 25, 1, -1, 1, 1, "-", NULL},
    };
    static const char *const names[ROWS] = {"sha:size=1MiB", "sha:size=1MiB", "sleep:ms=20",
                                            "spin:work=100us"};
    struct pb_random random;
    pb_random_seed(&random, m->seed);
    sample_run_bare(run);
    run->seed = m->seed;
    run->work_rate = m->rate > 0 ? m->rate : 500;
    for (int i = 0; i < (m->lone ? SPIN : ROWS); i++) {
        struct pb_cell *cell = sample_run_add(run, names[i], "made up", &rows[i]);
        bool computes = i != LOOP;
        while (cell->samples)
            pb_sample_release(&cell->sample[--cell->samples]);
        free(cell->sample);
        cell->sample = NULL;
        cell->bound = computes ? PB_CPU : PB_IO;
        cell->role = i == SPIN ? PB_ROLE_REFERENCE : cell->role;
        double iterations = i == SPIN ? run->work_rate / 500 : 1;
        add_samples(cell, m,
                    1e6 * rows[i].time_ms * or_one(m->factor[i]) * iterations *
                        (computes ? or_one(m->mood) : 1),
                    &random);
    }
}

static void compare(const struct pb_run *base, struct pb_run *head) {
    const struct pb_compare_rule rule = {0.05, 0.05};
    CHECK_INT(pb_compare(base, head, &rule), 0);
}

/* ---- Verdicts ---- */

static const struct row {
    const char *name;
    struct made base, head;
    const char *verdict[SPIN];
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
    make(&base, &row->base);
    make(&head, &row->head);
    compare(&base, &head);
    CHECK_INT(head.comparisons, SPIN);
    for (uint32_t i = 0; i < SPIN; i++) {
        const struct pb_comparison *c = &head.comparison[i];
        CHECK_MSG(strcmp(c->verdict, row->verdict[i]) == 0, "%s is %s (%g to %g), expected %s", c->name,
                  c->verdict, c->change.low, c->change.high, row->verdict[i]);
        CHECK_INT(c->cell, i);
        CHECK_INT(c->scaled, row->scaled && i != LOOP);
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
        make(&base, &(struct made){.seed = 100 + i, .scatter = 0.1, .rounds = 8});
        make(&head, &(struct made){.seed = 200 + i, .scatter = 0.1, .rounds = 8});
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

static void other_processor(struct pb_run *r) {
    snprintf(r->machine.cpu_model, sizeof r->machine.cpu_model, "Another Processor");
}
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
    CHECK_INT(pb_set_text(&r->cell[SHA].workload_full, "sha:size=2MiB"), 0);
}
static void other_tasks(struct pb_run *r) {
    r->cell[SHA].tasks = 65;
}
static void other_answer(struct pb_run *r) {
    r->cell[SHA].sample[0].digest = 0xbad;
}
static void other_place(struct pb_run *r) {
    CHECK_INT(pb_set_text(&r->cell[SHA].binding_effective, "none"), 0);
}
static void other_way(struct pb_run *r) {
    CHECK_INT(pb_set_text(&r->cell[SHA].via, "submit"), 0);
}
static void other_program(struct pb_run *r) {
    CHECK_INT(pb_set_text(&r->cell[SHA].runner, "python3"), 0);
}
static void failed(struct pb_run *r) {
    r->cell[SHA].state = PB_CELL_FAILED;
    CHECK_INT(pb_set_text(&r->cell[SHA].error, "it crashed"), 0);
}
static void other_width(struct pb_run *r) {
    r->cell[THREAD].workers = 4;
}

static const struct apart {
    const char *name;
    void (*change)(struct pb_run *);
    const char *why; /* of the first row; NULL: it is comparable */
    uint32_t rows;   /* that are not comparable */
} aparts[] = {
    {"processor", other_processor, "processor: Example Processor 9000, then Another Processor", 3},
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
    make(&base, &(struct made){.seed = 1});
    make(&head, &(struct made){.seed = 2, .factor = {3, 3, 3}});
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
    make(&base, &(struct made){.seed = 1});
    make(&head, &(struct made){.seed = 2});
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
    make(&base, &(struct made){.seed = 1});
    make(&head, &(struct made){.seed = 2});
    other_size(&head);
    CHECK_INT(pb_set_text(&head.cell[THREAD].executor, "serial"), 0);
    head.cell[THREAD].workers = 1;
    CHECK(pb_counterpart(&base, &head.cell[SHA]) == &base.cell[SHA]);
    compare(&base, &head);
    CHECK_TEXT(head.comparison[0].why, "only the new file has it");
    CHECK_INT(head.comparison[1].cell, THREAD);
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

static void narrow(const char *text, size_t most) {
    for (const char *end; *text; text = end + (*end == '\n')) {
        end = text + strcspn(text, "\n");
        size_t columns = 0;
        for (const char *p = text; p < end; p++)
            columns += ((unsigned char)*p & 0xc0) != 0x80;
        CHECK_MSG(columns <= most, "%zu columns: %.*s", columns, (int)(end - text), text);
    }
}

static void table(const void *data) {
    (void)data;
    struct pb_run base, head;
    struct pb_buffer out;
    make(&base, &(struct made){.seed = 1});
    make(&head, &(struct made){.seed = 2, .factor = {1.2, 0.8, 0}});
    CHECK_INT(
        pb_set_text(&head.cell[SHA].workload, "sha:\x1b[31ma name that is much longer than a table bears"),
        0);
    compare(&base, &head);
    write_table(&head, (struct pb_report_style){.utf8 = true, .width = 80}, &out);
    CHECK_HAS(out.data, "base");
    CHECK_HAS(out.data, "+20 % ±");
    CHECK_HAS(out.data, "  regressed\n");
    CHECK_HAS(out.data, "sha:size=1MiB thread 2: improved: 20 % faster (");
    CHECK_HAS(out.data, "Equivalent: sleep:ms=20 loop 8: within 5 % of the base.");
    CHECK(!strchr(out.data, '\x1b'));
    narrow(out.data, 80);
    pb_buffer_release(&out);
    write_table(&head, (struct pb_report_style){.width = 80}, &out);
    CHECK_HAS(out.data, "+20 % +-");
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
    make(&base, &(struct made){.seed = 1, .scatter = 0.1});
    make(&head, &(struct made){.seed = 2, .scatter = 0.1});
    compare(&base, &head);
    write_table(&head, (struct pb_report_style){.utf8 = true, .width = 80}, &out);
    CHECK_HAS(out.data, "Inconclusive: all 3 rows. The smallest regression that could have been found is");
    CHECK_HAS(out.data, "times as");
    pb_buffer_release(&out);
    other_processor(&head);
    compare(&base, &head);
    write_table(&head, (struct pb_report_style){.utf8 = true, .width = 80}, &out);
    CHECK_HAS(out.data, "Not comparable: all 3 rows: processor: Example Processor 9000, then Another");
    CHECK(!strstr(out.data, "%"));
    pb_buffer_release(&out);
    pb_run_release(&base);
    pb_run_release(&head);
}

/* ---- The command ---- */

static void save(const char *directory, const char *name, const struct pb_run *run, bool journal) {
    char path[128];
    struct pb_buffer text = {0};
    if (!journal)
        CHECK_INT(pb_run_encode(run, &text), 0);
    else
        CHECK_INT(pb_run_encode_line(run, &text), 0);
    for (uint32_t i = 0; journal && i < run->cells; i++)
        for (uint32_t k = 0; k < run->cell[i].samples; k++)
            CHECK_INT(pb_sample_encode_line(i, &run->cell[i].sample[k], &text), 0);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    CHECK(file && fwrite(text.data, 1, text.size, file) == text.size && fclose(file) == 0);
    pb_buffer_release(&text);
}

static void save_made(const char *directory, const char *name, const struct made *m,
                      void (*change)(struct pb_run *)) {
    struct pb_run run;
    make(&run, m);
    if (change)
        change(&run);
    save(directory, name, &run, strstr(name, ".partial") != NULL);
    pb_run_release(&run);
}

static void not_finished(struct pb_run *run) {
    run->ended = NULL;
}

static const struct command {
    const char *words; /* before %s comes the directory */
    int code;
    const char *says, *complains;
} commands[] = {
    {"old.json same.json", 0, "Equivalent: all 3 rows", NULL},
    {"old.json same.json --strict", 0, "Equivalent: all 3 rows", NULL},
    {"old.json slow.json", 1, "regressed: 10 % slower", NULL},
    {"old.json slow.json", 1, "\n::error title=", NULL},
    {"old.json slow.json --strict", 1, "regressed", NULL},
    {"old.json slow.json --threshold 30%", 0, "within 30 % of the base", NULL},
    {"old.json slow.json --threshold 2%", 1, "threshold 2 %", "--forks 5"},
    {"slow.json old.json", 0, "improved", NULL},
    {"other.json slow.json", 0, "Not comparable: all 3 rows: processor", NULL},
    {"other.json slow.json --strict", 3, "Not comparable: all 3 rows: processor", NULL},
    {"old.json few.json", 0, "a decision needs 6 of each", NULL},
    {"old.json few.json --strict", 3, "a decision needs 6 of each", NULL},
    {"old.json cut.json.partial", 1, "regressed: 10 % slower", NULL},
    {"cut.json.partial old.json --strict", 0, "improved", NULL},
    {"old.json slow.json --format json", 1, "\"verdict\": \"regressed\"", NULL},
    {"old.json cut.json", 2, NULL, "cut.json: no such file: its run was cut off"},
    {"old.json nowhere.json", 2, NULL, "nowhere.json: cannot be read: No such file"},
    {"old.json .", 2, NULL, ".: cannot be read: Is a directory"},
    {"broken.json old.json", 2, NULL, "broken.json:1:16: not JSON"},
    {"old.json", 2, NULL, "compare: two result files are needed"},
    {"old.json slow.json slow.json", 2, NULL, "unexpected argument"},
    {"old.json slow.json --format jsno", 2, NULL, "did you mean json"},
    {"old.json slow.json --threshold 0", 2, NULL, "--threshold"},
};

static void prepare(char directory[64]) {
    static const char broken[] = "{\"schema\": oops";
    program_need();
    program_directory(directory);
    save_made(directory, "old.json", &(struct made){.seed = 1}, NULL);
    save_made(directory, "same.json", &(struct made){.seed = 2}, NULL);
    save_made(directory, "few.json", &(struct made){.seed = 2, .rounds = 4}, NULL);
    save_made(directory, "slow.json", &(struct made){.seed = 3, .factor = {1.1, 1.1, 1.1}}, NULL);
    save_made(directory, "other.json", &(struct made){.seed = 1}, other_processor);
    save_made(directory, "cut.json.partial", &(struct made){.seed = 3, .factor = {1.1, 1.1, 1.1}},
              not_finished);
    char path[128];
    snprintf(path, sizeof path, "%s/broken.json", directory);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(broken, file) >= 0 && fclose(file) == 0);
}

/* The words with the directory before each file's name. */
static void expand(const char *words, const char *directory, struct pb_buffer *out) {
    for (; *words; words += strcspn(words, " "), words += *words == ' ') {
        int length = (int)strcspn(words, " ");
        bool file = memmem(words, (size_t)length, ".", 1) != NULL;
        pb_buffer_printf(out, file ? " %s/%.*s" : " %.0s%.*s", directory, length, words);
    }
}

static void command(const void *data) {
    (void)data;
    char directory[64];
    prepare(directory);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const struct command *row = &commands[i];
        bool github = row->says && strncmp(row->says, "\n::", 3) == 0;
        struct program program;
        struct pb_buffer words = {0};
        expand(row->words, directory, &words);
        program_run(&program, (const char *[]){github ? "GITHUB_ACTIONS=true" : "GITHUB_ACTIONS=", NULL},
                    "compare%s", pb_buffer_string(&words));
        const char *said = pb_buffer_string(&program.said), *told = pb_buffer_string(&program.complained);
        CHECK_MSG(program.status == row->code << 8, "%s: status %#x: %s%s", row->words, program.status, said,
                  told);
        CHECK_MSG(!row->says || strstr(said, row->says), "%s: says %s", row->words, said);
        CHECK_MSG(row->complains ? strstr(told, row->complains) != NULL : !*told, "%s: complains %s",
                  row->words, told);
        if (!strstr(row->words, "json --format") && !github)
            narrow(said, 80);
        pb_buffer_release(&words);
        program_release(&program);
    }
    program_directory_release(directory);
}

/* What the program measured, against itself: no change, whatever the machine does. */
static void measured(const void *data) {
    (void)data;
    char directory[64];
    struct program program;
    struct pb_run run;
    program_need();
    program_directory(directory);
    program_run(&program, NULL, "-w arcfour -e thread -n 2 --tasks 8 --rounds 6 -q -o %s/a.json", directory);
    program_check_code(&program, 0);
    program_release(&program);
    program_run(&program, NULL, "compare %s/a.json %s/a.json --format json", directory, directory);
    program_check_code(&program, 0);
    program_decode(&run, "comparison", &program.said);
    CHECK_INT(run.comparisons, 2);
    CHECK_TEXT(run.comparison[0].name, "arcfour serial");
    CHECK_TEXT(run.comparison[1].name, "arcfour thread 2");
    for (uint32_t i = 0; i < 2; i++) {
        CHECK(run.comparison[i].change.value == 0 && run.comparison[i].scaled);
        CHECK(run.comparison[i].change.low < 0 && run.comparison[i].change.high > 0);
    }
    pb_run_release(&run);
    program_release(&program);
    program_directory_release(directory);
}

/* ---- Cases ---- */

static bool cases(size_t i, struct pb_case *out) {
    static const struct pb_case plain[] = {
        {"no false alarm", no_false_alarm, NULL},
        {"only in one", only_in_one, NULL},
        {"likeliest", likeliest, NULL},
        {"table", table, NULL},
        {"sentences", sentences, NULL},
        {"command", command, NULL},
        {"measured", measured, NULL},
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
