/* What rows note beside their numbers: the engine that was used, what was set aside. Each note stands once:
 * under a section if all its rows carry it, else under the table with the rows that do. */
#ifndef PB_REPORT_NOTES_H
#define PB_REPORT_NOTES_H

#include "report/grid.h"

/* What all rows of the section note, and not all of the table. */
void pb_notes_of_section(const struct pb_grid *, const struct pb_section *, struct pb_buffer *);
/* The others; where workers ran elsewhere than planned; what the star means. */
void pb_notes_of_table(const struct pb_grid *, struct pb_buffer *);

#endif
