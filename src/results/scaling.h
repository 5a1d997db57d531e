/* How the rows of one executor scale with their width. Computed from a record (by analysis/scaling.h),
 * printed by report/scaling.h. The law that they follow stands in the record.
 *
 * Speedups are of throughput, tasks per second: where every width runs the same tasks (strong scaling) that
 * is time over time; where tasks grow with the width (weak) it is the scaled speedup, and efficiency is the
 * time of one worker over that of N. */
#ifndef PB_RESULTS_SCALING_H
#define PB_RESULTS_SCALING_H

#include "results/record.h"

struct pb_curve_row {
    const struct pb_cell *cell;
    struct pb_estimate over_serial;     /* value NAN: serial was not measured */
    struct pb_estimate over_one;        /* over the same executor with one worker; likewise */
    struct pb_estimate serial_fraction; /* Karp and Flatt's, of over_one; value NAN for one worker, or weak */
    char *left_out;                     /* of the law: why; NULL: it is in */
};

/* One executor, with one binding, on one workload. */
struct pb_curve {
    struct pb_curve_row *row; /* ascending widths */
    uint32_t rows;
    const struct pb_cell *serial; /* of the workload; NULL: not measured */
    bool weak;
    const struct pb_scaling_law *law; /* of the run; NULL: there is one width */
    /* Of the rows that fit the processors, if work needs them: the narrowest that is fast enough, and the
       fastest. NULL: none was measured. */
    const struct pb_cell *use, *best;
    bool vague; /* whether `use` is faster than what is narrower cannot be told */
};

struct pb_scaling {
    struct pb_curve *curve;
    uint32_t curves;
};

void pb_scaling_release(struct pb_scaling *);

#endif
