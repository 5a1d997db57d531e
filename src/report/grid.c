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

int pb_grid_init(struct pb_grid *g, const struct pb_run *run, const struct pb_report_style *style) {
    *g = (struct pb_grid){.run = run, .style = style, .width = width_of(style)};
    g->in = calloc(run->cells + 1, sizeof *g->in);
    g->text = calloc(run->cells + 1, sizeof *g->text);
    return g->in && g->text ? 0 : -ENOMEM;
}

static void forget_texts(struct pb_grid *g) {
    for (int k = 0; k < PB_COLUMNS; k++) {
        pb_buffer_release(&g->heading[k]);
        for (uint32_t i = 0; g->text && i < g->run->cells; i++)
            pb_buffer_release(&g->text[i][k]);
    }
}

void pb_grid_release(struct pb_grid *g) {
    forget_texts(g);
    free(g->text);
    free(g->in);
}

/* ---- Rows ---- */

static bool together(const struct pb_cell *a, const struct pb_cell *b) {
    return (a->role == PB_ROLE_REFERENCE) == (b->role == PB_ROLE_REFERENCE) && a->workload && b->workload &&
           strcmp(a->workload, b->workload) == 0;
}

bool pb_grid_gather(struct pb_grid *g, uint32_t first) {
    const struct pb_cell *cell = g->run->cell;
    if (cell[first].role == PB_ROLE_REFERENCE && !g->style->wide && !g->style->verbose)
        return false;
    for (uint32_t i = 0; i < first; i++)
        if (together(&cell[i], &cell[first]))
            return false;
    const char *binding = NULL;
    g->bindings = false;
    for (uint32_t i = 0; i < g->run->cells; i++) {
        g->in[i] = i == first || together(&cell[i], &cell[first]);
        if (!g->in[i] || cell[i].role == PB_ROLE_BASE || !cell[i].binding)
            continue;
        g->bindings |= binding && strcmp(binding, cell[i].binding) != 0;
        binding = cell[i].binding;
    }
    return true;
}

/* ---- Texts ---- */

static void measure(struct pb_grid *g, int column) {
    size_t most = larger(1, pb_text_width(pb_buffer_string(&g->heading[column]))); /* libsmartcols' least */
    for (uint32_t i = 0; i < g->run->cells; i++)
        if (g->in[i])
            most = larger(most, pb_text_width(pb_buffer_string(&g->text[i][column])));
    g->column[column] = most;
}

static void fill_cell(struct pb_grid *g, uint32_t i) {
    const struct pb_cell *cell = &g->run->cell[i];
    int columns = pb_cell_has_numbers(cell) ? PB_COLUMNS : PB_COLUMN_WIDTH + 1;
    for (int k = 0; k < columns; k++) {
        struct pb_buffer raw = {0};
        pb_columns[k].format(cell, &raw);
        if (k == PB_COLUMN_EXECUTOR && g->bindings && cell->binding && cell->role != PB_ROLE_BASE)
            pb_buffer_printf(&raw, " %s", cell->binding);
        if (k == PB_COLUMN_EXECUTOR)
            pb_text_fit(&g->text[i][k], pb_buffer_string(&raw), PB_GRID_NARROW, g->style->utf8);
        else
            pb_text_clean(&g->text[i][k], pb_buffer_string(&raw), g->style->utf8);
        pb_buffer_release(&raw);
    }
}

/* A rate is headed by what it counts: "requests/s". */
static void fill_headings(struct pb_grid *g) {
    const char *counted = NULL;
    for (uint32_t i = 0; i < g->run->cells && !counted; i++)
        counted = g->in[i] ? g->run->cell[i].counter_name[0] : NULL;
    for (int k = 0; k < PB_COLUMNS; k++)
        pb_buffer_text(&g->heading[k], k == PB_COLUMN_RATE ? "" : pb_columns[k].heading);
    struct pb_buffer *rate = &g->heading[PB_COLUMN_RATE];
    pb_text_fit(rate, counted ? counted : "tasks", HEADING, g->style->utf8);
    pb_buffer_text(rate, "/s");
}

static bool any(const struct pb_grid *g, bool (*holds)(const struct pb_cell *)) {
    for (uint32_t i = 0; i < g->run->cells; i++)
        if (g->in[i] && pb_cell_has_numbers(&g->run->cell[i]) && holds(&g->run->cell[i]))
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

/* ---- Giving way ---- */

static size_t total(const struct pb_grid *g) {
    size_t sum = 0;
    for (int k = 0; k < PB_COLUMNS; k++)
        sum += g->shown[k] ? g->column[k] + (sum ? PB_GRID_GAP : 0) : 0;
    return sum;
}

static void hide(struct pb_grid *g, int column, size_t over) {
    (void)over;
    g->shown[column] = false;
}

static void drop_interval(struct pb_grid *g, int column, size_t over) {
    (void)over;
    for (uint32_t i = 0; i < g->run->cells; i++)
        if (g->in[i] && pb_cell_has_numbers(&g->run->cell[i]) && has_speedup(&g->run->cell[i])) {
            pb_buffer_release(&g->text[i][column]);
            pb_text_ratio(g->run->cell[i].summary.speedup.value, "x", &g->text[i][column]);
        }
    measure(g, column);
}

/* The findings name causes too. */
static void drop_cause(struct pb_grid *g, int column, size_t over) {
    (void)over;
    for (uint32_t i = 0; i < g->run->cells; i++) {
        const struct pb_summary *s = &g->run->cell[i].summary;
        if (!g->in[i] || !pb_cell_has_numbers(&g->run->cell[i]) || !s->outcome || !s->cause)
            continue;
        pb_buffer_release(&g->text[i][column]);
        pb_text_clean(&g->text[i][column], s->outcome, g->style->utf8);
    }
    measure(g, column);
}

static void shorten(struct pb_grid *g, int column, size_t over) {
    size_t least = column == PB_COLUMN_EXECUTOR ? LEAST_EXECUTOR : LEAST_VERDICT, had = g->column[column];
    if (had <= least)
        return;
    size_t width = had > least + over ? had - over : least;
    for (uint32_t i = 0; i < g->run->cells; i++) {
        struct pb_buffer whole = g->text[i][column];
        if (!g->in[i] || pb_text_width(pb_buffer_string(&whole)) <= width)
            continue;
        g->text[i][column] = (struct pb_buffer){0};
        pb_text_fit(&g->text[i][column], whole.data, width, g->style->utf8);
        pb_buffer_release(&whole);
    }
    g->column[column] = width;
}

/* In this order until the table fits. Rates and latencies bring columns that need room, and a rate says what
   time says: without them nothing but names is cut. */
static const struct {
    void (*give)(struct pb_grid *, int column, size_t over);
    int column;
    bool latencies;
} steps[] = {
    {hide, PB_COLUMN_COST, true},          {hide, PB_COLUMN_BUSY, true},
    {hide, PB_COLUMN_TIME, true},          {drop_interval, PB_COLUMN_SPEEDUP, true},
    {drop_cause, PB_COLUMN_VERDICT, true}, {shorten, PB_COLUMN_EXECUTOR, false},
    {hide, PB_COLUMN_PEAK, true},          {shorten, PB_COLUMN_VERDICT, false},
    {hide, PB_COLUMN_P999, true},
};

void pb_grid_fill(struct pb_grid *g) {
    forget_texts(g);
    fill_headings(g);
    for (uint32_t i = 0; i < g->run->cells; i++)
        if (g->in[i])
            fill_cell(g, i);
    bool latencies = any(g, has_latencies);
    unsigned when =
        PB_SHOWN_ALWAYS | (g->style->wide ? PB_SHOWN_WIDE : 0u) | (latencies ? PB_SHOWN_WITH_LATENCIES : 0u);
    for (int k = 0; k < PB_COLUMNS; k++) {
        measure(g, k);
        g->shown[k] = pb_columns[k].when & when;
    }
    if (latencies && !any(g, has_speedup) && !g->style->wide)
        g->shown[PB_COLUMN_SPEEDUP] = false;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !g->style->wide; i++)
        if (total(g) > g->width && (latencies || !steps[i].latencies))
            steps[i].give(g, steps[i].column, total(g) - g->width);
}
