/* Runners that are other programs: tests/runners/toy.py, which behaves, or misbehaves in a way of its own,
 * and the interpreters that `python:...` names. */
#include "program.h"

#include <errno.h>
#include <stdlib.h>

#include "base/name.h"
#include "cli/words.h"
#include "driver/driver.h"
#include "results/json.h"
#include "runner/protocol.h"
#include "sample_run.h"

#define PYTHON "/usr/bin/python3"

/* The line's words are parted by '|'; a word TOY stands for the toy's command, in a mode. */
static void run(struct program *p, const char *mode, const char *line) {
    const char *word[PROGRAM_WORDS + 1] = {NULL};
    char copy[1024], toy[1024], *rest = NULL;
    int words = 0;
    snprintf(toy, sizeof toy, PYTHON " '%s/tests/runners/toy.py' %s", PB_SOURCE_DIR, mode);
    CHECK(snprintf(copy, sizeof copy, "%s", line) < (int)sizeof copy);
    for (char *w = strtok_r(copy, "|", &rest); w; w = strtok_r(NULL, "|", &rest))
        word[words++] = strcmp(w, "TOY") == 0 ? toy : w;
    program_begin(p, &(struct program_start){.word = word});
    program_finish(p);
}

/* ---- One that behaves ---- */

static const struct pb_cell *row(const struct pb_run *run_, const char *workload, const char *executor) {
    for (uint32_t i = 0; i < run_->cells; i++) {
        const struct pb_cell *c = &run_->cell[i];
        if (strcmp(c->workload, workload) == 0 && strcmp(c->executor, executor) == 0)
            return c;
    }
    pb_test_failed(__FILE__, __LINE__, "there is no row of %s, %s", workload, executor);
}

static bool has_note(const struct pb_cell *c, const char *part) {
    for (uint32_t i = 0; i < c->notes; i++)
        if (strstr(c->note[i], part))
            return true;
    return false;
}

/* All that a runner tells flows into the record as it does from our own. */
static void whole(const void *data) {
    struct program p;
    struct pb_run got;
    (void)data;
    run(&p, "",
        "-q|--format|json|--runner|TOY|-w|toy:size=3,nap|-w|sleep:ms=1|-e|toy.thread,thread|-n|2|-b|none|"
        "--rounds|2|--tasks|20|--via|submit");
    program_check_code(&p, 0);
    CHECK_TEXT(pb_buffer_string(&p.complained), "");
    program_check_nothing_left(false);
    program_decode(&got, "standard output", &p.said);
    const struct pb_cell *serial = row(&got, "toy:size=3", "toy.serial"),
                         *thread = row(&got, "toy:size=3", "toy.thread"),
                         *nap = row(&got, "nap", "toy.thread"), *ours = row(&got, "sleep:ms=1", "thread");
    CHECK_HAS(thread->runner, "toy.py");
    CHECK_INT(thread->base, serial->id);
    CHECK_INT(thread->samples, 2);
    CHECK_INT(thread->sample[1].round, 1);
    CHECK(thread->sample[0].digest == serial->sample[0].digest && thread->sample[0].digest != 0);
    CHECK_TEXT(thread->counter_name[0], "additions");
    CHECK_INT(thread->sample[0].counter[0], 60);
    CHECK_TEXT(thread->counter_name[PB_COUNTERS_MAX], "handed out");
    CHECK_INT(thread->sample[0].counter[PB_COUNTERS_MAX], 20);
    CHECK(has_note(thread, "via submit"));
    CHECK_INT(serial->task_times, 20);
    CHECK_TEXT(got.cell[thread->reference].executor, "thread");
    CHECK(!got.cell[thread->reference].runner);
    CHECK_TEXT(nap->status_name[2], "not_found");
    CHECK_INT(nap->sample[0].status[2], 1);
    CHECK_INT(nap->failures, 1);
    CHECK_TEXT(nap->failure[0].reason, "no such nap");
    CHECK(!ours->runner);
    for (uint32_t i = 0; i < got.cells; i++) /* each workload under executors of its own program only */
        CHECK_INT(strncmp(got.cell[i].executor, "toy.", 4) == 0, got.cell[i].runner != NULL);
    pb_run_release(&got);
    program_release(&p);
}

/* A natural count, and one that is calibrated: the driver asks as it asks ours. */
static void counted(const void *data) {
    struct program p;
    struct pb_run got;
    (void)data;
    run(&p, "untimed", "-q|--format|json|--runner|TOY|-w|nap,toy:size=20000|-e|all|-n|2|-b|none|--rounds|1");
    program_check_code(&p, 0);
    program_decode(&got, "standard output", &p.said);
    CHECK_INT(row(&got, "nap", "toy.thread")->tasks, 8);
    const struct pb_cell *serial = row(&got, "toy:size=20000", "toy.serial");
    CHECK(serial->tasks > 8);
    CHECK_INT(serial->task_times, 0); /* it refuses to clock them, which is no failure */
    CHECK_INT(serial->state, PB_CELL_DONE);
    pb_run_release(&got);
    program_release(&p);
}

static void refused(const void *data) {
    struct program p;
    struct pb_run got;
    (void)data;
    run(&p, "refuse", "-q|--format|json|--runner|TOY|-w|toy|-e|all|-n|2|-b|none|--rounds|1|--tasks|4");
    program_check_code(&p, 0);
    program_decode(&got, "standard output", &p.said);
    const struct pb_cell *c = row(&got, "toy", "toy.thread");
    CHECK_INT(c->state, PB_CELL_REFUSED);
    CHECK_TEXT(c->error, "toy: it wants one worker");
    CHECK_INT(row(&got, "toy", "toy.serial")->state, PB_CELL_DONE);
    pb_run_release(&got);
    program_release(&p);
}

static void listed(const void *data) {
    struct program p;
    (void)data;
    run(&p, "", "list|--runner|TOY");
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.said), " of --runner='" PYTHON);
    CHECK_HAS(pb_buffer_string(&p.said), "  toy          the toy's toy\n      size=1000          how much");
    CHECK_HAS(pb_buffer_string(&p.said), "  toy.thread   a pool of threads\n");
    CHECK_HAS(pb_buffer_string(&p.said), "Other things that -w takes\n  python ");
    CHECK_HAS(pb_buffer_string(&p.said), "      exe=python3 ");
    CHECK_HAS(pb_buffer_string(&p.said), "  ./mine.c ");
    program_release(&p);
}

static void shown(const void *data) {
    struct program p;
    (void)data;
    run(&p, "",
        "-v|--wide|--runner|TOY|-w|toy,sleep:ms=1|-e|thread,toy.serial,toy.thread|-n|2|-b|none|--rounds|1|--"
        "tasks|4");
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.complained), "bench: runner " PYTHON " '" PB_SOURCE_DIR);
    const char *heading = strstr(pb_buffer_string(&p.said), "  runner\n");
    CHECK(heading && !strstr(heading + 1, "  runner\n")); /* the other table needs none */
    program_release(&p);
}

/* ---- Ones that do not, and what is asked wrongly ---- */

#define MEASURE "-q|--runner|TOY|-w|toy|-e|toy.serial|--base|none|-b|none|--rounds|1|--tasks|4"
#define PLAN    "--dry-run|--runner|TOY|"

static const struct fault {
    const char *name, *mode, *line;
    int code;
    const char *expected; /* of what it complains */
} faults[] = {
    {"describe-dies", "describe-dies", MEASURE, 6, "exited with code 3 before it had answered"},
    {"describe-killed", "describe-killed", MEASURE, 6, "toy.py' describe-killed: killed by SIGKILL"},
    {"describe-hangs", "describe-hangs", MEASURE "|--timeout|100ms", 6, "no answer within 0.1 s"},
    {"describe-unended", "describe-unended", MEASURE, 6, "exited with code 0 before it had answered"},
    {"describe-garbage", "describe-garbage", MEASURE, 6,
     "runner protocol: column 4: '[' or '{' expected near 'here'"},
    {"describe-nameless", "describe-nameless", MEASURE, 6, "runner protocol: a message without a type"},
    {"describe-extra", "describe-extra", MEASURE, 6, "describe was not answered with a description"},
    {"open-dies", "open-dies", MEASURE, 5, "toy toy.serial: exited with code 3 before it had answered"},
    {"open-unended", "open-unended", MEASURE, 5, "toy toy.serial: exited with code 0"},
    {"open-garbage", "open-garbage", MEASURE, 5,
     "toy toy.serial: runner protocol: column 4: '[' or '{' expected near 'here'"},
    {"open-nameless", "open-nameless", MEASURE, 5, "a message without a type"},
    {"open-extra", "open-extra", MEASURE, 5, "runner protocol: an unexpected answer"},
    {"version", "version", MEASURE, 5, "the runner speaks version 2, this driver 1"},
    {"run-dies", "run-dies", MEASURE, 5, "toy toy.serial: exited with code 3"},
    {"run-killed", "run-killed", MEASURE, 5, "toy toy.serial: killed by SIGKILL"},
    {"run-hangs", "run-hangs", MEASURE "|--timeout|5s", 5, "toy toy.serial: no answer within 5 s"},
    {"run-garbage", "run-garbage", MEASURE, 5, "runner protocol: column 4: '[' or '{' expected near 'here'"},
    {"run-extra", "run-extra", MEASURE, 5, "runner protocol: an unexpected answer"},
    {"namesake", "namesake", MEASURE, 2, "executor serial: bench itself has one of that name too"},
    {"twice", "", PLAN "--runner|TOY|-w|toy", 0, ""},
    {"two", "", PLAN "--runner|" PYTHON " '" PB_SOURCE_DIR "/tests/runners/toy.py' other|-w|toy", 2,
     "workload toy: runner " PYTHON},
    {"missing", "", "--runner|./no-such --x|--dry-run", 2, "runner ./no-such --x: ./no-such: No such file"},
    {"quote", "", "--runner|a 'b|--dry-run", 2, "--runner=a 'b: a quote ' is not closed"},
    {"comment", "", "--runner|# a|--dry-run", 2, "--runner=# a: it holds no word"},
    {"blank", "", "--runner| |--dry-run", 2, "it is empty: give CMD"},
    {"parameter", "", PLAN "-w|toy:sise=3", 2, "workload toy: sise=3: unknown: there is size=N"},
    {"workload", "", PLAN "-w|yot", 2, "workload yot: unknown: did you mean toy? there are sha, "},
    {"executor", "", PLAN "-w|toy|-e|thread", 2, "executor thread: unknown: "},
    {"executor-list", "", PLAN "-w|toy|-e|xyzzy", 2, "there are toy.serial, toy.thread\n"},
    {"executor-parameter", "", PLAN "-w|toy|-e|toy.thread:x=1", 2, "executor toy.thread:x=1: there are"},
    {"executor-other", "", PLAN "-w|arcfour|-e|toy.thread", 2,
     "executor toy.thread: unknown: did you mean thread? there are serial, "},
    {"left", "", PLAN "-w|toy,spin|-e|thread", 2,
     "workload toy: it runs under toy.serial, toy.thread: name one by -e"},
    {"left-other", "", PLAN "-w|toy,spin|-e|toy.thread", 2, "workload spin: it runs under serial, thread, "},
    {"python-missing", "", "-w|python:func=arcfour,exe=no-such3|--dry-run", 2,
     "python: exe=no-such3: not found: install it, or give exe="},
    {"python-dies", "", "-w|python:func=arcfour,exe=/bin/false|--dry-run", 6,
     "runner /bin/false: exited with code 1 before it had answered: it must be CPython 3.8 or newer"},
    {"python-empty", "", "-w|python:exe=,func=arcfour|--dry-run", 2, "python: exe=: it is empty"},
    {"python-gil", "", "-w|python:gil=2,func=arcfour|--dry-run", 2, "python: gil=2: give 0 or 1"},
    /* A program that says what it was given: no protocol, but it shows that the variable is there. */
    {"python-gil-0", "", "-w|python:gil=0,exe=/usr/bin/printenv PYTHON_GIL|--dry-run", 6, "near '0'"},
    {"python-gil-1", "", "-w|python:gil=1,exe=/usr/bin/printenv PYTHON_GIL|--dry-run", 6, "near '1'"},
};

static void fault(const void *data) {
    const struct fault *f = data;
    struct program p;
    run(&p, f->mode, f->line);
    CHECK_HAS(pb_buffer_string(&p.complained), f->expected);
    program_check_code(&p, f->code);
    program_check_nothing_left(false);
    program_release(&p);
}

/* ---- Without a process ---- */

static void serial_names(const void *data) {
    static const struct {
        const char *name;
        bool is;
    } rows[] = {
        {"serial", true},     {"serial:x=1", true}, {"py.serial", true}, {"a.b.serial:y=serial", true},
        {"aserial", false},   {"serially", false},  {"thread", false},   {"thread:of=serial", false},
        {"serial.py", false}, {"", false},          {NULL, false}};
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_MSG(pb_is_serial(rows[i].name) == rows[i].is, "%s", rows[i].name);
}

static void words(const void *data) {
    static const struct {
        const char *text, *expected; /* each word in brackets */
    } rows[] = {{"a b", "[a][b]"},
                {"  python3 'my runner.py'  ", "[python3][my runner.py]"},
                {"a\\ b \"c'd\" ''", "[a b][c'd][]"},
                {"@file --x=@y", "[@file][--x=@y]"},
                {"", ""}};
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_strings list = {0};
        struct pb_buffer got = {0};
        CHECK_INT(pb_words_split(&list, "label", rows[i].text, NULL), 0);
        for (uint32_t k = 0; k < list.count; k++)
            pb_buffer_printf(&got, "[%s]", list.text[k]);
        CHECK_TEXT(pb_buffer_string(&got), rows[i].expected);
        pb_buffer_release(&got);
        pb_strings_release(&list);
    }
}

#define DESCRIBED(text, of)                                                                                  \
    .item = (char *)text, .name = (char *)text, .summary = (char *)"", .canonical = (char *)text,            \
    .full = (char *)text, .program = of,                                                                     \
    .runner = (char *)(of == 1   ? "python3"                                                                 \
                       : of == 2 ? "python3.14t"                                                             \
                                 : NULL)

/* Two interpreters have executors of the same names; each workload has those of its own, and one of them is
   absent in one of the two. */
static struct pb_described workloads[] = {
    {DESCRIBED("spin", 0), .bound = PB_CPU},
    {DESCRIBED("python:func=a", 1), .bound = PB_CPU, .opens = (char *)"python:func=a"},
    {DESCRIBED("python:func=a,exe=python3.14t", 2), .bound = PB_CPU, .opens = (char *)"python:func=a"},
};
static struct pb_described executors[] = {
    {DESCRIBED("serial", 0)},
    {DESCRIBED("thread", 0)},
    {DESCRIBED("py.serial", 1)},
    {DESCRIBED("py.asyncio", 1), .threads = 1},
    {DESCRIBED("py.interpreter", 1), .absent = (char *)"CPython 3.14 has it"},
    {DESCRIBED("py.serial", 2)},
    {DESCRIBED("py.asyncio", 2), .threads = 1},
    {DESCRIBED("py.interpreter", 2)},
};

static int plan(struct pb_run *to, const char **workload, const char **executor, const char *base,
                struct pb_error *error) {
    const struct pb_descriptions d = {workloads, executors, sizeof workloads / sizeof *workloads,
                                      sizeof executors / sizeof *executors};
    const char *width[] = {"2"}, *binding[] = {"core"};
    struct pb_request request = {.workload = workload,
                                 .executor = executor,
                                 .width = width,
                                 .widths = 1,
                                 .binding = binding,
                                 .bindings = 1,
                                 .base = base,
                                 .max_in_flight = 1000};
    while (workload[request.workloads])
        request.workloads++;
    while (executor[request.executors])
        request.executors++;
    pb_run_init(to);
    CHECK_INT(pb_machine_init_synthetic(&to->machine, "core:2 pu:1", error), 0);
    pb_limits_read(&to->limits, &to->machine);
    return pb_plan(to, &request, &d, error);
}

static void two_programs(const void *data) {
    struct pb_run got;
    struct pb_error error = {0};
    struct pb_buffer text = {0};
    (void)data;
    const char *both[] = {"python:func=a", "python:func=a,exe=python3.14t", NULL};
    const char *executor[] = {"py.asyncio", "py.interpreter", NULL};
    CHECK_INT(plan(&got, both, executor, NULL, &error), 0);
    for (uint32_t i = 0; i < got.cells; i++)
        pb_buffer_printf(&text, "%s %s %u [%s] %s %u %s\n", got.cell[i].workload, got.cell[i].executor,
                         got.cell[i].workers, got.cell[i].planned,
                         got.cell[i].runner ? got.cell[i].runner : "-", got.cell[i].program,
                         got.cell[i].opens ? got.cell[i].opens : "-");
    CHECK_TEXT(pb_buffer_string(&text),
               "python:func=a py.serial 1 [0] python3 1 python:func=a\n"
               "python:func=a py.asyncio 2 [0] python3 1 python:func=a\n"
               "python:func=a,exe=python3.14t py.serial 1 [0] python3.14t 2 python:func=a\n"
               "python:func=a,exe=python3.14t py.asyncio 2 [0] python3.14t 2 python:func=a\n"
               "python:func=a,exe=python3.14t py.interpreter 2 [0 1] python3.14t 2 python:func=a\n"
               "spin:work=100us thread 2 [0 1] - 0 -\n"
               "spin:work=100us serial 1 [0] - 0 -\n");
    pb_buffer_release(&text);
    pb_run_release(&got);
    const char *one[] = {"python:func=a", NULL}, *absent[] = {"py.interpreter", NULL};
    CHECK_INT(plan(&got, one, absent, NULL, &error), -EINVAL);
    CHECK_HAS(error.text, "executor py.interpreter: it is absent here: CPython 3.14 has it");
    pb_run_release(&got);
}

/* A program without a serial executor has no base but one of its own widths. */
static void no_serial(const void *data) {
    struct pb_run got;
    struct pb_error error = {0};
    const char *workload[] = {"python:func=a", NULL}, *executor[] = {"py.asyncio", NULL};
    (void)data;
    executors[2].name = executors[2].item = (char *)"py.other";
    int rc = plan(&got, workload, executor, "serial", &error);
    pb_run_release(&got);
    int one = plan(&got, workload, executor, "n=1", NULL);
    pb_run_release(&got);
    executors[2].name = executors[2].item = (char *)"py.serial";
    CHECK_INT(rc, -EINVAL);
    CHECK_HAS(error.text,
              "workload python:func=a: its runner python3 has no serial executor: give --base=n=1");
    CHECK_INT(one, 0);
}

/* What only runners in other languages say. */
static void spoken(const void *data) {
    static const char ready[] = "{\"type\":\"ready\",\"protocol\":1,\"pids\":[12,\"13\",1.5,null]}",
                      described[] =
                          "{\"type\":\"description\",\"executors\":[{\"name\":\"x\",\"threads\":1}]}";
    struct pb_wire wire;
    (void)data;
    CHECK_INT(pb_wire_decode(&wire, ready, sizeof ready - 1, NULL), 0);
    CHECK_INT(wire.ready.pids.count, 2);
    CHECK_TEXT(wire.ready.pids.item[0], "12");
    CHECK_TEXT(wire.ready.pids.item[1], "13");
    pb_wire_release(&wire);
    CHECK_INT(pb_wire_decode(&wire, described, sizeof described - 1, NULL), 0);
    CHECK_INT(wire.description.executor[0].threads, 1);
    struct pb_buffer again = {0};
    CHECK_INT(pb_wire_encode(&wire, &again), 0);
    CHECK_HAS(pb_buffer_string(&again), "\"threads\":1");
    pb_buffer_release(&again);
    pb_wire_release(&wire);
}

/* The record keeps who ran a row; one from before that was known reads as it did. */
static void recorded(const void *data) {
    static const char key[] = "\"runner\": \"python3\", ";
    struct pb_run made, got;
    struct pb_buffer text = {0};
    struct pb_error error = {0};
    (void)data;
    sample_run_init(&made);
    CHECK_INT(pb_set_text(&made.cell[1].runner, "python3"), 0);
    CHECK_INT(pb_run_encode(&made, &text), 0);
    CHECK_INT(pb_run_decode(&got, "made", text.data, text.size, &error), 0);
    CHECK_TEXT(got.cell[1].runner, "python3");
    CHECK(!got.cell[0].runner);
    pb_run_release(&got);
    for (char *at; (at = strstr(text.data, "\"runner\": ")) != NULL;) {
        char *end = strchr(at, '\n');
        memset(at, ' ', (size_t)(end - at));
    }
    CHECK(!strstr(text.data, key));
    CHECK_MSG(pb_run_decode(&got, "older", text.data, text.size, &error) == 0, "%s", error.text);
    CHECK(!got.cell[1].runner);
    CHECK_TEXT(got.cell[1].executor, made.cell[1].executor);
    pb_run_release(&got);
    pb_run_release(&made);
    pb_buffer_release(&text);
}

static const struct pb_case plain[] = {
    {"whole", whole, NULL},
    {"counted", counted, NULL},
    {"refused", refused, NULL},
    {"listed", listed, NULL},
    {"serial-names", serial_names, NULL},
    {"words", words, NULL},
    {"spoken", spoken, NULL},
    {"two-programs", two_programs, NULL},
    {"no-serial", no_serial, NULL},
    {"recorded", recorded, NULL},
    {"shown", shown, NULL},
};
enum { PLAIN = sizeof plain / sizeof *plain, FAULTS = sizeof faults / sizeof *faults };

static bool generate(size_t i, struct pb_case *out) {
    if (i < PLAIN)
        *out = plain[i];
    else if (i < PLAIN + FAULTS)
        *out = (struct pb_case){faults[i - PLAIN].name, fault, &faults[i - PLAIN]};
    return i < PLAIN + FAULTS;
}

const struct pb_suite suite_runners = {"runners", NULL, generate};
