/* The share of the workers' time that tasks of a known amount of work use, and where it crosses a half. */
#ifndef PB_ANALYSIS_METG_H
#define PB_ANALYSIS_METG_H

#include "results/metg.h"

/* A cell whose tasks turn so many iterations of `spin` each, on so many threads. */
struct pb_metg_point {
    const struct pb_cell *cell;
    double iterations;
    uint32_t threads;
};

/* Both in rounds that the reference has too, which runs long tasks on serial: its own tasks tell how long an
   iteration takes in that round. Medians; NAN without a common round, 0 or -ENOMEM. */
int pb_metg_share(const struct pb_metg_point *, const struct pb_metg_point *reference, double *share);
int pb_metg_iteration(const struct pb_metg_point *reference, double *ns);

enum { PB_METG_POINTS = 3 };

/* Of points around the crossing, ascending, measured in the same rounds: the length of a task, in ns, at
   which the share is a half, as the median over rounds with its interval. Over so narrow a range the share is
   linear in the logarithm of the length: its slope is that of all rounds, each round's crossing is its own.
   The value is NAN where shares do not rise. `seed` is the interval's. 0 or -ENOMEM. */
int pb_metg_crossing(const struct pb_metg_point point[PB_METG_POINTS], const struct pb_metg_point *reference,
                     uint64_t seed, struct pb_estimate *);

/* Replaces the run's findings by how long tasks are to be made. 0 or -ENOMEM. */
int pb_metg_find(struct pb_run *, const struct pb_metg *);

#endif
