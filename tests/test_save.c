/* --save: what a record is called and where it goes, what git is asked, and what is said when it cannot be.
 */
#include "cli/save.h"
#include "driver/tool.h"
#include "program.h"

#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN "-w spin:work=20us -e serial --base none -b none --rounds 2 --tasks 2"

/* Nothing of whoever runs the tests: no settings, no repository around the folders of tests. */
static const char *const quiet_git[] = {"GIT_CONFIG_GLOBAL=/dev/null",       "GIT_CONFIG_NOSYSTEM=1",
                                        "GIT_CEILING_DIRECTORIES=/tmp",      "GIT_AUTHOR_NAME=a",
                                        "GIT_AUTHOR_EMAIL=a@example.org",    "GIT_COMMITTER_NAME=a",
                                        "GIT_COMMITTER_EMAIL=a@example.org", NULL};

/* ---- Names ---- */

static void machine(const void *data) {
    static const struct {
        const char *model;
        double usable;
        const char *slug;
    } rows[] = {
        {"AMD EPYC", 2, "amd-epyc-2"},
        {"Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", 28, "intel-r-xeon-r-cpu-e5-2680-v4-2-40ghz-28"},
        {"  AMD  EPYC  ", 1.5, "amd-epyc-1.5"},
        {"", 4, "unknown-4"},
        {"../../etc/passwd", 4, "etc-passwd-4"},
        {"\xe9\xbe\x99\xe8\x8a\xaf 3A5000", 4, "3a5000-4"},
        {"\x1b[2J\n", 4, "2j-4"},
        {"/", 4, "unknown-4"},
        {"-rf", 0, "rf-3"},
        {"a model that goes on and on, as no model of any processor ever has", 128,
         "a-model-that-goes-on-and-on-as-no-model-of-any-p-128"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_run run;
        struct pb_buffer out = {0};
        pb_run_init(&run);
        snprintf(run.machine.cpu_model, sizeof run.machine.cpu_model, "%s", rows[i].model);
        run.limits.usable = rows[i].usable;
        run.limits.processors = 3;
        pb_save_machine(&run, &out);
        CHECK_TEXT(pb_buffer_string(&out), rows[i].slug);
        pb_buffer_release(&out);
        pb_run_release(&run);
    }
}

static void names(const void *data) {
    static const struct {
        const char *commit;
        unsigned copy;
        const char *name;
    } rows[] = {
        {NULL, 1, "2027-01-15T080000Z.json"},
        {NULL, 3, "2027-01-15T080000Z-3.json"},
        {"abc1234", 1, "2027-01-15T080000Z-abc1234.json"},
        {"abc1234-dirty", 2, "2027-01-15T080000Z-abc1234-dirty-2.json"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_run run;
        struct pb_buffer out = {0};
        pb_run_init(&run);
        run.started = 1800000000;
        CHECK_INT(pb_set_text(&run.commit, rows[i].commit), 0);
        pb_save_name(&run, rows[i].copy, &out);
        CHECK_TEXT(pb_buffer_string(&out), rows[i].name);
        pb_buffer_release(&out);
        pb_run_release(&run);
    }
}

/* ---- Hearing a tool ---- */

static int hear(const char *script, int64_t timeout_ns, struct pb_buffer *said, int *status) {
    const char *const word[] = {"sh", "-c", script, NULL};
    return pb_tool_hear((char *const *)(uintptr_t)word, environ, timeout_ns, said, status);
}

static void tool(const void *data) {
    static const struct {
        const char *script, *said;
        int code;
    } rows[] = {
        {"echo out; echo err >&2", "out\n", 0},
        {"exec >&-; exit 3", "", 3},
        {"sleep 1000 & echo left behind", "left behind\n", 0},
        {"read line || echo no input", "no input\n", 0},
    };
    const int64_t minute = INT64_C(60000000000);
    struct pb_buffer said = {0};
    int status;
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_INT(hear(rows[i].script, minute, &said, &status), 0);
        CHECK_TEXT(pb_buffer_string(&said), rows[i].said);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == rows[i].code);
        pb_buffer_release(&said);
        program_check_nothing_left(false);
    }
    CHECK_INT(hear("head -c 1000000 /dev/zero", minute, &said, &status), 0);
    CHECK_INT(said.size, 64 * 1024);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    pb_buffer_release(&said);
    CHECK_INT(hear("echo begun; sleep 1000", 100000000, &said, &status), -ETIMEDOUT);
    program_check_nothing_left(false);
    pb_buffer_release(&said);
    const char *const none[] = {"no-such-program-here", NULL};
    CHECK_INT(pb_tool_hear((char *const *)(uintptr_t)none, environ, minute, &said, &status), -ENOENT);
}

/* ---- The program ---- */

/* A folder, with a repository in it that has one commit of the file "tracked"; or none, if `commits` is
 * false. */
static void make_tree(char directory[64], bool commits) {
    for (const char *const *setting = quiet_git; *setting; setting++)
        putenv((char *)(uintptr_t)*setting);
    if (program_shell("git --version >/dev/null 2>&1") != 0)
        pb_test_skip("git is not installed");
    program_directory(directory);
    CHECK_INT(program_shell("cd %s && git init -q . && mkdir -p sub/deep && echo 1 >tracked", directory), 0);
    if (commits)
        CHECK_INT(program_shell("cd %s && git add tracked && git commit -q -m one", directory), 0);
}

static void remove_tree(const char *directory) {
    CHECK_INT(program_shell("chmod -R u+w %s && rm -rf %s", directory, directory), 0);
}

/* Runs bench in the folder, with words that a shell reads, who knows it by the name bench. The environment is
 * ours but for `variable`, which may be NULL. */
static void run_in(struct program *p, const char *directory, const char *variable, const char *words) {
    char line[1024];
    const char *environment[sizeof quiet_git / sizeof *quiet_git + 1];
    size_t count = 0;
    for (; quiet_git[count]; count++)
        environment[count] = quiet_git[count];
    environment[count] = variable;
    environment[count + (variable != NULL)] = NULL;
    snprintf(line, sizeof line, "cd '%s' || exit; bench() { '" PROGRAM "' \"$@\"; }; bench %s", directory,
             words);
    program_begin(p, &(struct program_start){.other = "/bin/sh",
                                             .word = (const char *[]){"-c", line, NULL},
                                             .environment = environment});
    program_finish(p);
    program_check_nothing_left(false);
}

/* The only file below `directory`/results/, which is a whole record, and nothing beside it: its path and
 * contents. */
static void read_only_one(struct pb_run *run, const char *directory, char path[256]) {
    char pattern[128];
    struct pb_buffer text;
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/results/*/*", directory);
    CHECK_MSG(glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1, "%zu files below %s",
              found.gl_pathc, pattern);
    snprintf(path, 256, "%s", found.gl_pathv[0]);
    globfree(&found);
    program_read_file(&text, path);
    program_decode(run, path, &text);
    pb_buffer_release(&text);
}

/* "-abc1234.json": what the name must end in after the run's commit. */
static void check_name(const struct pb_run *run, const char *path) {
    struct pb_buffer folder = {0}, name = {0};
    pb_buffer_text(&folder, "/results/");
    pb_save_machine(run, &folder);
    pb_buffer_text(&folder, "/");
    pb_save_name(run, 1, &name);
    CHECK_HAS(path, pb_buffer_string(&folder));
    CHECK_TEXT(strrchr(path, '/') + 1, pb_buffer_string(&name));
    pb_buffer_release(&folder);
    pb_buffer_release(&name);
}

/* From below, the record goes to the top; its commit is git's, and the last line says where. */
static void in_a_tree(const void *data) {
    char directory[64], deep[96], path[256];
    struct program p;
    struct pb_run run;
    (void)data;
    make_tree(directory, true);
    snprintf(deep, sizeof deep, "%s/sub/deep", directory);
    run_in(&p, deep, NULL, "--save " RUN);
    program_check_code(&p, 0);
    read_only_one(&run, directory, path);
    check_name(&run, path);
    CHECK(run.commit);
    CHECK_INT(program_shell("test \"$(git -C %s rev-parse --short HEAD)\" = '%s'", directory, run.commit), 0);
    char expected[320];
    snprintf(expected, sizeof expected, "\nbench: saved as ../../%s\n", strstr(path, "results/"));
    struct pb_buffer complained = {0};
    pb_buffer_printf(&complained, "\n%s", pb_buffer_string(&p.complained));
    CHECK_HAS(pb_buffer_string(&complained), expected);
    CHECK_TEXT(strstr(complained.data, expected), expected);
    CHECK_HAS(pb_buffer_string(&p.said), "serial");
    pb_buffer_release(&complained);
    pb_run_release(&run);
    program_release(&p);
    remove_tree(directory);
}

/* What git does not track changes nothing, such as an earlier result; what it tracks does. */
static void dirty(const void *data) {
    static const struct {
        const char *change;
        bool dirty;
    } rows[] = {{"echo 2 >untracked", false}, {"echo 2 >>tracked", true}};
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char directory[64], path[256];
        struct program p;
        struct pb_run run;
        make_tree(directory, true);
        CHECK_INT(program_shell("cd %s && %s", directory, rows[i].change), 0);
        run_in(&p, directory, NULL, "-q --save " RUN);
        program_check_code(&p, 0);
        CHECK_TEXT(pb_buffer_string(&p.complained), "");
        read_only_one(&run, directory, path);
        check_name(&run, path);
        CHECK_MSG((strstr(run.commit, "-dirty") != NULL) == rows[i].dirty, "%s: %s", rows[i].change,
                  run.commit);
        pb_run_release(&run);
        program_release(&p);
        remove_tree(directory);
    }
}

/* Where there is no commit, the record is kept all the same, and the run warned. */
static const struct lack {
    const char *name, *prepare, *variable, *says;
} lacks[] = {
    {"no-repository", "rm -rf .git", NULL, "--save: git knows no commit here: "},
    {"no-commit", "true", NULL, "--save: git knows no commit here: "},
    {"no-git", "git add . && git commit -q -m one", "PATH=/nonexistent", "--save: git is not to be found: "},
    {"bare", "mv .git x && mv x/* . && git config core.bare true", NULL,
     "--save: git knows no commit here: "},
};

static void without(const void *data) {
    const struct lack *row = data;
    char directory[64], path[256];
    struct program p;
    struct pb_run run;
    make_tree(directory, false);
    CHECK_INT(program_shell("cd %s && %s", directory, row->prepare), 0);
    run_in(&p, directory, row->variable, "--save " RUN);
    program_check_code(&p, 0);
    CHECK_HAS(pb_buffer_string(&p.complained), "bench: warning: --save: git ");
    CHECK_HAS(pb_buffer_string(&p.complained), row->says);
    read_only_one(&run, directory, path);
    check_name(&run, path);
    CHECK(!run.commit);
    bool warned = false;
    for (uint32_t i = 0; i < run.warnings; i++)
        warned |= strstr(run.warning[i], row->says) != NULL;
    CHECK(warned);
    pb_run_release(&run);
    program_release(&p);
    remove_tree(directory);
}

/* Runs within one second, and one at the side of another, each get a name of their own: nothing is
 * overwritten. */
static void many(const void *data) {
    enum { RUNS = 4 };
    char directory[64], pattern[96];
    struct program p;
    glob_t found;
    (void)data;
    make_tree(directory, true);
    snprintf(pattern, sizeof pattern, "%s/results/*/*.json", directory);
    for (int i = 0; i < RUNS; i++) {
        run_in(&p, directory, NULL, "-q --save " RUN " & bench -q --save " RUN " && wait $!");
        program_check_code(&p, 0);
        program_release(&p);
    }
    CHECK_INT(glob(pattern, 0, NULL, &found), 0);
    CHECK_INT(found.gl_pathc, 2 * RUNS);
    globfree(&found);
    remove_tree(directory);
}

/* Said before anything is set up, with nothing made: a plug-in whose set-up prints stays silent. */
static void unwritable(const void *data) {
    char directory[64];
    struct program p;
    (void)data;
    make_tree(directory, true);
    CHECK_INT(program_shell("echo mine >%s/results", directory), 0);
    run_in(&p, directory, NULL, "-q --save -w '" PB_BINARY_DIR "/plugins/noisy.so' -e serial --rounds 2");
    program_check_code(&p, 6);
    CHECK_HAS(pb_buffer_string(&p.complained),
              "bench: results: this folder of --save cannot be made: Not a directory: ");
    CHECK(!strstr(pb_buffer_string(&p.complained), "noise"));
    CHECK_TEXT(pb_buffer_string(&p.said), "");
    CHECK_INT(program_shell(
                  "cd %s && test \"$(cat results)\" = mine && test -z \"$(git status --porcelain | grep -v "
                  "results)\"",
                  directory),
              0);
    program_release(&p);
    remove_tree(directory);
}

/* The other commands that keep a record. */
static void commands(const void *words) {
    char directory[64], path[256];
    struct program p;
    struct pb_run run;
    make_tree(directory, true);
    run_in(&p, directory, NULL, words);
    CHECK_MSG(WIFEXITED(p.status) && WEXITSTATUS(p.status) <= 1, "status %#x: %s", p.status,
              pb_buffer_string(&p.complained));
    CHECK_HAS(pb_buffer_string(&p.complained), "bench: saved as results/");
    read_only_one(&run, directory, path);
    check_name(&run, path);
    CHECK(run.commit && run.cells && run.cell[0].samples);
    pb_run_release(&run);
    program_release(&p);
    remove_tree(directory);
}

static bool generate(size_t i, struct pb_case *out) {
    static const struct pb_case cases[] = {
        {"machine", machine, NULL},
        {"names", names, NULL},
        {"tool", tool, NULL},
        {"in-a-tree", in_a_tree, NULL},
        {"dirty", dirty, NULL},
        {"many", many, NULL},
        {"unwritable", unwritable, NULL},
        {"scale", commands, "scale --save -w spin:work=20us -e thread -n 1 -b none --rounds 2 --tasks 2"},
        {"gate", commands, "gate --save --base cmd:true --head cmd:true --time 1s"},
    };
    enum { CASES = sizeof cases / sizeof *cases, LACKS = sizeof lacks / sizeof *lacks };
    if (i < CASES)
        *out = cases[i];
    else if (i < CASES + LACKS)
        *out = (struct pb_case){lacks[i - CASES].name, without, &lacks[i - CASES]};
    return i < CASES + LACKS;
}

const struct pb_suite suite_save = {"save", NULL, generate};
