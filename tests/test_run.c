/* Real runs, short ones: every workload under every executor, and what the options make of a run. What is
 * checked does not depend on how fast this machine is. */
#include "program.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/list.h"
#include "executor_cases.h"
#include "stage.h"

/* Small work; a workload that is not named here runs with its defaults. */
static const char *const small[] = {
    "sha:size=4k",
    "arcfour:size=4k",
    "primes:digits=12",
    "spin:work=20us",
    "sleep:ms=1",
    "stream:size=64k",
    "chase:size=64k",
    "file:size=64k",
    "request:cpu=10us,wait=100us",
    "echo:cpu=0,requests=20",
    "malloc:rounds=1000",
    "falseshare:updates=10000",
    "http:delay=1ms",
};

static const char *small_item(const char *workload) {
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        if (strncmp(small[i], workload, strlen(workload)) == 0)
            return small[i];
    return workload;
}

/* Runs it quietly with --format json, expects exit code 0 and nothing else said, and reads its record. */
static void measure(struct pb_run *run, const char *const *environment, const char *line) {
    struct program p;
    program_run(&p, environment, "-q --format json %s", line);
    program_check_code(&p, 0);
    CHECK_TEXT(pb_buffer_string(&p.complained), "");
    program_check_nothing_left(false);
    program_decode(run, "standard output", &p.said);
    program_release(&p);
}

static void check_done(const struct pb_cell *c, uint32_t rounds) {
    CHECK_MSG(c->state == PB_CELL_DONE, "%s %s %u: %s", c->workload, c->executor, c->workers,
              c->error ? c->error : "not done");
    CHECK_INT(c->samples, rounds);
}

/* All rows ran all rounds and gave, of one workload, one answer. */
static void check_agreed(const struct pb_run *run, uint32_t rounds) {
    CHECK_INT(run->rounds, rounds);
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *c = &run->cell[i];
        check_done(c, rounds);
        for (uint32_t s = 0; s < c->samples; s++) {
            CHECK_INT(c->sample[s].tasks, c->tasks);
            CHECK_INT(c->sample[s].status[0], c->tasks);
            for (uint32_t k = 0; k < run->cells; k++)
                if (strcmp(run->cell[k].workload, c->workload) == 0)
                    CHECK_MSG(c->sample[s].digest == run->cell[k].sample[0].digest, "%s: %s and %s differ",
                              c->workload, c->executor, run->cell[k].executor);
        }
    }
}

/* ---- Every workload under every executor ---- */

static void pairs(const void *data) {
    static const char *const vias[] = {"for", "submit"};
    size_t pair = (size_t)(uintptr_t)data, workloads = 0;
    struct pb_executor_listing listing;
    while (pb_workloads[workloads].name)
        workloads++;
    CHECK_INT(executor_of_any(pair / workloads, &listing), 0);
    const struct pb_workload_entry *workload = &pb_workloads[pair % workloads];
    if (listing.absent)
        pb_test_skip("%s", listing.absent);
    program_skip_unseen(listing.name);
    (void)stage_load(workload); /* which skips the case if its module was not built */
    for (int v = 0; v < 2; v++) {
        struct pb_run run;
        char line[256];
        snprintf(line, sizeof line,
                 "-w %s -e serial,%s -n 2 -b none --rounds 2 --tasks 20 --base none --via %s",
                 small_item(workload->name), listing.name, vias[v]);
        measure(&run, NULL, line);
        check_agreed(&run, 2);
        bool serial = strcmp(listing.name, "serial") == 0;
        CHECK_INT(run.cells, serial ? 1 : 2);
        const struct pb_cell *c = program_cell(&run, workload->name, listing.name, serial ? 1 : 2);
        CHECK_TEXT(c->via, vias[v]);
        CHECK_INT(c->tasks, 20);
        pb_run_release(&run);
    }
}

/* ---- What options make of a run ---- */

static void base_n1(const void *data) {
    struct pb_run run;
    (void)data;
    measure(&run, NULL, "-w sleep:ms=1 -e thread -n 1,2 -b none --base n=1 --rounds 6 --tasks 4");
    check_agreed(&run, 6);
    const struct pb_cell *one = program_cell(&run, "sleep", "thread", 1),
                         *two = program_cell(&run, "sleep", "thread", 2);
    CHECK_INT(run.cells, 2);
    CHECK_INT(two->base, one->id);
    CHECK_INT(two->summary.speedup.samples, 6);
    CHECK(two->summary.speedup.low <= two->summary.speedup.value &&
          two->summary.speedup.value <= two->summary.speedup.high);
    pb_run_release(&run);
}

static void base_none(const void *data) {
    struct pb_run run;
    (void)data;
    measure(&run, NULL, "-w spin:work=20us -e thread -n 1 --base none --rounds 2 --tasks 4");
    check_agreed(&run, 2);
    CHECK_INT(run.cells, 1);
    CHECK_INT(run.cell[0].base, -1);
    CHECK_INT(run.cell[0].summary.speedup.samples, 0);
    pb_run_release(&run);
}

static void base_serial(const void *data) {
    struct pb_run run;
    (void)data;
    measure(&run, NULL, "-w spin:work=20us -e thread -n 2 -b none --rounds 2 --tasks 4");
    check_agreed(&run, 2);
    const struct pb_cell *serial = program_cell(&run, "spin", "serial", 1),
                         *thread = program_cell(&run, "spin", "thread", 2);
    CHECK_INT(serial->role, PB_ROLE_BASE);
    CHECK_INT(serial->task_times, 4);
    CHECK_INT(thread->base, serial->id);
    CHECK(thread->reference >= 0 && run.cell[thread->reference].role == PB_ROLE_REFERENCE);
    pb_run_release(&run);
}

static void calibrates(const void *data) {
    struct pb_run run;
    (void)data;
    measure(&run, NULL, "-w arcfour:size=4k,primes:digits=12 -e thread -n 2 -b none --rounds 2");
    check_agreed(&run, 2);
    const struct pb_cell *chosen = program_cell(&run, "arcfour", "thread", 2);
    CHECK(chosen->tasks > 1 && chosen->tasks % 2 == 0);
    CHECK_INT(program_cell(&run, "arcfour", "serial", 1)->tasks, chosen->tasks);
    CHECK_INT(program_cell(&run, "primes", "thread", 2)->tasks, 20);
    pb_run_release(&run);
}

/* Enough tasks for a hundred at a time, two turns, or as many as the user asks for: one at a time they would
   outlast the time-out, and are not even begun. */
static void endless(const void *tasks) {
    struct pb_run run;
    char line[128];
    snprintf(line, sizeof line, "-w sleep:ms=20 -e thread -n 1,100 -b none --rounds 1 --timeout 2s%s",
             (const char *)tasks);
    measure(&run, NULL, line);
    check_done(program_cell(&run, "sleep", "thread", 100), 1);
    const struct pb_cell *narrow[] = {program_cell(&run, "sleep", "serial", 1),
                                      program_cell(&run, "sleep", "thread", 1)};
    for (int i = 0; i < 2; i++) {
        CHECK_INT(narrow[i]->state, PB_CELL_REFUSED);
        CHECK_HAS(narrow[i]->error, "200 tasks, 1 at a time: a repetition would take ");
        CHECK_INT(narrow[i]->samples, 0);
    }
    pb_run_release(&run);
}

static void binds(const void *data) {
    struct pb_run run;
    (void)data;
    measure(&run, NULL, "-w sleep:ms=1 -e " EXECUTORS " -n 1 -b pu --rounds 2 --tasks 2");
    const struct pb_cell *thread = program_cell(&run, "sleep", "thread", 1);
    char line[256], first[16], policy[32];
    snprintf(first, sizeof first, "%s", thread->planned);
    CHECK(*first);
    pb_run_release(&run);
    snprintf(policy, sizeof policy, "list:%s", first);
    snprintf(line, sizeof line, "-w sleep:ms=1 -e " EXECUTORS " -n 1 -b %s --rounds 2 --tasks 2", policy);
    measure(&run, NULL, line);
    check_agreed(&run, 2);
    for (uint32_t i = 0; i < run.cells; i++) {
        CHECK_TEXT(run.cell[i].binding, policy);
        CHECK_TEXT(run.cell[i].achieved, first);
        CHECK(!run.cell[i].misplaced);
    }
    pb_run_release(&run);
}

/* What would bind OpenMP's threads changes no executor's placement, and the user is told. */
static void set_aside(const void *data) {
    static const char *const none[] = {"OMP_WAIT_POLICY=passive", NULL};
    static const char line[] = "-w sleep:ms=1 -e " EXECUTORS " -n max -b pu --rounds 2 --tasks 4";
    const char *environment[] = {"OMP_PROC_BIND=true", NULL, NULL, "OMP_WAIT_POLICY=passive", NULL};
    char places[64], affinity[64];
    struct pb_run plain, set;
    struct program p;
    (void)data;
    measure(&plain, none, line);
    const struct pb_cell *c = program_cell(&plain, "sleep", "thread", plain.limits.processors);
    const char *last = strrchr(c->achieved, ' ') ? strrchr(c->achieved, ' ') + 1 : c->achieved;
    snprintf(places, sizeof places, "OMP_PLACES={%s}", last);
    snprintf(affinity, sizeof affinity, "GOMP_CPU_AFFINITY=%s", last);
    environment[1] = places;
    environment[2] = affinity;
    program_run(&p, environment, "--format json %s", line);
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.complained),
              "bench: warning: OMP_PROC_BIND, OMP_PLACES, GOMP_CPU_AFFINITY: set aside: ");
    program_decode(&set, "standard output", &p.said);
    bool kept = false;
    for (uint32_t i = 0; i < set.warnings; i++)
        kept |= strstr(set.warning[i], "set aside") != NULL;
    CHECK(kept);
    CHECK_INT(set.cells, plain.cells);
    for (uint32_t i = 0; i < set.cells; i++) {
        CHECK_TEXT(set.cell[i].executor, plain.cell[i].executor);
        CHECK_TEXT(set.cell[i].planned, plain.cell[i].planned);
        CHECK_TEXT(set.cell[i].achieved, plain.cell[i].achieved);
        CHECK(!set.cell[i].misplaced);
    }
    program_release(&p);
    pb_run_release(&set);
    pb_run_release(&plain);
}

/* Nothing is set up, so the plug-in prints nothing. */
static void dry_run(const void *data) {
    struct program p;
    (void)data;
    program_run(&p, NULL, "-q --dry-run -w " PLUGINS "noisy.so -e " EXECUTORS " -n 1,2 -b none");
    program_check_code(&p, 0);
    CHECK_TEXT(pb_buffer_string(&p.complained), "");
    CHECK_HAS(pb_buffer_string(&p.said), "nothing was measured");
    program_release(&p);
}

static void options(const void *data) {
    static const char *const environment[] = {"PARBENCH_ROUNDS=3", "PARBENCH_QUIET=1", NULL};
    char path[] = "/tmp/parbench-options-XXXXXX", line[64];
    static const char text[] = "# a comment\n-w sleep:ms=1\n-e thread -b none\n--tasks=2 --base none\n";
    struct pb_run run;
    (void)data;
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, text, sizeof text - 1) == sizeof text - 1 && close(fd) == 0);
    snprintf(line, sizeof line, "@%s -n 1,2", path);
    measure(&run, environment, line);
    unlink(path);
    check_agreed(&run, 3);
    CHECK_INT(run.cells, 2);
    CHECK_INT(program_cell(&run, "sleep", "thread", 2)->tasks, 2);
    pb_run_release(&run);
}

/* Kills a run once its journal holds so many samples, and gives the cells' ids in their order. */
static void order_of(unsigned seed, uint32_t samples, struct pb_buffer *order) {
    char directory[64], partial[128];
    struct pb_buffer journal;
    struct program p;
    program_directory(directory);
    snprintf(partial, sizeof partial, "%s/r.json.partial", directory);
    program_begin_line(
        &p, NULL,
        "-q -w sleep:ms=1 -e thread -n 1,2,3,4,5 -b none --base none --rounds 1000000 --tasks 1 "
        "--seed %u -o %s/r.json",
        seed, directory);
    program_wait_samples(&p, partial, samples);
    kill(p.pid, SIGKILL);
    program_finish(&p);
    program_check_nothing_left(true);
    program_read_file(&journal, partial);
    const char *at = pb_buffer_string(&journal);
    for (uint32_t i = 0; i < samples; i++) {
        CHECK((at = strstr(at, "\n{\"cell\":")));
        at += strlen("\n{\"cell\":");
        pb_buffer_printf(order, "%d ", atoi(at));
    }
    pb_buffer_release(&journal);
    program_release(&p);
    program_directory_release(directory);
}

/* The order of measuring comes from the seed alone; each round has each cell once. */
static void seed(const void *data) {
    enum { CELLS = 5, ROUNDS = 4 };
    struct pb_buffer first = {0}, again = {0}, other = {0};
    (void)data;
    order_of(7, CELLS * ROUNDS, &first);
    order_of(7, CELLS * ROUNDS, &again);
    order_of(8, CELLS * ROUNDS, &other);
    CHECK_TEXT(pb_buffer_string(&again), pb_buffer_string(&first));
    CHECK(strcmp(pb_buffer_string(&other), pb_buffer_string(&first)) != 0);
    char *at = first.data;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned seen = 0;
        for (int k = 0; k < CELLS; k++)
            seen |= 1u << strtol(at, &at, 10);
        CHECK_INT(seen, (1u << CELLS) - 1);
    }
    pb_buffer_release(&first);
    pb_buffer_release(&again);
    pb_buffer_release(&other);
}

/* ---- Where the result goes ---- */

#define PYTHON "$('" PB_SOURCE_DIR "/scripts/lib/python.sh' jsonschema)"

static void check_schema(const char *path) {
    static const char program[] =
        "import json, sys, jsonschema\n"
        "schema, run = (json.load(open(path)) for path in sys.argv[1:])\n"
        "validator = jsonschema.validators.validator_for(schema)(schema)\n"
        "for e in validator.iter_errors(run): sys.exit(f'{list(e.absolute_path)}: {e.message}')\n";
    CHECK(setenv("CHECK_PROGRAM", program, 1) == 0);
    CHECK_INT(
        program_shell(PYTHON " -c \"$CHECK_PROGRAM\" '" PB_SOURCE_DIR "/docs/result.schema.json' %s", path),
        0);
    if (program_shell("type jq >/dev/null 2>&1") == 0)
        CHECK_INT(program_shell("test \"$(jq '[.cells[].samples[]] | length' %s)\" -gt 0", path), 0);
}

static void need_schema(void) {
    if (program_shell("'" PB_SOURCE_DIR "/scripts/lib/python.sh' jsonschema >/dev/null 2>&1") != 0)
        pb_test_skip("python3-jsonschema is not installed");
}

/* FILE is the record, the table still appears, and the journal is gone. */
static void output(const void *data) {
    char directory[64], file[128];
    struct program p;
    struct pb_run run;
    struct pb_buffer text;
    (void)data;
    need_schema();
    program_directory(directory);
    snprintf(file, sizeof file, "%s/r.json", directory);
    program_run(&p, NULL,
                "-q -w spin:work=20us,%scrash3.so -e thread -n 2 -b none --rounds 6 --tasks 8 -o %s", PLUGINS,
                file);
    program_check_code(&p, 5);
    CHECK_HAS(pb_buffer_string(&p.said), "thread");
    check_schema(file);
    program_read_file(&text, file);
    program_decode(&run, file, &text);
    CHECK_TEXT(run.ended, "rounds");
    check_done(program_cell(&run, "spin", "thread", 2), 6);
    CHECK_INT(program_cell(&run, "crash3", "thread", 2)->state, PB_CELL_FAILED);
    CHECK(unlink(file) == 0);
    CHECK_MSG(rmdir(directory) == 0, "%s holds more than the result", directory);
    pb_run_release(&run);
    pb_buffer_release(&text);
    program_release(&p);
}

static void json(const void *data) {
    static const char *const word[] = {"-q",      "--format", "json", "-w", "spin:work=20us", "-e",
                                       EXECUTORS, "-n",       "2",    "-b", "none",           "--rounds",
                                       "6",       "--tasks",  "4",    NULL};
    char path[] = "/tmp/parbench-json-XXXXXX";
    struct program p;
    (void)data;
    need_schema();
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    program_begin(&p, &(struct program_start){.word = word, .out_fd = fd});
    program_finish(&p);
    close(fd);
    program_check_code(&p, 0);
    check_schema(path);
    unlink(path);
    program_release(&p);
}

/* Refused before anything is set up: a plug-in whose set-up prints stays silent. */
static void unwritable(const void *data) {
    struct program p;
    (void)data;
    program_run(&p, NULL, "-q -w " PLUGINS "noisy.so -e serial --rounds 2 -o /dev/full/r.json");
    program_check_code(&p, 6);
    CHECK_HAS(pb_buffer_string(&p.complained), "bench: /dev/full/r.json");
    CHECK(!strstr(pb_buffer_string(&p.complained), "noise"));
    CHECK_TEXT(pb_buffer_string(&p.said), "");
    program_release(&p);
}

static bool generate(size_t i, struct pb_case *out) {
    static const struct pb_case others[] = {{"base-n1", base_n1, NULL},
                                            {"base-none", base_none, NULL},
                                            {"base-serial", base_serial, NULL},
                                            {"calibrates", calibrates, NULL},
                                            {"binds", binds, NULL},
                                            {"endless", endless, ""},
                                            {"endless-as-asked", endless, " --tasks 200"},
                                            {"set-aside", set_aside, NULL},
                                            {"dry-run", dry_run, NULL},
                                            {"options", options, NULL},
                                            {"seed", seed, NULL},
                                            {"output", output, NULL},
                                            {"json", json, NULL},
                                            {"unwritable", unwritable, NULL}};
    enum { OTHERS = sizeof others / sizeof *others };
    static char name[128];
    size_t workloads = 0;
    struct pb_executor_listing listing;
    if (i < OTHERS) {
        *out = others[i];
        return true;
    }
    while (pb_workloads[workloads].name)
        workloads++;
    if (executor_of_any((i - OTHERS) / workloads, &listing) < 0)
        return false;
    snprintf(name, sizeof name, "%s/%s", listing.name, pb_workloads[(i - OTHERS) % workloads].name);
    *out = (struct pb_case){name, pairs, (const void *)(uintptr_t)(i - OTHERS)};
    return true;
}

const struct pb_suite suite_run = {"run", NULL, generate};
