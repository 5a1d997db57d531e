/* Borders that a scaling law does not reach across: beyond them a further worker is worth less for reasons
 * of the machine, not of the work. */
#ifndef PB_ANALYSIS_BORDERS_H
#define PB_ANALYSIS_BORDERS_H

#include "base/buffer.h"
#include "results/record.h"

/* Why the cell's width lies beyond a border that `narrowest` is within, appended; nothing if it does not.
   Tasks that wait need no processor, so for them there are none. */
void pb_border(const struct pb_run *, const struct pb_cell *narrowest, const struct pb_cell *,
               struct pb_buffer *);

#endif
