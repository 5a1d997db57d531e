/* What `bench` without a subcommand does, for commands that measure the same and tell it otherwise. In run.c.
 */
#ifndef PB_CLI_MEASURE_H
#define PB_CLI_MEASURE_H

#include "cli/options.h"
#include "report/report.h"

/* Writes what a run found; it may compute what it needs, and replace the findings. */
struct pb_telling {
    int (*write)(void *context, struct pb_run *, const struct pb_report_style *, struct pb_buffer *,
                 struct pb_error *);
    void *context;
};

/* Plans, warns, measures, analyses, keeps the result and tells it; NULL: by options->format. The exit code.
 */
int pb_measure(struct pb_options *, const char *command_line, const struct pb_telling *);

#endif
