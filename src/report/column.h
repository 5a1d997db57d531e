/* The table's columns: what each says of a cell. */
#ifndef PB_REPORT_COLUMN_H
#define PB_REPORT_COLUMN_H

#include "report/report.h"

struct pb_column {
    const char *heading;
    bool right; /* aligned */
    bool wide;  /* shown with --wide only */
    /* Appends what the column shows of a cell, not cleaned; nothing where there is nothing to say. */
    void (*format)(const struct pb_cell *, struct pb_buffer *);
};

enum { PB_COLUMN_EXECUTOR, PB_COLUMN_WIDTH, PB_COLUMN_TIME, PB_COLUMN_VERDICT = 6, PB_COLUMNS = 14 };
extern const struct pb_column pb_columns[PB_COLUMNS];

/* Whether the cell has numbers to show; else appends why not ("failed: ..."), not cleaned. */
bool pb_cell_measured(const struct pb_cell *, struct pb_buffer *why);
/* Appends "1.98x": two decimals, fewer for large values; nothing unless it is finite. */
void pb_text_ratio(double value, const char *unit, struct pb_buffer *);
/* "thread 2", "serial", "gil* 8", not cleaned. */
void pb_cell_title(const struct pb_cell *, struct pb_buffer *);

#endif
