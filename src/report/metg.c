#include "report/metg.h"

#include <errno.h>
#include <inttypes.h>

#include "base/name.h"
#include "base/units.h"
#include "report/text_table.h"
#include "report/heading.h"
#include "report/story.h"
#include "report/text.h"

enum { EXECUTOR, WIDTH, LENGTH, INTERVAL, LIMIT, COLUMNS };
enum { NAME = 24, NARROW = 80 };

/* Of the workers' time: from here on they are not waiting. */
static const double busy = 0.8;

static void say_length(const struct pb_metg *m, const struct pb_metg_row *row, struct pb_buffer *length,
                       struct pb_buffer *interval) {
    char text[32];
    const struct pb_estimate *e = &row->length;
    if (row->state == PB_METG_BELOW)
        pb_buffer_printf(length, "< %s", pb_format_time(m->shortest, text, sizeof text));
    else if (row->state == PB_METG_NEVER || row->state == PB_METG_UNCLEAR)
        pb_buffer_text(length, row->state == PB_METG_NEVER ? "none" : "unclear");
    if (row->state != PB_METG_FOUND)
        return;
    pb_buffer_text(length, pb_format_time(e->value, text, sizeof text));
    if (isnan(e->low))
        return;
    pb_buffer_printf(interval, "%s to ", pb_format_time(e->low, text, sizeof text));
    pb_buffer_text(interval, pb_format_time(e->high, text, sizeof text));
}

static void say_limit(const struct pb_metg_row *row, struct pb_buffer *out) {
    char text[32];
    if (row->state == PB_METG_NEVER)
        pb_buffer_printf(out, "%.0f %% at most, however long tasks are", 100 * row->longest_share);
    else if (row->state == PB_METG_UNCLEAR)
        pb_buffer_text(out, "other load? the share of work does not rise with the length");
    else if (row->state == PB_METG_FOUND && row->threads == 1)
        pb_buffer_text(out, "what a call costs");
    else if (row->state == PB_METG_FOUND && row->busy >= busy)
        pb_buffer_text(out, "processors are busy handing out");
    else if (row->state == PB_METG_FOUND && isfinite(row->busy))
        pb_buffer_printf(out, "workers wait for tasks %s of the time",
                         (snprintf(text, sizeof text, "%.0f %%", 100 * (1 - row->busy)), text));
}

static void add_row(struct pb_text_table *t, const struct pb_metg *m, const struct pb_metg_row *row,
                    bool utf8) {
    struct pb_text_table_line *line = pb_text_table_add(t);
    if (!line)
        return;
    pb_text_fit(&line->text[EXECUTOR], row->executor, NAME, utf8);
    pb_buffer_text(&line->text[EXECUTOR], pb_is_executor(row->executor, "gil") ? "*" : "");
    if (!pb_is_serial(row->executor))
        pb_buffer_printf(&line->text[WIDTH], "%" PRIu32, row->workers);
    if (row->state == PB_METG_FAILED) {
        pb_text_clean(&line->rest, "failed: ", utf8);
        pb_text_clean(&line->rest, row->error ? row->error : "", utf8);
        return;
    }
    say_length(m, row, &line->text[LENGTH], &line->text[INTERVAL]);
    say_limit(row, &line->text[LIMIT]);
}

int pb_metg_write(const struct pb_run *run, const struct pb_metg *m, const struct pb_report_style *style,
                  struct pb_buffer *out, struct pb_error *error) {
    static const char *const heading[COLUMNS] = {"", "", "METG(50 %)", "interval", "what limits"};
    struct pb_text_table table = {.columns = COLUMNS, .right = 1u << WIDTH | 1u << LENGTH};
    size_t width = style->width > NARROW ? NARROW : style->width;
    char text[32];
    struct pb_buffer line = {0};
    pb_heading_machine(run, style, width, out);
    pb_buffer_printf(
        &line, "spin, handed out by %s: how long a task must be for half of the workers' time to be its",
        m->via);
    pb_buffer_printf(&line, " work, sought down to %s", pb_format_time(m->shortest, text, sizeof text));
    pb_buffer_text(out, "\n");
    pb_text_wrap(out, pb_buffer_string(&line), width, 2, style->utf8);
    pb_buffer_release(&line);
    struct pb_text_table_line *first = pb_text_table_add(&table);
    for (int k = 0; first && k < COLUMNS; k++)
        pb_buffer_text(&first->text[k], heading[k]);
    for (uint32_t i = 0; i < m->rows; i++)
        add_row(&table, m, &m->row[i], style->utf8);
    pb_text_table_write(&table, out);
    pb_buffer_text(out, "\n");
    pb_story_findings(run, style, width, out);
    return out->failed ? pb_error_set(error, -ENOMEM, "the table: no memory: free some") : 0;
}
