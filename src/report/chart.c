/* A chart in the terminal, for people who would rather look: a row of the table is a bar, a comparison a line
 * about zero. Sections, names and the sentences around them are the table's own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/chart_bars.h"
#include "report/chart_changes.h"
#include "report/counts.h"
#include "report/formats.h"
#include "report/grid.h"
#include "report/harmless.h"
#include "report/heading.h"
#include "report/notes.h"
#include "report/story.h"
#include "report/text.h"
#include "results/short_name.h"

enum { LEAST = 40 /* columns of a line */, INDENT = 2 };

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

/* Which findings were said above a section. */
struct told {
    const struct pb_run *run;
    bool *finding;
};

/* A finding names its workload where there are several. */
static bool is_about(const struct pb_grid *g, const struct pb_section *s, const struct pb_finding *f) {
    char name[PB_SHORT_NAME];
    const struct pb_cell *cell = &g->run->cell[s->first];
    if (cell->role == PB_ROLE_REFERENCE || !f->claim)
        return false;
    if (g->sections == 1)
        return true;
    size_t length = strlen(pb_cell_short_name(g->run, cell, name, sizeof name));
    return strncmp(f->claim, name, length) == 0 && f->claim[length] == ':';
}

static const struct pb_finding *find_title(const struct pb_grid *g, const struct pb_section *s,
                                           const struct told *told) {
    for (uint32_t i = 0; i < g->run->findings; i++)
        if (!told->finding[i] && is_about(g, s, &g->run->finding[i])) {
            told->finding[i] = true;
            return &g->run->finding[i];
        }
    return NULL;
}

static void write_title(const struct pb_grid *g, const char *claim, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    pb_text_wrap(&line, claim, g->width, INDENT, g->style->utf8);
    size_t length = line.size ? line.size - 1 : 0; /* without its newline */
    pb_buffer_text(out, g->style->colour && length ? BOLD : "");
    pb_buffer_add(out, pb_buffer_string(&line), length);
    pb_buffer_text(out, g->style->colour && length ? PLAIN : "");
    pb_buffer_text(out, length ? "\n" : "");
    out->failed |= line.failed;
    pb_buffer_release(&line);
}

/* What follows from the claim stands below what shows it. */
static void write_rest(const struct pb_grid *g, const struct pb_finding *f, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    pb_buffer_printf(&line, "%s%s%s", f->evidence ? f->evidence : "", f->evidence && f->next ? " " : "",
                     f->next ? f->next : "");
    pb_text_wrap(out, pb_buffer_string(&line), g->width, INDENT, g->style->utf8);
    out->failed |= line.failed;
    pb_buffer_release(&line);
}

static void write_section(const struct pb_grid *g, const struct pb_section *s, size_t width,
                          const struct told *told, struct pb_buffer *out) {
    const struct pb_finding *title = find_title(g, s, told);
    pb_buffer_text(out, "\n");
    if (title)
        write_title(g, title->claim, out);
    pb_heading_workload(g->run, s->in, g->style, g->width, out);
    pb_chart_bars(g, s, width, out);
    pb_counts_write(g->run, s->in, g->style, g->width, out);
    pb_notes_of_section(g, s, out);
    if (title)
        write_rest(g, title, out);
}

/* Names take a third of a line at most. */
static void cut_names(struct pb_grid *g, size_t width) {
    size_t most = width / 3;
    for (uint32_t i = 0; i < g->run->cells; i++) {
        struct pb_buffer *name = &g->text[i][PB_COLUMN_EXECUTOR], whole = *name;
        if (pb_text_width(pb_buffer_string(&whole)) <= most)
            continue;
        *name = (struct pb_buffer){0};
        pb_text_fit(name, whole.data, most, g->style->utf8);
        pb_buffer_release(&whole);
    }
    for (int k = 0; k < PB_LAYOUTS; k++)
        if (g->layout[k].column[PB_COLUMN_EXECUTOR] > most)
            g->layout[k].column[PB_COLUMN_EXECUTOR] = most;
}

/* Findings that were not said, then why measuring ended. */
static int write_end(const struct told *told, const struct pb_report_style *style, size_t width,
                     struct pb_buffer *out) {
    struct pb_run rest = *told->run;
    rest.finding = calloc((size_t)rest.findings + 1, sizeof *rest.finding);
    rest.findings = 0;
    if (!rest.finding)
        return -ENOMEM;
    for (uint32_t i = 0; i < told->run->findings; i++)
        if (!told->finding[i])
            rest.finding[rest.findings++] = told->run->finding[i];
    pb_buffer_text(out, "\n");
    pb_story_end(&rest, style, width, out);
    free(rest.finding);
    return 0;
}

static int write_rows(const struct pb_run *run, const struct pb_report_style *style, size_t width,
                      struct pb_buffer *out) {
    const struct pb_report_style narrow = {
        .utf8 = style->utf8, .colour = style->colour, .verbose = style->verbose, .width = style->width};
    struct told told = {run, calloc((size_t)run->findings + 1, sizeof *told.finding)};
    struct pb_grid grid;
    int rc = pb_grid_init(&grid, run, &narrow);
    rc = rc ? rc : told.finding ? 0 : -ENOMEM;
    if (rc == 0) {
        grid.width = width < PB_GRID_NARROW ? width : PB_GRID_NARROW;
        cut_names(&grid, grid.width);
        pb_heading_machine(run, style, grid.width, out);
        for (uint32_t i = 0; i < grid.sections; i++)
            write_section(&grid, &grid.section[i], width, &told, out);
        pb_notes_of_table(&grid, out);
        rc = write_end(&told, style, grid.width, out);
    }
    pb_grid_release(&grid);
    free(told.finding);
    return rc;
}

int pb_chart_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                   struct pb_error *error) {
    size_t width = style->width < LEAST ? LEAST : style->width;
    int rc = 0;
    if (run->comparisons)
        pb_chart_changes(run, style, width, out);
    else
        rc = write_rows(run, style, width, out);
    pb_harmless_lines(out);
    if (rc == 0 && out->failed)
        rc = -ENOMEM;
    return rc ? pb_error_set(error, rc, "format chart: %s", strerror(-rc)) : 0;
}
