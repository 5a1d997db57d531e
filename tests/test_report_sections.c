/* Reports of several workloads: one table, whose sections share columns, notes and what the machine can give.
 */
#include "report/report.h"
#include "sample_run.h"
#include "suite.h"

static const struct pb_report_style plain = {.utf8 = true, .width = 80};

static void set(char **slot, const char *text) {
    CHECK_INT(pb_set_text(slot, text), 0);
}

static void possible(struct pb_cell *c, double value) {
    c->summary.possible = (struct pb_estimate){value, value - 0.01, value + 0.01, 13};
}

static struct pb_cell *add(struct pb_run *run, const char *workload, const char *summary,
                           const struct sample_row *row) {
    struct pb_cell *c = sample_run_add(run, workload, summary, row);
    if (row->workers > 1 && strcmp(workload, "sleep") != 0)
        possible(c, 1.99);
    return c;
}

static struct pb_cell *last(struct pb_run *run) {
    return &run->cell[run->cells - 1];
}

/* arcfour under ours, and in Python under Python's: 0 to 2, 3 to 6. */
static void init(struct pb_run *run) {
    static const struct sample_row ours[] = {
        {"serial", 1, 50.6, 1, -1, 1, 1, "-", NULL},
        {"gil", 2, 54.9, 0.97, 0.04, 1, 1.02, "serialised", "lock"},
        {"process", 2, 27.6, 1.89, 0.07, 1.99, 1.03, "parallel", NULL},
    };
    static const struct sample_row theirs[] = {
        {"py.serial", 1, 1480, 1, -1, 1, 1, "-", NULL},
        {"py.thread", 2, 1490, 0.99, 0.01, 1, 1, "serialised", "lock"},
        {"py.process", 2, 803, 1.84, 0.02, 1.93, 1.05, "parallel", NULL},
        {"py.interpreter", 2, 820, 1.8, 0.03, 1.94, 1.07, "parallel", NULL},
    };
    sample_run_bare(run);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        add(run, "arcfour", "RC4 encryption", &ours[i])->tasks = 102;
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
        add(run, "python:func=arcfour", "RC4 in Python; CPython 3.11.2, GIL on", &theirs[i])->tasks = 12;
}

static void golden(const void *data) {
    static const char expected[] = " · KVM\n"
                                   "  2 busy processors can give 1.99x\n"
                                   "\n"
                                   "arcfour · RC4 encryption · the same 102 tasks in every row\n"
                                   "                      time  speedup      busy  cost  verdict\n"
                                   "serial             50.6 ms  1.00x        1.00  1.00  -\n"
                                   "gil*            2  54.9 ms  0.97x ±0.04  1.00  1.02  serialised: lock\n"
                                   "process         2  27.6 ms  1.89x ±0.07  1.99  1.03  parallel\n"
                                   "\n"
                                   "python:func=arcfour · RC4 in Python; CPython 3.11.2, GIL on\n"
                                   "  the same 12 tasks in every row\n"
                                   "py.serial           1.48 s  1.00x        1.00  1.00  -\n"
                                   "py.thread       2   1.49 s  0.99x ±0.01  1.00  1.00  serialised: lock\n"
                                   "py.process      2   803 ms  1.84x ±0.02  1.93  1.05  parallel\n"
                                   "py.interpreter  2   820 ms  1.80x ±0.03  1.94  1.07  parallel\n"
                                   "\n"
                                   "* threads under a model of CPython's lock; no Python runs\n"
                                   "\n"
                                   "13 rounds";
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, expected);
    pb_buffer_release(&out);
    pb_run_release(&run);
}

static void add_http(struct pb_run *run) {
    static const struct sample_row rows[] = {
        {"serial", 1, 3430, 1, -1, 0.02, 1, "-", NULL},
        {"loop", 8, 435, 7.88, 0.02, 0.11, 1.02, "partial", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_cell *c = sample_run_add(run, "http", "downloads", &rows[i]);
        c->bound = PB_IO;
        c->summary.rate = 146;
        c->summary.p50 = c->summary.p99 = c->summary.p999 = 7e6;
        set(&c->counter_name[0], "requests");
    }
}

/* Other columns have a heading of their own, and their rows still begin like the others'; then the first ones
   come again. */
static void other_columns(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    set(&run.cell[6].executor, "py.asyncio");
    add_http(&run);
    const struct sample_row row = {"thread", 8, 20.5, 7.95, 0.01, 0.02, 1, "overlapped", NULL};
    add(&run, "sleep", "waiting", &row);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nhttp · downloads · the same 64 tasks in every row\n"
                        "               speedup      requests/s     p50     p99   p99.9    peak  verdict\n"
                        "serial         1.00x               146  7.0 ms  7.0 ms  7.0 ms  12 MiB  -\n"
                        "loop        8  7.88x ±0.02         146  7.0 ms  7.0 ms  7.0 ms  12 MiB  partial\n"
                        "\nsleep · waiting · the same 64 tasks in every row\n"
                        "                  time  speedup      busy  cost  verdict\n"
                        "thread      8  20.5 ms  7.95x ±0.01  0.02  1.00  overlapped\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* Names so long that columns would give way do not widen the tables that have none. */
static void long_names(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    set(&run.cell[2].executor, "openmp:schedule=dynamic,chunk=16");
    add_http(&run);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nopenmp:sched…mic,chunk=16  2  ");
    CHECK_HAS(out.data, "\nserial     1.00x               146  7.0 ms");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* ---- Programs ---- */

/* One that makes its own workers is called as it was typed; one that is a task among others, as a workload.
 */
static void programs(const void *data) {
    static const char long_line[] =
        "cmd:check=1,OMP_PROC_BIND=true /opt/a-vendor/with-a-long-name/bin/solver -n {n} "
        "/data/a-folder/mesh-of-today.msh";
    static const struct {
        const char *workload, *executor, *row, *heading;
        bool verbose;
    } rows[] = {
        {"cmd:xz -T{n} -k -c FILE", "own", "\nxz  2  ",
         "\nxz -T{n} -k -c FILE · a program that makes its own workers\n  the same 64 tasks in every row\n",
         false},
        {"cmd:gzip -9 -c big.bin", "thread", "\nthread  2  ",
         "\ncmd:gzip -9 -c big.bin · a program as one task · the same 64 tasks in every row\n", false},
        {long_line, "own", "\nsolver  2  ",
         "\nOMP_PROC_BIND=true /opt/a-ve…/a-folder/mesh-of-today.msh\n  a program that makes its own workers "
         "· the "
         "same 64",
         false},
        {long_line, "own", "\nsolver  2  ",
         "\nOMP_PROC_BIND=true /opt/a-vendor/with-a-long-name/bin/solver -n {n}\n"
         "  /data/a-folder/mesh-of-today.msh · a program that makes its own workers\n",
         true},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_report_style style = {.utf8 = true, .verbose = rows[i].verbose, .width = 80};
        struct pb_run run;
        struct pb_buffer out;
        sample_run_bare(&run);
        const struct sample_row row = {rows[i].executor, 2, 361, 1.93, 0.03, 1.96, 1.01, "parallel", NULL};
        add(&run, rows[i].workload, "a program as one task", &row);
        sample_table(&run, &style, &out);
        CHECK_HAS(out.data, rows[i].heading);
        CHECK_HAS(out.data, rows[i].row);
        pb_buffer_release(&out);
        pb_run_release(&run);
    }
}

/* ---- What the machine can give ---- */

static void ceilings(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    run.cell[5].workers = 8; /* on 2 processors */
    for (uint32_t i = 3; i < run.cells; i++)
        run.cell[i].summary.bound = 1.5;
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, " · KVM\n  2 busy processors can give 1.99x\n");
    CHECK_HAS(out.data, "12 tasks in every row · these tasks allow 1.50x\n");
    pb_buffer_release(&out);
    possible(&run.cell[5], 1.7);
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, " · KVM\n\narcfour");
    CHECK_HAS(
        out.data,
        "arcfour · RC4 encryption · the same 102 tasks in every row\n  2 busy processors can give 1.99x\n");
    CHECK_HAS(out.data, "  the same 12 tasks in every row · 2 busy processors can give 1.70x\n"
                        "  these tasks allow 1.50x\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* ---- Notes ---- */

static void note(struct pb_run *run, uint32_t from, uint32_t to, const char *text) {
    for (uint32_t i = from; i <= to; i++)
        CHECK_INT(pb_cell_add_note(&run->cell[i], text), 0);
}

/* Each once, of as many rows as it is true of. */
static void notes(const void *data) {
    struct pb_run run;
    struct pb_buffer out;
    (void)data;
    init(&run);
    add_http(&run); /* 7, 8 */
    const struct sample_row rows[] = {{"loop", 8, 20, 8, -1, 0, 1, "overlapped", NULL},
                                      {"loop", 16, 20, 8, -1, 0, 1, "overlapped", NULL},
                                      {"process", 2, 20, 8, -1, 0, 1, "overlapped", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) /* 9 to 11 */
        add(&run, "sleep", "waiting", &rows[i]);
    note(&run, 0, 11, "measured at night");
    note(&run, 3, 6, "pickled by protocol 5");
    note(&run, 8, 10, "engine=uring");
    note(&run, 9, 9, "once");
    note(&run, 2, 2, "started anew");
    note(&run, 1, 1, "model of 3.11");
    run.cell[5].misplaced = true;
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "  1.80x ±0.03  1.94  1.07  parallel\npickled by protocol 5 (every row)\n\nhttp");
    CHECK_HAS(out.data, "\n\nmeasured at night (every row)\n"
                        "model of 3.11 (gil* 2)\n"
                        "started anew (arcfour process 2)\n"
                        "python:func=arcfour py.process 2: planned on processors 0 1, but not always\n"
                        "  there\n"
                        "engine=uring (loop)\n"
                        "once (sleep loop 8)\n"
                        "* threads under a model");
    pb_buffer_release(&out);
    CHECK_INT(pb_set_text(&last(&run)->error, "needs two"), 0);
    last(&run)->state = PB_CELL_REFUSED; /* the other row of that name has no say */
    sample_table(&run, &plain, &out);
    CHECK_HAS(out.data, "\nstarted anew (process)\n");
    pb_buffer_release(&out);
    pb_run_release(&run);
}

/* ---- Hostile records ---- */

/* Characters of the widest line. */
static size_t widest(const char *text) {
    size_t most = 0, now = 0;
    for (; *text; text++) {
        now = *text == '\n' ? 0 : now + (((unsigned char)*text & 0xc0) != 0x80);
        most = now > most ? now : most;
    }
    return most;
}

/* Whatever their names, all sections stay within 80 columns. */
static void nasty(const void *data) {
    static const char *const names[] = {"", "a name of a row that nobody has room for", "x\ny\x1b[2J"};
    (void)data;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        for (int utf8 = 0; utf8 < 2; utf8++) {
            struct pb_report_style style = {.utf8 = utf8, .verbose = true, .width = 500};
            struct pb_run run;
            struct pb_buffer out;
            init(&run);
            add_http(&run);
            for (uint32_t i = 0; i < run.cells; i++) {
                struct pb_cell *c = &run.cell[i];
                set(&c->executor, names[k]);
                set(&c->workload, i % 2 ? names[k] : c->workload_name);
                CHECK_INT(pb_cell_add_note(c, names[(k + i) % 3]), 0);
                c->misplaced = i % 3;
            }
            sample_table(&run, &style, &out);
            CHECK_MSG(widest(out.data) <= 80, "%zu columns\n%s", widest(out.data), out.data);
            CHECK(!strchr(out.data, '\033'));
            pb_buffer_release(&out);
            pb_run_release(&run);
        }
}

static const struct pb_case cases[] = {
    {"golden", golden, NULL},         {"other columns", other_columns, NULL},
    {"long names", long_names, NULL}, {"programs", programs, NULL},
    {"ceilings", ceilings, NULL},     {"notes", notes, NULL},
    {"nasty", nasty, NULL},           {NULL, NULL, NULL},
};
const struct pb_suite suite_report_sections = {"report-sections", cases, NULL};
