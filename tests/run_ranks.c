/* The conformance suite over ranks: started by a launcher of MPI with six of them, rank 0 runs the cases on
 * the executor mpi, one after the other in this one process, since a fork of it would be no rank.
 *
 *     mpiexec -n 6 tests-ranks [PATTERN...]
 *
 * Without a pattern all but the exceptions of rank_exceptions.h. A case that fails ends the run, which then
 * has no line of counts. */
#include "executor_cases.h"
#include "rank_exceptions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

extern const struct pb_suite suite_conformance;

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
        const char *why = rank_exception(strchr(c.name, '/') + 1);
        if (argc == 1 && why) {
            printf("LEFT OUT %s: %s\n", c.name, why);
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
