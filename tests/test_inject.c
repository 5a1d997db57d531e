/* System calls that fail under the executors, one at a time: each case is a run of the program
 * tests/faults/main.c, which tells what it found. */
#include "executor_cases.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults/names.h"

static const struct scenario {
    const char *name;
    bool processes_only;
} scenarios[] = {
#define ROW(name, run, only) {name, only},
    INJECT_SCENARIOS(ROW)
#undef ROW
};

enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

/* How many calls of a kind are failed, and how long a run may take: programs under a sanitizer are slow. */
#if defined __SANITIZE_THREAD__
#define EFFORT "-l1", "-s60"
#elif defined __SANITIZE_ADDRESS__
#define EFFORT "-l2", "-s30"
#else
#define EFFORT "-l8", "-s10"
#endif

static void run(const char *name, const char *how) {
    char *words[] = {PB_BINARY_DIR "/inject", EFFORT, (char *)how, (char *)name, NULL};
    pid_t pid;
    int status;
    CHECK_INT(posix_spawn(&pid, words[0], NULL, NULL, words, environ), 0);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK_MSG(status == 0, "%s %s %s ended with status %d: what it found stands above", words[0], how, name,
              status);
}

/* Calls that fail once, and calls that go on to fail. */
static void inject(const void *name) {
    run(name, "-o");
    run(name, "-p");
}

static void skip_absent(const void *name) {
    pb_test_skip("%s: its executor is not to be had here", (const char *)name);
}

/* Executors times scenarios, but for those that would end the program of an executor without processes. */
static bool case_at(size_t i, struct pb_case *out) {
    static char name[128];
    struct pb_executor_listing row;
    for (size_t e = 0; executor_of_any(e, &row) == 0; e++)
        for (size_t s = 0; s < SCENARIOS; s++) {
            if (scenarios[s].processes_only && strcmp(row.name, "process") != 0)
                continue;
            if (i-- > 0)
                continue;
            snprintf(name, sizeof name, "%s/%s", row.name, scenarios[s].name);
            bool seen = strcmp(row.name, "openmp") != 0 || !under_tsan;
            *out = (struct pb_case){name, row.absent ? skip_absent : seen ? inject : skip_unseen, name};
            return true;
        }
    return false;
}

const struct pb_suite suite_inject = {"inject", NULL, case_at};
