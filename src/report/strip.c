#include "report/strip.h"

#include <math.h>

static const struct pb_signs unicode = {
    .part = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"},
    .full = "█",
    .below_value = "▓",
    .above_value = "░",
    .mark = "│",
    .usual = "━",
    .rare = "─",
    .line = "─",
    .low = "├",
    .high = "┤",
    .value = "●",
    .zero = "│",
    .threshold = "┊",
    .below = "←",
    .above = "→",
};

static const struct pb_signs ascii = {
    .part = {"", "", "", "", "#", "#", "#", "#"},
    .full = "#",
    .below_value = "=",
    .above_value = "-",
    .mark = "|",
    .usual = "=",
    .rare = "-",
    .line = "-",
    .low = "[",
    .high = "]",
    .value = "o",
    .zero = "|",
    .threshold = ":",
    .below = "<",
    .above = ">",
};

const struct pb_signs *pb_signs(const struct pb_report_style *style) {
    return style->utf8 ? &unicode : &ascii;
}

void pb_strip_put(struct pb_strip *s, size_t at, const char *sign, const char *colour) {
    if (at >= s->width || !*sign)
        return;
    s->sign[at] = sign;
    s->colour[at] = colour;
}

void pb_strip_fill(struct pb_strip *s, size_t from, size_t to, const char *sign, const char *colour) {
    for (size_t i = from; i < to && i < s->width; i++)
        pb_strip_put(s, i, sign, colour);
}

void pb_strip_write(const struct pb_strip *s, struct pb_buffer *out) {
    const char *now = NULL;
    for (size_t i = 0; i < s->width; i++) {
        if (s->colour[i] != now)
            pb_buffer_printf(out, "%s%s", now ? "\033[0m" : "", s->colour[i] ? s->colour[i] : "");
        now = s->colour[i];
        pb_buffer_text(out, s->sign[i] ? s->sign[i] : " ");
    }
    pb_buffer_text(out, now ? "\033[0m" : "");
}

double pb_columns_below(double share, size_t columns) {
    return share > 0 ? fmin(share, 1) * (double)columns : 0;
}

size_t pb_column_at(double share, size_t columns) {
    return (size_t)(pb_columns_below(share, columns) + 0.5);
}
