/* Names that a user may mistype. */
#ifndef PB_BASE_NAME_H
#define PB_BASE_NAME_H

#include <stddef.h>

/* Index of the nearest of `count` names (edit distance with transpositions, at most a third of the length
 * away), or -1. */
int pb_name_nearest(const char *name, const char *const *names, size_t count);

#endif
