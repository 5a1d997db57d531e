/* Curves of made-up records: baselines, borders, refusals, advice; and both commands as a user calls them. */
#include "analysis/analysis.h"
#include "analysis/metg.h"
#include "analysis/scaling.h"
#include "cli/load.h"
#include "program.h"
#include "report/scaling.h"
#include "results/encode.h"
#include "results/json.h"

#include <stdlib.h>
#include <unistd.h>

enum { ROUNDS = 10, UNIT_NS = 100000000 };

static void text(char **slot, const char *value) {
    CHECK_INT(pb_set_text(slot, value), 0);
}

/* Rounds differ by a drift that all rows share; a row by `noise` percent up and down in turns. */
static void add(struct pb_run *run, const char *executor, uint32_t workers, double speedup, uint64_t tasks,
                const char *planned) {
    struct pb_cell *c = pb_run_add_cell(run);
    CHECK(c);
    text(&c->workload, "sha");
    text(&c->workload_name, "sha");
    text(&c->executor, executor);
    text(&c->binding, "core");
    text(&c->planned, planned);
    text(&c->via, "for");
    c->bound = PB_CPU;
    c->workers = workers;
    c->tasks = tasks;
    c->state = PB_CELL_DONE;
    c->role = strcmp(executor, "serial") == 0 ? PB_ROLE_BASE : PB_ROLE_CELL;
    for (uint32_t r = 0; r < ROUNDS; r++) {
        double ns = UNIT_NS * ((double)tasks / 64) / speedup * (1 + 0.01 * r) *
                    (1 + 0.002 * ((r * 7 + workers * 3) % 5));
        struct pb_sample sample = {.round = r, .tasks = tasks, .makespan_ns = (uint64_t)ns, .cpu_ns = 1};
        CHECK_INT(pb_cell_add_sample(c, &sample), 0);
    }
}

/* A machine of so many packages of four cores. */
static void machine(struct pb_run *run, const char *description, double usable) {
    struct pb_error error;
    pb_run_init(run);
    run->seed = 1;
    CHECK_MSG(pb_machine_init_synthetic(&run->machine, description, &error) == 0, "%s", error.text);
    for (uint32_t i = 0; i < run->machine.pus; i++)
        pb_cpuset_set(&run->limits.allowed, run->machine.pu[i].cpu);
    run->limits.usable = usable;
    run->limits.processors = (uint32_t)usable;
}

static void curves(struct pb_scaling *s, struct pb_run *run, uint32_t predict) {
    run->predict = predict;
    CHECK_INT(pb_analyse(run), 0);
    CHECK_INT(pb_scaling_init(s, run), 0);
}

/* Processors 0 to n-1, each a worker's. */
static const char *first(uint32_t n, char *out) {
    char *at = out;
    for (uint32_t i = 0; i < n; i++)
        at += sprintf(at, "%s%u", i ? " " : "", i);
    return out;
}

static double amdahl(double a, double n) {
    return n / (1 + a * (n - 1));
}

/* ---- Curves ---- */

/* One worker of the executor takes 1/0.8 of serial's time, and a tenth of it is serial. */
static void baselines(const void *data) {
    struct pb_run run;
    struct pb_scaling s;
    char cpus[64];
    (void)data;
    machine(&run, "package:1 core:8 pu:1", 8);
    add(&run, "serial", 1, 1, 64, "0");
    for (uint32_t n = 8; n >= 1; n--)
        add(&run, "thread", n, 0.8 * amdahl(0.1, n), 64, first(n, cpus));
    curves(&s, &run, 16);
    CHECK_INT(s.curves, 1);
    const struct pb_curve *c = &s.curve[0];
    CHECK_INT(c->rows, 8);
    CHECK(!c->weak);
    for (uint32_t i = 0; i < 8; i++) {
        CHECK_INT(c->row[i].cell->workers, i + 1);
        CHECK_NEAR(c->row[i].over_serial.value, 0.8 * amdahl(0.1, i + 1), 0.01);
        CHECK_NEAR(c->row[i].over_one.value, amdahl(0.1, i + 1), 0.01);
        CHECK(!c->row[i].left_out);
    }
    CHECK(isnan(c->row[0].serial_fraction.value));
    CHECK_NEAR(c->row[7].serial_fraction.value, 0.1, 0.03);
    CHECK(c->row[7].serial_fraction.low <= 0.1 && 0.1 <= c->row[7].serial_fraction.high);
    CHECK(c->law);
    CHECK_TEXT(c->law->law, "amdahl");
    CHECK(c->law->a.low <= 0.1 && 0.1 <= c->law->a.high && c->law->a.high - c->law->a.low < 0.02);
    CHECK_INT(c->law->predicted, 16);
    CHECK_NEAR(c->law->speedup.value, amdahl(0.1, 16), 0.02);
    CHECK_INT(c->use->workers, 8);
    CHECK_INT(run.findings, 1);
    CHECK_TEXT(run.finding[0].claim, "sha: use 8 under thread.");
    pb_scaling_release(&s);
    pb_run_release(&run);
}

static void weak(const void *data) {
    struct pb_run run;
    struct pb_scaling s;
    (void)data;
    machine(&run, "package:1 core:4 pu:1", 4);
    add(&run, "serial", 1, 1, 64, "0");
    add(&run, "thread", 1, 1, 64, "0");
    add(&run, "thread", 2, 1.8, 128, "0 1");
    curves(&s, &run, 0);
    CHECK(s.curve[0].weak);
    CHECK_NEAR(s.curve[0].row[1].over_one.value, 1.8, 0.01);
    CHECK(isnan(s.curve[0].row[1].serial_fraction.value));
    pb_scaling_release(&s);
    pb_run_release(&run);
}

/* Rows beyond a border, or too few, and what is said of them. */
static const struct border {
    const char *name, *machine;
    double usable;
    const char *planned; /* of the widest; NULL: processors in turn */
    uint32_t widths, out;
    const char *left_out, *why; /* of the widest; of the law */
} borders[] = {
    {"two widths", "package:1 core:2 pu:1", 2, NULL, 2, 0, NULL, "2 widths, 4 are needed"},
    {"oversubscribed", "package:1 core:4 pu:1", 4, NULL, 5, 1, "oversubscribed, 4 processors can be used",
     NULL},
    {"few within", "package:1 core:3 pu:1", 3, NULL, 5, 2, "oversubscribed, 3 processors can be used",
     "3 widths that can be compared, 4 are needed"},
    {"half a processor", "package:1 core:4 pu:1", 1.5, NULL, 2, 1,
     "oversubscribed, 1.5 processors can be used", "1 width that can be compared, 4 are needed"},
    {"package", "package:2 core:4 pu:1", 8, NULL, 6, 2, "beyond one package: workers are on 2", NULL},
    {"siblings", "package:1 core:4 pu:2", 8, "0 1 2 3 4", 5, 3,
     "beyond the cores: workers share them as SMT siblings", "2 widths that can be compared, 4 are needed"},
};

static void border(const void *data) {
    const struct border *b = data;
    struct pb_run run;
    struct pb_scaling s;
    char cpus[64];
    uint32_t out = 0;
    machine(&run, b->machine, b->usable);
    add(&run, "serial", 1, 1, 64, "0");
    for (uint32_t n = 1; n <= b->widths; n++) {
        /* one worker for each core of two siblings, until they are shared */
        static const char *const siblings[] = {"0,1", "0,1 2,3", "0 1 2", "0 1 2 3", "0 1 2 3 4"};
        add(&run, "thread", n, n, 64, b->planned ? siblings[n - 1] : first(n, cpus));
    }
    curves(&s, &run, 0);
    const struct pb_curve *c = &s.curve[0];
    for (uint32_t i = 0; i < c->rows; i++)
        out += c->row[i].left_out != NULL;
    CHECK_INT(out, b->out);
    if (b->left_out)
        CHECK_TEXT(c->row[b->widths - 1].left_out, b->left_out);
    if (b->why) {
        CHECK(c->law && !c->law->law && isnan(c->law->a.value) && c->law->peak.samples == 0);
        CHECK_TEXT(c->law->why, b->why);
    } else {
        CHECK(c->law && c->law->law && !c->law->why);
    }
    CHECK_INT(c->use->workers <= (b->usable < 1 ? 1 : b->usable), 1);
    pb_scaling_release(&s);
    pb_run_release(&run);
}

/* Curves that say the same are named together. */
static void table(const void *data) {
    struct pb_run run;
    struct pb_scaling s;
    struct pb_buffer out = {0};
    struct pb_error error;
    struct pb_report_style style = {.utf8 = true, .width = 80};
    (void)data;
    machine(&run, "package:1 core:2 pu:1", 2);
    add(&run, "serial", 1, 1, 64, "0");
    add(&run, "thread", 1, 1, 64, "0");
    add(&run, "thread", 2, 1.9, 64, "0 1");
    add(&run, "process", 1, 0.9, 64, "0");
    add(&run, "process", 2, 1.9, 64, "0 1");
    curves(&s, &run, 0);
    CHECK_INT(pb_scaling_write(&run, &s, &style, &out, &error), 0);
    CHECK_HAS(pb_buffer_string(&out), "\nthread, process: law not identifiable: 2 widths, 4 are needed\n");
    CHECK_HAS(pb_buffer_string(&out), "sha: use 2 under thread and process.");
    CHECK_HAS(pb_buffer_string(&out), "over serial");
    for (const char *at = pb_buffer_string(&out); *at; at += strcspn(at, "\n") + 1)
        CHECK_MSG(strcspn(at, "\n") <= 84, "too wide: %.*s", (int)strcspn(at, "\n"), at);
    pb_buffer_release(&out);
    pb_scaling_release(&s);
    pb_run_release(&run);
}

/* ---- The record ---- */

/* What a script reads of a law, and nothing of what is no curve. */
static void recorded(const void *data) {
    struct pb_run run;
    char cpus[64];
    (void)data;
    machine(&run, "package:1 core:8 pu:1", 6);
    add(&run, "serial", 1, 1, 64, "0");
    add(&run, "process", 4, 3, 64, "0 1 2 3");
    for (uint32_t n = 8; n >= 1; n--)
        add(&run, "thread", n, 0.8 * amdahl(0.1, n), 64, first(n, cpus));
    for (uint32_t n = 1; n <= 8; n++) {
        add(&run, "spin", n, n, 64, first(n, cpus));
        run.cell[run.cells - 1].role = PB_ROLE_REFERENCE;
    }
    CHECK_INT(pb_analyse(&run), 0);
    CHECK_INT(run.laws, 1);
    const struct pb_scaling_law *law = &run.law[0];
    CHECK_INT(law->cell, 9);
    CHECK(!law->weak && !law->why);
    CHECK_TEXT(law->law, "amdahl");
    CHECK_NEAR(law->one.value, 0.8 * 64 / 0.1 / 1.045, 0.01); /* tasks in UNIT_NS, and half the drift */
    CHECK(law->one.low < law->one.value && law->one.value < law->one.high);
    CHECK_NEAR(law->a.value, 0.1, 0.05);
    CHECK_INT(law->a.samples, ROUNDS);
    CHECK(law->b.value == 0 && isinf(law->peak.value));
    CHECK_INT(law->widest, 6);
    CHECK_INT(law->predicted, 12);
    CHECK_NEAR(law->throughput.value, law->one.value * law->speedup.value, 1e-9);
    CHECK(fabs(law->misfit) < 0.01 && law->misfit_at >= 1 && law->misfit_at <= 6);
    CHECK_INT(pb_analyse(&run), 0);
    CHECK_INT(run.laws, 1);
    pb_run_release(&run);
}

/* The sides of a gate are two programs, and a width that stands twice is one: neither makes a curve. */
static void no_curve(const void *data) {
    static const char *const sides[] = {"base", "head"};
    struct pb_run run;
    (void)data;
    machine(&run, "package:1 core:8 pu:1", 8);
    for (int i = 0; i < 2; i++) {
        add(&run, "thread", 2 + 2 * (uint32_t)i, 1.9, 64, "0 1");
        text(&run.cell[run.cells - 1].side, sides[i]);
    }
    add(&run, "process", 2, 1.9, 64, "0 1");
    add(&run, "process", 2, 1.9, 64, "0 1");
    CHECK_INT(pb_analyse(&run), 0);
    CHECK_INT(run.laws, 0);
    pb_run_release(&run);
}

/* Whatever a file says of its rows, their law can be written and reads back. */
static void extremes(const void *data) {
    static const uint32_t widths[] = {0, 1, 2, 2, 3, 7, 1000, UINT32_MAX};
    struct pb_run run, back;
    struct pb_buffer before = {0}, after = {0};
    struct pb_error error;
    (void)data;
    machine(&run, "package:1 core:2 pu:1", 0);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        add(&run, "thread", widths[i], 1, 64, "");
        struct pb_cell *c = &run.cell[run.cells - 1];
        c->bound = PB_IO;
        for (uint32_t r = 0; r < ROUNDS; r++) {
            c->sample[r].tasks = (r + i) % 2 ? 1 : INT64_MAX;
            c->sample[r].makespan_ns = (r + i) % 3 ? 1 : INT64_MAX;
        }
    }
    CHECK_INT(pb_analyse(&run), 0);
    CHECK_INT(run.laws, 1);
    CHECK_INT(run.law[0].widest, UINT32_MAX);
    CHECK_INT(run.law[0].predicted, 2 * (uint64_t)UINT32_MAX);
    CHECK(run.law[0].law);
    CHECK_INT(pb_run_encode(&run, &before), 0);
    CHECK_MSG(pb_run_decode(&back, "r", before.data, before.size, &error) == 0, "%s", error.text);
    CHECK_INT(pb_run_encode(&back, &after), 0);
    CHECK_TEXT(after.data, before.data);
    CHECK(memcmp(&back.law[0].peak, &run.law[0].peak, sizeof run.law[0].peak) == 0);
    pb_buffer_release(&before);
    pb_buffer_release(&after);
    pb_run_release(&back);
    pb_run_release(&run);
}

/* ---- METG ---- */

/* share = length / (length + overhead): of 20 ns of overhead and 2 ns in an iteration the half is at 20 ns,
   with two workers. */
static void crossing(const void *data) {
    static const double iterations[] = {6, 10, 16};
    struct pb_run run;
    struct pb_metg_point point[PB_METG_POINTS], reference;
    struct pb_estimate found;
    double share, ns;
    (void)data;
    pb_run_init(&run);
    add(&run, "serial", 1, 1, 100, "0");
    for (int k = 0; k < PB_METG_POINTS; k++)
        add(&run, "thread", 2, 1, 100000, "0 1");
    for (uint32_t i = 0; i < run.cells; i++)
        for (uint32_t r = 0; r < ROUNDS; r++) {
            double drift = 1 + 0.01 * r;
            double task_ns = i == 0 ? 2 * 1000 : (2 * iterations[i - 1] + 20) / 2;
            run.cell[i].sample[r].makespan_ns =
                (uint64_t)(task_ns * drift * (double)run.cell[i].sample[r].tasks);
        }
    reference = (struct pb_metg_point){&run.cell[0], 1000, 1};
    for (int k = 0; k < PB_METG_POINTS; k++)
        point[k] = (struct pb_metg_point){&run.cell[k + 1], iterations[k], 2};
    CHECK_INT(pb_metg_iteration(&reference, &ns), 0);
    CHECK_NEAR(ns, 2 * 1.045, 1e-3);
    CHECK_INT(pb_metg_share(&point[1], &reference, &share), 0);
    CHECK_NEAR(share, 0.5, 1e-3);
    CHECK_INT(pb_metg_crossing(point, &reference, 1, &found), 0);
    CHECK_NEAR(found.value, 20 * 1.045, 0.02);
    CHECK(found.low >= 20 * 0.98 && found.high <= 20 * 1.11);
    CHECK_INT(found.samples, ROUNDS);
    for (int k = 0; k < PB_METG_POINTS; k++) /* longer tasks that waste more cross nothing */
        for (uint32_t r = 0; r < ROUNDS; r++)
            run.cell[k + 1].sample[r].makespan_ns =
                (uint64_t)(iterations[k] * iterations[k] * (double)run.cell[k + 1].sample[r].tasks);
    CHECK_INT(pb_metg_crossing(point, &reference, 1, &found), 0);
    CHECK(isnan(found.value));
    pb_run_release(&run);
}

/* ---- The commands ---- */

static const struct called {
    const char *name, *line;
    int code;
    const char *said[5], *complained;
} calls[] = {
    {"scale",
     "scale -q -w sha:size=4k -e thread -n 1-2 -b none --rounds 2 --tasks 20",
     0,
     {"over serial", "\nthread  1  ", "\nthread  2  ", "thread: law not identifiable: 2 widths",
      "sha:size=4KiB: use "},
     NULL},
    {"scale adds one worker",
     "scale -q -w sleep:ms=1 -e thread -n 3 -b none --rounds 2 --tasks 6",
     0,
     {"\nthread  1  ", "\nthread  3  ", "sleep:ms=1: use 3 under thread"},
     NULL},
    {"weak",
     "scale -q -w sleep:ms=1 -e thread -n 2 -b none --rounds 2 --tasks 6 --weak",
     0,
     {"6 to 12 tasks in a row", "thread: weak scaling"},
     NULL},
    {"a file that is not there", "scale no.json", 2, {NULL}, "bench: no.json: "},
    {"two files", "scale a.json b.json", 2, {NULL}, "bench: b.json: unexpected argument"},
    {"no such executor", "metg -q -e thraed", 2, {NULL}, "did you mean thread?"},
    {"metg",
     "metg -q -e serial,thread -n 1 -b none --rounds 2",
     0,
     {"METG(50 %)", "\nserial", "\nthread  1"},
     NULL},
};

static void command(const void *data) {
    const struct called *c = data;
    static const char *const environment[] = {"LC_ALL=C.UTF-8", NULL};
    struct program p;
    program_run(&p, environment, "%s", c->line);
    program_check_code(&p, c->code);
    for (size_t i = 0; i < 5 && c->said[i]; i++)
        CHECK_HAS(pb_buffer_string(&p.said), c->said[i]);
    if (c->complained)
        CHECK_HAS(pb_buffer_string(&p.complained), c->complained);
    program_release(&p);
}

/* The file holds what scripts draw. */
static void check_law(const char *path) {
    struct pb_run run;
    struct pb_error error;
    CHECK_MSG(pb_load_run(&run, path, &error) == 0, "%s", error.text);
    CHECK_INT(run.laws, 1);
    CHECK_TEXT(run.law[0].law, "amdahl");
    CHECK_INT(run.law[0].predicted, 9);
    CHECK_INT(run.cell[run.law[0].cell].workers, 1);
    pb_run_release(&run);
}

static void stored(const void *data) {
    char path[] = "/tmp/parbench-scale-XXXXXX";
    struct program p;
    int fd = mkstemp(path);
    (void)data;
    CHECK(fd >= 0);
    close(fd);
    program_run(&p, NULL,
                "scale -q -w sleep:ms=1 -e thread -n 1-4 --rounds 6 --tasks 8 -b none --predict 9 -o %s",
                path);
    program_check_code(&p, 0);
    struct pb_buffer before = p.said;
    p.said = (struct pb_buffer){0};
    program_release(&p);
    program_run(&p, NULL, "scale %s --predict 9", path);
    check_law(path);
    unlink(path);
    program_check_code(&p, 0);
    CHECK_TEXT(pb_buffer_string(&p.said), pb_buffer_string(&before));
    CHECK_HAS(pb_buffer_string(&before), "thread: Amdahl: a = ");
    pb_buffer_release(&before);
    program_release(&p);
}

static const struct pb_case fixed[] = {{"baselines", baselines, NULL}, {"weak-curve", weak, NULL},
                                       {"table", table, NULL},         {"recorded", recorded, NULL},
                                       {"no-curve", no_curve, NULL},   {"extremes", extremes, NULL},
                                       {"crossing", crossing, NULL},   {"stored", stored, NULL}};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static bool generate(size_t i, struct pb_case *out) {
    if (i < LENGTH(fixed))
        *out = fixed[i];
    else if ((i -= LENGTH(fixed)) < LENGTH(borders))
        *out = (struct pb_case){borders[i].name, border, &borders[i]};
    else if ((i -= LENGTH(borders)) < LENGTH(calls))
        *out = (struct pb_case){calls[i].name, command, &calls[i]};
    else
        return false;
    return true;
}

const struct pb_suite suite_scale = {.name = "scale", .generate = generate};
