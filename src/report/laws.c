#include "report/laws.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "report/column.h"
#include "report/text.h"

enum { INDENT = 2, NAME = 32 };

/* A curve that misses a width by more does not describe it. */
static const double far_off = 0.05;

/* "0.031 (0.028 to 0.035)" */
static void say_estimate(const struct pb_estimate *e, const char *format, struct pb_buffer *out) {
    char value[3][32];
    const double number[] = {e->value, e->low, e->high};
    for (int i = 0; i < 3; i++) {
        pb_buffer_text(out, i == 0 ? "" : i == 1 ? " (" : " to ");
        if (isinf(number[i]))
            pb_buffer_text(out, "none");
        else
            pb_buffer_text(out, (snprintf(value[i], sizeof value[i], format, number[i]), value[i]));
    }
    pb_buffer_text(out, ")");
}

static void say_peak(const struct pb_scaling_law *law, struct pb_buffer *out) {
    const struct pb_estimate *e = &law->peak;
    if (e->samples == 0)
        pb_buffer_text(out, "; a peak takes 6 widths to identify");
    else if (isfinite(e->value)) {
        pb_buffer_text(out, "; the peak is at n = ");
        say_estimate(e, "%.0f", out);
    } else if (isfinite(e->low))
        pb_buffer_printf(out, "; no peak is identifiable, and none below n = %.0f", e->low);
    else
        pb_buffer_text(out, "; there is no peak");
}

static void say_prediction(const struct pb_scaling_law *law, struct pb_buffer *out) {
    char rate[32];
    pb_buffer_printf(out, "; n = %" PRIu64 " would give ", law->predicted);
    say_estimate(&law->speedup, "%.3gx", out);
    pb_format_rate(law->throughput.value, rate, sizeof rate);
    pb_buffer_printf(out, " of one worker, %s tasks/s", rate);
}

static void say_law(const struct pb_curve *c, struct pb_buffer *out) {
    const struct pb_scaling_law *law = c->law;
    if (!law || !law->law) {
        pb_buffer_printf(out, "law not identifiable: %s", law && law->why ? law->why : "there is one width");
        return;
    }
    bool usl = strcmp(law->law, "usl") == 0;
    pb_buffer_text(out, usl ? "USL: a = " : "Amdahl: a = ");
    say_estimate(&law->a, "%.3g", out);
    if (usl) {
        pb_buffer_text(out, ", b = ");
        say_estimate(&law->b, "%.2g", out);
    }
    say_peak(law, out);
    say_prediction(law, out);
    if (fabs(law->misfit) > far_off)
        pb_buffer_printf(out, "; but it misses n = %" PRIu64 " by %.0f %%: trust it no further",
                         law->misfit_at, 100 * fabs(law->misfit));
}

/* "left out: 4 and 8 (oversubscribed, 2 processors can be used)"; one reason is told for all. */
static void say_left_out(const struct pb_curve *c, struct pb_buffer *out) {
    const char *why = NULL;
    for (uint32_t i = 0; i < c->rows; i++) {
        const struct pb_curve_row *row = &c->row[i];
        if (!row->left_out)
            continue;
        bool same = why && strcmp(why, row->left_out) == 0;
        if (why && !same)
            pb_buffer_printf(out, " (%s)", why);
        pb_buffer_printf(out, "%s%" PRIu32, why ? ", " : "not in the law: n = ", row->cell->workers);
        why = row->left_out;
    }
    if (why)
        pb_buffer_printf(out, " (%s)", why);
}

static void say_weak(const struct pb_curve *c, struct pb_buffer *out) {
    if (c->weak)
        pb_buffer_text(out, "weak scaling, the same work for each worker: efficiency is the time of one "
                            "worker over that of n");
}

typedef void say_fn(const struct pb_curve *, struct pb_buffer *);

static bool same(const struct pb_curve *a, const struct pb_curve *b, say_fn *say) {
    struct pb_buffer x = {0}, y = {0};
    say(a, &x);
    say(b, &y);
    bool equal = strcmp(pb_buffer_string(&x), pb_buffer_string(&y)) == 0;
    pb_buffer_release(&x);
    pb_buffer_release(&y);
    return equal;
}

static bool is_said(const struct pb_curve *curve, uint32_t i, say_fn *say) {
    for (uint32_t k = 0; k < i; k++)
        if (same(&curve[k], &curve[i], say))
            return true;
    return false;
}

static void write_each(const struct pb_curve *curve, uint32_t curves, say_fn *say,
                       const struct pb_report_style *style, size_t width, struct pb_buffer *out) {
    for (uint32_t i = 0; i < curves; i++) {
        struct pb_buffer line = {0}, what = {0};
        say(&curve[i], &what);
        for (uint32_t k = i; what.size && !is_said(curve, i, say) && k < curves; k++) {
            if (!same(&curve[i], &curve[k], say))
                continue;
            pb_buffer_text(&line, line.size ? ", " : "");
            struct pb_buffer name = {0};
            pb_columns[PB_COLUMN_EXECUTOR].format(curve[k].row[0].cell, &name);
            pb_text_fit(&line, pb_buffer_string(&name), NAME, style->utf8);
            pb_buffer_release(&name);
        }
        if (line.size) {
            pb_buffer_printf(&line, ": %s", what.data);
            pb_text_wrap(out, line.data, width, INDENT, style->utf8);
        }
        out->failed |= line.failed || what.failed;
        pb_buffer_release(&line);
        pb_buffer_release(&what);
    }
}

void pb_laws_write(const struct pb_curve *curve, uint32_t curves, const struct pb_report_style *style,
                   size_t width, struct pb_buffer *out) {
    write_each(curve, curves, say_weak, style, width, out);
    write_each(curve, curves, say_law, style, width, out);
    write_each(curve, curves, say_left_out, style, width, out);
}
