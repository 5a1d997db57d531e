/* Looking several times at data that grow, without wearing out the chance of error.
 *
 * A fifth of the chance of error, alpha, is for the looks on the way: look k, from 1, may spend alpha / 5 /
 * (k (k + 1)), which sums to alpha / 5 over however many there are (1/2 + 1/6 + 1/12 + ... = 1). The rest is
 * for the last look, when time is over: what is plain is found on the way all the same, and what is hard to
 * find is found there (as of O'Brien and Fleming 1979). So whoever stops at the first look that knows an
 * answer errs with a chance of at most alpha, whatever the data (a union bound; spending as of Lan and DeMets
 * 1983, at times that do not depend on what was seen). */
#ifndef PB_STATS_LOOKS_H
#define PB_STATS_LOOKS_H

#include <stdint.h>

enum { PB_LAST_LOOK = 0 };

/* What look k may spend, or the last. */
double pb_looks_share(double alpha, uint32_t k);

/* How many values the look after one at `n` values waits for, for n = 0 the first: at least 10, and as many
   as a signed-rank interval (stats/shift.h) needs at what that look may spend; from there on a third more
   each time. */
uint32_t pb_looks_next(double alpha, uint32_t n);

#endif
