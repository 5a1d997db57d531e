/* What --base and --head of a gate name, and the plan that follows. */
#ifndef PB_CLI_GATE_SIDES_H
#define PB_CLI_GATE_SIDES_H

#include "cli/options.h"
#include "driver/duel.h"

/* A side is a build of bench, an executable file, which -w, -e and -n say what to run of; or itself what is
   run: a plug-in, a C file, a command after "cmd:", or any other item of -w. Both are of one kind. Fills the
   run's cells. *builds: they are builds, which must give the same answers. -EINVAL and others as describing
   and planning give. */
int pb_gate_plan(struct pb_run *, const struct pb_options *, struct pb_sources *, bool *builds,
                 struct pb_error *);

#endif
