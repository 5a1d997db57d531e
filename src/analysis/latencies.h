/* The latencies that a cell's tasks observed. */
#ifndef PB_ANALYSIS_LATENCIES_H
#define PB_ANALYSIS_LATENCIES_H

#include "results/record.h"

/* Fills p50, p99 and p999 from all samples together: a percentile is of what callers met, not of repetitions.
   NAN where none were observed. 0 or -ENOMEM. */
int pb_cell_latencies(const struct pb_cell *, struct pb_summary *);
/* The least of them, ns; 0 where none were observed. */
double pb_cell_least_latency(const struct pb_cell *);

#endif
