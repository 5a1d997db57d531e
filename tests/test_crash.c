/* The crash campaign of the process executor: a program of its own, since it is built with its points. */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CAMPAIGN PB_BINARY_DIR "/campaign"

#ifdef __SANITIZE_THREAD__
static const bool built = false;
#else
static const bool built = true;
#endif

/* Runs it; what was wrong is shown, and its last line must say that nothing was. */
static void survive(const char *options, unsigned least_runs) {
    char command[4096], line[8192], last[8192] = "";
    unsigned points = 0, runs = 0, violations = 1;
    if (!built)
        pb_test_skip("the thread sanitizer does not see across processes");
    snprintf(command, sizeof command, "'%s' %s", CAMPAIGN, options);
    FILE *said = popen(command, "re");
    CHECK(said);
    while (fgets(line, sizeof line, said)) {
        fprintf(stderr, "  %s", line);
        memcpy(last, line, sizeof last);
    }
    int status = pclose(said);
    CHECK_MSG(sscanf(last, "points %u, runs %u, violations %u", &points, &runs, &violations) == 3,
              "it ended with status %d and \"%s\"", status, last);
    CHECK_INT(violations, 0);
    CHECK_INT(status, 0);
    CHECK_MSG(runs >= least_runs, "only %u runs", runs);
}

/* Every fault at every point, in every process that takes it: some hundred trials. */
static void faults(const void *data) {
    (void)data;
    survive("--kills 0", 100);
}

static void storms(const void *data) {
    (void)data;
    survive("--rounds 0 --kills 2000", 80);
}

const struct pb_suite suite_crash = {
    "crash",
    (const struct pb_case[]){{"survives-every-fault", faults, NULL}, {"survives-storms", storms, NULL}, {0}},
    NULL,
};
