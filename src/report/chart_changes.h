/* Comparisons as lines about zero, for chart.c. */
#ifndef PB_REPORT_CHART_CHANGES_H
#define PB_REPORT_CHART_CHANGES_H

#include "report/report.h"

/* A line for each comparison, of at most `width` columns (40 or more), then what follows from them. */
void pb_chart_changes(const struct pb_run *, const struct pb_report_style *, size_t width,
                      struct pb_buffer *out);

#endif
