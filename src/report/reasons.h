/* Rows without numbers: why they have none. */
#ifndef PB_REPORT_REASONS_H
#define PB_REPORT_REASONS_H

#include "report/grid.h"

/* Columns before the reason of a row, and before what is said of its workers. */
size_t pb_reason_indent(const struct pb_section *);
/* The row of cell i: its name and why; of a long reason only the kind. */
void pb_reason_write(const struct pb_grid *, const struct pb_section *, uint32_t i, struct pb_buffer *);
/* Below the rows, the reasons that did not fit, each once: "serial, thread 2: failed: ...". */
void pb_reasons_write(const struct pb_grid *, const struct pb_section *, struct pb_buffer *);

#endif
