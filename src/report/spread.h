/* A cell's samples as other tools sum them up. They show these beside numbers of their own; a verdict is
 * never made of them. */
#ifndef PB_REPORT_SPREAD_H
#define PB_REPORT_SPREAD_H

#include "results/record.h"

/* Unknown numbers are NAN: all of no samples, the deviation (of n - 1) of one. */
struct pb_spread {
    double mean, median, deviation, least, most;
};

typedef double pb_spread_value(const struct pb_sample *);

/* ns of a repetition, and its CPU time. */
double pb_sample_time(const struct pb_sample *);
double pb_sample_cpu(const struct pb_sample *);
/* The same for each of its tasks: what runs that differ in the number of tasks can be compared by. */
double pb_sample_time_per_task(const struct pb_sample *);
double pb_sample_cpu_per_task(const struct pb_sample *);

/* 0 or -ENOMEM. */
int pb_spread(const struct pb_cell *, pb_spread_value *, struct pb_spread *);

#endif
