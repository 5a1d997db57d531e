/* The law that a curve follows, for scaling.c alone. */
#ifndef PB_ANALYSIS_CURVE_LAW_H
#define PB_ANALYSIS_CURVE_LAW_H

#include "results/scaling.h"

/* From the rows that are not left out, and the rounds in which each of them has a sample; or why there is
   none. 0 or -ENOMEM. */
int pb_curve_fit(const struct pb_run *, struct pb_curve *, uint32_t predict);

#endif
