#include "report/grid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/text.h"

enum { LEAST = 60, LEAST_EXECUTOR = 12, LEAST_VERDICT = 8, HEADING = 12 };

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t width_of(const struct pb_report_style *style) {
    size_t most = style->wide && style->width > PB_GRID_NARROW ? style->width : PB_GRID_NARROW;
    return style->width < LEAST ? LEAST : style->width > most ? most : style->width;
}

/* ---- Sections ---- */

static bool together(const struct pb_cell *a, const struct pb_cell *b) {
    return (a->role == PB_ROLE_REFERENCE) == (b->role == PB_ROLE_REFERENCE) && a->workload && b->workload &&
           strcmp(a->workload, b->workload) == 0;
}

/* Whether a section begins with that cell. */
static bool begins(const struct pb_grid *g, uint32_t first) {
    const struct pb_cell *cell = g->run->cell;
    if (cell[first].role == PB_ROLE_REFERENCE && !g->style->wide && !g->style->verbose)
        return false;
    for (uint32_t i = 0; i < first; i++)
        if (together(&cell[i], &cell[first]))
            return false;
    return true;
}

static bool differ_in_binding(const struct pb_run *run, const bool *in) {
    const char *binding = NULL;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *c = &run->cell[i];
        if (!in[i] || c->role == PB_ROLE_BASE || !c->binding)
            continue;
        if (binding && strcmp(binding, c->binding) != 0)
            return true;
        binding = c->binding;
    }
    return false;
}

static int add_section(struct pb_grid *g, uint32_t first) {
    const struct pb_cell *cell = g->run->cell;
    struct pb_section *s = &g->section[g->sections];
    bool *in = calloc(g->run->cells, sizeof *in);
    if (!in)
        return -ENOMEM;
    for (uint32_t i = first; i < g->run->cells; i++)
        in[i] = i == first || together(&cell[i], &cell[first]);
    *s = (struct pb_section){.in = in, .first = first, .bindings = differ_in_binding(g->run, in)};
    g->sections++;
    return 0;
}

static int add_sections(struct pb_grid *g) {
    int rc = 0;
    for (uint32_t i = 0; i < g->run->cells && rc == 0; i++)
        if (begins(g, i))
            rc = add_section(g, i);
    return rc;
}

/* ---- Texts ---- */

static void fill_cell(struct pb_grid *g, const struct pb_section *s, uint32_t i) {
    const struct pb_cell *cell = &g->run->cell[i];
    int columns = pb_cell_has_numbers(cell) ? PB_COLUMNS : PB_COLUMN_WIDTH + 1;
    for (int k = 0; k < columns; k++) {
        struct pb_buffer raw = {0};
        pb_columns[k].format(cell, &raw);
        if (k == PB_COLUMN_EXECUTOR && s->bindings && cell->binding && cell->role != PB_ROLE_BASE)
            pb_buffer_printf(&raw, " %s", cell->binding);
        if (k == PB_COLUMN_EXECUTOR)
            pb_text_fit(&g->text[i][k], pb_buffer_string(&raw), PB_GRID_NARROW, g->style->utf8);
        else
            pb_text_clean(&g->text[i][k], pb_buffer_string(&raw), g->style->utf8);
        pb_buffer_release(&raw);
    }
}

/* A rate is headed by what it counts: "requests/s". */
static void fill_rate(const struct pb_grid *g, struct pb_section *s) {
    const char *counted = NULL;
    for (uint32_t i = 0; i < g->run->cells && !counted; i++)
        counted = s->in[i] ? g->run->cell[i].counter_name[0] : NULL;
    pb_text_fit(&s->rate, counted ? counted : "tasks", HEADING, g->style->utf8);
    pb_buffer_text(&s->rate, "/s");
}

const char *pb_grid_heading(const struct pb_section *s, int column) {
    return column == PB_COLUMN_RATE ? pb_buffer_string(&s->rate) : pb_columns[column].heading;
}

/* ---- Layouts ---- */

static bool any(const struct pb_grid *g, const struct pb_section *s, bool (*holds)(const struct pb_cell *)) {
    for (uint32_t i = 0; i < g->run->cells; i++)
        if (s->in[i] && pb_cell_has_numbers(&g->run->cell[i]) && holds(&g->run->cell[i]))
            return true;
    return false;
}

static bool has_latencies(const struct pb_cell *cell) {
    return isfinite(cell->summary.p50);
}

/* One that means something. */
static bool has_speedup(const struct pb_cell *cell) {
    return !isnan(cell->summary.speedup.value) && !(cell->offered > 0);
}

static bool has_runner(const struct pb_cell *cell) {
    return cell->runner != NULL;
}

static enum pb_layouts layout_of(const struct pb_grid *g, const struct pb_section *s) {
    return !any(g, s, has_latencies) ? PB_LAYOUT_PLAIN
           : any(g, s, has_speedup)  ? PB_LAYOUT_LATENCIES
                                     : PB_LAYOUT_LATENCIES_ALONE;
}

/* Whether the cell is a row of a section with that layout. */
static bool has_row(const struct pb_grid *g, const struct pb_layout *l, uint32_t i) {
    for (uint32_t k = 0; k < g->sections; k++)
        if (g->section[k].layout == l && g->section[k].in[i])
            return true;
    return false;
}

static void measure(const struct pb_grid *g, struct pb_layout *l, int column) {
    size_t most = 1; /* libsmartcols' least */
    for (uint32_t k = 0; k < g->sections; k++) {
        const struct pb_section *s = &g->section[k];
        if (s->layout != l)
            continue;
        most = larger(most, pb_text_width(pb_grid_heading(s, column)));
        for (uint32_t i = 0; i < g->run->cells; i++)
            if (s->in[i])
                most = larger(most, pb_text_width(pb_buffer_string(&g->text[i][column])));
    }
    l->column[column] = most;
}

/* ---- Giving way ---- */

static size_t total(const struct pb_layout *l) {
    size_t sum = 0;
    for (int k = 0; k < PB_COLUMNS; k++)
        sum += l->shown[k] ? l->column[k] + (sum ? PB_GRID_GAP : 0) : 0;
    return sum;
}

static void hide(struct pb_grid *g, struct pb_layout *l, int column, size_t over) {
    (void)g;
    (void)over;
    l->shown[column] = false;
}

static void drop_interval(struct pb_grid *g, struct pb_layout *l, int column, size_t over) {
    (void)over;
    for (uint32_t i = 0; i < g->run->cells; i++) {
        const struct pb_cell *c = &g->run->cell[i];
        if (!pb_cell_has_numbers(c) || !has_speedup(c) || !has_row(g, l, i))
            continue;
        pb_buffer_release(&g->text[i][column]);
        pb_text_ratio(c->summary.speedup.value, "x", &g->text[i][column]);
    }
    measure(g, l, column);
}

/* The findings name causes too. */
static void drop_cause(struct pb_grid *g, struct pb_layout *l, int column, size_t over) {
    (void)over;
    for (uint32_t i = 0; i < g->run->cells; i++) {
        const struct pb_cell *c = &g->run->cell[i];
        const struct pb_summary *s = &c->summary;
        if (!s->outcome || !s->cause || !pb_cell_has_numbers(c) || !has_row(g, l, i))
            continue;
        pb_buffer_release(&g->text[i][column]);
        pb_text_clean(&g->text[i][column], s->outcome, g->style->utf8);
    }
    measure(g, l, column);
}

static void shorten(struct pb_grid *g, struct pb_layout *l, int column, size_t over) {
    size_t least = column == PB_COLUMN_EXECUTOR ? LEAST_EXECUTOR : LEAST_VERDICT, had = l->column[column];
    if (had <= least)
        return;
    size_t width = had > least + over ? had - over : least;
    for (uint32_t i = 0; i < g->run->cells; i++) {
        struct pb_buffer whole = g->text[i][column];
        if (!has_row(g, l, i) || pb_text_width(pb_buffer_string(&whole)) <= width)
            continue;
        g->text[i][column] = (struct pb_buffer){0};
        pb_text_fit(&g->text[i][column], whole.data, width, g->style->utf8);
        pb_buffer_release(&whole);
    }
    l->column[column] = width;
}

/* In this order until the table fits. Rates and latencies bring columns that need room, and a rate says what
   time says: without them nothing but names is cut. */
static const struct {
    void (*give)(struct pb_grid *, struct pb_layout *, int column, size_t over);
    int column;
    bool latencies;
} steps[] = {
    {hide, PB_COLUMN_COST, true},          {hide, PB_COLUMN_BUSY, true},
    {hide, PB_COLUMN_TIME, true},          {drop_interval, PB_COLUMN_SPEEDUP, true},
    {drop_cause, PB_COLUMN_VERDICT, true}, {shorten, PB_COLUMN_EXECUTOR, false},
    {hide, PB_COLUMN_PEAK, true},          {shorten, PB_COLUMN_VERDICT, false},
    {hide, PB_COLUMN_P999, true},
};

static void lay_out(struct pb_grid *g, enum pb_layouts which) {
    struct pb_layout *l = &g->layout[which];
    bool latencies = which != PB_LAYOUT_PLAIN, wide = g->style->wide, runners = false;
    unsigned when =
        PB_SHOWN_ALWAYS | (wide ? PB_SHOWN_WIDE : 0u) | (latencies ? PB_SHOWN_WITH_LATENCIES : 0u);
    for (int k = 0; k < PB_COLUMNS; k++) {
        measure(g, l, k);
        l->shown[k] = pb_columns[k].when & when;
    }
    for (uint32_t k = 0; wide && k < g->sections; k++)
        runners |= g->section[k].layout == l && any(g, &g->section[k], has_runner);
    l->shown[PB_COLUMN_RUNNER] = runners;
    if (which == PB_LAYOUT_LATENCIES_ALONE && !wide)
        l->shown[PB_COLUMN_SPEEDUP] = false;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !wide; i++)
        if (total(l) > g->width && (latencies || !steps[i].latencies))
            steps[i].give(g, l, steps[i].column, total(l) - g->width);
}

/* Rows of different layouts begin alike where there is room. */
static void align_names(struct pb_grid *g) {
    size_t executor = 0, width = 0;
    for (uint32_t i = 0; i < g->sections; i++) {
        const size_t *column = g->section[i].layout->column;
        executor = larger(executor, column[PB_COLUMN_EXECUTOR]);
        width = larger(width, column[PB_COLUMN_WIDTH]);
    }
    for (int k = 0; k < PB_LAYOUTS; k++) {
        struct pb_layout was = g->layout[k], *l = &g->layout[k];
        l->column[PB_COLUMN_EXECUTOR] = executor;
        l->column[PB_COLUMN_WIDTH] = width;
        if (total(l) > g->width && !g->style->wide)
            *l = was;
    }
}

int pb_grid_init(struct pb_grid *g, const struct pb_run *run, const struct pb_report_style *style) {
    *g = (struct pb_grid){.run = run, .style = style, .width = width_of(style)};
    g->text = calloc(run->cells + 1, sizeof *g->text);
    g->section = calloc(run->cells + 1, sizeof *g->section);
    int rc = g->text && g->section ? add_sections(g) : -ENOMEM;
    for (uint32_t k = 0; k < g->sections && rc == 0; k++) {
        struct pb_section *s = &g->section[k];
        s->layout = &g->layout[layout_of(g, s)];
        fill_rate(g, s);
        for (uint32_t i = s->first; i < run->cells; i++)
            if (s->in[i])
                fill_cell(g, s, i);
    }
    for (int k = 0; k < PB_LAYOUTS && rc == 0; k++)
        lay_out(g, k);
    if (rc == 0)
        align_names(g);
    return rc;
}

void pb_grid_release(struct pb_grid *g) {
    for (uint32_t i = 0; g->text && i < g->run->cells; i++)
        for (int k = 0; k < PB_COLUMNS; k++)
            pb_buffer_release(&g->text[i][k]);
    for (uint32_t k = 0; k < g->sections; k++) {
        pb_buffer_release(&g->section[k].rate);
        free(g->section[k].in);
    }
    free(g->section);
    free(g->text);
}
