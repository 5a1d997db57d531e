/* From a record to curves: speedups against both baselines, and the law that they follow. */
#ifndef PB_ANALYSIS_SCALING_H
#define PB_ANALYSIS_SCALING_H

#include "results/scaling.h"

/* Of an executor that was measured at several widths, the one to use is the narrowest whose throughput is at
   least PB_ENOUGH_RATE (analysis/widths.h) of the best. The law is fitted to the widths that lie within the
   borders that the narrowest lies within: processors, quota, package, and cores shared by SMT siblings; rows
   beyond say so. `predict` is the width to predict; 0: twice the widest of the law. Replaces the run's
   findings by what to use, and if a wider one may be worth it. Intervals are seeded from run->seed. 0 or
   -ENOMEM; release in any case. */
int pb_scaling_init(struct pb_scaling *, struct pb_run *, uint32_t predict);

#endif
