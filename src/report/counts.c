/* Each row says its counts in one text; rows with equal texts become one line, named by its rows:
 *
 *     thread 8    ok 173 · not_found 150 · error 177
 *     other rows  ok 500
 *
 * Alone, or with too long a name, it is "every row: ok 500". */
#include "report/counts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/column.h"
#include "report/text.h"

enum { INDENT = 2, GAP = 2, NAME = 32, LONGEST_LABEL = 30 };

static const char dot[] = " · ";

struct line {
    struct pb_buffer label, text;
    uint32_t rows;
};

static void fitted(struct pb_buffer *out, const char *text) {
    pb_text_fit(out, text, NAME, true);
}

/* ---- What a row says ---- */

/* Repetitions may differ; then it is a mean, which does not hide what happened once. */
static void say_mean(double sum, uint32_t samples, struct pb_buffer *out) {
    double mean = sum / samples;
    if (mean == floor(mean) || mean >= 99.95)
        pb_buffer_printf(out, "%.0f", mean);
    else if (mean >= 0.095)
        pb_buffer_printf(out, "%.1f", mean);
    else
        pb_buffer_printf(out, "%.1g", mean);
}

static double status_sum(const struct pb_cell *c, size_t status) {
    double sum = 0;
    for (uint32_t i = 0; i < c->samples; i++)
        sum += (double)c->sample[i].status[status];
    return sum;
}

/* The k-th to be told: ok first, errors last. */
static size_t status_at(size_t k) {
    return k == 0 ? PB_OK : k + 1 < PB_STATUS_MAX ? k + 1 : PB_ERROR;
}

static void say_status(const struct pb_cell *c, size_t status, struct pb_buffer *out) {
    const char *name = c->status_name[status];
    pb_buffer_text(out, out->size ? dot : "");
    fitted(out, name && *name ? name : status == PB_OK ? "ok" : "unnamed");
}

static void say_statuses(const struct pb_cell *c, struct pb_buffer *out) {
    for (size_t k = 0; k < PB_STATUS_MAX; k++) {
        size_t status = status_at(k);
        double sum = status_sum(c, status);
        if (sum == 0 && status != PB_OK)
            continue;
        say_status(c, status, out);
        pb_buffer_text(out, " ");
        say_mean(sum, c->samples, out);
    }
}

static bool all_ok(const struct pb_cell *c) {
    for (size_t status = PB_OK + 1; status < PB_STATUS_MAX; status++)
        if (status_sum(c, status) > 0)
            return false;
    return true;
}

/* "lock switches 1.2 k · lock wait 3.1 ms": a name that ends in its unit loses it. */
static void say_counters(const struct pb_cell *c, struct pb_buffer *out) {
    for (size_t k = 0; k < PB_SAMPLE_COUNTERS; k++) {
        const char *name = c->counter_name[k];
        double sum = 0;
        char text[32];
        if (!name)
            continue;
        for (uint32_t i = 0; i < c->samples; i++)
            sum += (double)c->sample[i].counter[k];
        size_t length = strlen(name);
        bool time = length > 3 && strcmp(name + length - 3, " ns") == 0;
        struct pb_buffer short_name = {0};
        pb_buffer_add(&short_name, name, time ? length - 3 : length);
        pb_buffer_text(out, out->size ? dot : "");
        fitted(out, pb_buffer_string(&short_name));
        pb_buffer_printf(out, " %s",
                         (time ? pb_format_time : pb_format_rate)(sum / c->samples, text, sizeof text));
        out->failed |= short_name.failed;
        pb_buffer_release(&short_name);
    }
}

/* ---- Lines ---- */

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

static void write_counts(const struct pb_run *run, const bool *in, const struct pb_report_style *style,
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

/* The first reason that is known of that status; its cell, or NULL. */
static const struct pb_cell *find_reason(const struct pb_run *run, const bool *in, size_t status,
                                         const char **reason) {
    for (uint32_t i = 0; i < run->cells; i++)
        for (uint32_t k = 0; in[i] && k < run->cell[i].failures; k++) {
            const struct pb_failure *f = &run->cell[i].failure[k];
            *reason = f->reason;
            if (f->status >= 0 && (size_t)f->status == status && *f->reason)
                return &run->cell[i];
        }
    return NULL;
}

/* "not_found: HTTP 404 · error: HTTP 503 (-v names the tasks)": one reason of each status. */
static void write_reasons(const struct pb_run *run, const bool *in, const struct pb_report_style *style,
                          size_t width, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    const char *reason;
    for (size_t k = 1; k < PB_STATUS_MAX; k++) {
        const struct pb_cell *cell = find_reason(run, in, status_at(k), &reason);
        if (!cell)
            continue;
        say_status(cell, status_at(k), &line);
        pb_buffer_printf(&line, ": %s", reason);
    }
    if (line.size && !style->verbose)
        pb_buffer_text(&line, " (-v names the tasks)");
    pb_text_wrap_parts(out, pb_buffer_string(&line), width, INDENT, style->utf8);
    out->failed |= line.failed;
    pb_buffer_release(&line);
}

void pb_counts_write(const struct pb_run *run, const bool *in, const struct pb_report_style *style,
                     size_t width, struct pb_buffer *out) {
    bool ok = true;
    for (uint32_t i = 0; i < run->cells; i++)
        ok = ok && (!in[i] || all_ok(&run->cell[i]));
    if (!ok)
        write_counts(run, in, style, width, say_statuses, out);
    write_reasons(run, in, style, width, out);
    if (style->wide || style->verbose)
        write_counts(run, in, style, width, say_counters, out);
}
