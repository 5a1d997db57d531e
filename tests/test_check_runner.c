/* `bench check-runner`: runners that keep to the protocol pass, those that break it in one way are told the
 * line and what is wrong with it; and docs/runner-protocol.md says what the checker demands. */
#include "program.h"
#include "tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "parbench/workload.h"
#include "runner/protocol_check.h"
#include "runner/protocol_keys.h"

#define PAGE    PB_SOURCE_DIR "/docs/runner-protocol.md"
#define HONEST  PB_SOURCE_DIR "/tests/runners/honest.py"
#define TOY     PB_SOURCE_DIR "/tests/runners/toy.py"
#define EXAMPLE PB_SOURCE_DIR "/docs/examples/runner.py"

enum { WORDS = 12 };

static void check_runner(struct program *p, const char *const *word) {
    const char *all[WORDS + 2] = {"check-runner"};
    for (int i = 0; word[i]; i++) {
        CHECK(i < WORDS);
        all[i + 1] = word[i];
        if (strcmp(word[i], "python3") == 0 && system("python3 -c '' 2>/dev/null") != 0)
            pb_test_skip("there is no python3");
    }
    program_begin(p, &(struct program_start){.word = all});
    program_finish(p);
    program_check_nothing_left(false);
}

/* ---- Runners that pass ---- */

static const struct passing {
    const char *name, *word[WORDS];
} passing[] = {
    {"built-in", {"-e", EXECUTORS, "./bench", "--runner"}},
    {"built-in-waiting", {"-w", "sleep:ms=1", "-e", "serial,thread,gil,loop", "--", "./bench", "--runner"}},
    {"built-in-natural", {"-w", "primes", "-e", "serial,process", "./bench", "--runner"}},
    {"built-in-told", {"-w", PLUGINS "metered.so", "-e", "serial,process", "./bench", "--runner"}},
    {"built-in-progress", {"-w", "sleep:ms=70", "-e", "serial", "./bench", "--runner"}},
    {"honest", {"python3", HONEST}},
    {"example", {"python3", EXAMPLE}},
    {"toy", {"-w", "toy:size=3", "python3", TOY}},
    {"toy-waiting", {"-w", "nap:size=1", "python3", TOY}},
    {"python", {"python3", "python/parbench_runner"}},
};

/* "-e all" is the program's word for what is the checker's default. */
static void passes(const void *data) {
    const struct passing *row = data;
    struct program p;
    const char *const *word = row->word;
    if (strcmp(word[0], "-e") == 0 && strcmp(word[1], "all") == 0)
        word += 2;
    check_runner(&p, word);
    program_check_code(&p, PB_EXIT_OK);
    CHECK_HAS(pb_buffer_string(&p.said), "ok   run-again\n");
    CHECK_HAS(pb_buffer_string(&p.said), "ok   nothing-left\n");
    CHECK_HAS(pb_buffer_string(&p.said), " checks, 0 failed\n");
    CHECK_TEXT(pb_buffer_string(&p.complained), "");
    program_release(&p);
}

/* ---- Runners that do not ---- */

static const struct broken {
    const char *mode, *check; /* how honest.py breaks it; the first check that finds it */
    const char *line;         /* part of the line that is named; NULL: none is */
    const char *said, *section;
    const char *after; /* a check that is not made any more; NULL: all are */
} broken[] = {
    {"digest", "run-one", "\"digest\": \"c3666c9e8ec38fc\"",
     "key \"digest\": 15 digits, wanted 16 hexadecimal digits", "sample", NULL},
    {"capitals", "run-one", "0123456789ABCDEF", "key \"digest\": \"0123456789ABCDEF\", wanted 16 hexadecimal",
     "sample", NULL},
    {"wanders", "run-again", "\"round\": 3", "wanted 89a8455efe456efe, as in the first repetition",
     "The digest", NULL},
    {"races", "executor toy.thread", "\"round\": 5", "wanted 89a8455efe456efc, as in the first repetition",
     "The digest", NULL},
    {"statuses", "run-one", "\"status\": [0]",
     "key \"status\": the numbers add up to 0, wanted 1, one for each task", "sample", NULL},
    {"more-statuses", "run-one", "\"status\": [0, 0, 0, 1]", "4 numbers, but `ready` has 3 statuses",
     "sample", NULL},
    {"missing", "run-one", "\"type\": \"sample\"", "key \"makespan_ns\": it is missing", "sample", NULL},
    {"no-time", "run-one", "\"makespan_ns\": 0,", "key \"makespan_ns\": 0, wanted a whole number from 1",
     "sample", NULL},
    {"text", "run-one", "\"cpu_ns\": \"", ", wanted a whole number from 0", "sample", NULL},
    {"round", "run-one", "\"round\": 2", "key \"round\": 2, wanted 1 as asked for", "sample", NULL},
    {"counters", "run-one", "\"counters\": [1, 2, 3]", "3 numbers, but `ready` has 2 counters", "sample",
     NULL},
    {"latency", "run-one", "[[9, 1], [5, 1]]", "bucket 5 after 9, wanted them ascending", "sample", NULL},
    {"bucket", "run-one", "[[1000000, 1]]", "bucket 1000000, wanted one from 0 to 3775", "sample", NULL},
    {"failures", "run-one", "\"failures\": [{\"task\": 1", "task 1, but there were 1", "sample", NULL},
    {"workers", "run-one", "\"workers\": [{\"tasks\": 0", "their tasks add up to 0, wanted 1", "sample",
     NULL},
    {"unasked-times", "run-one", "\"task_ns\"", "key \"task_ns\": it was not asked for", "sample", NULL},
    {"names", "open", "\"good\"", "key \"statuses\": number 0 is \"good\", wanted \"ok\"", "ready", NULL},
    {"version", "open", "\"protocol\": 2", "key \"protocol\": 2, wanted 1", "ready", NULL},
    {"pids", "open", "\"pids\": [\"1\"]", "1 is no process that was started by the runner", "ready", NULL},
    {"itself", "open", "\"pids\": [", " is no process that was started by the runner", "ready", NULL},
    {"no-pids", "open", "\"pids\": [\"none\"]", "is \"none\", wanted a list of process numbers", "ready",
     NULL},
    {"item", "describe-items", "\"type\": \"error\"", "key \"type\": \"error\", wanted description", "Rules",
     "run"},
    {"bound", "describe-everything", "\"bound\": \"disk\"",
     "key \"workloads[0].bound\": \"disk\", wanted cpu or io", "description", NULL},
    {"code", "describe-unknown-workload", "\"code\": 2", "key \"code\": 2, wanted", "error", NULL},
    {"nothing", "describe-unknown-workload", "\"text\": \"\"", "wanted a text that is not empty", "error",
     NULL},
    {"prints", "run-one", "halfway there", "no JSON object: column ", "Rules", NULL},
    {"stammers", "run-one", "{\"type\": \"closed\"}", "key \"type\": \"closed\", wanted sample or error",
     "Rules", NULL},
    {"latin", "run-one", "\"where\":\"caf?\"", "unable to decode byte 0xe9", "Rules", NULL},
    {"chats", "describe-everything", "\"progress\"", "key \"type\": \"progress\", wanted description",
     "Rules", NULL},
    {"twice", "run-one", "{\"type\": \"closed\"}", "said unasked: each request has one answer", "Rules",
     NULL},
    {"dies", "run-one", "> {\"type\":\"run\"", "no answer to it: exited with code 3", "Rules", "run-again"},
    {"killed", "run-one", "> {\"type\":\"run\"", "no answer to it: killed by SIGKILL", "Rules", "close"},
    {"hangs", "run-one", "> {\"type\":\"run\"", "no answer to it: no answer within ", "Rules",
     "executor toy.thread"},
    {"deaf", "unknown-request", "> {\"type\":\"telex\"", "no answer to it: no answer within ", "Rules",
     "open"},
    {"survivor", "nothing-left", NULL, ") has survived its runner", "Rules", NULL},
    {"spins", "rests", "\"sample\"", ", has not rested", "Rules", NULL},
    {"ill", "close", "> {\"type\":\"close\"", "no answer to it: exited with code 3", "Rules", "ends"},
    {"lingers", "ends", "> {\"type\":\"close\"", "it has not ended within ", "close", NULL},
    {"fails", "ends", "{\"type\": \"closed\"}", "it ended with exit code 4, wanted 0", "close", NULL},
};

/* The line of that number in the transcript; "" if there is none. */
static void find_line(const char *said, unsigned number, char *out, size_t size) {
    char head[16];
    snprintf(head, sizeof head, "\n%4u ", number);
    const char *line = number == 1 ? said : strstr(said, head);
    snprintf(out, size, "%.*s", line ? (int)strcspn(line + 1, "\n") + 1 : 0, line ? line : "");
}

/* Nothing that waits for a time-out ends without it, and all else has time to spare. */
static const char *patience(const char *mode) {
    static const char *const hanging[] = {"hangs", "deaf", "lingers"};
    for (size_t i = 0; i < COUNT(hanging); i++)
        if (strcmp(mode, hanging[i]) == 0)
            return "--timeout=3s";
    return "--timeout=60s";
}

static void rejects(const void *data) {
    const struct broken *row = data;
    struct program p;
    char text[256], line[2048];
    check_runner(&p, (const char *[]){"-v", patience(row->mode), "python3", HONEST, row->mode, NULL});
    program_check_code(&p, PB_EXIT_FAILED_CELL);
    const char *said = pb_buffer_string(&p.said), *failed = strstr(said, "\nFAIL ");
    CHECK_MSG(failed, "nothing has failed: %s", said);
    snprintf(text, sizeof text, "\nFAIL %s\n", row->check);
    CHECK_MSG(starts(failed, text), "another check failed first: %.200s", failed);
    char *about = strndup(failed + strlen(text), 1000);
    CHECK(about);
    char *next = strstr(about, "\n  "), *end = next ? strstr(next, ".md, ") : NULL;
    CHECK_MSG(end, "%s", about);
    unsigned number = 0;
    CHECK((sscanf(about, " line %u:", &number) == 1) == (row->line != NULL));
    if (row->line) {
        find_line(said, number, line, sizeof line);
        CHECK_HAS(line, row->line);
    }
    CHECK_HAS(about, row->said);
    snprintf(text, sizeof text, "     see docs/runner-protocol.md, \"%s\"\n", row->section);
    CHECK_HAS(about, text);
    CHECK(!strstr(said, "checks, 0 failed"));
    const char *unchecked = strstr(said, "\nnot checked, since ");
    CHECK_MSG((unchecked != NULL) == (row->after != NULL), "%s", said);
    if (row->after)
        CHECK_HAS(unchecked, strrchr(row->after, ' ') ? strrchr(row->after, ' ') + 1 : row->after);
    free(about);
    program_release(&p);
}

/* ---- What is asked for on the command line ---- */

static const struct refused {
    const char *name, *word[WORDS];
    int code;
    const char *said; /* on either output */
} refused[] = {
    {"no-command", {NULL}, PB_EXIT_USAGE, "check-runner: no program is named"},
    {"two-workloads", {"-w", "spin,sleep", "./bench", "--runner"}, PB_EXIT_USAGE, "give one"},
    {"no-such-program", {"./no-such-program"}, PB_EXIT_CANNOT_RUN, "./no-such-program: No such file"},
    {"no-such-workload", {"-w", "spni", "./bench", "--runner"}, PB_EXIT_FAILED_CELL, "FAIL describe-items"},
    {"no-runner", {"false"}, PB_EXIT_FAILED_CELL, "exited with code 1 before it had answered"},
    {"other-option", {"--rounds=3", "./bench"}, PB_EXIT_USAGE, "unknown option"},
    {"help", {"--help"}, PB_EXIT_OK, "Exit code 5"},
};

static void refuses(const void *data) {
    const struct refused *row = data;
    struct program p;
    check_runner(&p, row->word);
    program_check_code(&p, row->code);
    pb_buffer_text(&p.said, pb_buffer_string(&p.complained));
    CHECK_HAS(pb_buffer_string(&p.said), row->said);
    program_release(&p);
}

/* ---- The strict reading by itself ---- */

static void reads_strictly(const void *data) {
    static const struct {
        const char *line, *said; /* NULL: it is right */
    } rows[] = {
        {"{\"type\":\"error\",\"code\":-22,\"text\":\"a: b: c\"}", NULL},
        {"{\"type\":\"error\",\"code\":-22,\"text\":\"a\",\"colour\":\"red\"}", NULL},
        {"{\"type\":\"error\",\"code\":-22,\"text\":\"a\",\"code\":-1}", "duplicate object key"},
        {"{\"type\":\"error\",\"code\":-22,\"text\":\"a\"} {}", "end of file expected"},
        {"{\"type\":\"error\",\"code\":-22.5,\"text\":\"a\"}", "key \"code\": -22.5, wanted a whole number"},
        {"{\"type\":\"error\",\"code\":-22,\"text\":[]}", "key \"text\": a list of 0, wanted a text"},
        {"{\"type\":\"error\",\"code\":-22,\"text\":\"\xff\"}", "unable to decode byte 0xff"},
        {"[]", "no JSON object"},
        {"", "no JSON object"},
        {"{}", "key \"type\": it is missing"},
        {"{\"type\":3}", "key \"type\": no text"},
        {"{\"type\":\"telex\"}", "there is no such message"},
        {"{\"type\":\"ready\"}", "key \"type\": \"ready\", wanted calibrated or error"},
        {"{\"type\":\"run\"}", "key \"type\": \"run\", wanted calibrated or error"},
        {"{\"type\":\"calibrated\",\"work_rate\":0}", "key \"work_rate\": 0, wanted a number from 1e-06"},
        {"{\"type\":\"calibrated\",\"work_rate\":500}", NULL},
    };
    const struct pb_wire asked = {.type = PB_WIRE_CALIBRATE};
    const struct pb_wire_setting setting = {.accepts = 1u << PB_WIRE_CALIBRATED | 1u << PB_WIRE_ERROR,
                                            .asked = &asked};
    (void)data;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pb_wire_fault fault;
        bool right = pb_wire_strict(rows[i].line, strlen(rows[i].line), &setting, &fault);
        CHECK_MSG(right == !rows[i].said, "%s: %s", rows[i].line, fault.text);
        if (rows[i].said)
            CHECK_HAS(fault.text, rows[i].said);
    }
}

/* ---- The page ---- */

/* The part of the page below that heading, up to the next; fails the case if there is none. */
static char *section_of(const char *page, const char *format, const char *name) {
    char heading[80];
    snprintf(heading, sizeof heading, format, name);
    const char *from = strstr(page, heading);
    CHECK_MSG(from, "docs/runner-protocol.md has no heading \"%s\"", heading + 1);
    from += strlen(heading) - 1;
    const char *end = strstr(from, "\n##");
    return strndup(from, end ? (size_t)(end + 1 - from) : strlen(from));
}

static void page_has_keys(const void *data) {
    char *page = slurp(PAGE);
    size_t shown = 0, keys = 0;
    (void)data;
    for (const struct pb_wire_key *key = pb_wire_keys; key->name; key++, keys++) {
        char *section = section_of(page, "\n### `%s`\n", key->in);
        struct pb_buffer row = {0};
        pb_buffer_printf(&row, "\n| `%s` | ", key->name);
        pb_wire_key_format(key, &row);
        pb_buffer_printf(&row, " | %s | ", key->required ? "yes" : "no");
        CHECK_HAS(section, pb_buffer_string(&row));
        for (const struct pb_wire_key *other = pb_wire_keys; other < key; other++)
            CHECK_MSG(strcmp(other->in, key->in) != 0 || strcmp(other->name, key->name) != 0,
                      "\"%s\" of \"%s\" has two rows", key->name, key->in);
        pb_buffer_release(&row);
        free(section);
    }
    /* And none besides. */
    for (const char *at = page; (at = strstr(at, "\n| `")); at++)
        shown++;
    CHECK_INT(shown, keys);
    free(page);
}

static void page_has_sections(const void *data) {
    static const char *const others[] = {"Rules", "The digest"};
    char *page = slurp(PAGE);
    (void)data;
    for (int type = 0; type < PB_WIRE_TYPES; type++)
        free(section_of(page, "\n### `%s`\n", pb_wire_name((enum pb_wire_type)type)));
    for (size_t i = 0; i < COUNT(others); i++)
        free(section_of(page, "\n## %s\n", others[i]));
    free(page);
}

/* Computed in Python from the formula that the page shows. */
static void page_has_digests(const void *data) {
    static const struct {
        uint64_t i, value, mixed;
    } rows[] = {{0, 0, 0xe220a8397b1dcdaf}, {1, 2, 0xbfc846100bfc1e42}, {7, UINT64_MAX, 0x405da438a39e8064}};
    char *page = slurp(PAGE), text[64];
    uint64_t sum = 0;
    (void)data;
    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(pb_mix(rows[i].i, rows[i].value) == rows[i].mixed);
        snprintf(text, sizeof text, "| `%016" PRIx64 "` |\n", rows[i].mixed);
        CHECK_HAS(page, text);
        sum += pb_mix(i, i + 1);
    }
    CHECK(sum == 0xedbe5ca3654f5804);
    CHECK_HAS(page, "`edbe5ca3654f5804`");
    free(page);
}

static void page_has_example(const void *data) {
    char *page = slurp(PAGE), *program = slurp(EXAMPLE);
    struct pb_buffer block = {0};
    (void)data;
    pb_buffer_printf(&block, "\n```python\n%s```\n", program);
    CHECK_HAS(page, pb_buffer_string(&block));
    pb_buffer_release(&block);
    free(program);
    free(page);
}

/* ---- The suite ---- */

static const struct pb_case fixed[] = {
    {"reads-strictly", reads_strictly, NULL},       {"page-has-keys", page_has_keys, NULL},
    {"page-has-sections", page_has_sections, NULL}, {"page-has-digests", page_has_digests, NULL},
    {"page-has-example", page_has_example, NULL},
};

static bool case_at(size_t i, struct pb_case *out) {
    static char name[64];
    if (i < COUNT(fixed)) {
        *out = fixed[i];
    } else if ((i -= COUNT(fixed)) < COUNT(passing)) {
        snprintf(name, sizeof name, "passes-%s", passing[i].name);
        *out = (struct pb_case){name, passes, &passing[i]};
    } else if ((i -= COUNT(passing)) < COUNT(broken)) {
        snprintf(name, sizeof name, "rejects-%s", broken[i].mode);
        *out = (struct pb_case){name, rejects, &broken[i]};
    } else if ((i -= COUNT(broken)) < COUNT(refused)) {
        snprintf(name, sizeof name, "command-%s", refused[i].name);
        *out = (struct pb_case){name, refuses, &refused[i]};
    } else {
        return false;
    }
    return true;
}

const struct pb_suite suite_check_runner = {.name = "check-runner", .generate = case_at};
