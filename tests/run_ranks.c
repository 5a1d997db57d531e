/* The conformance suite over ranks: started by a launcher of MPI with six of them, rank 0 runs the cases on
 * the executor mpi, one after the other in this one process, since a fork of it would be no rank.
 *
 *     mpiexec -n 6 tests-ranks [PATTERN...]
 *
 * Without a pattern all but the exceptions below.  * A case that fails ends the run, which then has no line
 * of counts. What cannot hold over ranks is listed here, with the reason; of it test_mpi.c holds what does
 * hold instead. */
#include "executor_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

extern const struct pb_suite suite_conformance;

#define NO_ADDRESS "a task there cannot name an executor or a future of rank 0: addresses mean nothing to it"

static const struct exception {
    const char *name, *why;
} exceptions[] = {
    {"tasks-submit-tasks", NO_ADDRESS},
    {"waits-in-a-chain", NO_ADDRESS},
    {"waits-in-a-tree", NO_ADDRESS},
    {"waits-for-many-in-a-task", NO_ADDRESS},
    {"iterates-in-a-task", NO_ADDRESS},
    {"maps-in-a-task", NO_ADDRESS},
    {"runs-ranges-in-a-task", NO_ADDRESS},
    {"runs-ranges-in-a-range", NO_ADDRESS},
    {"waits-for-another-executor", NO_ADDRESS},
    {"gives-up-draining", "what is left behind keeps its rank: no case could follow"},
    {"gives-up-killing", "likewise"},
    {"counts-indices-for-renewal", "a rank looks whether it is spent where a chunk of the range ends"},
    {"opens-two-at-once", "the ranks work for one executor at a time: see opens_one_at_a_time"},
    {0},
};

static jmp_buf skipped;
static const char *current = "";

_Noreturn void pb_test_failed(const char *file, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "  %s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nFAIL conformance/%s\n", current);
    _exit(1);
}

_Noreturn void pb_test_skip(const char *format, ...) {
    (void)format;
    longjmp(skipped, 1);
}

static const char *excepted(const char *name) {
    for (const struct exception *e = exceptions; e->name; e++)
        if (strcmp(strchr(name, '/') + 1, e->name) == 0)
            return e->why;
    return NULL;
}

static bool wanted(const char *name, int patterns, char **pattern) {
    bool any = patterns == 0;
    for (int i = 0; i < patterns; i++)
        any = any || strstr(name, pattern[i]);
    return any && strncmp(name, "mpi/", 4) == 0;
}

int main(int argc, char **argv) {
    static unsigned passed, left;
    struct pb_error error = {0};
    struct pb_case c;
    if (pb_ranks_begin(&error) < 0) {
        fprintf(stderr, "tests-ranks: %s\n", error.text);
        return 1;
    }
    for (size_t i = 0; suite_conformance.generate(i, &c); i++) {
        if (!wanted(c.name, argc - 1, argv + 1))
            continue;
        current = c.name;
        if (argc == 1 && excepted(c.name)) {
            printf("LEFT OUT %s: %s\n", c.name, excepted(c.name));
            left++;
        } else if (setjmp(skipped) == 0) {
            fprintf(stderr, "%s\n", c.name);
            c.run(c.data);
            passed++;
        }
        fflush(stdout);
    }
    pb_ranks_end();
    printf("%u passed, 0 failed, %u left out\n", passed, left);
    return 0;
}
