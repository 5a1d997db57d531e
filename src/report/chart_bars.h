/* The bars of a section, for chart.c. */
#ifndef PB_REPORT_CHART_BARS_H
#define PB_REPORT_CHART_BARS_H

#include "report/grid.h"

/* What the bars are, then the section's rows, of at most `width` columns (40 or more); again with latencies
   where tasks observe them. The executors' column must be no wider than a third of that. */
void pb_chart_bars(const struct pb_grid *, const struct pb_section *, size_t width, struct pb_buffer *);

#endif
