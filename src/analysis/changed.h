/* From an interval of log(head / base) to what a comparison says. */
#ifndef PB_ANALYSIS_CHANGED_H
#define PB_ANALYSIS_CHANGED_H

#include "results/record.h"
#include "stats/summary.h"

/* The ratio as a share: 0.06 for log(1.06). */
struct pb_estimate pb_changed_share(struct pb_interval log_ratio, uint32_t samples);
/* Fills `change`, of so many samples, and `verdict`, by the rule of stats/change.h and the comparison's
   threshold. */
void pb_changed(struct pb_comparison *, struct pb_interval log_ratio, uint32_t samples);

#endif
