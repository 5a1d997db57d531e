#include "cli/values.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "cli/items.h"
#include "driver/widths.h"

static int set_flag(void *slot, const char *label, const char *text, struct pb_error *error) {
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"1", true}, {"yes", true}, {"true", true}, {"0", false}, {"no", false}, {"false", false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i].word) == 0) {
            *(bool *)slot = words[i].value;
            return 0;
        }
    return pb_error_set(error, -EINVAL, "%s: neither yes nor no: give 1 or 0", label);
}

/* "serial, n=1 or none" */
static const char *format_choices(const char *choices, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    while (*choices && used < size) {
        size_t span = strcspn(choices, "|");
        const char *between = !used ? "" : choices[span] ? ", " : " or ";
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", between, (int)span, choices);
        choices += span + (choices[span] == '|');
    }
    return out;
}

static int set_choice(void *slot, const struct pb_option *row, const char *label, const char *text,
                      struct pb_error *error) {
    size_t length = strlen(text);
    for (const char *c = row->choices; length; c += strcspn(c, "|") + 1) {
        if (strcspn(c, "|") == length && memcmp(c, text, length) == 0) {
            *(const char **)slot = text;
            return 0;
        }
        if (!c[strcspn(c, "|")])
            break;
    }
    char list[128];
    return pb_error_set(error, -EINVAL, "%s: unknown: give %s", label,
                        format_choices(row->choices, list, sizeof list));
}

static int set_setting(struct pb_strings *list, const char *label, const char *text, struct pb_error *error) {
    size_t name = 0;
    while (isalnum((unsigned char)text[name]) || text[name] == '_')
        name++;
    if (!name || isdigit((unsigned char)text[0]) || text[name] != '=')
        return pb_error_set(error, -EINVAL,
                            "%s: it sets no variable: write NAME=VALUE, like OMP_NUM_THREADS={n}", label);
    return pb_strings_add(list, text, strlen(text)) ? 0
                                                    : pb_error_set(error, -ENOMEM, "%s: no memory", label);
}

static int set_whole(struct pb_strings *list, const struct pb_option *row, const char *label,
                     const char *text, struct pb_error *error) {
    if (!text[strspn(text, " ")])
        return pb_error_set(error, -EINVAL, "%s: it is empty: give %s", label, row->argument);
    return pb_strings_add(list, text, strlen(text)) ? 0
                                                    : pb_error_set(error, -ENOMEM, "%s: no memory", label);
}

static int set_base(const char **slot, const char *label, const char *text, struct pb_error *error) {
    struct pb_base base;
    *slot = text;
    return pb_base_parse(text, label, &base, error);
}

static int set_list(struct pb_options *options, const struct pb_option *row, const char *label,
                    const char *text, struct pb_error *error) {
    struct pb_strings *list = &options->list[row->list];
    uint32_t before = list->count;
    int rc = row->kind == PB_OPTION_ITEMS ? pb_items_split(list, label, text, error)
                                          : pb_list_split(list, label, text, error);
    struct pb_width_range range;
    for (uint32_t i = before; rc == 0 && row->kind == PB_OPTION_WIDTHS && i < list->count; i++)
        rc = pb_width_parse(list->text[i], &range, error);
    return rc;
}

/* Reads a number in the user's unit. */
static int read_number(const struct pb_option *row, const char *text, double *value) {
    int64_t integer = 0;
    int rc;
    switch (row->kind) {
    case PB_OPTION_SECONDS:
    case PB_OPTION_TIME:
        rc = pb_parse_time(text, "s", &integer);
        *value = (double)integer / 1e9;
        return rc;
    case PB_OPTION_SHARE:
        return pb_parse_real(text, value);
    default:
        rc = pb_parse_integer(text, &integer);
        *value = (double)integer;
        return rc;
    }
}

static const char *expected(const struct pb_option *row, char *out, size_t size) {
    char low[32], high[32];
    switch (row->kind) {
    case PB_OPTION_SECONDS:
    case PB_OPTION_TIME:
        snprintf(out, size, "a time from %s to %s, like 500ms or 10s",
                 pb_format_time(row->min * 1e9, low, sizeof low),
                 pb_format_time(row->max * 1e9, high, sizeof high));
        break;
    case PB_OPTION_SHARE:
        snprintf(out, size, "a share from %g%% to %g%%, like 1%%", row->min * 100, row->max * 100);
        break;
    default:
        snprintf(out, size, "a whole number from %.0f to %.0f", row->min, row->max);
    }
    return out;
}

static int set_number(void *slot, const struct pb_option *row, const char *label, const char *text,
                      struct pb_error *error) {
    double value = 0;
    char form[128];
    int rc = read_number(row, text, &value);
    bool outside = rc == -ERANGE || (rc == 0 && (value < row->min || value > row->max));
    if (rc == -EINVAL || outside)
        return pb_error_set(error, -EINVAL, "%s: %s: give %s", label,
                            outside ? "out of range" : "it cannot be read", expected(row, form, sizeof form));
    int64_t integer = 0;
    switch (row->kind) {
    case PB_OPTION_COUNT:
        *(uint32_t *)slot = (uint32_t)value;
        break;
    case PB_OPTION_NUMBER: /* again, since a double holds 53 bits only */
        pb_parse_integer(text, &integer);
        *(uint64_t *)slot = (uint64_t)integer;
        break;
    case PB_OPTION_TIME:
        pb_parse_time(text, "s", (int64_t *)slot);
        break;
    default:
        *(double *)slot = value;
    }
    return 0;
}

int pb_option_set(struct pb_options *options, const struct pb_option *row, const char *label,
                  const char *text, struct pb_error *error) {
    void *slot = (char *)options + row->at;
    switch (row->kind) {
    case PB_OPTION_FLAG:
        return set_flag(slot, label, text, error);
    case PB_OPTION_TEXT:
        if (!*text)
            return pb_error_set(error, -EINVAL, "%s: it is empty: give %s", label, row->argument);
        *(const char **)slot = text;
        return 0;
    case PB_OPTION_CHOICE:
        return set_choice(slot, row, label, text, error);
    case PB_OPTION_ITEMS:
    case PB_OPTION_LIST:
    case PB_OPTION_WIDTHS:
        return set_list(options, row, label, text, error);
    case PB_OPTION_WHOLE:
        return set_whole(&options->list[row->list], row, label, text, error);
    case PB_OPTION_SETTING:
        return set_setting(&options->list[row->list], label, text, error);
    case PB_OPTION_BASE:
        return set_base(slot, label, text, error);
    default:
        return set_number(slot, row, label, text, error);
    }
}
