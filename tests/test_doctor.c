/* bench doctor: what is made of launches whose truth is known, and the program, of which no figure is looked
 * at: those are the machine's. */
#include "suite.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/doctor.h"
#include "base/random.h"
#include "program.h"

/* ---- From samples ---- */

enum { LAUNCHES = 20, BLOCKS = 6 };

/* Launches that scatter by so much about base; head takes `factor` of that. */
static void made_up(struct pb_run *run, double factor, double scatter, uint32_t launches) {
    struct pb_random random;
    pb_random_seed(&random, 11);
    pb_run_init(run);
    for (int s = 0; s < 3; s++) {
        struct pb_cell *cell = pb_run_add_cell(run);
        CHECK(cell && pb_set_text(&cell->executor, "thread") == 0);
        cell->workers = 2;
        uint32_t each = s == 1 ? 2 : 1; /* of head in a block */
        for (uint32_t i = 0; i < launches * BLOCKS * each; i++) {
            double noise = scatter * (pb_random_unit(&random) - 0.5);
            struct pb_sample sample = {.round = 2 * i / each + (s == 2), .fork = i / BLOCKS / each};
            sample.makespan_ns = (uint64_t)(1e9 * (s == 1 ? factor : 1) * (1 + noise));
            CHECK(pb_cell_add_sample(cell, &sample) == 0);
        }
    }
}

static const struct pb_drawing drawing = {.trials = 200, .launches = 30, .seed = 1};

static void draw(double factor, double added, double scatter, struct pb_drawn_row *row) {
    struct pb_run run;
    made_up(&run, factor, scatter, LAUNCHES);
    CHECK_INT(pb_doctor_draw(&run, 0, added, &drawing, row), 0);
    pb_run_release(&run);
}

/* Thresholds are 0.2, 0.5, 1 and 2 %. */
static void drawn(const void *data) {
    (void)data;
    struct pb_drawn_row row;
    draw(1, 0, 0.001, &row);
    CHECK_TEXT(row.executor, "thread");
    CHECK_INT(row.workers, 2);
    CHECK_INT(row.change.samples, LAUNCHES);
    for (int k = 0; k < PB_DOCTOR_THRESHOLDS; k++)
        CHECK(row.regressed[k] == 0 && row.improved[k] == 0);
    draw(1.008, 0.008, 0.001, &row);
    CHECK_NEAR(row.change.value, 0.008, 0.05);
    CHECK_NEAR(row.regressed[0], 1, 1e-9);
    CHECK_NEAR(row.regressed[1], 1, 1e-9);
    CHECK(row.regressed[2] == 0 && row.regressed[3] == 0);
    draw(1 / 1.008, 0, 0.001, &row);
    CHECK_NEAR(row.improved[1], 1, 1e-9);
    CHECK(row.improved[2] == 0 && row.regressed[0] == 0);
    draw(1.008, 0.008, 0.5, &row); /* nothing can be seen through so much scatter */
    CHECK(row.regressed[0] < 0.5);
}

static void too_few(const void *data) {
    (void)data;
    struct pb_run run;
    struct pb_drawn_row row;
    made_up(&run, 1, 0.001, PB_DOCTOR_LEAST - 1);
    CHECK_INT(pb_doctor_draw(&run, 0, 0, &drawing, &row), 0);
    CHECK_INT(row.change.samples, PB_DOCTOR_LEAST - 1);
    CHECK(isnan(row.regressed[0]) && isnan(row.improved[0]));
    pb_run_release(&run);
    made_up(&run, 1, 0.001, 0);
    CHECK_INT(pb_doctor_draw(&run, 0, 0, &drawing, &row), 0);
    CHECK(isnan(row.change.value));
    pb_run_release(&run);
}

static const struct carry {
    const char *name;
    double false_alarms[PB_DOCTOR_THRESHOLDS]; /* where nothing is added */
    double half[PB_DOCTOR_THRESHOLDS];         /* found of 0.5 % */
    double two[PB_DOCTOR_THRESHOLDS];          /* of 2 % */
    double carried;
    uint32_t found;
} carries[] = {
    {"fine", {0.01}, {0.95}, {1, 1, 1}, 0.002, 1},
    {"cries wolf", {0.011, 0, 0}, {1}, {1, 1, 1}, 0.005, 2},
    {"misses half a per cent", {0}, {0.94}, {1, 0.99, 0.96}, 0.005, 2},
    {"misses all", {0}, {0.5}, {0.9, 0.9, 0.9}, NAN, 0},
    {"none to draw from", {NAN, NAN, NAN, NAN}, {NAN, NAN, NAN, NAN}, {NAN, NAN, NAN, NAN}, NAN, 0},
};

static void carried(const void *data) {
    const struct carry *c = data;
    struct pb_drawn_row rows[] = {{.added = 0}, {.added = 0.005}, {.added = 0.02}};
    const struct pb_doctor doctor = {.drawn = rows, .drawn_rows = 3};
    struct pb_carried found = {.first = 0, .rows = 3};
    memcpy(rows[0].improved, c->false_alarms, sizeof rows[0].improved);
    memcpy(rows[1].regressed, c->half, sizeof rows[1].regressed);
    memcpy(rows[2].regressed, c->two, sizeof rows[2].regressed);
    pb_doctor_carry(&doctor, &found);
    CHECK(isnan(c->carried) ? isnan(found.threshold) : fabs(found.threshold - c->carried) < 1e-12);
    CHECK_INT(found.found, c->found);
}

static void made(const void *data) {
    (void)data;
    static const char *const verdicts[] = {PB_REGRESSED, PB_INCONCLUSIVE, PB_EQUIVALENT, PB_REGRESSED,
                                           PB_IMPROVED};
    struct pb_doctor doctor = {.made = calloc(1, sizeof *doctor.made), .made_rows = 1};
    struct pb_made_row *row = doctor.made;
    CHECK(row != NULL);
    for (int i = 0; i < 5; i++) {
        const struct pb_comparison c = {.verdict = verdicts[i], .change = {.value = 0.01 * i}};
        CHECK_INT(pb_made_row_add(row, &c, 10 - i), 0);
    }
    CHECK(row->regressed == 2 && row->inconclusive == 1 && row->equivalent == 1 && row->improved == 1);
    CHECK_INT(row->trials, 5);
    CHECK_NEAR(row->change_median, 0.02, 1e-12);
    CHECK_NEAR(row->change_deviation, 0.0158113883, 1e-9);
    CHECK_NEAR(row->seconds_median, 8, 1e-12);
    CHECK_NEAR(row->seconds_longest, 10, 1e-12);
    pb_doctor_release(&doctor);
}

/* ---- The program ---- */

static const struct shown {
    const char *name, *line;
    int code;
    const char *said[4], *complained; /* what has to be in the outputs */
} shown[] = {
    {"drawn",
     "-n 1 --added 0,5% --time 9s --seed 3",
     0,
     {"governor", "work added", "thread 1", "seed 3"},
     ""},
    {"too little time", "-n 1 --added 0 --time 0.5s", 0, {"too few to draw gates from: raise --time"}, ""},
    {"a threshold that is asked for",
     "-n 1 --added 0 --time 0.5s --threshold 1%",
     3,
     {"too few to draw gates from"},
     ""},
    {"made",
     "--full -n 1,2 --added 0,100% --trials 1 --time 1s --threshold 50%",
     0,
     {"Gates that were made", "thread 2", "100 %"},
     ""},
    {"made, of a range of widths",
     "--full -n 1-2 --added 100% --trials 1 --time 1s --threshold 50%",
     0,
     {"thread 1", "thread 2", "of 1"},
     ""},
    {"no work that is none",
     "-n 1 --added 5% --time 20s",
     0,
     {"false alarms are not known: let --added begin with 0"},
     ""},
    {"linked again",
     "-n 1 --added 0 --time 0.3s --relink 'cp bench {}'",
     0,
     {"This build against 5 equal ones", "link 5", "too few launches to tell"},
     ""},
    {"no such work", "--added 0.01%", 2, {""}, "--added 0.01%: no such amount of work"},
    {"no number", "--added much", 2, {""}, "--added much: no such amount of work"},
    {"too many", "--added 0,1%,2%,3%,4%,5%,6%,7%,8%,9%,10%,11%,12%,13%,14%,15%,16%", 2, {""}, "give fewer"},
    {"no such executor", "-e threat", 2, {""}, "did you mean thread?"},
    {"a command that fails",
     "-n 1 --added 0 --time 0.2s --relink 'false {}'",
     2,
     {""},
     "--relink false {}: it exited with code 1"},
    {"links nothing", "-n 1 --added 0 --time 0.2s --relink 'true {}'", 2, {""}, "it wrote no program"},
    {"links elsewhere", "--relink true", 2, {""}, "no {} in it"},
    {"links something else",
     "-n 1 --added 0 --time 0.2s --relink 'cp /bin/true {}'",
     2,
     {""},
     "--relink cp /bin/true {}"},
};

static void show(const void *data) {
    const struct shown *row = data;
    struct program p;
    char directory[64], tmpdir[80];
    program_need();
    program_directory(directory);
    snprintf(tmpdir, sizeof tmpdir, "TMPDIR=%s", directory);
    const char *const environment[] = {tmpdir, NULL};
    program_run(&p, environment, "doctor -q %s", row->line);
    program_check_code(&p, row->code);
    for (size_t i = 0; i < sizeof row->said / sizeof *row->said && row->said[i]; i++)
        CHECK_HAS(pb_buffer_string(&p.said), row->said[i]);
    CHECK_HAS(pb_buffer_string(&p.complained), row->complained);
    program_check_nothing_left(false);
    program_release(&p);
    CHECK_INT(rmdir(directory), 0); /* nothing is left there */
}

/* What was done by then is told. */
static void interrupted(const void *data) {
    (void)data;
    struct program p;
    program_need();
    program_begin_line(&p, NULL, "doctor -v --full -n 1 --added 100%% --threshold 50%% --trials 100000");
    char piece[256];
    ssize_t got = read(p.err, piece, sizeof piece - 1); /* the first trial is over */
    CHECK(got > 0);
    CHECK_INT(kill(p.pid, SIGINT), 0);
    program_finish(&p);
    program_check_code(&p, 130);
    CHECK_HAS(pb_buffer_string(&p.said), "It was interrupted");
    CHECK_HAS(pb_buffer_string(&p.said), "100 %");
    program_check_nothing_left(true);
    program_release(&p);
}

static const struct pb_case others[] = {
    {"drawn from launches", drawn, NULL},
    {"too few launches", too_few, NULL},
    {"made one by one", made, NULL},
    {"interrupted", interrupted, NULL},
};

enum {
    CARRIES = sizeof carries / sizeof *carries,
    SHOWN = sizeof shown / sizeof *shown,
    OTHERS = sizeof others / sizeof *others
};

static bool cases(size_t i, struct pb_case *out) {
    if (i < OTHERS)
        *out = others[i];
    else if (i < OTHERS + CARRIES)
        *out = (struct pb_case){carries[i - OTHERS].name, carried, &carries[i - OTHERS]};
    else if (i < OTHERS + CARRIES + SHOWN)
        *out = (struct pb_case){shown[i - OTHERS - CARRIES].name, show, &shown[i - OTHERS - CARRIES]};
    else
        return false;
    return true;
}

const struct pb_suite suite_doctor = {"doctor", NULL, cases};
