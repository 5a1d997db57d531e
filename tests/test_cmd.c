/* The workload cmd: what a program is given, what its end means, and what is made of what it prints; under
 * every executor. That nothing of it is left is the suite cmd_left's. */
#include "metered.h"
#include "program.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "bench/split.h"

/* ---- Words ---- */

enum { WORDS = 5 };

static void splits(const void *data) {
    static const struct {
        const char *text, *word[WORDS];
    } rows[] = {
        {"", {NULL}},
        {" \t\n ", {NULL}},
        {"gzip -9 -c a,b", {"gzip", "-9", "-c", "a,b"}},
        {"  a  b ", {"a", "b"}},
        {"'a b' \"c d\"", {"a b", "c d"}},
        {"a'b c'd\"e f\"", {"ab cde f"}},
        {"'' \"\"", {"", ""}},
        {"a\\ b \\'c \\\\", {"a b", "'c", "\\"}},
        {"'a\\b' \"a\\b\" \"a\\\"b\" \"\\$x\"", {"a\\b", "a\\b", "a\"b", "$x"}},
        {"'\"' \"'\" *?$HOME#", {"\"", "'", "*?$HOME#"}},
    };
    static const struct {
        const char *text;
        size_t where;
    } open[] = {{"a 'b", 2}, {"a b\"c 'd'", 3}, {"a\\", 1}, {"\"a\\\"", 0}};
    struct pb_split_words words;
    size_t where;
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t k = 0;
        CHECK_INT(pb_split(&words, rows[i].text, &where), 0);
        for (; k < WORDS && rows[i].word[k]; k++)
            CHECK_TEXT(words.word[k], rows[i].word[k]);
        CHECK_INT(words.count, k);
        CHECK(!words.word[k]);
        pb_split_release(&words);
    }
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        CHECK_INT(pb_split(&words, open[i].text, &where), -EINVAL);
        CHECK_INT(where, open[i].where);
    }
}

static void assignments(const void *data) {
    static const struct {
        const char *word;
        size_t size;
    } rows[] = {{"A=1", 1}, {"_a9=", 3}, {"9A=1", 0}, {"A", 0}, {"=1", 0}, {"a-b=1", 0}, {"./a=b", 0}};
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_INT(pb_split_assigned(rows[i].word), rows[i].size);
}

/* ---- One task on a stage ---- */

static uint64_t answer(const char *params, uint64_t i) {
    struct stage stage;
    struct pb_meter meter[STAGE_LANES];
    open_metered(&stage, "cmd", params, meter);
    uint64_t digest = stage_run(&stage, 0, i);
    stage_end(&stage);
    stage_close(&stage);
    return digest;
}

/* What is printed decides, not in which pieces it comes; without check it does not. */
static void digests(const void *data) {
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"check=1,printf abcdef", "check=1,shell=1,printf abc; printf def", true},
        {"check=1,printf abcdefgh12345678", "check=1,printf 12345678abcdefgh", false},
        {"check=1,printf a", "check=1,printf 'a\\0'", false},
        {"check=1,true", "check=1,printf a", false},
        {"check=1,seq 1 30000", "check=1,shell=1,seq 1 20000; seq 20001 30000", true},
        {"check=1,seq 1 30000", "check=1,shell=1,seq 1 20000; seq 20002 30001", false},
        {"check=1,shell=1,echo same; seq 1 9999 >&2", "check=1,echo same", true},
        {"printf a", "printf b", true},
    };
    (void)data;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        CHECK_MSG((answer(rows[k].a, 3) == answer(rows[k].b, 3)) == rows[k].same, "%s and %s", rows[k].a,
                  rows[k].b);
    CHECK(answer("true", 3) != answer("true", 4));
}

/* A program that is ended when it has used a second of processor time; its parent waits for it, so the second
 * is charged, and nothing is charged to who ran nothing. */
static void charges(const void *data) {
    struct stage stage;
    struct pb_meter meter[STAGE_LANES];
    (void)data;
    open_metered(&stage, "cmd", "shell=1,(ulimit -St 1; while :; do :; done); true", meter);
    stage_run(&stage, 0, 0);
    CHECK_INT(meter[0].charged.children, 1);
    CHECK_MSG(meter[0].charged.cpu_ns >= 900000000, "only %g s", (double)meter[0].charged.cpu_ns / 1e9);
    CHECK(meter[0].charged.minor_faults > 0 && meter[0].charged.peak_bytes > 100000);
    CHECK_INT(meter[1].charged.children, 0);
    stage_end(&stage);
    stage_close(&stage);
}

/* ---- Under every executor ---- */

/* The rows of `item`, four tasks each, in a record. */
static void run_item(struct program *p, struct pb_run *run, const char *item, const char *const *environment,
                     int code) {
    const char *const word[] = {"-q", "--format", "json", "-w",       item, "-e",      EXECUTORS, "-n",
                                "2",  "-b",       "none", "--rounds", "2",  "--tasks", "4",       NULL};
    program_begin(p, &(struct program_start){.word = word, .environment = environment});
    program_finish(p);
    program_check_code(p, code);
    program_check_nothing_left(false);
    program_decode(run, item, &p->said);
}

static void release(struct program *p, struct pb_run *run) {
    pb_run_release(run);
    program_release(p);
}

/* Rows that are the workload's. */
static const struct pb_cell *next_row(const struct pb_run *run, uint32_t *i) {
    while (*i < run->cells) {
        const struct pb_cell *c = &run->cell[(*i)++];
        if (c->role != PB_ROLE_REFERENCE)
            return c;
    }
    return NULL;
}

static void check_rows(const struct pb_run *run, enum pb_cell_state state, const char *said) {
    uint32_t i = 0, rows = 0;
    for (const struct pb_cell *c; (c = next_row(run, &i)); rows++) {
        CHECK_MSG(c->state == state, "%s: state %d: %s", c->executor, c->state, c->error ? c->error : "");
        if (said)
            CHECK_HAS(c->error, said);
        else
            CHECK_INT(c->samples, 2);
    }
    CHECK(rows >= 5);
}

struct end {
    const char *name, *item;
    const char *said; /* of every row; NULL: it succeeds */
};

static const struct end ends[] = {
    {"default", "cmd", NULL},
    {"exit", "cmd:sh -c 'echo first >&2; echo why >&2; exit 7'", "task 0: sh: exit code 7: why"},
    {"signal", "cmd:sh -c 'kill -SEGV $$'", "task 0: sh: killed by SIGSEGV"},
    {"pipe-signal", "cmd:sh -c 'kill -PIPE $$'", "task 0: sh: killed by SIGPIPE"},
    {"missing", "cmd:nosuchprogram -x", "nosuchprogram: No such file or directory: it is not in PATH"},
    {"missing-path", "cmd:./no/such", "./no/such: No such file or directory: name an executable file"},
    {"folder", "cmd:/tmp", "/tmp: Is a directory"},
    {"not-executable", "cmd:/etc/passwd", "/etc/passwd: Permission denied"},
    {"quote", "cmd:printf 'a", "character 8 of the command, 'a: it has no end"},
    {"no-program", "cmd:A=1", "the command is empty: write a program behind the environment"},
    {"other-path", "cmd:PATH=/nowhere true", "true: No such file or directory"},
    {"timeout", "cmd:timeout=100ms,sleep 1000", "task 0: timeout: sleep: killed after 0.1 s"},
    {"index", "cmd:sh -c 'test {i} != 3'", "task 3: sh: exit code 1"},
    {"index-name", "cmd:/bin/tru{i}", "task 0: tru{i}: it cannot be started: No such file or directory"},
    {"environment", "cmd:A=x{i} B='1 2' sh -c 'test \"$A$B\" = \"x{i}1 2\"'", NULL},
    {"shell", "cmd:shell=1,test {n} -ge 1 && A=1 && test $A = 1", NULL},
    {"empty-input", "cmd:sh -c '! read line'", NULL},
    {"no-descriptors", "cmd:shell=1,test \"$(ls /proc/self/fd | tr -d '\\n')\" = 0123", NULL},
    {"no-mask", "cmd:grep -q '^SigBlk:.0000000000000000$' /proc/self/status", NULL},
    {"nothing-ignored", "cmd:grep -q '^SigIgn:.0000000000000000$' /proc/self/status", NULL},
    {"own-group", "cmd:shell=1,test $(ps -o pgid= -p $$) = $$", NULL},
    {"large-error", "cmd:shell=1,seq 1 50000 >&2; echo last >&2; exit 1", "exit code 1: last"},
    {"printable-error", "cmd:shell=1,printf 'a\\033[1mb\\tc\\n\\n' >&2; exit 1", "exit code 1: a [1mb c"},
    {"large-output", "cmd:check=1,seq 1 50000", NULL},
    {"output-thrown-away", "cmd:seq 1 50000", NULL},
};

static void ends_so(const void *data) {
    const struct end *e = data;
    struct program p;
    struct pb_run run;
    run_item(&p, &run, e->item, NULL, e->said ? 5 : 0);
    check_rows(&run, e->said ? PB_CELL_FAILED : PB_CELL_DONE, e->said);
    release(&p, &run);
}

/* {n} is the row's -n, for an event loop too. */
static void tells_workers(const void *data) {
    struct program p;
    struct pb_run run;
    uint32_t i = 0;
    (void)data;
    run_item(&p, &run, "cmd:N={n} sh -c 'echo n=$N {n} >&2; exit 1'", NULL, 5);
    for (const struct pb_cell *c; (c = next_row(&run, &i));) {
        char expected[64];
        snprintf(expected, sizeof expected, "exit code 1: n=%u %u", c->workers, c->workers);
        CHECK_HAS(c->error, expected);
    }
    release(&p, &run);
}

/* What would bind a runner's own threads is kept from it, and not from the program. */
static void user_environment(const void *data) {
    static const char *const environment[] = {"OMP_PROC_BIND=true", "OMP_NUM_THREADS=3", NULL};
    struct program p;
    struct pb_run run;
    (void)data;
    run_item(&p, &run,
             "cmd:shell=1,test $OMP_PROC_BIND$OMP_NUM_THREADS = true3 && ! env | grep PARBENCH_ASIDE",
             environment, 0);
    check_rows(&run, PB_CELL_DONE, NULL);
    release(&p, &run);
}

/* With check, a row that prints something else than serial is wrong. */
static void wrong_output(const void *data) {
    struct program p;
    struct pb_run run;
    uint32_t i = 0;
    (void)data;
    run_item(&p, &run, "cmd:check=1,echo {n}", NULL, 4);
    for (const struct pb_cell *c; (c = next_row(&run, &i));)
        CHECK_MSG(c->state == (c->workers == 1 ? PB_CELL_DONE : PB_CELL_WRONG), "%s: state %d", c->executor,
                  c->state);
    release(&p, &run);
}

/* No shell goes through its loop so fast, and no runner spends so much on starting it. */
static void charged_everywhere(const void *data) {
    enum { FLOOR_NS = 2000000 };
    struct program p;
    struct pb_run run;
    uint32_t i = 0;
    (void)data;
    run_item(&p, &run, "cmd:shell=1,i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done", NULL, 0);
    for (const struct pb_cell *c; (c = next_row(&run, &i));)
        for (uint32_t k = 0; k < c->samples; k++) {
            const struct pb_sample *s = &c->sample[k];
            uint64_t workers_ns = 0;
            for (uint32_t w = 0; w < s->workers; w++)
                workers_ns += s->worker[w].cpu_ns;
            CHECK_MSG(workers_ns >= s->tasks * FLOOR_NS, "%s: only %g s in its tasks", c->executor,
                      (double)workers_ns / 1e9);
            CHECK_MSG(s->cpu_ns >= s->tasks * FLOOR_NS, "%s: only %g s", c->executor,
                      (double)s->cpu_ns / 1e9);
            CHECK_INT(s->migrations, -1);
        }
    release(&p, &run);
}

/* A script without #! is started by a shell only if one is asked for. */
static void script(const void *data) {
    char directory[64], file[128], item[160];
    struct program p;
    struct pb_run run;
    (void)data;
    program_directory(directory);
    snprintf(file, sizeof file, "%s/script", directory);
    FILE *out = fopen(file, "we");
    CHECK(out && fputs("exit 0\n", out) >= 0 && fclose(out) == 0 && chmod(file, 0700) == 0);
    snprintf(item, sizeof item, "cmd:%s", file);
    run_item(&p, &run, item, NULL, 5);
    check_rows(&run, PB_CELL_FAILED, "script: it cannot be started: Exec format error: begin it with #!");
    release(&p, &run);
    snprintf(item, sizeof item, "cmd:shell=1,%s", file);
    run_item(&p, &run, item, NULL, 0);
    check_rows(&run, PB_CELL_DONE, NULL);
    release(&p, &run);
    program_directory_release(directory);
}

static bool generate(size_t i, struct pb_case *out) {
    static const struct pb_case others[] = {{"splits", splits, NULL},
                                            {"assignments", assignments, NULL},
                                            {"digests", digests, NULL},
                                            {"charges", charges, NULL},
                                            {"tells-workers", tells_workers, NULL},
                                            {"user-environment", user_environment, NULL},
                                            {"wrong-output", wrong_output, NULL},
                                            {"charged-everywhere", charged_everywhere, NULL},
                                            {"script", script, NULL}};
    enum { ENDS = sizeof ends / sizeof *ends, OTHERS = sizeof others / sizeof *others };
    if (i < ENDS)
        *out = (struct pb_case){ends[i].name, ends_so, &ends[i]};
    else if ((i -= ENDS) < OTHERS)
        *out = others[i];
    else
        return false;
    return true;
}

const struct pb_suite suite_cmd = {"cmd", NULL, generate};
