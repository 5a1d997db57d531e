/* --like FILE: as many tasks as an earlier result has, so that the two compare. */
#ifndef PB_CLI_LIKE_H
#define PB_CLI_LIKE_H

#include "results/record.h"

/* Gives each planned row of a workload that the result `path` has as many tasks as there; others, and
   references, are left to be calibrated. An exit code: PB_EXIT_USAGE, after a complaint, if it is no result
   or has none of these workloads. */
int pb_like(struct pb_run *, const char *path);

#endif
