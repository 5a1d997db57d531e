/* The table of what became of each row from base to head, and what it means in sentences: of `bench compare`
 * and of `bench gate`. */
#ifndef PB_REPORT_COMPARISON_H
#define PB_REPORT_COMPARISON_H

#include "report/report.h"

/* Appends run->comparison, at most 80 columns unless the style is wide and the terminal is. 0 or -ENOMEM. */
int pb_comparison_write(const struct pb_run *, const struct pb_report_style *, struct pb_buffer *,
                        struct pb_error *);

#endif
