/* The program as a user meets it: arguments and environment in, exit code and both outputs out. Nothing is
 * measured. */
#include "base/buffer.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM PB_BINARY_DIR "/bench"

enum { WORDS = 10 };

struct row {
    const char *name;
    const char *word[WORDS];
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
    {"subcommand-far",
     {"sha"},
     NULL,
     2,
     NULL,
     "there are list, topology, explain; a workload is named by -w sha"},
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

static void drain(int fd, struct pb_buffer *out, bool *open) {
    char block[4096];
    ssize_t got = read(fd, block, sizeof block);
    if (got > 0)
        pb_buffer_add(out, block, (size_t)got);
    else if (got == 0 || errno != EINTR)
        *open = false;
}

/* Runs the program with its outputs in two buffers; returns its wait status. */
static int run(const char *const *word, int out_fd, struct pb_buffer *out, struct pb_buffer *err) {
    const char *argv[WORDS + 2] = {"bench"};
    for (int i = 0; i < WORDS && word[i]; i++)
        argv[i + 1] = word[i];
    int pipes[2][2];
    CHECK(pipe2(pipes[0], O_CLOEXEC) == 0 && pipe2(pipes[1], O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out_fd >= 0 ? out_fd : pipes[0][1], 1);
    posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 2);
    pid_t child;
    int rc = posix_spawn(&child, PROGRAM, &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    CHECK_MSG(rc == 0, "%s: %s", PROGRAM, strerror(rc));
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[0][1]);
    close(pipes[1][1]);
    bool open[2] = {true, true};
    while (open[0] || open[1]) {
        struct pollfd polled[2] = {{open[0] ? pipes[0][0] : -1, POLLIN, 0},
                                   {open[1] ? pipes[1][0] : -1, POLLIN, 0}};
        CHECK(poll(polled, 2, -1) >= 0 || errno == EINTR);
        if (polled[0].revents)
            drain(pipes[0][0], out, &open[0]);
        if (polled[1].revents)
            drain(pipes[1][0], err, &open[1]);
    }
    close(pipes[0][0]);
    close(pipes[1][0]);
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

static void need_program(void) {
    if (access(PROGRAM, X_OK) != 0)
        pb_test_skip("%s is not built", PROGRAM);
}

static void check_text(const char *which, const char *got, const char *expected) {
    if (expected)
        CHECK_MSG(strstr(got, expected), "%s \"%s\" does not contain \"%s\"", which, got, expected);
    else
        CHECK_MSG(!*got, "%s is not empty: \"%s\"", which, got);
}

static void one(const void *data) {
    const struct row *row = data;
    struct pb_buffer out = {0}, err = {0};
    need_program();
    if (row->environment)
        putenv((char *)(uintptr_t)row->environment);
    int status = run(row->word, -1, &out, &err);
    CHECK_MSG(WIFEXITED(status) && WEXITSTATUS(status) == row->code,
              "status %#x, expected exit code %d: %s%s", status, row->code, pb_buffer_string(&out),
              pb_buffer_string(&err));
    check_text("stdout", pb_buffer_string(&out), row->out);
    check_text("stderr", pb_buffer_string(&err), row->err);
    pb_buffer_release(&out);
    pb_buffer_release(&err);
}

/* A full disk and a reader that has left are told, and are no success. */
static void full_output(const void *data) {
    int pair[2], fd[2] = {open("/dev/full", O_WRONLY | O_CLOEXEC), -1};
    (void)data;
    need_program();
    CHECK(pipe2(pair, O_CLOEXEC) == 0);
    close(pair[0]);
    fd[1] = pair[1];
    for (int i = 0; i < 2; i++) {
        struct pb_buffer out = {0}, err = {0};
        CHECK(fd[i] >= 0);
        int status = run((const char *[WORDS]){"--help"}, fd[i], &out, &err);
        CHECK(WIFEXITED(status));
        CHECK_INT(WEXITSTATUS(status), 6);
        CHECK_HAS(pb_buffer_string(&err), "bench: standard output: ");
        close(fd[i]);
        pb_buffer_release(&out);
        pb_buffer_release(&err);
    }
}

/* `bench @FILE` says which line is wrong. */
static void option_file(const void *data) {
    char path[] = "/tmp/pb-command-XXXXXX", word[64], expected[128];
    struct pb_buffer out = {0}, err = {0};
    (void)data;
    need_program();
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK(write(fd, "-w spin\n--rounds 0\n", 19) == 19);
    close(fd);
    snprintf(word, sizeof word, "@%s", path);
    snprintf(expected, sizeof expected, "bench: %s:2: --rounds=0: out of range", path);
    int status = run((const char *[WORDS]){word}, -1, &out, &err);
    unlink(path);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 2);
    CHECK_HAS(pb_buffer_string(&err), expected);
    pb_buffer_release(&out);
    pb_buffer_release(&err);
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
