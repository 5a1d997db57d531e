/* Errors as values: a code and a sentence "what: why: what to do". `struct pb_error` itself is public
 * (executor.h). */
#ifndef PB_BASE_ERROR_H
#define PB_BASE_ERROR_H

#include "parbench/executor.h"

/* Exit codes of the program; where several apply: signal, 4, 5, 6, 1, 3. */
enum pb_exit {
    PB_EXIT_OK = 0,
    PB_EXIT_REGRESSION = 1,
    PB_EXIT_USAGE = 2,
    PB_EXIT_INCONCLUSIVE = 3,
    PB_EXIT_WRONG = 4,
    PB_EXIT_FAILED_CELL = 5,
    PB_EXIT_CANNOT_RUN = 6,
};

/* Fills `error` (which may be NULL) and returns `code`, so that `return pb_error_set(e, -EINVAL, ...)` reads
   well. Too long a text is cut with an ellipsis. */
int pb_error_set(struct pb_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
