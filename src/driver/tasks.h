/* How many tasks a repetition has, and how long each takes on serial. */
#ifndef PB_DRIVER_TASKS_H
#define PB_DRIVER_TASKS_H

#include "driver/session.h"

/* How many tasks take long enough to be timed: doubles *tasks until a repetition takes `least_ns` even when
   nothing disturbs it, and returns in *ns the shortest of 1 + `again` of them, since disturbance only ever
   slows. One that takes `long_ns` is timed once. 0, or what pb_session_run gives. */
struct pb_timing {
    double least_ns, long_ns;
    int again;
};
int pb_time_enough(struct pb_session *, struct pb_cell *, const struct pb_timing *, int64_t timeout_ns,
                   uint64_t *tasks, double *ns);

/* For a workload without a natural count: sets cell->tasks, unless the user did, so that a repetition takes
   20 to 100 ms at every width of the plan, and longer if tasks are: four turns of the widest cell while that
   is a second on serial, then two, then one. Measured once, on the workload's first cell (serial, unless
   there is no base). What is enough waiting tasks for the widest cell may be endless for a narrow one: cells
   whose repetition would take longer than `longest_ns` are refused, this one perhaps among them. */
int pb_choose_tasks(struct pb_run *, struct pb_cell *, struct pb_session *, int64_t timeout_ns,
                    double longest_ns);
/* Gives the cell's count to every cell of the same workload; where it is `weak`, as many for each worker. */
void pb_share_tasks(struct pb_run *, const struct pb_cell *, bool weak);
/* On serial cells: some repetitions with each task clocked, for the bound by list scheduling; one, if it
 * takes more than a second. Skipped for many tasks, and where the runner refuses. */
int pb_time_tasks(struct pb_cell *, struct pb_session *, int64_t timeout_ns);

/* The pure part: from `tasks` that took `ns` to a count, for widths up to `widest`. */
uint64_t pb_tasks_for(double ns_per_task, uint32_t widest, bool io);

#endif
