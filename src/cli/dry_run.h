/* `--dry-run`: the plan as a table. */
#ifndef PB_CLI_DRY_RUN_H
#define PB_CLI_DRY_RUN_H

#include "base/buffer.h"
#include "driver/plan.h"

/* Appends every row of the plan with its place, then how long it may take. */
void pb_dry_run_format(const struct pb_run *, const struct pb_request *, struct pb_buffer *);

#endif
