/* A scaling law with its intervals, from rounds in which every width was measured once. */
#ifndef PB_STATS_SCALING_H
#define PB_STATS_SCALING_H

#include <stdint.h>

#include "stats/summary.h"
#include "stats/usl.h"

struct pb_scaling_data {
    size_t widths, rounds;
    const double *n; /* the widths, each once, ascending */
    const double *x; /* throughput, positive: x[round * widths + width] */
};

struct pb_scaling_fit {
    enum pb_law law; /* PB_LAW_NONE: fewer than PB_AMDAHL_WIDTHS, and nothing else is filled */
    struct pb_usl curve;
    struct pb_interval one;        /* g */
    struct pb_interval a, b, peak; /* b and peak: NAN below PB_USL_WIDTHS, which identify none */
    struct pb_interval throughput; /* predicted at the width asked for */
    struct pb_interval speedup;    /* the same over one worker */
    double misfit;                 /* of the width that the curve misses most: measured / curve - 1 */
    double misfit_at;              /* that width */
};

enum { PB_SCALING_RESAMPLES = 2000 };

/* Fits the law that AICc prefers. The 95 % intervals come from resampling rounds (the same for the same
   seed), the choice of the law included (Efron 2014), by percentiles that are widened for few rounds
   (Hesterberg 2015, 5.2); fewer than PB_EXACT_SAMPLES rounds give none. That of `throughput` is of the curve,
   not of a single sample. 0 or -ENOMEM. */
int pb_scaling_fit(const struct pb_scaling_data *, double predict, uint64_t seed, struct pb_scaling_fit *);

#endif
