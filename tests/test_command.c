/* The program as a user meets it: arguments and environment in, exit code and both outputs out. Nothing is
 * measured. */
#include "program.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORDS = 10 };

struct row {
    const char *name;
    const char *word[WORDS + 1];
    const char *environment; /* one NAME=value, or NULL */
    int code;
    const char *out, *err; /* each contains it; NULL: it is empty */
};

static const struct row rows[] = {
    {"help", {"--help"}, NULL, 0, "Usage: bench", NULL},
    {"help-short", {"-h"}, NULL, 0, "Examples:", NULL},
    {"help-list", {"list", "--help"}, NULL, 0, "Usage: bench list", NULL},
    {"help-topology", {"topology", "--help"}, NULL, 0, "Usage: bench topology", NULL},
    {"help-explain", {"explain", "--help"}, NULL, 0, "Usage: bench explain", NULL},
    {"version", {"--version"}, NULL, 0, "bench (parbench) ", NULL},
    {"list", {"list"}, NULL, 0, "arcfour", NULL},
    {"list-executors", {"list", "executors"}, NULL, 0, "serial", NULL},
    {"list-formats", {"list", "formats"}, NULL, 0, "json", NULL},
    {"list-policies", {"list", "policies"}, NULL, 0, "compact", NULL},
    {"list-plain", {"list", "--plain", "formats"}, NULL, 0, "formats\tjson\t\t\t\t\tthe whole record", NULL},
    {"list-options", {"list", "options"}, NULL, 0, "--workload ", NULL},
    {"list-unknown", {"list", "cheeses"}, NULL, 2, NULL, "bench: list cheeses: there is no such list"},
    {"topology", {"topology"}, NULL, 0, "usable processors: ", NULL},
    {"topology-place", {"topology", "-n", "1", "-b", "pu"}, NULL, 0, "binding: pu", NULL},
    {"topology-two", {"topology", "-n", "1,2"}, NULL, 2, NULL, "bench: -n: only one placement is drawn"},
    {"topology-other",
     {"topology", "-n8", "-b", "core"},
     "HWLOC_SYNTHETIC=package:2 core:4 pu:1",
     0,
     "package 1",
     NULL},
    {"explain", {"explain"}, NULL, 0, "serialised", NULL},
    {"explain-word", {"explain", "serialised"}, NULL, 0, "serialised (outcome)", NULL},
    {"explain-unknown", {"explain", "serialsed"}, NULL, 2, NULL, "did you mean \"serialised\"?"},
    {"explain-two", {"explain", "lock", "quota"}, NULL, 2, NULL, "bench: quota: unexpected argument"},
    {"subcommand", {"lsit"}, NULL, 2, NULL, "bench: lsit: unknown subcommand: did you mean list?"},
    {"subcommand-far", {"sha"}, NULL, 2, NULL, "there are list, topology, explain, check-runner, "},
    {"operand", {"-q", "sha"}, NULL, 2, NULL, "bench: sha: unexpected argument"},
    {"option", {"--tiem=1s"}, NULL, 2, NULL, "bench: --tiem: unknown option: did you mean --time?"},
    {"workload", {"-w", "arcfuor", "-e", "serial"}, NULL, 2, NULL, "did you mean arcfour?"},
    {"executor", {"-w", "spin", "-e", "thraed"}, NULL, 2, NULL, "did you mean thread?"},
    {"parameter", {"-w", "arcfour:bogus=1", "-e", "serial"}, NULL, 2, NULL, "no parameter \"bogus\""},
    {"policy", {"-w", "spin", "-b", "coer"}, NULL, 2, NULL, "did you mean core?"},
    {"format", {"-w", "spin", "--format", "jsno"}, NULL, 2, NULL, "json"},
    {"workers-none", {"-n", "0"}, NULL, 2, NULL, "bench: -n 0: no number of workers"},
    {"workers-cap", {"-w", "sleep", "-n", "1001"}, NULL, 2, NULL, "raise the cap with --max-in-flight=1001"},
    {"rounds", {"--rounds", "0"}, NULL, 2, NULL, "bench: --rounds=0: out of range"},
    {"time", {"--time", "0"}, NULL, 2, NULL, "bench: --time=0: out of range"},
    {"both",
     {"--quick", "--thorough"},
     NULL,
     2,
     NULL,
     "bench: --quick and --thorough: they exclude each other"},
    {"environment", {NULL}, "PARBENCH_TIME=soon", 2, NULL, "bench: PARBENCH_TIME=soon: it cannot be read"},
    {"empty-item", {"-w", ""}, NULL, 2, NULL, "an item is empty"},
    {"plugin", {"-w", "./no-such-plugin.so"}, NULL, 2, NULL, "./no-such-plugin.so"},
    {"binding",
     {"-w", "spin", "-e", "thread", "-n", "900", "-b", "core"},
     NULL,
     2,
     NULL,
     "900 workers do not fit"},
    {"binding-list",
     {"-w", "spin", "-e", "thread", "-n2", "-b", "list:4000"},
     NULL,
     2,
     NULL,
     "no processor 4000"},
    {"output",
     {"-w", "spin", "-e", "serial", "-o", "/nonexistent/x.json"},
     NULL,
     6,
     NULL,
     "/nonexistent/x.json"},
    {"file", {"@/nonexistent/options"}, NULL, 2, NULL, "bench: @/nonexistent/options: No such file"},
    {"file-directory", {"@/"}, NULL, 2, NULL, "bench: @/: Is a directory"},
    {"other-machine",
     {"-w", "spin"},
     "HWLOC_SYNTHETIC=core:2 pu:1",
     2,
     NULL,
     "another machine cannot be measured"},
    {"dry-run",
     {"--dry-run", "-w", "spin", "-e", "thread", "-n", "1,2", "-b", "none"},
     NULL,
     0,
     "nothing was measured",
     NULL},
    {"dry-run-other",
     {"--dry-run", "-w", "spin", "-e", "thread", "-n", "4", "-b", "pu"},
     "HWLOC_SYNTHETIC=core:4 pu:1",
     0,
     "0 1 2 3",
     NULL},
};

static void check_text(const char *which, const char *got, const char *expected) {
    if (expected)
        CHECK_MSG(strstr(got, expected), "%s \"%s\" does not contain \"%s\"", which, got, expected);
    else
        CHECK_MSG(!*got, "%s is not empty: \"%s\"", which, got);
}

static void one(const void *data) {
    const struct row *row = data;
    struct program p;
    const char *const environment[] = {row->environment, NULL};
    program_begin(&p, &(struct program_start){.word = row->word, .environment = environment});
    program_finish(&p);
    program_check_code(&p, row->code);
    check_text("stdout", pb_buffer_string(&p.said), row->out);
    check_text("stderr", pb_buffer_string(&p.complained), row->err);
    program_release(&p);
}

/* A full disk and a reader that has left are told, and are no success. */
static void full_output(const void *data) {
    static const char *const word[] = {"--help", NULL};
    int pair[2], fd[2] = {open("/dev/full", O_WRONLY | O_CLOEXEC), -1};
    (void)data;
    CHECK(pipe2(pair, O_CLOEXEC) == 0);
    close(pair[0]);
    fd[1] = pair[1];
    for (int i = 0; i < 2; i++) {
        struct program p;
        CHECK(fd[i] >= 0);
        program_begin(&p, &(struct program_start){.word = word, .out_fd = fd[i]});
        program_finish(&p);
        program_check_code(&p, 6);
        CHECK_HAS(pb_buffer_string(&p.complained), "bench: standard output: ");
        close(fd[i]);
        program_release(&p);
    }
}

/* `bench @FILE` says which line is wrong. */
static void option_file(const void *data) {
    char path[] = "/tmp/pb-command-XXXXXX", expected[128];
    struct program p;
    (void)data;
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK(write(fd, "-w spin\n--rounds 0\n", 19) == 19);
    close(fd);
    snprintf(expected, sizeof expected, "bench: %s:2: --rounds=0: out of range", path);
    program_run(&p, NULL, "@%s", path);
    unlink(path);
    program_check_code(&p, 2);
    CHECK_HAS(pb_buffer_string(&p.complained), expected);
    program_release(&p);
}

static bool generate(size_t i, struct pb_case *out) {
    static const struct pb_case others[] = {{"full-output", full_output, NULL},
                                            {"option-file", option_file, NULL}};
    enum { ROWS = sizeof rows / sizeof *rows, OTHERS = sizeof others / sizeof *others };
    if (i < ROWS)
        *out = (struct pb_case){rows[i].name, one, &rows[i]};
    else if (i < ROWS + OTHERS)
        *out = others[i - ROWS];
    return i < ROWS + OTHERS;
}

const struct pb_suite suite_command = {"command", NULL, generate};
