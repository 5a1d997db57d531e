/* From what the user wrote, "sha:size=4k" or "./mine.so:size=4k", to the workload. */
#ifndef PB_RUNNER_FIND_H
#define PB_RUNNER_FIND_H

#include "base/error.h"
#include "bench/list.h"
#include "parbench/workload.h"

struct pb_found {
    const struct pb_workload *workload;
    char *name;         /* "sha", or a plug-in's path */
    const char *params; /* what follows the colon; "" if nothing does; inside `name`'s memory */
};

/* A row of the list, built in or from its module; the error does not name it. */
int pb_workload_load(const struct pb_workload_entry *, const struct pb_workload **, struct pb_error *);
/* Loads the module or plug-in if it is one, and checks it. The error names the nearest workload and the list.
 */
int pb_workload_find(struct pb_found *, const char *item, struct pb_error *);
void pb_found_release(struct pb_found *);

#endif
