/* Is this machine fit to be measured now? Said before measuring, kept in the record. */
#ifndef PB_CLI_FITNESS_H
#define PB_CLI_FITNESS_H

#include "results/doctor.h"
#include "results/record.h"
#include "topology/ticks.h"

/* What the machine's processors did in a short while in which this process slept; NAN where unknown. */
struct pb_disturbance {
    double busy;  /* processors that others kept busy */
    double steal; /* share of the time that the host of a virtual machine kept */
};

enum { PB_CHECKS = 16 }; /* at most */

/* Fills `out`, of PB_CHECKS, in the order of telling; returns how many. Reads only. */
uint32_t pb_fitness_look(const struct pb_run *, const struct pb_disturbance *, struct pb_check *out);

/* Adds a warning "what: why: what to do" for each check that is warned of and is unfit. 0 or -ENOMEM. */
int pb_fitness_check(struct pb_run *, const struct pb_disturbance *);

/* From two readings on a machine of so many processors. */
struct pb_disturbance pb_disturbance_between(const struct pb_ticks *, const struct pb_ticks *,
                                             uint32_t processors);
/* Sleeps for a fifth of a second and tells what went on meanwhile. */
struct pb_disturbance pb_disturbance_measure(uint32_t processors);

#endif
