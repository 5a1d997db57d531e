/* What each worker of a row did: lines under the row, for --verbose. */
#ifndef PB_REPORT_WORKERS_H
#define PB_REPORT_WORKERS_H

#include "report/report.h"

/* Appends what is said of each worker (tasks and CPU time of a repetition, averaged over samples; where it
   was last seen; where its time went) in lines of at most `width` columns, then how far the busiest is ahead.
   Nothing for a single worker. -ENOMEM, or 0. */
int pb_workers_write(const struct pb_cell *, size_t indent, size_t width, struct pb_buffer *);

#endif
