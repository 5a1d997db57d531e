/* What other tools call a row: "sha:size=4KiB thread 2", the same in each run that has it, so that they can
 * follow it from run to run. */
#ifndef PB_REPORT_ROW_NAMES_H
#define PB_REPORT_ROW_NAMES_H

#include "report/report.h"

enum { PB_ROW_NAME = 500 /* columns at most; a longer one loses its middle */ };

/* One name for each of the run's cells, harmless, no two of them alike: its workload and what is unusual
   about it are said (results/row_name.h). */
struct pb_row_names {
    char **name;
    uint32_t count;
};

/* 0, or -ENOMEM with an error that names the format. Release in any case. */
int pb_row_names_init(struct pb_row_names *, const struct pb_run *, const char *format, struct pb_error *);
void pb_row_names_release(struct pb_row_names *);

/* Whether the row is one that the user asked for, or its base, and has numbers: what formats tell of that
   follow numbers over time. Rows that failed, that gave wrong answers or that show what the machine can give
   are not. */
bool pb_row_told(const struct pb_cell *);

#endif
