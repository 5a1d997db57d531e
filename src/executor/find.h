/* Finding an executor in the list, and loading the module that it may be. */
#ifndef PB_EXECUTOR_FIND_H
#define PB_EXECUTOR_FIND_H

#include "executor/executor_ops.h"

/* NULL with an error: unknown (the nearest and the list are named), or absent (the reason and the remedy
 * are). */
const struct pb_executor_ops *pb_executor_find(const char *name, struct pb_error *);

#endif
