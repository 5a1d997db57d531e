/* "Use N": what follows from curves, for scaling.c alone. */
#ifndef PB_ANALYSIS_USE_H
#define PB_ANALYSIS_USE_H

#include "results/scaling.h"

/* Replaces the run's findings. 0 or -ENOMEM. */
int pb_find_use(struct pb_run *, const struct pb_scaling *);

#endif
