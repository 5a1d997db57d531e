/* Rows that share a reason share a sentence. */
#include "report/comparison_words.h"

#include <inttypes.h>
#include <string.h>

#include "report/change_text.h"
#include "report/text.h"

enum {
    INDENT = 2,
    NAMED = 4 /* rows in a sentence; the others are counted */,
    FAR = 50 /* times as long is no advice */
};

struct words {
    const struct pb_run *run;
    const struct pb_report_style *style;
    size_t width;
    struct pb_buffer line;
    struct pb_buffer *out;
};

static bool is(const struct pb_comparison *c, const char *verdict) {
    return c->verdict && strcmp(c->verdict, verdict) == 0;
}

static void finish(struct words *w) {
    if (w->line.size)
        pb_text_wrap(w->out, w->line.data, w->width, INDENT, w->style->utf8);
    w->out->failed |= w->line.failed;
    pb_buffer_release(&w->line);
}

/* "5.8 to 6.4 %", of changes in one direction. */
static void put_range(double a, double b, struct pb_buffer *out) {
    double low = fmin(fabs(a), fabs(b)), high = fmax(fabs(a), fabs(b));
    int digits = pb_change_decimals(high);
    pb_buffer_printf(out, "%.*f to %.*f %%", digits, 100 * low, digits, 100 * high);
}

/* One sentence for each row of a verdict that says how far it went. */
static void say_moved(struct words *w, const char *verdict, const char *word) {
    for (uint32_t i = 0; i < w->run->comparisons; i++) {
        const struct pb_comparison *c = &w->run->comparison[i];
        if (!is(c, verdict))
            continue;
        pb_buffer_printf(&w->line, "%s: %s: ", c->name, verdict);
        pb_change_percent(fabs(c->change.value), false, &w->line);
        pb_buffer_printf(&w->line, " %s (", word);
        put_range(c->change.low, c->change.high, &w->line);
        pb_buffer_printf(&w->line, "), threshold %.3g %%.", 100 * c->threshold);
        finish(w);
    }
}

static bool same_why(const struct pb_comparison *a, const struct pb_comparison *b) {
    return (!a->why && !b->why) || (a->why && b->why && strcmp(a->why, b->why) == 0);
}

/* The rows of one verdict and one reason. */
static bool together(const struct pb_comparison *a, const struct pb_comparison *b) {
    return a->verdict && is(b, a->verdict) && same_why(a, b);
}

static bool begins(const struct words *w, uint32_t first) {
    for (uint32_t i = 0; i < first; i++)
        if (together(&w->run->comparison[i], &w->run->comparison[first]))
            return false;
    return true;
}

/* "sha serial, sha thread 2 and 3 more", or "all 3 rows". */
static uint32_t put_names(struct words *w, uint32_t first) {
    uint32_t count = 0, said = 0;
    for (uint32_t i = first; i < w->run->comparisons; i++)
        count += together(&w->run->comparison[first], &w->run->comparison[i]);
    if (count > 1 && count == w->run->comparisons) {
        pb_buffer_printf(&w->line, count == 2 ? "both rows" : "all %" PRIu32 " rows", count);
        return count;
    }
    for (uint32_t i = first; i < w->run->comparisons && said < NAMED; i++)
        if (together(&w->run->comparison[first], &w->run->comparison[i]))
            pb_buffer_printf(&w->line, "%s%s", said++ ? ", " : "", w->run->comparison[i].name);
    if (count > said)
        pb_buffer_printf(&w->line, " and %" PRIu32 " more", count - said);
    return count;
}

/* An interval shrinks as the root of what was measured. */
static double times_as_long(const struct pb_comparison *c, double wanted) {
    double border = log1p(c->threshold), now = log1p(c->detectable) - border;
    double then = log1p(wanted) - border;
    return now > 0 && then > 0 ? now / then * (now / then) : NAN;
}

/* What the rows of a group could have found, and what it takes to find a change of twice the threshold. */
static void put_found(struct words *w, uint32_t first) {
    const struct pb_comparison *rows = w->run->comparison;
    double least = INFINITY, most = -INFINITY, times = 1, wanted = 2 * rows[first].threshold;
    for (uint32_t i = first; i < w->run->comparisons; i++) {
        if (!together(&rows[first], &rows[i]) || !isfinite(rows[i].detectable))
            continue;
        least = fmin(least, rows[i].detectable);
        most = fmax(most, rows[i].detectable);
        times = fmax(times, times_as_long(&rows[i], wanted));
    }
    if (!isfinite(most))
        return;
    pb_buffer_text(&w->line, " The smallest regression that could have been found is ");
    if (most - least < 0.0005)
        pb_change_percent(most, false, &w->line);
    else
        put_range(least, most, &w->line);
    pb_buffer_text(&w->line, ".");
    if (times > FAR)
        pb_buffer_printf(&w->line,
                         " That is far from %.3g %%: stop what else runs, or measure both side by "
                         "side (bench gate).",
                         100 * wanted);
    else if (times > 1.05)
        pb_buffer_printf(&w->line,
                         " To find %.3g %%, measure both %.*f times as long (--time), or on a "
                         "quieter machine.",
                         100 * wanted, times < 9.95 ? 1 : 0, times);
    else
        pb_buffer_text(&w->line, " The change itself lies near the threshold: more samples, or "
                                 "another --threshold, decide.");
}

static void say_inconclusive(struct words *w) {
    for (uint32_t i = 0; i < w->run->comparisons; i++) {
        const struct pb_comparison *c = &w->run->comparison[i];
        if (!is(c, PB_INCONCLUSIVE) || !begins(w, i))
            continue;
        pb_buffer_text(&w->line, "Inconclusive: ");
        put_names(w, i);
        pb_buffer_printf(&w->line, "%s%s.", c->why ? ": " : "", c->why ? c->why : "");
        put_found(w, i);
        finish(w);
    }
}

static void say_not_comparable(struct words *w) {
    for (uint32_t i = 0; i < w->run->comparisons; i++) {
        const struct pb_comparison *c = &w->run->comparison[i];
        if (!is(c, PB_NOT_COMPARABLE) || !begins(w, i))
            continue;
        pb_buffer_text(&w->line, "Not comparable: ");
        uint32_t rows = put_names(w, i);
        pb_buffer_printf(&w->line, "%s%s.", c->why ? ": " : "", c->why ? c->why : "");
        if (rows > 1 && rows == w->run->comparisons)
            pb_buffer_text(&w->line, " Measure both in the same way on one machine, best side by side: bench "
                                     "gate.");
        finish(w);
    }
}

static void say_equivalent(struct words *w) {
    uint32_t count = 0, first = 0;
    for (uint32_t i = w->run->comparisons; i-- > 0;)
        if (is(&w->run->comparison[i], PB_EQUIVALENT)) {
            first = i;
            count++;
        }
    if (!count)
        return;
    pb_buffer_text(&w->line, "Equivalent: ");
    put_names(w, first);
    pb_buffer_printf(&w->line, ": within %.3g %% of the base.", 100 * w->run->comparison[first].threshold);
    finish(w);
}

/* How the numbers are to be read. */
static void say_rule(struct words *w) {
    double least = INFINITY, most = -INFINITY;
    uint32_t rows = 0, scaled = 0, undisturbed = 0;
    for (uint32_t i = 0; i < w->run->comparisons; i++) {
        const struct pb_comparison *c = &w->run->comparison[i];
        if (!isfinite(c->change.value) || !isfinite(c->confidence))
            continue;
        least = fmin(least, c->confidence);
        most = fmax(most, c->confidence);
        scaled += c->scaled;
        undisturbed += c->undisturbed;
        rows++;
    }
    if (!rows)
        return;
    pb_buffer_printf(&w->line, "change: of the median time, with half its interval of %.4g", 100 * least);
    if (most - least > 1e-6)
        pb_buffer_printf(&w->line, " to %.4g", 100 * most);
    pb_buffer_text(&w->line, " %");
    if (scaled)
        pb_buffer_printf(&w->line, "; %s scaled by `spin`, which ran beside",
                         scaled == rows ? "times are" : "times of rows that compute are");
    if (undisturbed)
        pb_buffer_text(&w->line, "; *: of what tasks take where nothing disturbs them");
    pb_buffer_text(&w->line, ".");
    finish(w);
}

void pb_comparison_say(const struct pb_run *run, const struct pb_report_style *style, size_t width,
                       struct pb_buffer *out) {
    struct words w = {.run = run, .style = style, .width = width, .out = out};
    if (!run->comparisons)
        pb_buffer_text(&w.line, "Nothing to compare: neither has a row with numbers.");
    else
        pb_buffer_text(out, "\n");
    finish(&w);
    say_moved(&w, PB_REGRESSED, "slower");
    say_moved(&w, PB_IMPROVED, "faster");
    say_equivalent(&w);
    say_inconclusive(&w);
    say_not_comparable(&w);
    say_rule(&w);
}
