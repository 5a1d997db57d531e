/* The sentences under a table of comparisons. */
#ifndef PB_REPORT_COMPARISON_WORDS_H
#define PB_REPORT_COMPARISON_WORDS_H

#include "report/report.h"

/* What regressed and improved and by how much; what could not be decided, the least change that could have
   been found and what would find less; what is not comparable, and why. Lines of at most `width`. */
void pb_comparison_say(const struct pb_run *, const struct pb_report_style *, size_t width,
                       struct pb_buffer *);

#endif
