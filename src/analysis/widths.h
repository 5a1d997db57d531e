/* How many I/O-bound tasks to have under way at once. */
#ifndef PB_ANALYSIS_WIDTHS_H
#define PB_ANALYSIS_WIDTHS_H

#include "results/record.h"

/* Of an executor that was measured at several widths the one to use is the narrowest whose rate is at least
   this share of the best. */
#define PB_ENOUGH_RATE 0.95

enum pb_advice {
    PB_ADVICE_USE,  /* wider was measured, and gains little: "http: use 8 at once under thread." */
    PB_ADVICE_MORE, /* the widest is still the one to use: "http: the rate still grows at 64 at once" */
};

/* Adds that advice as findings, one for the executors of a workload to which the same applies, while the run
   has fewer than `most`. The summaries must stand. 0 or -ENOMEM. */
int pb_find_widths(struct pb_run *, enum pb_advice, uint32_t most);

#endif
