/* Where the time of a cell's workers went. */
#ifndef PB_ANALYSIS_SPENT_H
#define PB_ANALYSIS_SPENT_H

#include "results/record.h"

/* workers x makespan = computing + waiting for the GIL + waiting in I/O verbs + idle + rest, each part but
   the rest clocked by itself. Shares of one sample; all are NAN unless each part of each worker is known. */
struct pb_shares pb_sample_spent(const struct pb_sample *);

/* The medians over a cell's samples, part by part: so they need not add up to 1 exactly. 0 or -ENOMEM. */
int pb_cell_spent(const struct pb_cell *, struct pb_shares *);

#endif
