/* The table for people, aligned by libsmartcols.
 *
 * What libsmartcols gets fits already: see grid.h. It draws one section at a time, with headings as wide as
 * the columns, so that the rows of all sections are aligned; the line of headings stands where it says
 * anything new. A row without numbers says why in their place: libsmartcols prints its name, the reason is
 * put behind it. libsmartcols measures text by the thread's locale, which is UTF-8 for that moment only. */
#include <errno.h>
#include <libsmartcols.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/account.h"
#include "report/counts.h"
#include "report/formats.h"
#include "report/grid.h"
#include "report/harmless.h"
#include "report/heading.h"
#include "report/lines.h"
#include "report/notes.h"
#include "report/reasons.h"
#include "report/story.h"
#include "report/text.h"
#include "report/workers.h"

enum { ANY_WIDTH = 8192 };

#define DIM "\033[2m"

static int add_column(const struct pb_section *s, int column, struct libscols_table *out) {
    const char *name = pb_grid_heading(s, column);
    size_t blank = s->layout->column[column] - pb_text_width(name);
    bool right = pb_columns[column].right;
    struct pb_buffer heading = {0};
    pb_text_pad(&heading, right ? blank : 0);
    pb_buffer_text(&heading, name);
    pb_text_pad(&heading, right ? 0 : blank);
    bool added =
        !heading.failed && scols_table_new_column(out, heading.data, 0, right ? SCOLS_FL_RIGHT : 0) != NULL;
    pb_buffer_release(&heading);
    return added ? 0 : -ENOMEM;
}

static int add_columns(const struct pb_section *s, struct libscols_table *out) {
    int rc = 0;
    for (int k = 0; k < PB_COLUMNS && rc == 0; k++)
        if (s->layout->shown[k])
            rc = add_column(s, k, out);
    return rc;
}

static int add_row(const struct pb_grid *g, const struct pb_section *s, uint32_t i,
                   struct libscols_table *out) {
    const struct pb_cell *c = &g->run->cell[i];
    struct libscols_line *line = scols_table_new_line(out, NULL);
    int rc = line ? 0 : -ENOMEM;
    size_t at = 0, verdict = 0;
    for (int k = 0; k < PB_COLUMNS && rc == 0; k++)
        if (s->layout->shown[k]) {
            verdict = k == PB_COLUMN_VERDICT ? at : verdict;
            rc = scols_line_set_data(line, at++, pb_buffer_string(&g->text[i][k]));
        }
    if (rc == 0 && g->style->colour && c->role == PB_ROLE_BASE)
        rc = scols_line_set_color(line, DIM);
    else if (rc == 0 && g->style->colour && pb_cell_has_numbers(c) && pb_verdict_colour(c))
        rc = scols_cell_set_color(scols_line_get_cell(line, verdict), pb_verdict_colour(c));
    return rc;
}

/* The rows as text, from malloc; NULL with errno-like *rc. */
static char *draw(const struct pb_grid *g, const struct pb_section *s, int *rc) {
    char *text = NULL;
    struct libscols_table *out = scols_new_table();
    if (!out) {
        *rc = -ENOMEM;
        return NULL;
    }
    scols_table_set_column_separator(out, "  ");
    scols_table_enable_noencoding(out, 1);
    scols_table_enable_colors(out, g->style->colour);
    scols_table_set_termforce(out, SCOLS_TERMFORCE_ALWAYS);
    scols_table_set_termwidth(out, ANY_WIDTH);
    *rc = add_columns(s, out);
    for (uint32_t i = s->first; i < g->run->cells && *rc == 0; i++)
        if (s->in[i])
            *rc = add_row(g, s, i, out);
    if (*rc == 0)
        *rc = scols_print_table_to_string(out, &text);
    scols_unref_table(out);
    return text;
}

static char *draw_in_locale(const struct pb_grid *g, const struct pb_section *s, int *rc) {
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    char *text = draw(g, s, rc);
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    return text;
}

/* Takes libsmartcols' lines one after the other, without the spaces at their ends. */
static void add_line(const char **at, struct pb_buffer *out) {
    size_t length = strcspn(*at, "\n"), end = length;
    while (end > 0 && (*at)[end - 1] == ' ')
        end--;
    pb_buffer_add(out, *at, end);
    pb_buffer_text(out, "\n");
    *at += length + ((*at)[length] == '\n');
}

/* The line of headings, unless it is the one that stands above already. */
static void add_headings(const char **at, struct pb_buffer *above, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    add_line(at, &line);
    if (strcmp(pb_buffer_string(&line), pb_buffer_string(above)) == 0) {
        pb_buffer_release(&line);
        return;
    }
    pb_buffer_text(out, pb_buffer_string(&line));
    out->failed |= line.failed;
    pb_buffer_release(above);
    *above = line;
}

static int add_rows(const struct pb_grid *g, const struct pb_section *s, const char *at,
                    struct pb_buffer *out) {
    int rc = 0;
    for (uint32_t i = s->first; i < g->run->cells && rc == 0; i++) {
        struct pb_buffer named = {0};
        if (!s->in[i])
            continue;
        bool numbers = pb_cell_has_numbers(&g->run->cell[i]);
        add_line(&at, numbers ? out : &named);
        pb_buffer_release(&named);
        if (!numbers)
            pb_reason_write(g, s, i, out);
        else if (g->style->verbose)
            rc = pb_workers_write(&g->run->cell[i], pb_reason_indent(s), g->width, out);
    }
    return rc;
}

static int write_section(const struct pb_grid *g, const struct pb_section *s, struct pb_buffer *headings,
                         struct pb_buffer *out) {
    int rc = 0;
    char *text = draw_in_locale(g, s, &rc);
    const char *at = text;
    if (rc || !text) {
        free(text);
        return rc ? rc : -ENOMEM;
    }
    pb_buffer_text(out, "\n");
    pb_heading_workload(g->run, s->in, g->style, g->width, out);
    add_headings(&at, headings, out);
    rc = add_rows(g, s, at, out);
    pb_reasons_write(g, s, out);
    if (g->style->wide || g->style->verbose)
        pb_lines_write(g->run, s->in, g->style, g->width, pb_account_say, out);
    pb_counts_write(g->run, s->in, g->style, g->width, out);
    pb_notes_of_section(g, s, out);
    free(text);
    return rc;
}

int pb_table_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                   struct pb_error *error) {
    struct pb_grid grid;
    struct pb_buffer headings = {0};
    int rc = pb_grid_init(&grid, run, style);
    if (rc == 0)
        pb_heading_machine(run, style, grid.width, out);
    for (uint32_t i = 0; i < grid.sections && rc == 0; i++)
        rc = write_section(&grid, &grid.section[i], &headings, out);
    if (rc == 0)
        pb_notes_of_table(&grid, out);
    pb_buffer_text(out, "\n");
    pb_story_end(run, style, grid.width, out);
    pb_harmless_lines(out);
    if (rc == 0 && out->failed)
        rc = -ENOMEM;
    pb_buffer_release(&headings);
    pb_grid_release(&grid);
    return rc ? pb_error_set(error, rc, "format table: %s", strerror(-rc)) : 0;
}
