/* --runner: programs that speak the runner protocol; and --launcher: what starts such as ranks. */
#ifndef PB_CLI_RUNNERS_H
#define PB_CLI_RUNNERS_H

#include "cli/options.h"
#include "driver/source.h"

/* Adds the program of each --runner to the sources. -EINVAL and others with an error that names the option.
 */
int pb_runners_add(struct pb_sources *, const struct pb_options *, struct pb_error *);
/* Sets what starts ranks, if --launcher was given; the same errors. */
int pb_launcher_read(struct pb_sources *, const struct pb_options *, struct pb_error *);

#endif
