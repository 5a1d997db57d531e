/* The table's columns: what each says of a cell. */
#ifndef PB_REPORT_COLUMN_H
#define PB_REPORT_COLUMN_H

#include "report/report.h"

/* Which tables have a column: bits of a mask. */
enum { PB_SHOWN_ALWAYS = 1, PB_SHOWN_WIDE = 2, PB_SHOWN_WITH_LATENCIES = 4 };

struct pb_column {
    const char *heading;
    bool right; /* aligned */
    unsigned when;
    /* Appends what the column shows of a cell, not cleaned; nothing where there is nothing to say. */
    void (*format)(const struct pb_cell *, struct pb_buffer *);
};

enum {
    PB_COLUMN_EXECUTOR,
    PB_COLUMN_WIDTH,
    PB_COLUMN_TIME,
    PB_COLUMN_SPEEDUP,
    PB_COLUMN_BUSY,
    PB_COLUMN_COST,
    PB_COLUMN_RATE, /* headed by what it counts */
    PB_COLUMN_P50,
    PB_COLUMN_P99,
    PB_COLUMN_P999,
    PB_COLUMN_PEAK,
    PB_COLUMN_VERDICT,
    PB_COLUMN_THROUGHPUT,
    PB_COLUMN_EFFICIENCY,
    PB_COLUMN_POSSIBLE,
    PB_COLUMN_BOUND,
    PB_COLUMN_SWITCHES,
    PB_COLUMN_PLACEMENT,
    PB_COLUMN_RUNNER,
    PB_COLUMNS
};
extern const struct pb_column pb_columns[PB_COLUMNS];

/* Whether the cell has numbers to show; else appends why not ("failed: ...", "refused: ..."), not cleaned. */
bool pb_cell_measured(const struct pb_cell *, struct pb_buffer *why);
bool pb_cell_has_numbers(const struct pb_cell *);
/* Appends "1.98x": two decimals, fewer for large values; nothing unless it is finite. */
void pb_text_ratio(double value, const char *unit, struct pb_buffer *);
/* Whether it carries the star: threads under the model of Python's lock. */
bool pb_cell_is_model(const struct pb_cell *);
/* The row's name within its table, not cleaned: "thread 2", "serial", "gil* 8", "xz 4". */
void pb_cell_title(const struct pb_cell *, struct pb_buffer *);
/* What its verdict looks like on a terminal, static; NULL: like anything else. */
const char *pb_verdict_colour(const struct pb_cell *);

#endif
