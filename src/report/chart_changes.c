/* All lines have one scale, as wide as the widest interval, but no wider than shows a threshold: what lies
 * beyond is an arrow. */
#include "report/chart_changes.h"

#include <math.h>

#include "report/change_text.h"
#include "report/comparison_words.h"
#include "report/strip.h"
#include "report/text.h"

enum { NARROW = 80, LEAST_LINE = 9, GOOD_LINE = 28, NUMBER = 20, VERDICT = 16, GAP = 2, INDENT = 2 };

#define PLAIN "\033[0m"

static const double most_thresholds = 10, margin = 1.05;

struct lines {
    const struct pb_run *run;
    const struct pb_report_style *style;
    const struct pb_signs *sign;
    double most;                        /* the change at the right end; at the left one it is -most */
    size_t name, line, number, verdict; /* columns; of no `verdict` there is none */
};

/* ---- Texts ---- */

static void fitted(const struct lines *l, const char *text, size_t width, struct pb_buffer *out) {
    pb_text_fit(out, text ? text : "", width, l->style->utf8);
}

static void number_text(const struct lines *l, const struct pb_comparison *c, struct pb_buffer *out) {
    struct pb_buffer raw = {0};
    pb_change_half(&c->change, &raw);
    fitted(l, raw.size ? raw.data : "-", NUMBER, out);
    out->failed |= raw.failed;
    pb_buffer_release(&raw);
}

static void verdict_text(const struct lines *l, const struct pb_comparison *c, struct pb_buffer *out) {
    fitted(l, c->verdict, VERDICT, out);
}

static void name_text(const struct lines *l, const struct pb_comparison *c, struct pb_buffer *out) {
    fitted(l, c->name, l->name, out);
}

static size_t widest(const struct lines *l,
                     void (*text)(const struct lines *, const struct pb_comparison *, struct pb_buffer *)) {
    size_t most = 0;
    for (uint32_t i = 0; i < l->run->comparisons; i++) {
        struct pb_buffer line = {0};
        text(l, &l->run->comparison[i], &line);
        size_t width = pb_text_width(pb_buffer_string(&line));
        most = width > most ? width : most;
        pb_buffer_release(&line);
    }
    return most;
}

/* ---- Lines ---- */

static double larger(double most, double value) {
    return isfinite(value) && fabs(value) > most ? fabs(value) : most;
}

static double find_most(const struct pb_run *run) {
    double most = 0, threshold = 0;
    for (uint32_t i = 0; i < run->comparisons; i++) {
        const struct pb_comparison *c = &run->comparison[i];
        most = larger(larger(larger(most, c->change.value), c->change.low), c->change.high);
        threshold = larger(threshold, c->threshold);
    }
    if (threshold > 0)
        most = fmin(most, most_thresholds * threshold);
    most = larger(most, threshold) * margin;
    return most > 0 && isfinite(most) ? most : 1;
}

/* An odd number of columns has one in the middle. */
static void lay_out(struct lines *l, size_t width) {
    l->name = width / 3;
    l->name = widest(l, name_text);
    l->number = widest(l, number_text);
    l->verdict = widest(l, verdict_text);
    size_t taken = l->name + 2 * GAP + l->number, room = width > taken ? width - taken : 0;
    if (room >= GOOD_LINE + GAP + l->verdict)
        room -= GAP + l->verdict;
    else
        l->verdict = 0;
    room = room < PB_STRIP ? room : PB_STRIP;
    l->line = room < LEAST_LINE ? 0 : room - (room % 2 == 0);
}

static size_t column_of(const struct lines *l, double change) {
    return pb_column_at((change / l->most + 1) / 2, l->line - 1);
}

static void draw_ends(const struct lines *l, const struct pb_estimate *e, const char *colour,
                      struct pb_strip *strip) {
    if (isfinite(e->low) && isfinite(e->high)) {
        pb_strip_put(strip, column_of(l, e->low), e->low < -l->most ? l->sign->below : l->sign->low, colour);
        pb_strip_put(strip, column_of(l, e->high), e->high > l->most ? l->sign->above : l->sign->high,
                     colour);
    }
    pb_strip_put(strip, column_of(l, e->value),
                 e->value < -l->most  ? l->sign->below
                 : e->value > l->most ? l->sign->above
                                      : l->sign->value,
                 colour);
}

/* The interval lies below zero and thresholds: what it reaches is what decides. */
static void draw(const struct lines *l, const struct pb_comparison *c, struct pb_strip *strip) {
    const char *colour = l->style->colour ? pb_change_colour(c) : NULL;
    const struct pb_estimate *e = &c->change;
    bool known = isfinite(e->value);
    if (known && isfinite(e->low) && isfinite(e->high))
        pb_strip_fill(strip, column_of(l, e->low), column_of(l, e->high), l->sign->line, colour);
    if (isfinite(c->threshold)) {
        pb_strip_put(strip, column_of(l, -c->threshold), l->sign->threshold, NULL);
        pb_strip_put(strip, column_of(l, c->threshold), l->sign->threshold, NULL);
    }
    pb_strip_put(strip, column_of(l, 0), l->sign->zero, NULL);
    if (known)
        draw_ends(l, e, colour, strip);
}

/* What is not comparable says why where its line would be. */
static void write_line(const struct lines *l, const struct pb_comparison *c, struct pb_buffer *out) {
    struct pb_strip strip = {.width = l->line};
    struct pb_buffer why = {0};
    if (!l->line)
        return;
    if (isfinite(c->change.value) || !c->why || !*c->why) {
        draw(l, c, &strip);
        pb_strip_write(&strip, out);
    } else {
        fitted(l, c->why, l->line, &why);
        pb_buffer_text(out, pb_buffer_string(&why));
        pb_text_pad(out, l->line - pb_text_width(pb_buffer_string(&why)));
    }
    pb_text_pad(out, GAP);
    out->failed |= why.failed;
    pb_buffer_release(&why);
}

static void write_row(const struct lines *l, const struct pb_comparison *c, struct pb_buffer *out) {
    struct pb_buffer name = {0}, number = {0}, verdict = {0};
    const char *colour = l->style->colour ? pb_change_colour(c) : NULL;
    name_text(l, c, &name);
    number_text(l, c, &number);
    verdict_text(l, c, &verdict);
    pb_buffer_text(out, pb_buffer_string(&name));
    pb_text_pad(out, l->name - pb_text_width(pb_buffer_string(&name)) + GAP);
    write_line(l, c, out);
    pb_buffer_text(out, pb_buffer_string(&number));
    if (l->verdict && verdict.size) {
        pb_text_pad(out, l->number - pb_text_width(pb_buffer_string(&number)) + GAP);
        pb_buffer_printf(out, "%s%s%s", colour ? colour : "", verdict.data, colour ? PLAIN : "");
    }
    pb_buffer_text(out, "\n");
    out->failed |= name.failed || number.failed || verdict.failed;
    pb_buffer_release(&name);
    pb_buffer_release(&number);
    pb_buffer_release(&verdict);
}

/* ---- Around them ---- */

static void write_key(const struct lines *l, size_t width, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    pb_buffer_printf(&line,
                     "%s: change of the median time with its interval; left of %s is faster, right "
                     "slower; %s the threshold",
                     l->line ? "lines" : "numbers", l->sign->zero, l->sign->threshold);
    pb_text_wrap(out, pb_buffer_string(&line), width, INDENT, l->style->utf8);
    out->failed |= line.failed;
    pb_buffer_release(&line);
}

/* The ends and the middle. */
static void write_scale(const struct lines *l, struct pb_buffer *out) {
    struct pb_buffer low = {0}, high = {0};
    if (!l->line)
        return;
    pb_change_percent(-l->most, true, &low);
    pb_change_percent(l->most, true, &high);
    size_t middle = l->line / 2, left = pb_text_width(pb_buffer_string(&low)),
           right = pb_text_width(pb_buffer_string(&high));
    if (left < middle && middle + 1 + right < l->line) {
        pb_text_pad(out, l->name + GAP);
        pb_buffer_text(out, low.data);
        pb_text_pad(out, middle - left);
        pb_buffer_text(out, "0");
        pb_text_pad(out, l->line - middle - 1 - right);
        pb_buffer_printf(out, "%s\n", high.data);
    }
    out->failed |= low.failed || high.failed;
    pb_buffer_release(&low);
    pb_buffer_release(&high);
}

void pb_chart_changes(const struct pb_run *run, const struct pb_report_style *style, size_t width,
                      struct pb_buffer *out) {
    struct lines l = {.run = run, .style = style, .sign = pb_signs(style), .most = find_most(run)};
    size_t narrow = width < NARROW ? width : NARROW;
    lay_out(&l, width);
    write_key(&l, narrow, out);
    for (uint32_t i = 0; i < run->comparisons; i++)
        write_row(&l, &run->comparison[i], out);
    write_scale(&l, out);
    pb_comparison_say(run, style, narrow, out);
}
