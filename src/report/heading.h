/* The lines above the tables. Each appends whole lines of at most `width` columns. */
#ifndef PB_REPORT_HEADING_H
#define PB_REPORT_HEADING_H

#include "report/report.h"

/* The machine, and what may be used of it: one line of 80 columns, and what it can give; with --wide or
   --verbose also the kernel and where the limit stands. */
void pb_heading_machine(const struct pb_run *, const struct pb_report_style *, size_t width,
                        struct pb_buffer *);
/* Of the cells for which `in` is true (run->cells of them): what they run, and what that allows. */
void pb_heading_workload(const struct pb_run *, const bool *in, const struct pb_report_style *, size_t width,
                         struct pb_buffer *);

#endif
