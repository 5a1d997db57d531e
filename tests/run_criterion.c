/* The suites under Criterion: one parameterised test over all cases. Criterion runs each in a process of its
 * own. Of a case that is not over after PB_TEST_SECONDS (default 110) the stacks are printed, from a signal
 * handler: it hangs, so there is nothing to disturb, and Criterion ends it in any case, ten seconds later. */
#include "cases.h"
#include "stacks.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

static char current[256]; /* "suite/case" of the one case that this process runs */

_Noreturn void pb_test_failed(const char *file, int line, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    cr_assert_fail("%s: %s:%d: %s", current, file, line, text);
    abort(); /* not reached */
}

_Noreturn void pb_test_skip(const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    cr_skip_test("%s: %s", current, text);
    abort(); /* not reached */
}

ParameterizedTestParameters(parbench, cases) {
    static size_t *numbers;
    struct pb_case_cursor at = {0};
    const struct pb_suite *suite;
    struct pb_case c;
    size_t count = 0;
    while (pb_case_next(&at, &suite, &c))
        count++;
    numbers = cr_malloc(count * sizeof *numbers);
    for (size_t i = 0; i < count; i++)
        numbers[i] = i;
    return cr_make_param_array(size_t, numbers, count);
}

static void show_hang(int unused) {
    (void)unused;
    fprintf(stderr, "  %s is not over in time; its stacks:\n", current);
    pb_stacks_print(stderr, getpid());
    signal(SIGABRT, SIG_DFL);
    abort();
}

ParameterizedTest(size_t *number, parbench, cases, .timeout = 120) {
    struct pb_case_cursor at = {0};
    const struct pb_suite *suite;
    struct pb_case c;
    for (size_t i = 0; i <= *number; i++)
        cr_assert(pb_case_next(&at, &suite, &c));
    snprintf(current, sizeof current, "%s/%s", suite->name, c.name);
    const char *limit = getenv("PB_TEST_SECONDS");
    signal(SIGALRM, show_hang);
    alarm(limit ? (unsigned)atoi(limit) : 110);
    pb_stacks_allow();
    c.run(c.data);
    alarm(0);
}
