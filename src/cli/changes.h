/* How commands that tell of changes end: what they print, and with which exit code. */
#ifndef PB_CLI_CHANGES_H
#define PB_CLI_CHANGES_H

#include "cli/options.h"
#include "report/report.h"

/* Writes run->comparison as the table of comparisons, or in the format that --format names, then `foot`,
   which may be NULL, and in a step of GitHub Actions its annotations; both under the table only. An exit
   code; complains. */
int pb_changes_print(const struct pb_options *, const struct pb_run *, const char *foot);

/* 1 if any row regressed; with --strict 3 if any cannot be told, or there is none; else 0. */
int pb_changes_exit_code(const struct pb_options *, const struct pb_run *);

#endif
