/* Lines below the rows of a section: what each row says beside its columns. */
#ifndef PB_REPORT_LINES_H
#define PB_REPORT_LINES_H

#include "report/report.h"

/* Lets each of the cells for which `in` is true (run->cells of them) that has samples say something in parts
   with " · " between them, or nothing. Rows that say the same share a line; each has at most `width` columns.
 */
void pb_lines_write(const struct pb_run *, const bool *in, const struct pb_report_style *, size_t width,
                    void (*say)(const struct pb_cell *, struct pb_buffer *), struct pb_buffer *);

#endif
