/* The rows of one table as texts that fit: what each column says of each cell, cleaned, and which columns
 * there is room for. It is drawn by table.c. */
#ifndef PB_REPORT_GRID_H
#define PB_REPORT_GRID_H

#include "report/column.h"

enum { PB_GRID_NARROW = 80, PB_GRID_GAP = 2 };

struct pb_grid {
    const struct pb_run *run;
    const struct pb_report_style *style;
    size_t width;                         /* of sentences, and of the table unless it is wide */
    bool *in;                             /* which of the run's cells are its rows */
    bool bindings;                        /* they differ in what binding was asked for: then rows name it */
    struct pb_buffer (*text)[PB_COLUMNS]; /* by cell */
    struct pb_buffer heading[PB_COLUMNS];
    size_t column[PB_COLUMNS]; /* their widths */
    bool shown[PB_COLUMNS];
};

/* 0 or -ENOMEM; release in any case. */
int pb_grid_init(struct pb_grid *, const struct pb_run *, const struct pb_report_style *);
void pb_grid_release(struct pb_grid *);

/* Makes the cells that belong together with cell `first` its rows; false if they are in the table of an
   earlier cell, or hidden. */
bool pb_grid_gather(struct pb_grid *, uint32_t first);
/* Fills texts and widths. What is too wide for the table gives way: columns that others imply, intervals,
   long names. */
void pb_grid_fill(struct pb_grid *);

#endif
