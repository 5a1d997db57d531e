/* The processors that a cell could run on: this machine's, or those of the hosts that its ranks were on. */
#ifndef PB_ANALYSIS_CAPACITY_H
#define PB_ANALYSIS_CAPACITY_H

#include "results/record.h"

struct pb_capacity {
    double usable;       /* processors, which a quota may cut into parts; NAN: not known of all of them */
    double quota;        /* what quotas allow in all, where any limits; NAN: none does */
    uint32_t processors; /* whole ones; 0: not known */
};

struct pb_capacity pb_capacity_of(const struct pb_run *, const struct pb_cell *);

#endif
