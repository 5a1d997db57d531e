#include "report/change_text.h"

#include <string.h>

enum { MOST_PERCENT = 100000 };

int pb_change_decimals(double share) {
    double percent = fabs(share) * 100;
    return percent < 0.995 ? 2 : percent < 9.95 ? 1 : 0;
}

void pb_change_percent(double share, bool sign, struct pb_buffer *out) {
    double value = share * 100;
    if (!isfinite(value))
        pb_buffer_text(out, "-");
    else if (fabs(value) > MOST_PERCENT)
        pb_buffer_printf(out, "%s %d %%", value > 0 ? "above" : "below -", MOST_PERCENT);
    else
        pb_buffer_printf(out, sign ? "%+.*f %%" : "%.*f %%", pb_change_decimals(share), value);
}

void pb_change_half(const struct pb_estimate *e, struct pb_buffer *out) {
    double half = (e->high - e->low) / 2;
    if (!isfinite(e->value))
        return;
    pb_change_percent(e->value, true, out);
    if (isfinite(half))
        pb_buffer_printf(out, " ±%.*f", pb_change_decimals(half), 100 * half);
}

const char *pb_change_colour(const struct pb_comparison *c) {
    static const char *const rows[][2] = {
        {PB_REGRESSED, "\033[31m"},    {PB_IMPROVED, "\033[32m"},      {PB_EQUIVALENT, "\033[32m"},
        {PB_INCONCLUSIVE, "\033[33m"}, {PB_NOT_COMPARABLE, "\033[2m"},
    };
    for (size_t i = 0; c->verdict && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(c->verdict, rows[i][0]) == 0)
            return rows[i][1];
    return NULL;
}

static void add_interval(const struct pb_comparison *c, struct pb_buffer *out) {
    pb_buffer_text(out, " (");
    if (isfinite(c->change.low) && isfinite(c->change.high)) {
        pb_buffer_printf(out, "%.4g %% interval ", 100 * c->confidence);
        pb_change_percent(c->change.low, true, out);
        pb_buffer_text(out, " to ");
        pb_change_percent(c->change.high, true, out);
        pb_buffer_text(out, ", ");
    }
    pb_buffer_printf(out, "threshold %.3g %%%s)", 100 * c->threshold,
                     c->undisturbed ? ", of what tasks take undisturbed" : "");
}

void pb_change_text(const struct pb_comparison *c, struct pb_buffer *out) {
    bool known = isfinite(c->change.value);
    if (known) {
        pb_change_percent(c->change.value, true, out);
        add_interval(c, out);
    }
    if (c->verdict && strcmp(c->verdict, PB_INCONCLUSIVE) == 0 && isfinite(c->detectable)) {
        pb_buffer_text(out, known ? "; it could have found " : "it could have found ");
        pb_change_percent(c->detectable, false, out);
        known = true;
    }
    if (c->why && *c->why)
        pb_buffer_printf(out, "%s%s", known ? ": " : "", c->why);
    else if (!known)
        pb_buffer_text(out, "nothing was measured");
}

bool pb_cell_broken(const struct pb_cell *c) {
    return c->state == PB_CELL_FAILED || c->state == PB_CELL_WRONG;
}

const struct pb_cell *pb_comparison_cell(const struct pb_run *run, const struct pb_comparison *c) {
    return c->cell >= 0 && (uint32_t)c->cell < run->cells ? &run->cell[c->cell] : NULL;
}

bool pb_cell_has_comparison(const struct pb_run *run, const struct pb_cell *cell) {
    for (uint32_t i = 0; i < run->comparisons; i++)
        if (pb_comparison_cell(run, &run->comparison[i]) == cell)
            return true;
    return false;
}
