#include "base/units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    double factor;
};

static const struct unit size_units[] = {
    {"", 1},         {"B", 1},      {"k", 1024},   {"K", 1024},     {"M", 0x1p20},
    {"G", 0x1p30},   {"T", 0x1p40}, {"KiB", 1024}, {"MiB", 0x1p20}, {"GiB", 0x1p30},
    {"TiB", 0x1p40}, {"kB", 1e3},   {"MB", 1e6},   {"GB", 1e9},     {NULL, 0},
};

static const struct unit time_units[] = {
    {"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"min", 60e9}, {NULL, 0},
};

/* A decimal number, without the signs, spaces, hexadecimal and words that strtod takes as well. */
static int parse_decimal(const char *text, double *value, const char **rest) {
    size_t digits = strspn(text, "0123456789.");
    char *end;
    if (digits == 0 || text[1] == 'x' || text[1] == 'X')
        return -EINVAL;
    *value = strtod(text, &end);
    if (end < text + digits || !isfinite(*value))
        return -EINVAL;
    *rest = end;
    return 0;
}

static int parse_quantity(const char *text, const struct unit *units, const char *bare, int64_t *out) {
    double value;
    const char *rest;
    if (parse_decimal(text, &value, &rest) < 0)
        return -EINVAL;
    if (!*rest && bare)
        rest = bare;
    for (; units->name; units++)
        if (strcmp(rest, units->name) == 0) {
            value *= units->factor;
            if (value > 0x1p62)
                return -ERANGE;
            *out = (int64_t)llround(value);
            return 0;
        }
    return -EINVAL;
}

int pb_parse_size(const char *text, int64_t *bytes) {
    return parse_quantity(text, size_units, NULL, bytes);
}

int pb_parse_time(const char *text, const char *unit, int64_t *ns) {
    return parse_quantity(text, time_units, unit, ns);
}

int pb_parse_integer(const char *text, int64_t *value) {
    char *end;
    const char *digits = *text == '-' ? text + 1 : text;
    if (*digits < '0' || *digits > '9')
        return -EINVAL;
    errno = 0;
    *value = strtoll(text, &end, 10);
    if (*end)
        return -EINVAL;
    return errno ? -ERANGE : 0;
}

int pb_parse_real(const char *text, double *value) {
    const char *rest, *digits = *text == '-' ? text + 1 : text;
    if (parse_decimal(digits, value, &rest) < 0)
        return -EINVAL;
    if (digits != text)
        *value = -*value;
    if (strcmp(rest, "%") == 0)
        *value /= 100;
    else if (*rest)
        return -EINVAL;
    return 0;
}

/* Three significant digits, without an exponent and without trailing zeros behind a whole number. */
static const char *format_scaled(double value, const struct unit *units, char *out, size_t size) {
    while (units[1].name && fabs(value) >= units[1].factor * 0.9995)
        units++;
    double scaled = value / units->factor;
    int decimals = fabs(scaled) >= 99.95 ? 0 : fabs(scaled) >= 9.995 ? 1 : 2;
    if (scaled == floor(scaled) && fabs(scaled) < 10000)
        decimals = 0;
    snprintf(out, size, "%.*f%s%s", decimals, scaled, *units->name ? " " : "", units->name);
    return out;
}

const char *pb_format_time(double ns, char *out, size_t size) {
    static const struct unit scale[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {NULL, 0}};
    return format_scaled(ns, scale, out, size);
}

const char *pb_format_size(double bytes, char *out, size_t size) {
    static const struct unit scale[] = {{"B", 1},        {"KiB", 0x1p10}, {"MiB", 0x1p20},
                                        {"GiB", 0x1p30}, {"TiB", 0x1p40}, {NULL, 0}};
    return format_scaled(bytes, scale, out, size);
}

const char *pb_format_rate(double per_second, char *out, size_t size) {
    static const struct unit scale[] = {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {NULL, 0}};
    return format_scaled(per_second, scale, out, size);
}
