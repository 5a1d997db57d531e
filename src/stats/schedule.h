/* What the tasks' lengths alone allow. */
#ifndef PB_STATS_SCHEDULE_H
#define PB_STATS_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

/* The best speedup when tasks are handed out in this order, each to the first worker that is free (list
   scheduling, Graham 1966): the sum of their lengths over the makespan. Lengths are at least 0, in any unit.
   0 or -ENOMEM; the bound is NAN without tasks, workers or length. */
int pb_list_bound(const double *length, size_t tasks, uint32_t workers, double *bound);

#endif
