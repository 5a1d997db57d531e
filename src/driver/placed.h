/* Where the workers of a launched cell are: its hosts say what they planned, samples what came of it. */
#ifndef PB_DRIVER_PLACED_H
#define PB_DRIVER_PLACED_H

#include "results/record.h"

/* From the cell's hosts to its `planned`, `binding_effective` and `binding_reason`. 0 or -ENOMEM. */
int pb_placed_plan(struct pb_cell *);
/* From its samples to what was achieved, on each host and in all, and whether that is what was planned. */
int pb_placed_achieve(struct pb_cell *);

#endif
