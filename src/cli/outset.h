/* How a command that measures begins. All return an exit code, 0 to go on, and have complained else. */
#ifndef PB_CLI_OUTSET_H
#define PB_CLI_OUTSET_H

#include "cli/options.h"
#include "report/report.h"

/* The format that was asked for, or the first that this build has. */
int pb_outset_format(const struct pb_options *, const struct pb_format **);
/* Fills the run with what is known before the plan: machine, limits, host, seed (a new one unless it was
   given; the request gets it, too), version, command, time. */
int pb_outset(struct pb_run *, struct pb_options *, const char *command_line);
/* Looks for what will disturb the measuring, for a fifth of a second: warnings, printed unless --quiet. */
int pb_outset_warn(struct pb_run *, const struct pb_options *);

#endif
