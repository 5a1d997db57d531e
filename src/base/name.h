/* Names of workloads, executors and options. */
#ifndef PB_BASE_NAME_H
#define PB_BASE_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Index of the nearest of `count` names (edit distance with transpositions, at most a third of the length
 * away), or -1. */
int pb_name_nearest(const char *name, const char *const *names, size_t count);

/* Whether an executor ("NAME" or "NAME:key=value") is of that kind: it is named so, or where another program
   has it, something that ends in a dot and the word: "py.process" is of the kind "process". Of NULL: false.
 */
bool pb_is_executor(const char *executor, const char *kind);
/* The same of "serial": it runs one task at a time. */
bool pb_is_serial(const char *executor);

#endif
