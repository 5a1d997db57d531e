/* Looking several times at data that grow, without wearing out the chance of error.
 *
 * Look k, from 1, may err with a chance of alpha / (k (k + 1)). These sum to alpha over however many looks
 * there are (1/2 + 1/6 + 1/12 + ... = 1), so whoever stops at the first look that knows an answer errs with a
 * chance of at most alpha, whatever the data (a union bound; spending as of Lan and DeMets 1983, at times
 * that do not depend on what was seen). */
#ifndef PB_STATS_LOOKS_H
#define PB_STATS_LOOKS_H

#include <stdint.h>

/* What look k may spend. */
double pb_looks_share(double alpha, uint32_t k);

/* How many values the look after one at `n` values waits for, for n = 0 the first: at least 10, and as many
   as a signed-rank interval (stats/shift.h) needs at what that look may spend; from there on a third more
   each time. */
uint32_t pb_looks_next(double alpha, uint32_t n);

#endif
