#include "report/text_table.h"

#include <stdlib.h>

#include "report/text.h"

enum { GAP = 2, LEAST = 12 };

#define PLAIN "\033[0m"

struct pb_text_table_line *pb_text_table_add(struct pb_text_table *t) {
    struct pb_text_table_line *more = realloc(t->line, (t->lines + 1) * sizeof *more);
    t->failed |= !more;
    if (!more)
        return NULL;
    t->line = more;
    t->line[t->lines] = (struct pb_text_table_line){0};
    return &t->line[t->lines++];
}

static size_t width_of(const struct pb_text_table *t, size_t line, uint32_t column) {
    return pb_text_width(pb_buffer_string(&t->line[line].text[column]));
}

/* A column of no width is not there. */
static void measure(const struct pb_text_table *t, size_t *widest) {
    size_t total = 0, yields;
    for (uint32_t k = 0; k < t->columns; k++) {
        for (size_t i = 0; i < t->lines; i++)
            widest[k] = width_of(t, i, k) > widest[k] ? width_of(t, i, k) : widest[k];
        total += widest[k] ? widest[k] + (total ? GAP : 0) : 0;
    }
    yields = widest[t->yields];
    if (t->width && total > t->width && yields > LEAST)
        widest[t->yields] = yields > LEAST + (total - t->width) ? yields - (total - t->width) : LEAST;
}

static void write_text(const struct pb_text_table_line *l, uint32_t k, size_t width, bool utf8,
                       struct pb_buffer *out) {
    const char *colour = l->colour[k];
    pb_buffer_text(out, colour ? colour : "");
    if (pb_text_width(l->text[k].data) > width)
        pb_text_fit(out, l->text[k].data, width, utf8);
    else
        pb_buffer_text(out, l->text[k].data);
    pb_buffer_text(out, colour ? PLAIN : "");
}

static void write_line(const struct pb_text_table *t, size_t line, const size_t *widest,
                       struct pb_buffer *out) {
    const struct pb_text_table_line *l = &t->line[line];
    size_t blank = 0; /* that is written only where something follows */
    for (uint32_t k = 0; k < t->columns; k++) {
        size_t width = width_of(t, line, k), fill = widest[k] > width ? widest[k] - width : 0;
        bool right = (t->right >> k & 1) != 0;
        out->failed |= l->text[k].failed;
        if (!widest[k])
            continue;
        if (l->text[k].size) {
            pb_text_pad(out, blank + (right ? fill : 0));
            write_text(l, k, widest[k], t->utf8, out);
            blank = right ? 0 : fill;
        } else {
            blank += widest[k];
        }
        blank += GAP;
    }
    if (l->rest.size)
        pb_buffer_printf(out, "  %s", l->rest.data);
    pb_buffer_text(out, "\n");
    out->failed |= l->rest.failed;
}

void pb_text_table_write(struct pb_text_table *t, struct pb_buffer *out) {
    size_t widest[PB_TEXT_TABLE_COLUMNS] = {0};
    measure(t, widest);
    for (size_t i = 0; i < t->lines; i++)
        write_line(t, i, widest, out);
    for (size_t i = 0; i < t->lines; i++) {
        for (uint32_t k = 0; k < t->columns; k++)
            pb_buffer_release(&t->line[i].text[k]);
        pb_buffer_release(&t->line[i].rest);
    }
    out->failed |= t->failed;
    free(t->line);
    *t = (struct pb_text_table){0};
}
