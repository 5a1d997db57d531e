/* A section per workload: serial, then each curve's rows, then what is to be said of curves; lines that would
 * say the same of several curves name them together. */
#include "report/scaling.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/column.h"
#include "report/text_table.h"
#include "report/heading.h"
#include "report/laws.h"
#include "report/story.h"
#include "report/text.h"

enum { NAME = 24, NARROW = 80 };
enum { EXECUTOR, WIDTH, TIME, OVER_SERIAL, SERIAL_EFFICIENCY, OVER_ONE, ONE_EFFICIENCY, FRACTION, COLUMNS };

static bool same_workload(const struct pb_cell *a, const struct pb_cell *b) {
    return strcmp(a->workload ? a->workload : "", b->workload ? b->workload : "") == 0;
}

static void clean(struct pb_buffer *to, struct pb_buffer *from, bool utf8) {
    pb_text_fit(to, pb_buffer_string(from), NAME, utf8);
    to->failed |= from->failed;
    pb_buffer_release(from);
}

static void say_column(int column, const struct pb_cell *cell, bool utf8, struct pb_buffer *out) {
    struct pb_buffer raw = {0};
    pb_columns[column].format(cell, &raw);
    clean(out, &raw, utf8);
}

static void say_speedup(const struct pb_estimate *e, bool utf8, struct pb_buffer *out) {
    struct pb_buffer raw = {0};
    double half = (e->high - e->low) / 2;
    pb_text_ratio(e->value, "x", &raw);
    if (raw.size && isfinite(half)) {
        pb_buffer_text(&raw, " ±");
        pb_text_ratio(half, "", &raw);
    }
    clean(out, &raw, utf8);
}

static void say_efficiency(const struct pb_estimate *e, uint32_t workers, struct pb_buffer *out) {
    if (isfinite(e->value))
        pb_buffer_printf(out, "%.0f %%", 100 * e->value / workers);
}

static void say_fraction(const struct pb_estimate *e, bool utf8, struct pb_buffer *out) {
    struct pb_buffer raw = {0};
    double half = (e->high - e->low) / 2;
    if (isfinite(e->value))
        pb_buffer_printf(&raw, "%.3f", e->value);
    if (raw.size && isfinite(half))
        pb_buffer_printf(&raw, " ±%.3f", half);
    clean(out, &raw, utf8);
}

static void add_headings(struct pb_text_table *t) {
    static const char *const heading[COLUMNS] = {"",     "",           "time", "over serial",
                                                 "eff.", "over n = 1", "eff.", "serial fraction"};
    struct pb_text_table_line *line = pb_text_table_add(t);
    for (int k = 0; line && k < COLUMNS; k++)
        pb_buffer_text(&line->text[k], heading[k]);
}

static void add_serial(struct pb_text_table *t, const struct pb_cell *serial, bool utf8) {
    struct pb_text_table_line *line = serial ? pb_text_table_add(t) : NULL;
    if (!line)
        return;
    say_column(PB_COLUMN_EXECUTOR, serial, utf8, &line->text[EXECUTOR]);
    say_column(PB_COLUMN_TIME, serial, utf8, &line->text[TIME]);
    pb_buffer_text(&line->text[OVER_SERIAL], "1.00x");
}

static void add_row(struct pb_text_table *t, const struct pb_curve_row *row, bool utf8) {
    struct pb_text_table_line *line = pb_text_table_add(t);
    const struct pb_cell *cell = row->cell;
    struct pb_buffer why = {0};
    if (!line)
        return;
    say_column(PB_COLUMN_EXECUTOR, cell, utf8, &line->text[EXECUTOR]);
    pb_buffer_printf(&line->text[WIDTH], "%" PRIu32, cell->workers);
    if (pb_cell_measured(cell, &why)) {
        say_column(PB_COLUMN_TIME, cell, utf8, &line->text[TIME]);
        say_speedup(&row->over_serial, utf8, &line->text[OVER_SERIAL]);
        say_efficiency(&row->over_serial, cell->workers, &line->text[SERIAL_EFFICIENCY]);
        say_speedup(&row->over_one, utf8, &line->text[OVER_ONE]);
        say_efficiency(&row->over_one, cell->workers, &line->text[ONE_EFFICIENCY]);
        say_fraction(&row->serial_fraction, utf8, &line->text[FRACTION]);
    }
    pb_text_clean(&line->rest, pb_buffer_string(&why), utf8);
    pb_buffer_release(&why);
}

/* The curves of the workload of curve `first` follow each other. */
static uint32_t section_end(const struct pb_scaling *s, uint32_t first) {
    uint32_t end = first;
    while (end < s->curves && same_workload(s->curve[end].row[0].cell, s->curve[first].row[0].cell))
        end++;
    return end;
}

static int write_heading(const struct pb_run *run, const struct pb_cell *of,
                         const struct pb_report_style *style, size_t width, struct pb_buffer *out) {
    bool *in = calloc(run->cells + 1, sizeof *in);
    if (!in)
        return -ENOMEM;
    for (uint32_t i = 0; i < run->cells; i++)
        in[i] = run->cell[i].role != PB_ROLE_REFERENCE && same_workload(&run->cell[i], of);
    pb_buffer_text(out, "\n");
    pb_heading_workload(run, in, style, width, out);
    free(in);
    return 0;
}

static int write_section(const struct pb_run *run, const struct pb_curve *curve, uint32_t curves,
                         const struct pb_report_style *style, size_t width, struct pb_buffer *out) {
    struct pb_text_table table = {.columns = COLUMNS,
                                  .right = 1u << WIDTH | 1u << TIME | 1u << SERIAL_EFFICIENCY |
                                           1u << ONE_EFFICIENCY};
    int rc = write_heading(run, curve[0].row[0].cell, style, width, out);
    add_headings(&table);
    add_serial(&table, curve[0].serial, style->utf8);
    for (uint32_t i = 0; i < curves; i++)
        for (uint32_t k = 0; k < curve[i].rows; k++)
            add_row(&table, &curve[i].row[k], style->utf8);
    pb_text_table_write(&table, out);
    pb_buffer_text(out, "\n");
    pb_laws_write(curve, curves, style, width, out);
    return rc;
}

int pb_scaling_write(const struct pb_run *run, const struct pb_scaling *s,
                     const struct pb_report_style *style, struct pb_buffer *out, struct pb_error *error) {
    size_t width = style->width > NARROW ? NARROW : style->width;
    int rc = 0;
    pb_heading_machine(run, style, width, out);
    for (uint32_t i = 0, end; i < s->curves && rc == 0; i = end) {
        end = section_end(s, i);
        rc = write_section(run, &s->curve[i], end - i, style, width, out);
    }
    pb_buffer_text(out, "\n");
    pb_story_end(run, style, width, out);
    if (rc < 0 || out->failed)
        return pb_error_set(error, -ENOMEM, "the table: no memory: free some");
    return 0;
}
