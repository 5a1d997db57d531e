/* How many tasks to have under way at once: of those that wait, and of programs started side by side. */
#ifndef PB_ANALYSIS_WIDTHS_H
#define PB_ANALYSIS_WIDTHS_H

#include "base/buffer.h"
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

/* "16 give 2 % more than 8, and p99 grows from 6.02 ms to 11.3 ms": with the wide one's rate in the narrow's.
 */
void pb_say_gain(const struct pb_cell *narrow, const struct pb_cell *wide, double gain, struct pb_buffer *);

#endif
