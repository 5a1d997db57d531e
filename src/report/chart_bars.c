/* All bars of a section have one scale, so that the eye can compare them. */
#include "report/chart_bars.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/change_text.h"
#include "report/reasons.h"
#include "report/strip.h"
#include "report/text.h"

enum {
    LEAST_BAR = 8, /* a shorter one is left out */
    GOOD_BAR = 32, /* before verdicts stand beside it */
    NUMBER = 24,   /* columns of a number, or of a verdict, at most */
    GAP = PB_GRID_GAP,
    INDENT = 2
};

#define PLAIN "\033[0m"

/* ---- What bars show ---- */

/* One of them is the bars of a section. */
struct quantity {
    const char *says;
    const char *marks; /* what the mark is */
    /* Whether a row with numbers makes it the quantity of its section. */
    bool (*meant)(const struct pb_cell *);
    struct pb_estimate (*of)(const struct pb_cell *);
    double (*mark)(const struct pb_cell *); /* NAN: none is known */
    void (*text)(const struct pb_cell *, struct pb_buffer *);
};

static double no_mark(const struct pb_cell *c) {
    (void)c;
    return NAN;
}

static bool is_offered(const struct pb_cell *c) {
    return c->offered > 0 && isfinite(c->summary.kept.value);
}

static struct pb_estimate kept(const struct pb_cell *c) {
    return c->summary.kept;
}

static double all(const struct pb_cell *c) {
    (void)c;
    return 1;
}

static void say_kept(const struct pb_cell *c, struct pb_buffer *out) {
    const struct pb_estimate *e = &c->summary.kept;
    double half = (e->high - e->low) / 2;
    pb_change_percent(e->value, false, out);
    if (isfinite(e->value) && isfinite(half))
        pb_buffer_printf(out, " ±%.*f", pb_change_decimals(half), 100 * half);
}

/* With itself a base compares too, but says nothing by that. */
static bool is_compared(const struct pb_cell *c) {
    return isfinite(c->summary.speedup.value) && c->base >= 0 && (uint32_t)c->base != c->id;
}

static struct pb_estimate speedup(const struct pb_cell *c) {
    return c->summary.speedup;
}

static double possible(const struct pb_cell *c) {
    return c->summary.possible.value;
}

static void say_speedup(const struct pb_cell *c, struct pb_buffer *out) {
    pb_columns[PB_COLUMN_SPEEDUP].format(c, out);
}

static bool is_rated(const struct pb_cell *c) {
    return isfinite(c->summary.p50) && isfinite(c->summary.rate);
}

static struct pb_estimate rate(const struct pb_cell *c) {
    return (struct pb_estimate){c->summary.rate, NAN, NAN, c->samples};
}

static void say_rate(const struct pb_cell *c, struct pb_buffer *out) {
    pb_columns[PB_COLUMN_RATE].format(c, out);
}

static bool is_any(const struct pb_cell *c) {
    (void)c;
    return true;
}

static struct pb_estimate duration(const struct pb_cell *c) {
    return c->summary.time;
}

static void say_duration(const struct pb_cell *c, struct pb_buffer *out) {
    const struct pb_estimate *e = &c->summary.time;
    double half = (e->high - e->low) / 2 / e->value;
    pb_columns[PB_COLUMN_TIME].format(c, out);
    if (isfinite(half)) {
        pb_buffer_text(out, " ±");
        pb_change_percent(half, false, out);
    }
}

static const struct quantity quantities[] = {
    {"share of what comes in that is kept up with", "all of it", is_offered, kept, all, say_kept},
    {"speedup", "what the machine can give", is_compared, speedup, possible, say_speedup},
    {NULL /* the heading of that column */, NULL, is_rated, rate, no_mark, say_rate},
    {"time of a repetition (shorter is better)", NULL, is_any, duration, no_mark, say_duration},
};

/* ---- A section ---- */

struct bars {
    const struct pb_grid *grid;
    const struct pb_section *section;
    const struct pb_signs *sign;
    size_t width; /* of a line */
    const struct quantity *quantity;
    double most; /* the value of the longest bar */
    size_t bar;  /* its columns; 0: there is no room for bars */
    size_t number;
    int verdicts;             /* 0: none, 1: outcomes, 2: causes too */
    double least_ns, most_ns; /* of latencies */
};

static bool is_drawn(const struct bars *b, uint32_t i) {
    return b->section->in[i] && pb_cell_has_numbers(&b->grid->run->cell[i]);
}

/* NULL: no row has numbers. */
static const struct quantity *quantity_of(const struct bars *b) {
    for (size_t k = 0; k < sizeof quantities / sizeof *quantities; k++)
        for (uint32_t i = 0; i < b->grid->run->cells; i++)
            if (is_drawn(b, i) && quantities[k].meant(&b->grid->run->cell[i]))
                return &quantities[k];
    return NULL;
}

static double larger(double most, double value) {
    return isfinite(value) && value > most ? value : most;
}

static double longest(const struct bars *b) {
    double most = 0;
    for (uint32_t i = 0; i < b->grid->run->cells; i++) {
        if (!is_drawn(b, i))
            continue;
        const struct pb_cell *c = &b->grid->run->cell[i];
        struct pb_estimate e = b->quantity->of(c);
        most = larger(larger(larger(most, e.value), e.high), b->quantity->mark(c));
    }
    return most;
}

static void number_text(const struct bars *b, const struct pb_cell *c, struct pb_buffer *out) {
    struct pb_buffer raw = {0};
    b->quantity->text(c, &raw);
    pb_text_fit(out, pb_buffer_string(&raw), NUMBER, b->grid->style->utf8);
    out->failed |= raw.failed;
    pb_buffer_release(&raw);
}

static void verdict_text(const struct bars *b, const struct pb_cell *c, int verdicts, struct pb_buffer *out) {
    const char *outcome = c->summary.outcome;
    struct pb_buffer raw = {0};
    if (!outcome || strcmp(outcome, "-") == 0 || !verdicts)
        return;
    if (verdicts == 1)
        pb_buffer_text(&raw, outcome);
    else
        pb_columns[PB_COLUMN_VERDICT].format(c, &raw);
    pb_text_fit(out, pb_buffer_string(&raw), NUMBER, b->grid->style->utf8);
    out->failed |= raw.failed;
    pb_buffer_release(&raw);
}

typedef void say_fn(const struct bars *, const struct pb_cell *, struct pb_buffer *);

static void say_outcome(const struct bars *b, const struct pb_cell *c, struct pb_buffer *out) {
    verdict_text(b, c, 1, out);
}

static void say_verdict(const struct bars *b, const struct pb_cell *c, struct pb_buffer *out) {
    verdict_text(b, c, 2, out);
}

static size_t widest(const struct bars *b, say_fn *say) {
    size_t most = 0;
    for (uint32_t i = 0; i < b->grid->run->cells; i++) {
        struct pb_buffer text = {0};
        if (!is_drawn(b, i))
            continue;
        say(b, &b->grid->run->cell[i], &text);
        size_t width = pb_text_width(pb_buffer_string(&text));
        most = width > most ? width : most;
        pb_buffer_release(&text);
    }
    return most;
}

/* Columns that are left for a bar, its mark and a blank beside so much text. */
static size_t room_beside(const struct bars *b, size_t number, size_t verdict) {
    size_t taken = pb_reason_indent(b->section) + 1 + GAP + number + (verdict ? GAP + verdict : 0);
    size_t room = b->width > taken ? b->width - taken : 0;
    return room < PB_STRIP ? room : PB_STRIP - 1;
}

static void lay_out(struct bars *b, say_fn *number, bool verdicts) {
    size_t verdict[] = {0, widest(b, say_outcome), widest(b, say_verdict)};
    b->number = widest(b, number);
    b->verdicts = verdicts ? 2 : 0;
    while (b->verdicts && room_beside(b, b->number, verdict[b->verdicts]) < GOOD_BAR)
        b->verdicts--;
    b->bar = room_beside(b, b->number, verdict[b->verdicts]);
    b->bar = b->bar < LEAST_BAR ? 0 : b->bar;
}

static void write_name(const struct bars *b, uint32_t i, struct pb_buffer *out) {
    const size_t *column = b->section->layout->column;
    const char *name = pb_buffer_string(&b->grid->text[i][PB_COLUMN_EXECUTOR]),
               *workers = pb_buffer_string(&b->grid->text[i][PB_COLUMN_WIDTH]);
    pb_buffer_text(out, name);
    pb_text_pad(out, column[PB_COLUMN_EXECUTOR] - pb_text_width(name) + GAP + column[PB_COLUMN_WIDTH] -
                         pb_text_width(workers));
    pb_buffer_text(out, workers);
    pb_text_pad(out, GAP);
}

/* The strip, then the number, and behind that the verdict. */
static void write_row(const struct bars *b, uint32_t i, const struct pb_strip *strip, const char *number,
                      struct pb_buffer *out) {
    struct pb_buffer verdict = {0};
    const struct pb_cell *c = &b->grid->run->cell[i];
    const char *colour = b->grid->style->colour ? pb_verdict_colour(c) : NULL;
    write_name(b, i, out);
    if (b->bar) {
        pb_strip_write(strip, out);
        pb_text_pad(out, GAP);
    }
    pb_text_fit(out, number, b->width - pb_reason_indent(b->section), b->grid->style->utf8);
    verdict_text(b, c, b->verdicts, &verdict);
    if (verdict.size) {
        pb_text_pad(out, b->number - pb_text_width(number) + GAP);
        pb_buffer_printf(out, "%s%s%s", colour ? colour : "", verdict.data, colour ? PLAIN : "");
    }
    while (out->size && out->data[out->size - 1] == ' ')
        out->size--;
    pb_buffer_text(out, "\n");
    out->failed |= verdict.failed;
    pb_buffer_release(&verdict);
}

/* ---- Bars ---- */

static bool has_interval(const struct bars *b, const struct pb_cell *c) {
    struct pb_estimate e = b->quantity->of(c);
    return (e.high - e.low) / b->most * (double)b->bar >= 1;
}

/* Up to the value, and denser where no interval is; one narrower than a column is not shown. */
static void draw_bar(const struct bars *b, const struct pb_cell *c, struct pb_strip *strip) {
    const char *colour = b->grid->style->colour ? pb_verdict_colour(c) : NULL;
    struct pb_estimate e = b->quantity->of(c);
    double mark = b->quantity->mark(c);
    if (has_interval(b, c)) {
        size_t value = pb_column_at(e.value / b->most, b->bar);
        pb_strip_fill(strip, value, pb_column_at(e.high / b->most, b->bar), b->sign->above_value, colour);
        pb_strip_fill(strip, 0, value, b->sign->below_value, colour);
        pb_strip_fill(strip, 0, pb_column_at(e.low / b->most, b->bar), b->sign->full, colour);
    } else {
        size_t eighths = (size_t)(pb_columns_below(e.value / b->most, b->bar) * PB_STRIP_EIGHTHS + 0.5);
        pb_strip_fill(strip, 0, eighths / PB_STRIP_EIGHTHS, b->sign->full, colour);
        pb_strip_put(strip, eighths / PB_STRIP_EIGHTHS, b->sign->part[eighths % PB_STRIP_EIGHTHS], colour);
    }
    if (isfinite(mark))
        pb_strip_put(strip, pb_column_at(mark / b->most, b->bar), b->sign->mark, NULL);
}

static bool same_base(const struct bars *b, uint32_t first, uint32_t i) {
    const struct pb_cell *cell = b->grid->run->cell;
    return !is_compared(&cell[i]) || cell[i].base == cell[first].base;
}

/* " over serial", where all are over the same. */
static void say_base(const struct bars *b, struct pb_buffer *out) {
    const struct pb_run *run = b->grid->run;
    uint32_t first = 0, same = 1;
    while (!is_drawn(b, first) || !is_compared(&run->cell[first]))
        first++;
    for (uint32_t i = first; i < run->cells; i++)
        same &= !is_drawn(b, i) || same_base(b, first, i);
    if (!same || (uint32_t)run->cell[first].base >= run->cells)
        return;
    pb_buffer_text(out, " over ");
    pb_cell_title(&run->cell[run->cell[first].base], out);
}

/* What the bars are, and the signs that are among them. */
static void write_key(const struct bars *b, struct pb_buffer *out) {
    const struct quantity *q = b->quantity;
    const struct pb_run *run = b->grid->run;
    struct pb_buffer line = {0};
    bool interval = false, mark = false;
    for (uint32_t i = 0; i < run->cells; i++) {
        interval |= is_drawn(b, i) && has_interval(b, &run->cell[i]);
        mark |= is_drawn(b, i) && isfinite(q->mark(&run->cell[i]));
    }
    pb_buffer_printf(&line, "%s: %s", b->bar ? "bars" : "numbers",
                     q->says ? q->says : pb_grid_heading(b->section, PB_COLUMN_RATE));
    if (q->meant == is_compared)
        say_base(b, &line);
    if (b->bar && interval)
        pb_buffer_printf(&line, "; %s%s its 95 %% interval", b->sign->below_value, b->sign->above_value);
    if (b->bar && mark)
        pb_buffer_printf(&line, "; %s %s", b->sign->mark, q->marks);
    pb_text_wrap(out, pb_buffer_string(&line), b->grid->width, INDENT, b->grid->style->utf8);
    out->failed |= line.failed;
    pb_buffer_release(&line);
}

static const char *name_of(const struct bars *b, uint32_t i) {
    return pb_buffer_string(&b->grid->text[i][PB_COLUMN_EXECUTOR]);
}

/* Whether an earlier row has that executor, and so stood before this one. */
static bool is_written(const struct bars *b, uint32_t i) {
    for (uint32_t k = b->section->first; k < i; k++)
        if (b->section->in[k] && strcmp(name_of(b, k), name_of(b, i)) == 0)
            return true;
    return false;
}

typedef void row_fn(const struct bars *, uint32_t row, struct pb_buffer *);

/* All widths of an executor stand below each other, as if a curve were laid on its side. */
static void write_rows(const struct bars *b, row_fn *write, struct pb_buffer *out) {
    const uint32_t cells = b->grid->run->cells;
    for (uint32_t i = b->section->first; i < cells; i++)
        for (uint32_t k = i; k < cells && b->section->in[i] && !is_written(b, i); k++)
            if (b->section->in[k] && strcmp(name_of(b, k), name_of(b, i)) == 0)
                write(b, k, out);
}

static void write_bar(const struct bars *b, uint32_t i, struct pb_buffer *out) {
    struct pb_strip strip = {.width = b->bar + 1};
    struct pb_buffer number = {0};
    if (!is_drawn(b, i)) {
        pb_reason_write(b->grid, b->section, i, out);
        return;
    }
    number_text(b, &b->grid->run->cell[i], &number);
    if (b->bar)
        draw_bar(b, &b->grid->run->cell[i], &strip);
    write_row(b, i, &strip, pb_buffer_string(&number), out);
    out->failed |= number.failed;
    pb_buffer_release(&number);
}

static void write_bars(struct bars *b, struct pb_buffer *out) {
    b->quantity = quantity_of(b);
    if (b->quantity) {
        b->most = longest(b);
        lay_out(b, number_text, true);
        write_key(b, out);
    }
    write_rows(b, write_bar, out);
    pb_reasons_write(b->grid, b->section, out);
}

/* ---- Latencies ---- */

static double slowest(const struct pb_cell *c) {
    return larger(larger(c->summary.p50, c->summary.p99), c->summary.p999);
}

/* Up to the slowest, on a logarithmic scale, since they differ by orders of magnitude; if not, of one order.
   False: no row has latencies. */
static bool find_span(struct bars *b) {
    b->least_ns = INFINITY;
    b->most_ns = 0;
    for (uint32_t i = 0; i < b->grid->run->cells; i++) {
        const struct pb_cell *c = &b->grid->run->cell[i];
        if (!is_drawn(b, i) || !(c->summary.p50 > 0))
            continue;
        b->least_ns = fmin(b->least_ns, c->summary.p50);
        b->most_ns = larger(b->most_ns, slowest(c));
    }
    bool any = isfinite(b->least_ns);
    b->least_ns = fmin(b->least_ns, b->most_ns / 10);
    return any;
}

static size_t column_of(const struct bars *b, double ns) {
    return pb_column_at(log(ns / b->least_ns) / log(b->most_ns / b->least_ns), b->bar);
}

static void latency_text(const struct bars *b, const struct pb_cell *c, struct pb_buffer *out) {
    const struct pb_buffer *text = b->grid->text[c - b->grid->run->cell];
    if (!isfinite(c->summary.p50))
        return;
    struct pb_buffer raw = {0};
    pb_buffer_printf(&raw, "%s to %s", pb_buffer_string(&text[PB_COLUMN_P50]),
                     pb_buffer_string(&text[PB_COLUMN_P99]));
    pb_text_fit(out, pb_buffer_string(&raw), NUMBER, b->grid->style->utf8);
    out->failed |= raw.failed;
    pb_buffer_release(&raw);
}

static void write_latency(const struct bars *b, uint32_t i, struct pb_buffer *out) {
    const struct pb_cell *c = &b->grid->run->cell[i];
    const char *colour = b->grid->style->colour ? pb_verdict_colour(c) : NULL;
    struct pb_strip strip = {.width = b->bar + 1};
    struct pb_buffer number = {0};
    if (!is_drawn(b, i))
        return;
    latency_text(b, c, &number);
    if (b->bar && c->summary.p50 > 0) {
        size_t from = column_of(b, c->summary.p50), to = column_of(b, c->summary.p99);
        pb_strip_fill(&strip, from, column_of(b, c->summary.p999), b->sign->rare, colour);
        pb_strip_fill(&strip, from, to > from ? to : from + 1, b->sign->usual, colour);
    }
    write_row(b, i, &strip, pb_buffer_string(&number), out);
    out->failed |= number.failed;
    pb_buffer_release(&number);
}

static void write_scale(const struct bars *b, struct pb_buffer *out) {
    char low[32], high[32];
    pb_format_time(b->least_ns, low, sizeof low);
    pb_format_time(b->most_ns, high, sizeof high);
    if (strlen(low) + strlen(high) + GAP > b->bar)
        return;
    pb_text_pad(out, pb_reason_indent(b->section));
    pb_buffer_text(out, low);
    pb_text_pad(out, b->bar - strlen(low) - strlen(high));
    pb_buffer_printf(out, "%s\n", high);
}

static void write_latencies(struct bars *b, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    if (!find_span(b))
        return;
    lay_out(b, latency_text, false);
    if (b->bar)
        pb_buffer_printf(&line, "latencies, on a logarithmic scale: %s from p50 to p99; %s to p99.9",
                         b->sign->usual, b->sign->rare);
    else
        pb_buffer_text(&line, "latencies: p50 to p99");
    pb_text_wrap(out, pb_buffer_string(&line), b->grid->width, INDENT, b->grid->style->utf8);
    write_rows(b, write_latency, out);
    write_scale(b, out);
    out->failed |= line.failed;
    pb_buffer_release(&line);
}

void pb_chart_bars(const struct pb_grid *g, const struct pb_section *s, size_t width, struct pb_buffer *out) {
    struct bars b = {.grid = g, .section = s, .sign = pb_signs(g->style), .width = width};
    write_bars(&b, out);
    write_latencies(&b, out);
}
