/* METG(50 %), minimum effective task granularity: the shortest task at which the tasks' own work still takes
 * half of the workers' time (Slaughter and others, Task Bench, SC 2020). Measured by driver/metg.h, printed
 * by report/metg.h. */
#ifndef PB_RESULTS_METG_H
#define PB_RESULTS_METG_H

#include "results/record.h"

enum pb_metg_state {
    PB_METG_FOUND,
    PB_METG_BELOW,   /* even the shortest tasks are efficient enough */
    PB_METG_NEVER,   /* even the longest are not */
    PB_METG_UNCLEAR, /* efficiency does not rise with the length there: disturbed */
    PB_METG_FAILED
};

/* Of one executor at one width. */
struct pb_metg_row {
    char *executor;
    uint32_t workers; /* asked */
    uint32_t threads; /* that run tasks: 1 for an event loop with many in flight */
    char *binding;
    enum pb_metg_state state;
    struct pb_estimate length; /* ns; FOUND */
    double longest_share;      /* efficiency of the longest tasks; NAN: not measured */
    double busy;               /* processors kept busy at the crossing, for each worker; NAN: unknown */
    char *error;               /* FAILED: why */
};

struct pb_metg {
    struct pb_metg_row *row;
    uint32_t rows;
    double shortest, longest; /* ns, between which it was sought */
    const char *via;          /* borrowed */
};

void pb_metg_release(struct pb_metg *);

#endif
