/* A small table of texts in columns, for tables that are not of cells: aligned here and not by libsmartcols,
 * so that a build without it has them. */
#ifndef PB_REPORT_TEXT_TABLE_H
#define PB_REPORT_TEXT_TABLE_H

#include <stdint.h>

#include "base/buffer.h"

enum { PB_TEXT_TABLE_COLUMNS = 10 };

struct pb_text_table_line {
    struct pb_buffer text[PB_TEXT_TABLE_COLUMNS]; /* cleaned by the caller */
    const char *colour[PB_TEXT_TABLE_COLUMNS];    /* of a terminal, static; NULL: none */
    struct pb_buffer rest;                        /* behind the last filled column, whatever its width */
};

struct pb_text_table {
    uint32_t columns;
    uint32_t right;  /* bit i: column i is aligned to the right */
    size_t width;    /* that a line should not exceed, `rest` aside; 0: any */
    uint32_t yields; /* the column whose texts lose their middle for that, down to some width */
    bool utf8;       /* the sign for that middle may be one of Unicode */
    struct pb_text_table_line *line;
    size_t lines;
    bool failed;
};

/* A new empty line, or NULL without memory: then writing fails. Earlier pointers become invalid. */
struct pb_text_table_line *pb_text_table_add(struct pb_text_table *);
/* Appends all lines, columns two blanks apart, without those that are empty in every line; releases the
 * table. */
void pb_text_table_write(struct pb_text_table *, struct pb_buffer *);

#endif
