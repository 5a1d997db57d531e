/* What a sentence calls a workload: a program by its name, not by its command line. Rows: row_name.h. */
#ifndef PB_RESULTS_SHORT_NAME_H
#define PB_RESULTS_SHORT_NAME_H

#include "results/record.h"

enum { PB_SHORT_NAME = 256 }; /* room for all but absurd ones */

/* Of `cmd:check=1,LEVEL=9 /usr/bin/gzip -c file` it is "gzip", and of every other workload the workload
   itself, cut to the room. Where programs of the run would be called the same though their lines differ, and
   where a line names none, it is the line, cut to what a sentence bears. `run` may be NULL: then it stands
   among rows of its own workload. Returns out. */
const char *pb_cell_short_name(const struct pb_run *, const struct pb_cell *, char *out, size_t size);

/* Is the row's workload a program that is started for each task? */
bool pb_cell_is_program(const struct pb_cell *);
/* And one that makes its own workers? Nothing is known of each of them, and the row goes by its name. */
bool pb_cell_is_own(const struct pb_cell *);

/* Of such a row the program's name alone, whatever others are called; "" where its line names none. Returns
 * out. */
const char *pb_cell_program(const struct pb_cell *, char *out, size_t size);

/* Of such a row the command line, variables first, as the user typed it: it lies within the workload's text.
 */
const char *pb_cell_command(const struct pb_cell *);

#endif
