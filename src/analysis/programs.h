/* How many workers to give a program that makes its own. */
#ifndef PB_ANALYSIS_PROGRAMS_H
#define PB_ANALYSIS_PROGRAMS_H

#include "results/record.h"

/* Adds a finding for each program that was measured with several numbers of workers, while the run has fewer
   than `most`: "xz: use 2." It is the narrowest that reaches PB_ENOUGH_RATE of the best rate, or that cannot
   be told apart from the best. The summaries must stand. 0 or -ENOMEM. */
int pb_find_programs(struct pb_run *, uint32_t most);

#endif
