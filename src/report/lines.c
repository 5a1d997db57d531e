/* Each row says its counts in one text; rows with equal texts become one line, named by its rows:
 *
 *     thread 8    ok 173 · not_found 150 · error 177
 *     other rows  ok 500
 *
 * Alone, or with too long a name, it is "every row: ok 500". */
#include "report/lines.h"

#include <stdlib.h>
#include <string.h>

#include "report/column.h"
#include "report/text.h"

enum { INDENT = 2, GAP = 2, NAME = 32, LONGEST_LABEL = 30 };

struct line {
    struct pb_buffer label, text;
    uint32_t rows;
};

static void fitted(struct pb_buffer *out, const char *text) {
    pb_text_fit(out, text, NAME, true);
}

static bool same(const struct pb_buffer *a, const struct pb_buffer *b) {
    return strcmp(pb_buffer_string(a), pb_buffer_string(b)) == 0;
}

/* Puts the texts of rows that are equal into the line of the first of them, and names it. */
static void merge(const struct pb_run *run, struct line *line, uint32_t rows) {
    for (uint32_t i = 0; i < run->cells; i++) {
        if (!line[i].text.size)
            continue;
        for (uint32_t k = i; k < run->cells; k++) {
            if (!same(&line[i].text, &line[k].text))
                continue;
            struct pb_buffer title = {0};
            pb_cell_title(&run->cell[k], &title);
            pb_buffer_text(&line[i].label, line[i].rows++ ? ", " : "");
            fitted(&line[i].label, pb_buffer_string(&title));
            pb_buffer_release(&title);
            if (k > i)
                pb_buffer_release(&line[k].text);
        }
        if (line[i].rows == rows && rows > 1) {
            pb_buffer_release(&line[i].label);
            pb_buffer_text(&line[i].label, "every row");
        }
    }
}

static size_t label_width(const struct line *line) {
    return pb_text_width(pb_buffer_string(&line->label));
}

/* The largest of several lines, if its rows are too many to name, says the rest. Returns its index, or
   `cells`. */
static uint32_t name_rest(struct line *line, uint32_t cells) {
    uint32_t most = 0, lines = 0;
    for (uint32_t i = 0; i < cells; i++) {
        lines += line[i].rows > 0;
        most = line[i].rows > line[most].rows ? i : most;
    }
    if (lines < 2 || label_width(&line[most]) <= LONGEST_LABEL)
        return cells;
    pb_buffer_release(&line[most].label);
    pb_buffer_text(&line[most].label, "other rows");
    return most;
}

static void write_line(const struct line *line, size_t column, const struct pb_report_style *style,
                       size_t width, struct pb_buffer *out) {
    struct pb_buffer whole = {0};
    size_t used = label_width(line);
    pb_buffer_text(&whole, pb_buffer_string(&line->label));
    if (used <= column)
        pb_text_pad(&whole, column - used + GAP);
    else
        pb_buffer_text(&whole, ": ");
    pb_buffer_text(&whole, pb_buffer_string(&line->text));
    pb_text_wrap_parts(out, pb_buffer_string(&whole), width, INDENT, style->utf8);
    out->failed |= whole.failed | line->text.failed | line->label.failed;
    pb_buffer_release(&whole);
}

static void write_lines(const struct pb_run *run, struct line *line, const struct pb_report_style *style,
                        size_t width, struct pb_buffer *out) {
    uint32_t rest = name_rest(line, run->cells), lines = 0;
    size_t column = 0;
    for (uint32_t i = 0; i < run->cells; i++) {
        size_t wide = line[i].rows ? label_width(&line[i]) : 0;
        column = wide > column && wide <= LONGEST_LABEL ? wide : column;
        lines += line[i].rows > 0;
    }
    for (uint32_t i = 0; i < run->cells; i++)
        if (line[i].rows && i != rest)
            write_line(&line[i], lines > 1 ? column : 0, style, width, out);
    if (rest < run->cells)
        write_line(&line[rest], column, style, width, out);
}

void pb_lines_write(const struct pb_run *run, const bool *in, const struct pb_report_style *style,
                    size_t width, void (*say)(const struct pb_cell *, struct pb_buffer *),
                    struct pb_buffer *out) {
    struct line *line = calloc(run->cells + 1, sizeof *line);
    uint32_t rows = 0;
    out->failed |= !line;
    for (uint32_t i = 0; line && i < run->cells; i++)
        if (in[i] && run->cell[i].samples) {
            say(&run->cell[i], &line[i].text);
            rows++;
        }
    if (line) {
        merge(run, line, rows);
        write_lines(run, line, style, width, out);
    }
    for (uint32_t i = 0; line && i < run->cells; i++) {
        pb_buffer_release(&line[i].label);
        pb_buffer_release(&line[i].text);
    }
    free(line);
}
