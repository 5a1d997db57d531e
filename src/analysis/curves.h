/* The rows of each executor by width: what laws and speedups are made of. For scaling.c and curve_law.c. */
#ifndef PB_ANALYSIS_CURVES_H
#define PB_ANALYSIS_CURVES_H

#include "results/scaling.h"

/* Rows, the workload's serial row, whether scaling is weak, and which rows are left out of the law and why:
   those beyond a border (analysis/borders.h) of the narrowest. Nothing else is filled. 0 or -ENOMEM; release
   in any case. */
int pb_curves_init(struct pb_scaling *, const struct pb_run *);

#endif
