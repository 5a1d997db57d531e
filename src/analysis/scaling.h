/* From a record to curves: speedups against both baselines, beside the law that the record holds. */
#ifndef PB_ANALYSIS_SCALING_H
#define PB_ANALYSIS_SCALING_H

#include "results/scaling.h"

/* The record must be analysed (pb_analyse). Of an executor that was measured at several widths, the one to
   use is the narrowest whose throughput is at least PB_ENOUGH_RATE (analysis/widths.h) of the best. Replaces
   the run's findings by what to use, and if a wider one may be worth it. Intervals are seeded from run->seed.
   0 or -ENOMEM; release in any case. */
int pb_scaling_init(struct pb_scaling *, struct pb_run *);

#endif
