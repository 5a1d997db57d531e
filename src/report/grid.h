/* The rows of the table as texts that fit: what each column says of each cell, cleaned, and which columns
 * there is room for. It is drawn by table.c.
 *
 * All workloads stand in one table, each in a section of its own. Sections that show the same columns share a
 * layout, so that their rows are aligned. */
#ifndef PB_REPORT_GRID_H
#define PB_REPORT_GRID_H

#include "report/column.h"

enum { PB_GRID_NARROW = 80, PB_GRID_GAP = 2 };

/* By what the columns are chosen. */
enum pb_layouts {
    PB_LAYOUT_PLAIN,
    PB_LAYOUT_LATENCIES,
    PB_LAYOUT_LATENCIES_ALONE, /* no row has a speedup */
    PB_LAYOUTS
};

struct pb_layout {
    size_t column[PB_COLUMNS]; /* their widths */
    bool shown[PB_COLUMNS];
};

/* The rows of one workload. */
struct pb_section {
    bool *in;              /* which of the run's cells they are */
    uint32_t first;        /* of them */
    bool bindings;         /* they differ in what binding was asked for: then rows name it */
    struct pb_buffer rate; /* what heads that column: "requests/s" */
    struct pb_layout *layout;
};

struct pb_grid {
    const struct pb_run *run;
    const struct pb_report_style *style;
    size_t width;                         /* of sentences, and of the table unless it is wide */
    struct pb_buffer (*text)[PB_COLUMNS]; /* by cell */
    struct pb_section *section;           /* in the order of their first cells */
    uint32_t sections;
    struct pb_layout layout[PB_LAYOUTS];
};

/* Parts the run's cells into sections, and fills texts and widths. What is too wide for the table gives way:
   columns that others imply, intervals, long names. 0 or -ENOMEM; release in any case. */
int pb_grid_init(struct pb_grid *, const struct pb_run *, const struct pb_report_style *);
void pb_grid_release(struct pb_grid *);

/* What heads a column there. */
const char *pb_grid_heading(const struct pb_section *, int column);

#endif
