/* Is this machine fit to be measured now? Said before measuring, kept in the record. */
#ifndef PB_CLI_FITNESS_H
#define PB_CLI_FITNESS_H

#include "results/record.h"

/* What the machine's processors did in a short while in which this process slept; NAN where unknown. */
struct pb_disturbance {
    double busy;  /* processors that others kept busy */
    double steal; /* share of the time that the host of a virtual machine kept */
};

/* Adds a warning "what: why: what to do" for each thing that disturbs: load, quota, governor, steal, and
   variables of the environment that runners do not get. 0 or -ENOMEM. */
int pb_fitness_check(struct pb_run *, const struct pb_disturbance *);

/* Processor times since boot in ticks, from the first line of `path` (/proc/stat: proc(5)). 0 or -EIO. */
struct pb_ticks {
    double busy, steal, total;
};
int pb_ticks_read(struct pb_ticks *, const char *path);
/* From two readings on a machine of so many processors. */
struct pb_disturbance pb_disturbance_between(const struct pb_ticks *, const struct pb_ticks *,
                                             uint32_t processors);
/* Sleeps for a fifth of a second and tells what went on meanwhile. */
struct pb_disturbance pb_disturbance_measure(uint32_t processors);

#endif
