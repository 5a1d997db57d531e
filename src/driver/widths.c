#include "driver/widths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_IN_FLIGHT = 1000, IO_PER_PROCESSOR = 4, IO_LEAST = 8 };

/* Reads a number from 1, or "max" as 0. */
static bool parse_end(const char **text, uint32_t *value) {
    if (strncmp(*text, "max", 3) == 0) {
        *value = 0;
        *text += 3;
        return true;
    }
    if (**text < '1' || **text > '9')
        return false;
    char *end;
    unsigned long v = strtoul(*text, &end, 10);
    if (v > PB_WIDTH_LIMIT)
        return false;
    *value = (uint32_t)v;
    *text = end;
    return true;
}

int pb_width_parse(const char *text, struct pb_width_range *range, struct pb_error *error) {
    const char *rest = text;
    bool good = parse_end(&rest, &range->first);
    range->last = range->first;
    if (good && *rest == '-') {
        rest++;
        good = parse_end(&rest, &range->last);
    }
    if (!good || *rest)
        return pb_error_set(error, -EINVAL,
                            "-n %s: no number of workers: give a number from 1, max, or a range like 1-max",
                            text);
    if (range->last != 0 && (range->first == 0 || range->first > range->last))
        return pb_error_set(error, -EINVAL, "-n %s: the range runs backwards: write the smaller end first",
                            text);
    return 0;
}

int pb_base_parse(const char *text, const char *label, struct pb_base *base, struct pb_error *error) {
    struct pb_width_range range = {0};
    bool width = strncmp(text, "n=", 2) == 0 && pb_width_parse(text + 2, &range, NULL) == 0 && range.first &&
                 range.first == range.last;
    *base = (struct pb_base){.serial = strcmp(text, "serial") == 0, .width = width ? range.first : 0};
    if (width || base->serial || strcmp(text, "none") == 0)
        return 0;
    return pb_error_set(error, -EINVAL, "%s: unknown: give serial, n=1 or another number, or none", label);
}

static int add(struct pb_widths *widths, uint32_t width) {
    for (uint32_t i = 0; i < widths->count; i++)
        if (widths->value[i] == width)
            return 0;
    uint32_t *more = realloc(widths->value, (widths->count + 1) * sizeof *more);
    if (!more)
        return -ENOMEM;
    widths->value = more;
    more[widths->count++] = width;
    return 0;
}

static int add_range(struct pb_widths *widths, const char *text, uint32_t usable, uint32_t cap,
                     struct pb_error *error) {
    struct pb_width_range range;
    int rc = pb_width_parse(text, &range, error);
    if (rc < 0)
        return rc;
    uint32_t first = range.first ? range.first : usable, last = range.last ? range.last : usable;
    if (first > last)
        return pb_error_set(error, -EINVAL, "-n %s: max is %u here, so the range is empty: start it lower",
                            text, usable);
    if (last > cap)
        return pb_error_set(error, -EINVAL,
                            "-n %s: %u tasks at once are more than %u: raise the cap with --max-in-flight=%u",
                            text, last, cap, last);
    for (uint32_t width = first; rc == 0 && width <= last; width++)
        rc = add(widths, width);
    return rc < 0 ? pb_error_set(error, rc, "-n %s: no memory for its widths: give fewer", text) : 0;
}

static uint32_t default_width(enum pb_bound bound, uint32_t usable, uint32_t cap) {
    uint32_t width = usable;
    if (bound == PB_IO)
        width = IO_PER_PROCESSOR * usable > IO_LEAST ? IO_PER_PROCESSOR * usable : IO_LEAST;
    return width < cap ? width : cap;
}

static int add_default(struct pb_widths *widths, enum pb_bound bound, bool own, uint32_t usable,
                       uint32_t cap) {
    int rc = 0;
    uint32_t last = own ? default_width(PB_CPU, usable, cap) : default_width(bound, usable, cap);
    for (uint32_t width = 1; own && rc == 0 && width < last; width *= 2)
        rc = add(widths, width);
    return rc < 0 ? rc : add(widths, last);
}

int pb_widths_init(struct pb_widths *widths, const struct pb_request *request, enum pb_bound bound, bool own,
                   uint32_t usable, struct pb_error *error) {
    uint32_t cap = request->max_in_flight ? request->max_in_flight : DEFAULT_IN_FLIGHT;
    *widths = (struct pb_widths){0};
    int rc = 0;
    if (request->widths == 0 && add_default(widths, bound, own, usable, cap) < 0)
        rc = pb_error_set(error, -ENOMEM, "-n: no memory for its default");
    for (uint32_t i = 0; rc == 0 && i < request->widths; i++)
        rc = add_range(widths, request->width[i], usable, cap, error);
    if (rc < 0)
        pb_widths_release(widths);
    return rc;
}

void pb_widths_release(struct pb_widths *widths) {
    free(widths->value);
    *widths = (struct pb_widths){0};
}
