/* Where workers would be: one launch of ranks that only tell it. */
#ifndef PB_DRIVER_LOOK_H
#define PB_DRIVER_LOOK_H

#include "driver/source.h"
#include "results/record.h"

struct pb_look {
    const struct pb_sources *sources; /* their launcher, and the programs of runners */
    const char *executor;             /* NULL: the last that is launched and not absent */
    uint32_t workers;
    const char *policy;
    int64_t timeout_ns;
};

/* Starts a runner, asks where its workers are, and ends it. Adds one cell to the run, whose hosts are the
   answer. -errno: there is no such executor, or the ranks did not come up: the error says why. */
int pb_look(const struct pb_look *, const struct pb_descriptions *, struct pb_run *, struct pb_error *);

#endif
