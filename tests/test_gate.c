/* bench gate: what is made of its samples, and the program on work whose truth is known by construction. What
 * is slower is twice as slow, and what is the same is held against a threshold of 900 %, so that no load on
 * the machine changes an answer. */
#include "suite.h"

#include <signal.h>
#include <stdlib.h>

#include "analysis/gate.h"
#include "base/random.h"
#include "cfile.h"

/* ---- From samples ---- */

enum { BASE, HEAD, CONTROL, SIDES, LAUNCHES = 12, BLOCKS = 3 };

/* A block has two rounds: base is of the first, control of the second, head of both. */
typedef double of_repetition(void *context, int side, uint32_t round);

/* `ns` makes up the times, in order of blocks and sides, and so does `undisturbed`, unless it is NULL. */
static void made_of(struct pb_run *run, uint32_t launches, uint32_t blocks, of_repetition *ns,
                    of_repetition *undisturbed, void *context) {
    static const char *const name[SIDES] = {"base", "head", "control"};
    pb_run_init(run);
    for (int side = 0; side < SIDES; side++) {
        struct pb_cell *cell = pb_run_add_cell(run);
        CHECK(cell && pb_set_text(&cell->side, name[side]) == 0);
    }
    for (uint32_t b = 0; b < launches * blocks; b++)
        for (int place = 0; place < 4; place++) {
            int side = (const int[]){BASE, HEAD, CONTROL, HEAD}[place];
            struct pb_sample sample = {.round = 2 * b + (place > 1), .fork = b / blocks};
            sample.makespan_ns = (uint64_t)ns(context, side, sample.round);
            sample.undisturbed_ns = undisturbed ? undisturbed(context, side, sample.round) : 0;
            CHECK(pb_cell_add_sample(&run->cell[side], &sample) == 0);
        }
    CHECK(pb_run_add_comparison(run, "thread 2"));
}

/* Launch by launch base takes 1 ms or some more; head is disturbed in one repetition of each launch. */
static double steady(void *context, int side, uint32_t round) {
    const double *factor = context;
    double slow = round % (2 * BLOCKS) == 3 && side == HEAD ? 3 : 1;
    return 1e6 * (1 + 0.1 * (round / (2 * BLOCKS))) * factor[side] * slow;
}

static void made_up(struct pb_run *run, double head, double control) {
    double factor[SIDES] = {1, head, control};
    made_of(run, LAUNCHES, BLOCKS, steady, NULL, factor);
}

static const struct row {
    const char *name;
    double head, control; /* over base */
    const char *verdict, *why;
} rows[] = {
    {"regressed", 1.06, 1, PB_REGRESSED, NULL},
    {"improved", 0.88, 1, PB_IMPROVED, NULL},
    {"equivalent", 1.04, 1, PB_EQUIVALENT, NULL},
    {"control moved", 1.2, 1.12, PB_INCONCLUSIVE,
     "the control, base against itself, moved by +12 %: this run is not to be trusted: quieten the machine "
     "and repeat it"},
};

static const struct pb_gate_rule rule = {.threshold = 0.05, .error = 0.01, .rows = 1};

static void look(const void *data) {
    const struct row *row = data;
    struct pb_run run;
    made_up(&run, row->head, row->control);
    CHECK_INT(pb_gate_look(&run, 0, &rule, 1), 0);
    const struct pb_comparison *c = run.comparison;
    CHECK_TEXT(c->verdict, row->verdict);
    CHECK_INT(c->change.samples, LAUNCHES);
    CHECK_INT(c->cell, 1);
    CHECK_NEAR(c->change.value, row->head / sqrt(row->control) - 1, 1e-4);
    CHECK_NEAR(c->confidence, 0.99, 1e-12);
    if (row->why)
        CHECK_TEXT(c->why, row->why);
    else
        CHECK(!c->why);
    pb_run_release(&run);
}

static double exponential(void *random, int side, uint32_t round) {
    (void)side, (void)round;
    return 1e6 * (1 - 0.02 * log(1 - pb_random_unit(random)));
}

/* Times are skewed: head, which stands against two, must look neither faster nor slower for that. */
static void skewed(const void *data) {
    (void)data;
    enum { MANY = 2000, EACH = 18 };
    struct pb_run run;
    struct pb_random random;
    pb_random_seed(&random, 7);
    made_of(&run, MANY, EACH, exponential, NULL, &random);
    const struct pb_gate_row row = pb_gate_row(&run, 0);
    struct pb_gate_series series;
    double sum = 0, squares = 0;
    CHECK_INT(pb_gate_series_init(&series, &row), 0);
    CHECK_INT(series.launches, MANY);
    for (uint32_t i = 0; i < series.launches; i++) {
        sum += series.change[PB_GATE_MAKESPAN][i];
        squares += series.change[PB_GATE_MAKESPAN][i] * series.change[PB_GATE_MAKESPAN][i];
    }
    CHECK(fabs(sum) < 4 * sqrt(squares));
    pb_gate_series_release(&series);
    pb_run_release(&run);
}

/* A third is left alone. */
static double crowded(void *random, int side, uint32_t round) {
    double more = round % 3 == 0 ? 0.002 * pb_random_unit(random) : pb_random_unit(random);
    return 1e6 * (side == HEAD ? 1.06 : 1) * (1 + more);
}

/* Where others take processors away from most repetitions, the few that were left alone tell. */
static void busy(const void *data) {
    (void)data;
    struct pb_run run;
    struct pb_random random;
    pb_random_seed(&random, 3);
    made_of(&run, 14, 18, crowded, NULL, &random);
    CHECK_INT(pb_gate_look(&run, 0, &rule, 1), 0);
    CHECK_TEXT(run.comparison[0].verdict, PB_REGRESSED);
    CHECK_NEAR(run.comparison[0].change.value, 0.06, 0.002);
    pb_run_release(&run);
}

/* A machine's mood, as large as the change, that lasts for some blocks. */
static double moody(void *random, int side, uint32_t round) {
    double mood = 0.03 * sin(round / 2 / 5.0);
    return 1e6 * (side == HEAD ? 1.02 : 1) * (1 + mood + 0.002 * pb_random_unit(random));
}

static void moods(const void *data) {
    (void)data;
    struct pb_run run;
    struct pb_random random;
    pb_random_seed(&random, 5);
    made_of(&run, 14, 8, moody, NULL, &random);
    CHECK_INT(pb_gate_look(&run, 0, &rule, 1), 0);
    CHECK_NEAR(run.comparison[0].change.value, 0.02, 0.01);
    CHECK(run.comparison[0].change.high - run.comparison[0].change.low < 0.002);
    pb_run_release(&run);
}

/* ---- By two measures ---- */

static double scattered(void *random, int side, uint32_t round) {
    (void)side, (void)round;
    return 1e6 * (1 + 0.1 * pb_random_unit(random));
}

static double steady_tasks(void *random, int side, uint32_t round) {
    (void)side, (void)round;
    return 9e5 * (1 + 0.0005 * pb_random_unit(random));
}

/* By 0.5 %. */
static double longer_tasks(void *random, int side, uint32_t round) {
    return steady_tasks(random, side, round) * (side == HEAD ? 1.005 : 1);
}

/* By 6 %. */
static double longer(void *random, int side, uint32_t round) {
    return steady_tasks(random, side, round) * (side == HEAD ? 1.06 : 1);
}

static const struct measures {
    const char *name;
    of_repetition *makespan, *undisturbed;
    double threshold;
    const char *verdict;
    bool by_tasks;
    double change;
    const char *why;
} measures[] = {
    {"tasks tell", scattered, longer_tasks, 0.002, PB_REGRESSED, true, 0.005, NULL},
    {"makespan tells", longer, steady_tasks, 0.02, PB_REGRESSED, false, 0.06, NULL},
    {"both tell", longer, longer_tasks, 0.002, PB_REGRESSED, true, 0.005, NULL},
    {"both equal", steady_tasks, steady_tasks, 0.002, PB_EQUIVALENT, true, 0, NULL},
    {"tasks alone are equal", scattered, steady_tasks, 0.002, PB_INCONCLUSIVE, false, NAN,
     "what tasks take undisturbed changed by "},
};

static void by_measures(const void *data) {
    const struct measures *m = data;
    const struct pb_gate_rule at = {.threshold = m->threshold, .error = 0.01, .rows = 1};
    struct pb_run run;
    struct pb_random random;
    pb_random_seed(&random, 9);
    made_of(&run, 20, 8, m->makespan, m->undisturbed, &random);
    CHECK_INT(pb_gate_look(&run, 0, &at, PB_LAST_LOOK), 0);
    const struct pb_comparison *c = run.comparison;
    CHECK_TEXT(c->verdict, m->verdict);
    CHECK_INT(c->undisturbed, m->by_tasks);
    CHECK(isnan(m->change) || fabs(c->change.value - m->change) < 0.001);
    if (m->why)
        CHECK_HAS(c->why, m->why);
    else
        CHECK(!c->why);
    pb_run_release(&run);
}

/* Of 100 tasks of unequal length all are slower by 1 %, and some are hit by something else. */
static void undisturbed(const void *data) {
    (void)data;
    enum { TASKS = 100 };
    double usual[TASKS], ns[TASKS], scratch[TASKS], sum = 0;
    for (int i = 0; i < TASKS; i++) {
        usual[i] = 1000 * (1 + i % 7);
        ns[i] = usual[i] * (i % 10 == 9 ? 3 : 1.01);
        sum += usual[i];
    }
    CHECK_NEAR(pb_gate_undisturbed(ns, usual, TASKS, scratch), 1.01 * sum, 1e-9);
    CHECK_NEAR(pb_gate_undisturbed(usual, usual, TASKS, scratch), sum, 1e-9);
}

/* ---- What is missing ---- */

/* A block that one side lacks is none; launches that have one yet are counted. */
static void gaps(const void *data) {
    (void)data;
    struct pb_run run;
    struct pb_gate_series series;
    made_up(&run, 1.06, 1);
    run.cell[2].samples -= BLOCKS + 1;
    const struct pb_gate_row row = pb_gate_row(&run, 0);
    CHECK_INT(pb_gate_series_init(&series, &row), 0);
    CHECK_INT(series.launches, LAUNCHES - 1);
    for (uint32_t i = 0; i < series.launches; i++)
        CHECK_NEAR(series.control[PB_GATE_MAKESPAN][i], 0, 1e-12);
    pb_gate_series_release(&series);
    pb_run_release(&run);
}

static void failed(const void *data) {
    (void)data;
    struct pb_run run;
    made_up(&run, 2, 1);
    CHECK(pb_set_text(&run.cell[1].error, "it crashed") == 0);
    CHECK_INT(pb_gate_look(&run, 0, &rule, 1), 0);
    CHECK_TEXT(run.comparison[0].verdict, PB_NOT_COMPARABLE);
    CHECK_TEXT(run.comparison[0].why, "head: it crashed");
    pb_run_release(&run);
}

static void too_few(const void *data) {
    (void)data;
    struct pb_run run;
    made_up(&run, 2, 1);
    for (int side = 0; side < SIDES; side++)
        run.cell[side].samples = 5 * BLOCKS * (side == HEAD ? 2 : 1);
    CHECK_INT(pb_gate_look(&run, 0, &rule, 1), 0);
    CHECK_TEXT(run.comparison[0].verdict, PB_INCONCLUSIVE);
    CHECK_INT(run.comparison[0].change.samples, 5);
    CHECK_TEXT(run.comparison[0].why, "5 launches are too few for an interval: raise --time");
    CHECK(isnan(run.comparison[0].change.low) && isnan(run.comparison[0].detectable));
    pb_run_release(&run);
}

/* ---- The program ---- */

/* A task of so many steps. */
static void write_task(const struct cfile_place *place, const char *name, int steps) {
    char text[512];
    snprintf(text, sizeof text,
             "#include <stdint.h>\n"
             "uint64_t task(uint64_t i) {\n"
             "    uint64_t x = i + 1;\n"
             "    for (int k = 0; k < %d; k++) { x ^= x << 13; x ^= x >> 7; x ^= x << 17; }\n"
             "    return x;\n"
             "}\n",
             steps);
    cfile_write(place, name, text);
}

/* @ is the directory of the files. */
static void run(struct program *p, const struct cfile_place *place, const char *line) {
    char tmpdir[80], *words = cfile_text(place, line);
    snprintf(tmpdir, sizeof tmpdir, "TMPDIR=%s", place->tmp);
    const char *const environment[] = {tmpdir, NULL};
    program_run(p, environment, "gate -q %s", words);
    free(words);
}

static const struct shown {
    const char *name, *line;
    int code;
    const char *said, *complained; /* what has to be in the outputs */
} shown[] = {
    {"slower", "--base @/a.c --head @/twice.c -n 1", 1, "thread 1: regressed: ", ""},
    {"faster", "--base @/twice.c --head @/a.c -n 1", 0, "thread 1: improved: ", ""},
    {"the same file twice", "--base @/a.c --head @/a.c -n 1 --threshold 9", 0,
     "Equivalent: @/a.c thread 1: within", ""},
    {"two files of one text", "--base @/a.c --head @/b.c --threshold 9", 0, "Equivalent: both rows: within",
     ""},
    {"a workload with parameters", "--base spin:work=20us --head spin:work=60us -n 1", 1,
     "thread 1: regressed: ", ""},
    {"another executor", "--base @/a.c --head @/twice.c -e process -n 1", 1, "process 1: regressed: ", ""},
    {"programs", "--base cmd:true --head 'cmd:sleep 0.01'", 1, "serial: regressed: ", ""},
    {"builds", "--base ./bench --head ./bench -w spin -n 1 --threshold 9", 0,
     "Equivalent: spin thread 1: within", ""},
    {"no time", "--base @/a.c --head @/a.c -n 1 --time 0.2s", 0, "Inconclusive: @/a.c thread 1: ", ""},
    {"no time, strictly", "--base @/a.c --head @/a.c -n 1 --time 0.2s --strict", 3,
     "Inconclusive: @/a.c thread 1: ", ""},
    {"a crash", "--base @/a.c --head @/crash.c -n 1", 5,
     "Not comparable: thread 1: head: ", "@/crash.c thread 1 head"},
    {"bindings", "--base @/a.c --head @/b.c -n 1 -b core,none --threshold 9", 0,
     "Equivalent: both rows: within", ""},
    {"nothing", "", 2, "", "--base is missing"},
    {"no head", "--base @/a.c", 2, "", "--head is missing"},
    {"no such file", "--base @/a.c --head @/none.c", 2, "", "none.c"},
    {"no such workload", "--base shaa --head sha", 2, "", "did you mean sha?"},
    {"a build and a workload", "--base ./bench --head @/a.c", 2, "", "give two of a kind"},
    {"-w beside a workload", "--base @/a.c --head @/b.c -w sha", 2, "", "leave -w out"},
    {"no build of bench", "--base ./bench --head /bin/true", 2, "", "it is no build of bench"},
    {"a workload that builds lack", "--base ./bench --head ./bench -w shaa", 2, "", "did you mean sha?"},
};

static void show(const void *data) {
    const struct shown *row = data;
    struct cfile_place place;
    struct program p;
    program_need();
    cfile_place_init(&place);
    write_task(&place, "a.c", 1000);
    write_task(&place, "b.c", 1000);
    write_task(&place, "twice.c", 2000);
    cfile_write(&place, "crash.c",
                "#include <stdint.h>\n#include <stdlib.h>\n"
                "uint64_t task(uint64_t i) { if (i != UINT64_MAX) abort(); return i; }\n");
    run(&p, &place, row->line);
    char *complained = cfile_text(&place, row->complained), *said = cfile_text(&place, row->said);
    program_check_code(&p, row->code);
    CHECK_HAS(pb_buffer_string(&p.said), said);
    CHECK_HAS(pb_buffer_string(&p.complained), complained);
    program_check_nothing_left(false);
    free(complained);
    free(said);
    program_release(&p);
    cfile_place_release(&place);
}

/* Each side's samples, launch by launch, as many of each. */
static void record(const void *data) {
    (void)data;
    struct cfile_place place;
    struct program p;
    struct pb_run found;
    program_need();
    cfile_place_init(&place);
    write_task(&place, "a.c", 1000);
    write_task(&place, "twice.c", 2000);
    run(&p, &place, "--base @/a.c --head @/twice.c -n 1,2 --format json --seed 5");
    program_check_code(&p, 1);
    program_decode(&found, "gate", &p.said);
    static const char *const sides[] = {"base", "base", "head", "head", "control", "control"};
    CHECK_INT(found.cells, 6);
    for (uint32_t i = 0; i < 6; i++) {
        const struct pb_cell *cell = &found.cell[i];
        uint32_t twice = i / 2 == HEAD ? 2 : 1, first = i / 2 == CONTROL;
        CHECK_TEXT(cell->side, sides[i]);
        CHECK_INT(cell->state, PB_CELL_DONE);
        CHECK_INT(cell->samples, twice * found.cell[i % 2].samples);
        CHECK_INT(cell->tasks, found.cell[i % 2].tasks);
        for (uint32_t s = 1; s < cell->samples; s++)
            CHECK(cell->sample[s].round == first + 2 * s / twice &&
                  cell->sample[s].fork >= cell->sample[s - 1].fork);
        CHECK_INT(cell->sample[cell->samples - 1].fork + 1, found.comparison[i % 2].change.samples);
    }
    CHECK(found.warnings > 0);
    CHECK_TEXT(found.warning[found.warnings - 1],
               "head's tasks answer otherwise than base's: it computes something else");
    CHECK_INT(found.comparisons, 2);
    CHECK_TEXT(found.comparison[1].name, "thread 2");
    CHECK_INT(found.comparison[1].cell, 3);
    CHECK_TEXT(found.ended, "answered");
    pb_run_release(&found);
    program_release(&p);
    cfile_place_release(&place);
}

/* A kept gate is shown as it was. */
static void exported(const void *data) {
    struct program p;
    char directory[64];
    (void)data;
    program_need();
    program_directory(directory);
    program_run(&p, NULL, "gate -q --base spin:work=20us --head spin:work=60us -n 1 -o %s/g.json", directory);
    program_check_code(&p, 1);
    char *said = strdup(pb_buffer_string(&p.said));
    program_release(&p);
    program_run(&p, NULL, "export %s/g.json", directory);
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.said), ": regressed: ");
    CHECK_TEXT(pb_buffer_string(&p.said), said);
    free(said);
    program_release(&p);
    program_directory_release(directory);
}

/* The journal begins when it is known how many tasks there are. */
static void killed(const void *data) {
    struct program p;
    struct pb_run back;
    struct pb_buffer text;
    char directory[64], partial[96];
    (void)data;
    program_need();
    program_directory(directory);
    snprintf(partial, sizeof partial, "%s/g.json.partial", directory);
    program_begin_line(&p, NULL,
                       "gate -q --base spin:work=20us --head spin:work=20us -n 1 --threshold 0.01%% "
                       "-o %s/g.json",
                       directory);
    program_wait_samples(&p, partial, 9);
    CHECK(kill(p.pid, SIGKILL) == 0);
    program_finish(&p);
    program_check_nothing_left(true);
    program_read_file(&text, partial);
    program_decode(&back, partial, &text);
    CHECK_INT(back.cells, 3);
    for (uint32_t i = 0; i < back.cells; i++)
        CHECK(back.cell[i].tasks > 0);
    pb_run_release(&back);
    pb_buffer_release(&text);
    program_release(&p);
    program_directory_release(directory);
}

static const struct pb_case others[] = {
    {"undisturbed", undisturbed, NULL},
    {"skewed", skewed, NULL},
    {"busy", busy, NULL},
    {"moods", moods, NULL},
    {"gaps", gaps, NULL},
    {"failed", failed, NULL},
    {"too few launches", too_few, NULL},
    {"record", record, NULL},
    {"exported", exported, NULL},
    {"killed", killed, NULL},
};

enum {
    ROWS = sizeof rows / sizeof *rows,
    MEASURES = sizeof measures / sizeof *measures,
    SHOWN = sizeof shown / sizeof *shown,
    OTHERS = sizeof others / sizeof *others
};

static bool cases(size_t i, struct pb_case *out) {
    const size_t by_samples = ROWS + MEASURES;
    if (i < ROWS)
        *out = (struct pb_case){rows[i].name, look, &rows[i]};
    else if (i < by_samples)
        *out = (struct pb_case){measures[i - ROWS].name, by_measures, &measures[i - ROWS]};
    else if (i < by_samples + OTHERS)
        *out = others[i - by_samples];
    else if (i < by_samples + OTHERS + SHOWN)
        *out = (struct pb_case){shown[i - by_samples - OTHERS].name, show, &shown[i - by_samples - OTHERS]};
    else
        return false;
    return true;
}

const struct pb_suite suite_gate = {"gate", NULL, cases};
