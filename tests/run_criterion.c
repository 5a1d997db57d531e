/* The suites under Criterion: one parameterised test over all cases. Criterion runs each in a process of its
 * own. */
#include "cases.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdarg.h>
#include <stdlib.h>

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
    const struct pb_suite *suite = NULL;
    struct pb_case c;
    size_t count = 0;
    while (pb_case_at(count, &suite, &c))
        count++;
    numbers = cr_malloc(count * sizeof *numbers);
    for (size_t i = 0; i < count; i++)
        numbers[i] = i;
    return cr_make_param_array(size_t, numbers, count);
}

ParameterizedTest(size_t *number, parbench, cases, .timeout = 120) {
    const struct pb_suite *suite = NULL;
    struct pb_case c;
    cr_assert(pb_case_at(*number, &suite, &c));
    snprintf(current, sizeof current, "%s/%s", suite->name, c.name);
    c.run(c.data);
}
