/* Programs that make their own workers: what they are called, how they are planned, measured and told of. */
#include "base/cpuset.h"
#include "executor_cases.h"
#include "program.h"
#include "results/short_name.h"
#include "sample_run.h"

#include <stdlib.h>

static void short_names(const void *data) {
    static const struct {
        const char *workload, *name;
    } rows[] = {
        {"cmd:gzip -c file", "gzip"},
        {"cmd:/usr/bin/xz -T{n} -k -c big", "xz"},
        {"cmd:check=1,shell=1,LEVEL=9 OMP_NUM_THREADS={n} ./solver -n 4", "solver"},
        {"cmd:OMP_PLACES=a,b=c ./solver", "solver"},
        {"cmd:'/opt/my tools/do it' x", "do it"},
        {"cmd:'it'\\''s' x", "it's"},
        {"cmd:A='b c' d\\ e", "d e"},
        {"cmd:tar --directory=a,b=c", "tar"},
        {"cmd:", "cmd:"},
        {"sha:size=4KiB", "sha:size=4KiB"},
        {"./mine.so:size=4k", "./mine.so:size=4k"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_run run;
        char name[PB_SHORT_NAME];
        sample_run_bare(&run);
        const struct sample_row row = {"own", 1, 10, 1, -1, 1, 1, "-", NULL};
        const struct pb_cell *cell = sample_run_add(&run, rows[i].workload, "", &row);
        CHECK_TEXT(pb_cell_short_name(&run, cell, name, sizeof name), rows[i].name);
        pb_run_release(&run);
    }
}

/* Two programs of one name are told apart by their lines, and a long one is cut. */
static void same_names(const void *data) {
    struct pb_run run;
    char name[PB_SHORT_NAME];
    (void)data;
    sample_run_bare(&run);
    const struct sample_row row = {"own", 1, 10, 1, -1, 1, 1, "-", NULL};
    sample_run_add(&run, "cmd:gzip -1 f", "", &row);
    sample_run_add(&run, "cmd:gzip -9 a-file-whose-name-is-as-long-as-names-of-files-may-well-be", "", &row);
    CHECK_TEXT(pb_cell_short_name(&run, &run.cell[0], name, sizeof name), "cmd:gzip -1 f");
    CHECK_TEXT(pb_cell_short_name(&run, &run.cell[1], name, sizeof name),
               "cmd:gzip -9 a-file-whose-name-is-as-long-as-names-of-fil...");
    pb_run_release(&run);
}

/* ---- The program ---- */

#define TEAM "./tests-team"

/* One run of bench: its arguments parted by blanks, its exit code, and what it says on either output. */
struct shown {
    const char *name, *line, *environment;
    int code;
    const char *out[4], *err; /* out: all of them, up to a NULL */
    const char *not_err;
};

static const struct shown shown_rows[] = {
    {.name = "table",
     .line = "-q --rounds 6 -n 1,2 -- " TEAM " {n}",
     .out = {"\ntests-team  1 ", "\ntests-team  2 ", "tests-team: "}},
    {.name = "same-output", .line = "-q --rounds 2 -n 1,2 --check-output -- " TEAM " {n} say=hello"},
    {.name = "other-output",
     .line = "-q --rounds 2 -n 1,2 --check-output -- " TEAM " {n} width",
     .code = 4,
     .out = {"tests-team 2 gives other output than with 1"}},
    {.name = "output-unchecked", .line = "-q --rounds 2 -n 1,2 -- " TEAM " {n} width"},
    {.name = "fails",
     .line = "-q --rounds 2 -n 1,2 -- " TEAM " {n} fail=2",
     .code = 5,
     .err = "exit code 3: 2 workers are too many"},
    {.name = "not-found",
     .line = "-q --rounds 2 -n 1,2 -- ./no-such-program {n}",
     .code = 5,
     .err = "no-such-program"},
    {.name = "no-placeholder", .line = "-n 1,2 -- " TEAM " 1", .code = 2, .err = "{n} stands neither in its"},
    {.name = "one-width", .line = "-q --rounds 2 -n 1 -- " TEAM " 1", .out = {"\ntests-team  1 "}},
    {.name = "environment",
     .line = "-q --rounds 2 -n 1,2 --check-output --env WIDTH={n} -- " TEAM " 1 env=WIDTH",
     .code = 4},
    {.name = "environment-plain",
     .line = "-q --rounds 2 -n 1,2 --check-output --env WIDTH=7 -- " TEAM " {n} env=WIDTH"},
    {.name = "openmp-untouched",
     .line = "--rounds 2 -n 1 -- printenv OMP_PROC_BIND",
     .environment = "OMP_PROC_BIND=close",
     .not_err = "set aside"},
    {.name = "adds-the-base",
     .line = "--dry-run -n 2,4 -- " TEAM " {n}",
     .out = {"cmd:./tests-team {n}  own       1  auto: none  any", "own       2  ", "own       4  ",
             "6 rounds or more, as long as the program takes"}},
    {.name = "base-2",
     .line = "-q --rounds 2 -n 1 --base n=2 -- " TEAM " {n}",
     .out = {"\ntests-team  2 ", "1.00x ", "\ntests-team  1 "}},
    {.name = "beside-a-workload",
     .line = "--dry-run -w cmd:true -e thread -n 2 -- " TEAM " {n}",
     .out = {"cmd:true              thread    1", "cmd:./tests-team {n}  own       1"}},
    {.name = "own-by-name",
     .line = "--dry-run -w cmd:true -e own -n 2",
     .out = {"serial    1", "own       2"}},
    {.name = "own-of-sha", .line = "-w sha -e own", .code = 2, .err = "executor own: it runs only cmd"},
    {.name = "executor-alone",
     .line = "-e thread -- " TEAM " {n}",
     .code = 2,
     .err = "-e thread: the program after --"},
    {.name = "serial-base", .line = "--base serial -- " TEAM " {n}", .code = 2, .err = "has no serial row"},
    {.name = "nothing", .line = "-n 1,2 --", .code = 2, .err = "no program follows"},
    {.name = "operand", .line = TEAM " {n}", .code = 2, .err = "unknown subcommand"},
};

static void shown(const void *data) {
    const struct shown *row = data;
    const char *environment[] = {row->environment, NULL};
    struct program p;
    program_run(&p, environment, "%s", row->line);
    program_check_code(&p, row->code);
    for (size_t i = 0; i < sizeof row->out / sizeof *row->out && row->out[i]; i++)
        CHECK_HAS(pb_buffer_string(&p.said), row->out[i]);
    if (row->err)
        CHECK_HAS(pb_buffer_string(&p.complained), row->err);
    if (row->not_err)
        CHECK_MSG(!strstr(pb_buffer_string(&p.complained), row->not_err), "%s",
                  pb_buffer_string(&p.complained));
    program_check_nothing_left(false);
    program_release(&p);
}

/* The record says what was typed, what each row runs, and of each worker nothing. */
static void record(const void *data) {
    static const char text[] = "-q --rounds 2 -n 2,4 --format json -- " TEAM " {n}";
    struct program p;
    struct pb_run run;
    (void)data;
    program_run(&p, NULL, text);
    program_check_code(&p, 0);
    program_decode(&run, "own", &p.said);
    CHECK_TEXT(run.command, "bench -q --rounds 2 -n 2,4 --format json -- ./tests-team {n}");
    for (uint32_t i = 0; i < 3; i++) {
        const struct pb_cell *c = &run.cell[i];
        CHECK_TEXT(c->workload, "cmd:" TEAM " {n}");
        CHECK_TEXT(c->executor, "own");
        CHECK_TEXT(c->binding_effective, "none");
        CHECK_TEXT(c->binding_reason, "the program places its own workers");
        CHECK_INT(c->workers, i ? 2 * i : 1);
        CHECK_INT(c->base, i ? 0 : -1);
        CHECK_INT(c->tasks, 1);
        CHECK_INT(c->samples, 2);
        CHECK_INT(c->sample[0].workers, 0);
        CHECK(c->sample[0].cpu_ns > 1000000); /* of the program, not of who waits for it */
        CHECK(i == 0 || c->reference >= 0);
    }
    pb_run_release(&run);
    program_release(&p);
}

/* The written result keeps to the schema. */
static void schema(const void *data) {
    static const char validate[] =
        "/usr/bin/python3 -c 'import json, sys, jsonschema as j; s, r = map(json.load, map(open, "
        "sys.argv[1:])); "
        "j.validators.validator_for(s)(s).validate(r)' '%s/docs/result.schema.json' %s/own.json";
    char directory[64], command[512];
    struct program p;
    (void)data;
    if (system("/usr/bin/python3 -c 'import jsonschema' 2>/dev/null") != 0)
        pb_test_skip("python3-jsonschema is not installed");
    program_directory(directory);
    program_run(&p, NULL, "-q --rounds 6 -n 1,2 -o %s/own.json -- " TEAM " {n}", directory);
    program_check_code(&p, 0);
    snprintf(command, sizeof command, validate, PB_SOURCE_DIR, directory);
    CHECK_INT(system(command), 0);
    program_directory_release(directory);
    program_release(&p);
}

/* The program may use the processors of all its workers, if it is bound at all. */
static void bound(const void *data) {
    static const struct {
        const char *options, *processors;
        int code;
    } rows[] = {{"-b pu -n 1", "1", 0}, {"-b pu -n 2", "2", 0}, {"-n 1", "1", 5}};
    struct pb_cpuset all;
    (void)data;
    CHECK_INT(pb_cpuset_of_thread(&all), 0);
    if (pb_cpuset_count(&all) < 2)
        pb_test_skip("only one processor may be used here");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct program p;
        program_run(&p, NULL, "-q --rounds 2 --base none %s -- " TEAM " {n} bound=%s", rows[i].options,
                    rows[i].processors);
        program_check_code(&p, rows[i].code);
        program_release(&p);
    }
}

static _Thread_local int counted;

static int count_here(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)task;
    (void)args;
    *digest = i;
    counted++;
    return 0;
}

/* Tasks run in the caller one after the other, whatever the number of workers is. */
static void in_the_caller(const void *data) {
    enum { WORKERS = 3, TASKS = 5 };
    struct pb_executor *e = open_executor("own", WORKERS);
    struct pb_worker_info info;
    int before = counted;
    (void)data;
    CHECK_INT(pb_executor_workers(e), WORKERS);
    CHECK_INT(pb_executor_lanes(e), 1);
    CHECK_INT(pb_for(e, TASKS, count_here, NULL, 0, NULL, NULL), 0);
    CHECK_INT(counted - before, TASKS);
    for (uint32_t i = 0; i < WORKERS; i++) {
        CHECK_INT(pb_executor_worker(e, i, &info), 0);
        CHECK_INT(info.pid, 0);
    }
    close_executor(e);
}

static const struct pb_case cases[] = {
    {"short-names", short_names, NULL},     {"same-names", same_names, NULL}, {"record", record, NULL},
    {"in-the-caller", in_the_caller, NULL}, {"bound", bound, NULL},           {"schema", schema, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    const size_t fixed = sizeof cases / sizeof *cases;
    if (i < fixed)
        *out = cases[i];
    else if (i - fixed < sizeof shown_rows / sizeof *shown_rows)
        *out = (struct pb_case){shown_rows[i - fixed].name, shown, &shown_rows[i - fixed]};
    else
        return false;
    return true;
}

const struct pb_suite suite_own = {"own", NULL, generate};
