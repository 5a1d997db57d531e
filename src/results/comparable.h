/* Whether two runs, and two cells of them, may be held against each other, and in words why not. Pure. */
#ifndef PB_RESULTS_COMPARABLE_H
#define PB_RESULTS_COMPARABLE_H

#include "base/buffer.h"
#include "results/record.h"

/* Appends each thing in which the machines, what may be used of them, or the versions differ so that times
   say nothing of the work: "processor: AMD EPYC, then Intel Xeon; cores: 8, then 4". Nothing where both are
   unknown, or one is. Returns whether there was none. */
bool pb_runs_comparable(const struct pb_run *base, const struct pb_run *head, struct pb_buffer *why);
/* The same of what may have changed the times beside the work, and does not forbid to compare: kernel, libc,
   compiler, the host's name. */
bool pb_runs_alike(const struct pb_run *base, const struct pb_run *head, struct pb_buffer *how);

/* The same of two cells: another work (parameters, tasks, answers), executor, width, way of handing out or
   place; and of cells that have no numbers to trust. */
bool pb_cells_comparable(const struct pb_cell *base, const struct pb_cell *head, struct pb_buffer *why);

/* The cell of `run` that is to be held against `cell` of another run: the one that is the same work in the
   same place, or failing that of the same workload, executor and width, whatever its parameters. References
   are nobody's counterpart, nor is a gate's base. NULL: it has none. */
const struct pb_cell *pb_counterpart(const struct pb_run *run, const struct pb_cell *cell);
/* Whether a comparison of files looks at the cell at all: it is no reference, and no base or control of a
   gate, whose head is what was to be measured. */
bool pb_cell_takes_part(const struct pb_cell *);

#endif
