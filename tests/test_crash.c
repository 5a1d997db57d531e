/* The crash campaign of the process executor, and its protocol between threads: programs of their own, since
 * the executor is built otherwise for them. */
#include "tree.h"

#ifdef __SANITIZE_THREAD__
static const bool built = false;
#else
static const bool built = true;
#endif

static FILE *run(const char *program, const char *options) {
    char command[4096];
    snprintf(command, sizeof command, "'%s/%s' %s", PB_BINARY_DIR, program, options);
    FILE *said = popen(command, "re");
    CHECK(said);
    return said;
}

/* Runs it; what was wrong is shown, and its last line must say that nothing was. `taken` becomes its line of
 * the points that were. */
static void survive(const char *options, unsigned least_runs, char *taken, size_t size) {
    char line[8192], last[8192] = "";
    unsigned points = 0, runs = 0, violations = 1;
    if (!built)
        pb_test_skip("the thread sanitizer does not see across processes");
    FILE *said = run("campaign", options);
    while (fgets(line, sizeof line, said)) {
        if (starts(line, "taken:"))
            snprintf(taken, size, "%.*s ", (int)strcspn(line, "\n"), line);
        else
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

/* Points that no scenario can be sure to take. */
static const char *const chancy[] = {NULL};

static bool is_chancy(const char *name) {
    for (size_t i = 0; chancy[i]; i++)
        if (strcmp(chancy[i], name) == 0)
            return true;
    return false;
}

/* Every point of one source file is among those taken. */
static void check_taken(const char *path, const char *taken, struct pb_buffer *missed) {
    static const char mark[] = "PB_POINT(";
    char *text = slurp(path), name[128], word[130];
    for (const char *at = text; (at = strstr(at, mark)); at++) {
        if (sscanf(at + strlen(mark), "%127[a-z0-9_])", name) != 1)
            continue;
        snprintf(word, sizeof word, " %s ", name);
        if (!strstr(taken, word) && !is_chancy(name))
            pb_buffer_printf(missed, " %s", name);
    }
    free(text);
}

/* Every fault at every point, in every process that takes it: some hundred trials. */
static void faults(const void *data) {
    struct pb_buffer paths = {0}, missed = {0};
    char taken[8192] = "";
    (void)data;
    survive("--kills 0", 100, taken, sizeof taken);
    files_below(PB_SOURCE_DIR "/src", &paths);
    for (const char *p = paths.data; p < paths.data + paths.size; p += strlen(p) + 1)
        if (ends(p, ".c"))
            check_taken(p, taken, &missed);
    CHECK_MSG(missed.size == 0, "points that were never taken:%s", pb_buffer_string(&missed));
    pb_buffer_release(&paths);
    pb_buffer_release(&missed);
}

static void storms(const void *data) {
    char taken[8192];
    (void)data;
    survive("--rounds 0 --kills 2000", 80, taken, sizeof taken);
}

/* What it finds wrong it says itself; the thread sanitizer says more. */
static void threaded(const void *data) {
    (void)data;
    CHECK_INT(pclose(run("threaded", "")), 0);
}

const struct pb_suite suite_crash = {
    "crash",
    (const struct pb_case[]){{"survives-every-fault", faults, NULL},
                             {"survives-storms", storms, NULL},
                             {"runs-between-threads", threaded, NULL},
                             {0}},
    NULL,
};
