/* The laws that curves follow. */
#ifndef PB_ANALYSIS_CURVE_LAW_H
#define PB_ANALYSIS_CURVE_LAW_H

#include "results/scaling.h"

/* Adds run->law for each curve of at least two widths: fitted to the rows that lie within the borders that
   the narrowest lies within (processors, quota, package, and cores shared by SMT siblings), from the rounds
   in which each of them has a sample; or why there is none. Predicts run->predict. 0 or -ENOMEM. */
int pb_find_laws(struct pb_run *);

/* The run's law of the curve; NULL: it has none. */
const struct pb_scaling_law *pb_law_of(const struct pb_run *, const struct pb_curve *);

#endif
