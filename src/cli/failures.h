/* What -v says of failed tasks while a run goes on: a line each. */
#ifndef PB_CLI_FAILURES_H
#define PB_CLI_FAILURES_H

#include "base/buffer.h"
#include "cli/progress.h"

enum { PB_FAILURES_TOLD = 20 /* of a cell; the others are counted */ };

struct pb_failures {
    struct pb_bar *bar; /* borrowed; its line is cleared before another is printed */
    bool utf8;
    uint32_t *count; /* by cell */
    uint32_t cells;
};

void pb_failures_init(struct pb_failures *, struct pb_bar *, bool utf8);
/* For pb_drive's `failed`; its context is the struct. */
void pb_failures_print(void *failures, const struct pb_cell *, const struct pb_failure *);
/* Says how many more there were of each cell, and releases. */
void pb_failures_finish(struct pb_failures *, const struct pb_run *);

/* The line's text, safe for terminals: "bench: http thread 8: task 17: error: HTTP 503". */
void pb_failure_format(const struct pb_cell *, const struct pb_failure *, bool utf8, struct pb_buffer *);

#endif
