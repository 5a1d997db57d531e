/* Texts first, then widths, then lines. The name gives way where a line would be too long: it alone may be of
 * any length. Aligned here and not by libsmartcols, so that a build without it can compare. */
#include "report/comparison.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/change_text.h"
#include "report/comparison_words.h"
#include "report/text.h"

enum { NARROW = 80, LEAST = 60, GAP = 2, LEAST_NAME = 12 };

#define PLAIN "\033[0m"

static bool is(const struct pb_comparison *c, const char *verdict) {
    return c->verdict && strcmp(c->verdict, verdict) == 0;
}

/* ---- Columns ---- */

/* "+6.1 % ±0.4": with its interval's half-width, if it has one. */
static void change_text(const struct pb_estimate *e, struct pb_buffer *out) {
    double half = (e->high - e->low) / 2;
    if (!isfinite(e->value))
        return;
    pb_change_percent(e->value, true, out);
    if (isfinite(half))
        pb_buffer_printf(out, " ±%.*f", pb_change_decimals(half), 100 * half);
}

static void duration(double ns, struct pb_buffer *out) {
    char text[32];
    pb_buffer_text(out, isfinite(ns) ? pb_format_time(ns, text, sizeof text) : "-");
}

static void put_name(const struct pb_comparison *c, struct pb_buffer *out) {
    pb_buffer_text(out, c->name ? c->name : "");
}

static void put_base(const struct pb_comparison *c, struct pb_buffer *out) {
    duration(c->base_ns, out);
}

static void put_head(const struct pb_comparison *c, struct pb_buffer *out) {
    duration(c->head_ns, out);
}

static void put_change(const struct pb_comparison *c, struct pb_buffer *out) {
    change_text(&c->change, out);
    if (isnan(c->change.value))
        pb_buffer_text(out, "-");
}

static void put_verdict(const struct pb_comparison *c, struct pb_buffer *out) {
    pb_buffer_text(out, c->verdict ? c->verdict : "-");
}

static void put_detectable(const struct pb_comparison *c, struct pb_buffer *out) {
    if (isfinite(c->detectable))
        pb_change_percent(c->detectable, false, out);
}

static void put_control(const struct pb_comparison *c, struct pb_buffer *out) {
    change_text(&c->control, out);
}

static void put_samples(const struct pb_comparison *c, struct pb_buffer *out) {
    if (c->change.samples)
        pb_buffer_printf(out, "%" PRIu32, c->change.samples);
}

static void put_confidence(const struct pb_comparison *c, struct pb_buffer *out) {
    if (isfinite(c->confidence))
        pb_buffer_printf(out, "%.4g %%", 100 * c->confidence);
}

enum { NAME, BASE, HEAD, CHANGE, VERDICT, FINDS, CONTROL, SAMPLES, CONFIDENCE, COLUMNS };

static const struct {
    const char *heading;
    bool right, wide;
    void (*put)(const struct pb_comparison *, struct pb_buffer *);
} columns[COLUMNS] = {
    [NAME] = {"", false, false, put_name},
    [BASE] = {"base", true, false, put_base},
    [HEAD] = {"head", true, false, put_head},
    [CHANGE] = {"change", false, false, put_change},
    [VERDICT] = {"verdict", false, false, put_verdict},
    [FINDS] = {"could find", true, true, put_detectable},
    [CONTROL] = {"control", false, true, put_control},
    [SAMPLES] = {"samples", true, true, put_samples},
    [CONFIDENCE] = {"confidence", true, true, put_confidence},
};

/* ---- The table ---- */

struct table {
    const struct pb_run *run;
    const struct pb_report_style *style;
    size_t width;
    size_t column[COLUMNS]; /* widths; 0: hidden */
    struct pb_buffer (*text)[COLUMNS];
};

static void fill(struct table *t) {
    for (uint32_t i = 0; i < t->run->comparisons; i++)
        for (int k = 0; k < COLUMNS; k++) {
            struct pb_buffer raw = {0};
            columns[k].put(&t->run->comparison[i], &raw);
            pb_text_clean(&t->text[i][k], pb_buffer_string(&raw), t->style->utf8);
            pb_buffer_release(&raw);
        }
}

/* A column that says nothing is hidden. */
static void measure(struct table *t) {
    size_t total = 0;
    for (int k = 0; k < COLUMNS; k++) {
        size_t most = 0;
        for (uint32_t i = 0; i < t->run->comparisons; i++) {
            size_t width = pb_text_width(pb_buffer_string(&t->text[i][k]));
            most = width > most ? width : most;
        }
        size_t heading = pb_text_width(columns[k].heading);
        if (most == 0 || (columns[k].wide && !t->style->wide))
            continue;
        t->column[k] = most > heading ? most : heading;
        total += t->column[k] + (k == NAME ? 0 : GAP);
    }
    size_t over = total > t->width && !t->style->wide ? total - t->width : 0, name = t->column[NAME];
    if (over)
        t->column[NAME] = name > over + LEAST_NAME ? name - over : name < LEAST_NAME ? name : LEAST_NAME;
}

static const char *colour_of(const struct pb_comparison *c) {
    static const char *const rows[][2] = {
        {PB_REGRESSED, "\033[31m"},    {PB_IMPROVED, "\033[32m"},      {PB_EQUIVALENT, "\033[32m"},
        {PB_INCONCLUSIVE, "\033[33m"}, {PB_NOT_COMPARABLE, "\033[2m"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is(c, rows[i][0]))
            return rows[i][1];
    return "";
}

static void put_cell(const struct table *t, int k, const char *text, const char *colour,
                     struct pb_buffer *out) {
    struct pb_buffer fitted = {0};
    pb_text_fit(&fitted, text, t->column[k], true);
    size_t blank = t->column[k] - pb_text_width(pb_buffer_string(&fitted));
    pb_text_pad(out, (k == NAME ? 0 : GAP) + (columns[k].right ? blank : 0));
    pb_buffer_printf(out, "%s%s%s", colour, pb_buffer_string(&fitted), *colour ? PLAIN : "");
    pb_text_pad(out, columns[k].right ? 0 : blank);
    out->failed |= fitted.failed;
    pb_buffer_release(&fitted);
}

/* `row` NULL: the headings. */
static void put_line(const struct table *t, const struct pb_comparison *row, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    for (int k = 0; k < COLUMNS; k++) {
        if (!t->column[k])
            continue;
        const char *text = row ? pb_buffer_string(&t->text[row - t->run->comparison][k]) : columns[k].heading;
        bool coloured = row && k == VERDICT && t->style->colour;
        put_cell(t, k, text, coloured ? colour_of(row) : "", &line);
    }
    while (line.size && line.data[line.size - 1] == ' ')
        line.size--;
    pb_buffer_add(out, line.data, line.size);
    pb_buffer_text(out, "\n");
    out->failed |= line.failed;
    pb_buffer_release(&line);
}

static size_t width_of(const struct pb_report_style *style) {
    size_t most = style->wide && style->width > NARROW ? style->width : NARROW;
    return style->width < LEAST ? LEAST : style->width > most ? most : style->width;
}

int pb_comparison_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                        struct pb_error *error) {
    struct table t = {.run = run, .style = style, .width = width_of(style)};
    t.text = calloc((size_t)run->comparisons + 1, sizeof *t.text);
    if (!t.text)
        return pb_error_set(error, -ENOMEM, "the table of comparisons: no memory: free some");
    fill(&t);
    measure(&t);
    if (run->comparisons)
        put_line(&t, NULL, out);
    for (uint32_t i = 0; i < run->comparisons; i++)
        put_line(&t, &run->comparison[i], out);
    pb_comparison_say(run, style, t.width, out);
    for (uint32_t i = 0; i < run->comparisons; i++)
        for (int k = 0; k < COLUMNS; k++)
            pb_buffer_release(&t.text[i][k]);
    free(t.text);
    return out->failed ? pb_error_set(error, -ENOMEM, "the table of comparisons: no memory: free some") : 0;
}
