/* Runs in which something goes wrong: a plug-in that breaks, a signal, the driver's death. The rows that can
 * be measured are, the reason stands where the row would, and no process is left. */
#include "program.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "results/json.h"

enum { ROWS = 4 };

#define GOOD "spin:work=20us"

struct expected {
    const char *executor;
    uint32_t workers;
    enum pb_cell_state state;
    const char *error[3]; /* each is part of it */
};

struct fault {
    const char *name, *plugin, *options;
    int code;
    struct expected row[ROWS]; /* of the plug-in */
};

#define LOST(...)                                                                                            \
    PB_CELL_FAILED, {                                                                                        \
        __VA_ARGS__                                                                                          \
    }

static const struct fault faults[] = {
    {"crash",
     "crash3.so",
     "-e " EXECUTORS,
     5,
     {{"serial", 1, LOST("killed by SIGSEGV")},
      {"thread", 2, LOST("killed by SIGSEGV")},
      {"process", 2, LOST("worker ", "SIGSEGV", "task 3")}}},
    {"hang",
     "hang.so",
     "-e " EXECUTORS " --timeout 400ms",
     5,
     {{"serial", 1, LOST("no answer within 0.4 s", "--timeout")},
      {"thread", 2, LOST("no answer within 0.4 s", "--timeout")},
      {"process", 2, LOST("no answer within 0.4 s", "--timeout")}}},
    {"deaf",
     "deaf.so",
     "-e thread --timeout 1s",
     5,
     {{"serial", 1, LOST("no answer within 1 s")}, {"thread", 2, LOST("no answer within 1 s")}}},
    {"exit",
     "exiting.so",
     "-e " EXECUTORS,
     5,
     {{"serial", 1, LOST("exited with code 0 before it had answered")},
      {"thread", 2, LOST("exited with code 0 before it had answered")},
      {"process", 2, LOST("worker ", "exited with code 0", "task 1")}}},
    {"setup",
     "failsetup.so",
     "-e " EXECUTORS,
     5,
     {{"serial", 1, LOST("failsetup.so: setup: ", "the data set is missing: fetch it first")},
      {"thread", 2, LOST("failsetup.so: setup: ", "the data set is missing: fetch it first")},
      {"process", 2, LOST("failsetup.so: setup: ", "the data set is missing: fetch it first")}}},
    {"refused",
     "pair.so",
     "-e " EXECUTORS,
     0,
     {{"serial", 1, PB_CELL_REFUSED, {"pair: one task at a time waits for ever: use -n 2 or more"}},
      {"thread", 2, PB_CELL_DONE, {NULL}},
      {"process", 2, PB_CELL_DONE, {NULL}}}},
    {"abi", "badabi.so", "-e thread", 5, {{"thread", 2, LOST("badabi.so: ", "abi 999", "build it again")}}},
    {"symbol", "nosymbol.so", "-e thread", 5, {{"thread", 2, LOST("exports no symbol \"pb_workload\"")}}},
    {"load", "crashload.so", "-e thread", 5, {{"thread", 2, LOST("crashload.so: ", "SIGSEGV")}}},
    {"noise",
     "noisy.so",
     "-e " EXECUTORS,
     0,
     {{"serial", 1, PB_CELL_DONE, {NULL}},
      {"thread", 2, PB_CELL_DONE, {NULL}},
      {"process", 2, PB_CELL_DONE, {NULL}}}},
    {"wrong",
     "fickle.so",
     "-e process",
     4,
     {{"serial", 1, PB_CELL_DONE, {NULL}}, {"process", 2, PB_CELL_WRONG, {"digest ", "serial had "}}}},
    {"wrong-before-failed",
     "fickle.so," PLUGINS "crash3.so",
     "-e process",
     4,
     {{"serial", 1, PB_CELL_DONE, {NULL}}, {"process", 2, PB_CELL_WRONG, {"digest ", "serial had "}}}},
};

static void check_row(const struct pb_run *run, const char *workload, const struct expected *e) {
    const struct pb_cell *c = program_cell(run, workload, e->executor, e->workers);
    CHECK_MSG(c->state == e->state, "%s %s: state %d, expected %d: %s", workload, e->executor, c->state,
              e->state, c->error ? c->error : "");
    CHECK_MSG(e->error[0] || !c->error, "%s %s: %s", workload, e->executor, c->error);
    for (int i = 0; i < 3 && e->error[i]; i++)
        CHECK_HAS(c->error, e->error[i]);
    if (e->state == PB_CELL_DONE)
        CHECK_INT(c->samples, 2);
}

/* Beside a workload that is well, whose rows must not notice. */
static void fault(const void *data) {
    const struct fault *f = data;
    static const struct expected well[] = {{"serial", 1, PB_CELL_DONE, {NULL}},
                                           {"thread", 2, PB_CELL_DONE, {NULL}},
                                           {"process", 2, PB_CELL_DONE, {NULL}}};
    char file[32] = "";
    struct program p;
    struct pb_run run;
    strncat(file, f->plugin, strcspn(f->plugin, ","));
    program_run(&p, NULL, "-q --format json -w " PLUGINS "%s," GOOD " -n 2 -b none --rounds 2 %s", f->plugin,
                f->options);
    program_check_code(&p, f->code);
    program_check_nothing_left(false);
    program_decode(&run, "standard output", &p.said);
    for (const struct expected *e = f->row; e < f->row + ROWS && e->executor; e++)
        check_row(&run, file, e);
    for (size_t i = 0; i < sizeof well / sizeof *well; i++)
        if (i == 0 || strstr(f->options, EXECUTORS) || strstr(f->options, well[i].executor))
            check_row(&run, GOOD, &well[i]);
    pb_run_release(&run);
    program_release(&p);
}

/* The table says it too, in its rows; what a plug-in prints is no part of it. */
static void table(const void *data) {
    struct program p;
    (void)data;
    program_run(&p, NULL,
                "-q -w " PLUGINS "crash3.so," PLUGINS "noisy.so -e thread,process -n 2 -b none --rounds 2");
    program_check_code(&p, 5);
    CHECK_HAS(pb_buffer_string(&p.said), "failed: killed by SIGSEGV");
    CHECK_HAS(pb_buffer_string(&p.said), "was killed by SIGSEGV in task 3");
    CHECK_HAS(pb_buffer_string(&p.said), "prints to standard output");
    CHECK(!strstr(pb_buffer_string(&p.said), "\"noise\""));
    CHECK_HAS(pb_buffer_string(&p.complained), "{\"noise\": \"run\"}");
    CHECK_HAS(pb_buffer_string(&p.complained), "crash3.so thread 2: killed by SIGSEGV");
    program_check_nothing_left(false);
    program_release(&p);
}

static void missing(const void *data) {
    struct program p;
    (void)data;
    program_run(&p, NULL, "-q -w " PLUGINS "missing.so," GOOD " -e thread -n 2 --rounds 2");
    program_check_code(&p, 2);
    CHECK_HAS(pb_buffer_string(&p.complained), "missing.so: No such file");
    CHECK_TEXT(pb_buffer_string(&p.said), "");
    program_release(&p);
}

/* ---- Signals ---- */

#define LONG_RUN "-w sleep:ms=1 -e " EXECUTORS " -n 2 -b none --rounds 1000000 --tasks 2"

struct interruption {
    const char *name;
    int signal;
    const char *options, *said; /* NULL: a record */
};

static const struct interruption interruptions[] = {
    {"interrupt-json", SIGINT, "--format json", NULL},
    {"interrupt-table", SIGINT, "--format table", "INTERRUPTED"},
    {"terminate-json", SIGTERM, "--format json", NULL},
    {"terminate-table", SIGTERM, "--format table", "INTERRUPTED"},
};

static uint32_t samples_of(const struct pb_run *run) {
    uint32_t samples = 0;
    for (uint32_t i = 0; i < run->cells; i++)
        samples += run->cell[i].samples;
    return samples;
}

/* What was measured before is reported and kept. */
static void interrupt(const void *data) {
    const struct interruption *i = data;
    char directory[64], file[128], partial[160];
    struct program p;
    struct pb_run run;
    struct pb_buffer text;
    program_directory(directory);
    snprintf(file, sizeof file, "%s/r.json", directory);
    snprintf(partial, sizeof partial, "%s.partial", file);
    program_begin_line(&p, NULL, "-q " LONG_RUN " %s -o %s", i->options, file);
    program_wait_samples(&p, partial, 9);
    CHECK(kill(p.pid, i->signal) == 0);
    program_finish(&p);
    program_check_code(&p, 128 + i->signal);
    program_check_nothing_left(false);
    CHECK(access(partial, F_OK) != 0);
    program_read_file(&text, file);
    if (i->said)
        CHECK_HAS(pb_buffer_string(&p.said), i->said);
    else
        CHECK_TEXT(pb_buffer_string(&p.said), pb_buffer_string(&text));
    program_decode(&run, file, &text);
    CHECK_TEXT(run.ended, "interrupted");
    CHECK(samples_of(&run) >= 9);
    for (uint32_t c = 0; c < run.cells; c++)
        CHECK_MSG(run.cell[c].state == PB_CELL_DONE && !run.cell[c].error, "%s", run.cell[c].error);
    pb_run_release(&run);
    pb_buffer_release(&text);
    program_release(&p);
    program_directory_release(directory);
}

static const char old[] = "the old result";

static void write_old(const char *file) {
    FILE *earlier = fopen(file, "we");
    CHECK(earlier && fputs(old, earlier) >= 0 && fclose(earlier) == 0);
}

static void check_old(const char *file) {
    struct pb_buffer text;
    program_read_file(&text, file);
    CHECK_TEXT(pb_buffer_string(&text), old);
    pb_buffer_release(&text);
}

/* Before the rounds, too: what hangs then is not waited for until its time-out. Nothing was measured, so the
 * old result stays. */
static void interrupt_hanging(const void *data) {
    char directory[64], file[128], partial[160], line[256] = "";
    struct program p;
    (void)data;
    program_directory(directory);
    snprintf(file, sizeof file, "%s/r.json", directory);
    snprintf(partial, sizeof partial, "%s.partial", file);
    write_old(file);
    program_begin_line(&p, NULL, "-q -w " PLUGINS "hang.so -e thread -n 2 --timeout 3600s -o %s", file);
    for (size_t size = 0; !strstr(line, "task 2 hangs\n");) {
        ssize_t got = read(p.err, line + size, sizeof line - 1 - size);
        CHECK(got > 0);
        size += (size_t)got;
    }
    CHECK(kill(p.pid, SIGINT) == 0);
    program_finish(&p);
    program_check_code(&p, 128 + SIGINT);
    program_check_nothing_left(false);
    check_old(file);
    CHECK(access(partial, F_OK) != 0);
    program_release(&p);
    program_directory_release(directory);
}

/* The driver dies of SIGKILL: everything that it started follows, its samples can be read, and the old result
 * stays. */
static void killed(const void *data) {
    char directory[64], file[128], partial[160];
    struct program p;
    struct pb_run run;
    struct pb_buffer text;
    (void)data;
    program_directory(directory);
    snprintf(file, sizeof file, "%s/r.json", directory);
    snprintf(partial, sizeof partial, "%s.partial", file);
    write_old(file);
    program_begin_line(&p, NULL, "-q " LONG_RUN " -o %s", file);
    program_wait_samples(&p, partial, 9);
    CHECK(kill(p.pid, SIGKILL) == 0);
    program_finish(&p);
    CHECK(WIFSIGNALED(p.status) && WTERMSIG(p.status) == SIGKILL);
    program_check_nothing_left(true);
    check_old(file);
    program_read_file(&text, partial);
    program_decode(&run, partial, &text);
    CHECK(!run.ended);
    CHECK(samples_of(&run) >= 9);
    pb_run_release(&run);
    pb_buffer_release(&text);
    program_release(&p);
    program_directory_release(directory);
}

static bool generate(size_t i, struct pb_case *out) {
    static const struct pb_case others[] = {{"table", table, NULL},
                                            {"missing", missing, NULL},
                                            {"interrupt-hanging", interrupt_hanging, NULL},
                                            {"killed", killed, NULL}};
    enum {
        FAULTS = sizeof faults / sizeof *faults,
        INTERRUPTIONS = sizeof interruptions / sizeof *interruptions,
        OTHERS = sizeof others / sizeof *others
    };
    if (i < FAULTS)
        *out = (struct pb_case){faults[i].name, fault, &faults[i]};
    else if ((i -= FAULTS) < INTERRUPTIONS)
        *out = (struct pb_case){interruptions[i].name, interrupt, &interruptions[i]};
    else if ((i -= INTERRUPTIONS) < OTHERS)
        *out = others[i];
    else
        return false;
    return true;
}

const struct pb_suite suite_run_faults = {"run_faults", NULL, generate};
