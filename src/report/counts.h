/* What was counted in a repetition: how tasks ended, and the counters. Lines below the rows. */
#ifndef PB_REPORT_COUNTS_H
#define PB_REPORT_COUNTS_H

#include "report/report.h"

/* Of the cells for which `in` is true (run->cells of them), where any task ended other than ok: how many
   ended how, per repetition, and why one of each kind did; with --wide or --verbose also the counters of
   workload and executor. Rows that say the same share a line; each has at most `width` columns. */
void pb_counts_write(const struct pb_run *, const bool *in, const struct pb_report_style *, size_t width,
                     struct pb_buffer *);

#endif
