/* A test suite is a table of plain functions, so that Criterion's parameterised tests and the plain runner
 * (which sanitizers can see) run the same cases. */
#ifndef PB_TESTS_SUITE_H
#define PB_TESTS_SUITE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct pb_case {
    const char *name;
    void (*run)(const void *data);
    const void *data; /* a suite that loops over a list makes one case per row and puts the row here */
};

struct pb_suite {
    const char *name;
    const struct pb_case *cases; /* ends with a nameless row */
    /* Instead of `cases`: fills case i of a list known only at run time, false past its end. */
    bool (*generate)(size_t i, struct pb_case *out);
};

/* tests/list.c; NULL-ended. */
extern const struct pb_suite *const pb_suites[];

/* Ends the case as failed, or as skipped. They do not return. */
_Noreturn void pb_test_failed(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void pb_test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            pb_test_failed(__FILE__, __LINE__, "%s", #condition);                                            \
    } while (0)
#define CHECK_MSG(condition, ...)                                                                            \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            pb_test_failed(__FILE__, __LINE__, __VA_ARGS__);                                                 \
    } while (0)
#define CHECK_INT(actual, expected)                                                                          \
    do {                                                                                                     \
        long long a_ = (long long)(actual), e_ = (long long)(expected);                                      \
        if (a_ != e_)                                                                                        \
            pb_test_failed(__FILE__, __LINE__, "%s is %lld, expected %lld", #actual, a_, e_);                \
    } while (0)
#define CHECK_NEAR(actual, expected, relative)                                                               \
    do {                                                                                                     \
        double a_ = (actual), e_ = (expected);                                                               \
        if (!(fabs(a_ - e_) <= (relative)*fmax(fabs(e_), 1e-300)))                                           \
            pb_test_failed(__FILE__, __LINE__, "%s is %.12g, expected %.12g", #actual, a_, e_);              \
    } while (0)
#define CHECK_TEXT(actual, expected)                                                                         \
    do {                                                                                                     \
        const char *a_ = (actual), *e_ = (expected);                                                         \
        if (!a_ || strcmp(a_, e_) != 0)                                                                      \
            pb_test_failed(__FILE__, __LINE__, "%s is \"%s\", expected \"%s\"", #actual, a_ ? a_ : "(null)", \
                           e_);                                                                              \
    } while (0)
#define CHECK_HAS(text, part)                                                                                \
    do {                                                                                                     \
        const char *t_ = (text), *p_ = (part);                                                               \
        if (!t_ || !strstr(t_, p_))                                                                          \
            pb_test_failed(__FILE__, __LINE__, "\"%s\" does not contain \"%s\"", t_ ? t_ : "(null)", p_);    \
    } while (0)

#endif
