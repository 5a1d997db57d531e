/* The name gives way where a line would be too long: it alone may be of any length. */
#include "report/comparison.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/change_text.h"
#include "report/comparison_words.h"
#include "report/text.h"
#include "report/text_table.h"

enum { NARROW = 80, LEAST = 60 };

/* ---- Columns ---- */

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
    pb_change_half(&c->change, out);
    if (isnan(c->change.value))
        pb_buffer_text(out, "-");
    else if (c->undisturbed)
        pb_buffer_text(out, " *"); /* comparison_words.c says what it means */
}

static void put_verdict(const struct pb_comparison *c, struct pb_buffer *out) {
    pb_buffer_text(out, c->verdict ? c->verdict : "-");
}

static void put_detectable(const struct pb_comparison *c, struct pb_buffer *out) {
    if (isfinite(c->detectable))
        pb_change_percent(c->detectable, false, out);
}

static void put_control(const struct pb_comparison *c, struct pb_buffer *out) {
    pb_change_half(&c->control, out);
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

/* Returns a bit for each column that says something. */
static uint32_t add_row(struct pb_text_table *t, const struct pb_comparison *c,
                        const struct pb_report_style *style) {
    struct pb_text_table_line *line = pb_text_table_add(t);
    uint32_t says = 0;
    for (int k = 0; line && k < COLUMNS; k++) {
        struct pb_buffer raw = {0};
        if (!columns[k].wide || style->wide)
            columns[k].put(c, &raw);
        pb_text_clean(&line->text[k], pb_buffer_string(&raw), style->utf8);
        line->text[k].failed |= raw.failed;
        says |= raw.size ? 1u << k : 0;
        pb_buffer_release(&raw);
    }
    if (line && style->colour)
        line->colour[VERDICT] = pb_change_colour(c);
    return says;
}

/* A column that says nothing has no heading either, and so is none. */
static void write_table(const struct pb_run *run, const struct pb_report_style *style, size_t width,
                        struct pb_buffer *out) {
    struct pb_text_table t = {
        .columns = COLUMNS, .yields = NAME, .width = style->wide ? 0 : width, .utf8 = style->utf8};
    uint32_t says = 0;
    pb_text_table_add(&t);
    for (uint32_t i = 0; i < run->comparisons; i++)
        says |= add_row(&t, &run->comparison[i], style);
    for (int k = 0; t.lines && k < COLUMNS; k++) {
        t.right |= columns[k].right ? 1u << k : 0;
        pb_buffer_text(&t.line[0].text[k], says >> k & 1 ? columns[k].heading : "");
    }
    pb_text_table_write(&t, out);
}

static size_t width_of(const struct pb_report_style *style) {
    size_t most = style->wide && style->width > NARROW ? style->width : NARROW;
    return style->width < LEAST ? LEAST : style->width > most ? most : style->width;
}

int pb_comparison_write(const struct pb_run *run, const struct pb_report_style *style, struct pb_buffer *out,
                        struct pb_error *error) {
    size_t width = width_of(style);
    if (run->comparisons)
        write_table(run, style, width, out);
    pb_comparison_say(run, style, width, out);
    return out->failed ? pb_error_set(error, -ENOMEM, "the table of comparisons: no memory: free some") : 0;
}
