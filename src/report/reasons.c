#include "report/reasons.h"

#include <string.h>

#include "report/text.h"

enum { INDENT = 2 };

#define RED   "\033[31m"
#define PLAIN "\033[0m"

size_t pb_reason_indent(const struct pb_section *s) {
    const size_t *column = s->layout->column;
    return column[PB_COLUMN_EXECUTOR] + column[PB_COLUMN_WIDTH] + 2 * PB_GRID_GAP;
}

static bool fits(const struct pb_grid *g, const struct pb_section *s, const char *why) {
    struct pb_buffer clean = {0};
    pb_text_clean(&clean, why, g->style->utf8);
    bool yes = pb_text_width(pb_buffer_string(&clean)) <= g->width - pb_reason_indent(s);
    pb_buffer_release(&clean);
    return yes;
}

void pb_reason_write(const struct pb_grid *g, const struct pb_section *s, uint32_t i, struct pb_buffer *out) {
    const struct pb_cell *c = &g->run->cell[i];
    const size_t *column = s->layout->column;
    const char *name = pb_buffer_string(&g->text[i][PB_COLUMN_EXECUTOR]),
               *workers = pb_buffer_string(&g->text[i][PB_COLUMN_WIDTH]);
    bool red = g->style->colour && (c->state == PB_CELL_FAILED || c->state == PB_CELL_WRONG);
    struct pb_buffer why = {0};
    pb_cell_measured(c, &why);
    if (!fits(g, s, pb_buffer_string(&why)))
        why.data[strcspn(why.data, ":")] = '\0';
    pb_buffer_text(out, name);
    pb_text_pad(out, column[PB_COLUMN_EXECUTOR] - pb_text_width(name) + PB_GRID_GAP +
                         column[PB_COLUMN_WIDTH] - pb_text_width(workers));
    pb_buffer_text(out, workers);
    pb_text_pad(out, PB_GRID_GAP);
    pb_buffer_text(out, red ? RED : "");
    pb_text_fit(out, pb_buffer_string(&why), g->width - pb_reason_indent(s), g->style->utf8);
    pb_buffer_text(out, red ? PLAIN "\n" : "\n");
    pb_buffer_release(&why);
}

static bool same_reason(const struct pb_cell *a, const struct pb_cell *b) {
    return a->state == b->state && strcmp(a->error ? a->error : "", b->error ? b->error : "") == 0;
}

static void write_long(const struct pb_grid *g, const struct pb_section *s, uint32_t i,
                       struct pb_buffer *out) {
    const struct pb_cell *cell = g->run->cell;
    struct pb_buffer why = {0}, line = {0};
    bool again = !s->in[i] || pb_cell_measured(&cell[i], &why) || fits(g, s, pb_buffer_string(&why));
    for (uint32_t k = 0; k < i && !again; k++)
        again = s->in[k] && same_reason(&cell[k], &cell[i]);
    for (uint32_t k = i; k < g->run->cells && !again; k++)
        if (s->in[k] && same_reason(&cell[k], &cell[i])) {
            pb_buffer_text(&line, line.size ? ", " : "");
            pb_cell_title(&cell[k], &line);
        }
    if (!again) {
        pb_buffer_printf(&line, ": %s", pb_buffer_string(&why));
        pb_text_wrap(out, pb_buffer_string(&line), g->width, INDENT, g->style->utf8);
    }
    out->failed |= line.failed;
    pb_buffer_release(&why);
    pb_buffer_release(&line);
}

void pb_reasons_write(const struct pb_grid *g, const struct pb_section *s, struct pb_buffer *out) {
    for (uint32_t i = s->first; i < g->run->cells; i++)
        write_long(g, s, i, out);
}
