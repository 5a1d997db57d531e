/* A parameter's text becomes a value in three steps: split `key=value,...`, find the row, convert by the
 * row's type. A piece without '=' belongs to the text before it (`url=a,b`), so that texts may hold commas.
 *
 * A table whose last row takes the rest is split otherwise: pieces are taken off while they begin with a key
 * of the other rows and run up to a comma, or to the end of the text, with no blank on the way. What follows
 * is the last row's, as it stands: in `FOO=1 ./prog a,b` nothing is a parameter. */
#include "base/param.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/units.h"

static size_t table_size(const struct pb_param *table) {
    size_t count = 0;
    while (table && table[count].name)
        count++;
    return count;
}

static int parse_choice(const char *choices, const char *text, int64_t *index) {
    size_t length = strlen(text);
    for (int64_t i = 0;; i++) {
        size_t span = strcspn(choices, "|");
        if (span == length && memcmp(choices, text, span) == 0) {
            *index = i;
            return 0;
        }
        if (!choices[span])
            return -EINVAL;
        choices += span + 1;
    }
}

/* Iterations, or a time that becomes iterations; a bare number is a time where the table names a unit. */
static int parse_work(const char *text, const char *unit, double rate, int64_t *iterations) {
    if (!unit && pb_parse_integer(text, iterations) == 0)
        return *iterations < 0 ? -ERANGE : 0;
    int64_t ns;
    int rc = pb_parse_time(text, unit, &ns);
    if (rc == 0)
        *iterations = llround((double)ns / 1000 * rate);
    return rc;
}

static int parse_value(const struct pb_param *row, const char *text, double rate, union pb_value *value) {
    switch (row->type) {
    case PB_PARAM_COUNT:
        return pb_parse_integer(text, &value->integer);
    case PB_PARAM_SIZE:
        return pb_parse_size(text, &value->integer);
    case PB_PARAM_TIME:
        return pb_parse_time(text, row->unit, &value->integer);
    case PB_PARAM_WORK:
        return parse_work(text, row->unit, rate, &value->integer);
    case PB_PARAM_REAL:
        return pb_parse_real(text, &value->real);
    case PB_PARAM_CHOICE:
        return parse_choice(row->choices, text, &value->integer);
    case PB_PARAM_TEXT:
    case PB_PARAM_REST:
        value->text = text;
        return 0;
    }
    return -EINVAL;
}

/* "a whole number", with an example where the form is not plain. */
static const char *expected_form(const struct pb_param *row) {
    switch (row->type) {
    case PB_PARAM_COUNT:
        return "a whole number";
    case PB_PARAM_SIZE:
        return "a size like 4096, 64k or 1MiB";
    case PB_PARAM_TIME:
        return row->unit ? "a time like 20, 20ms or 500us" : "a time like 20ms or 500us";
    case PB_PARAM_WORK:
        return row->unit ? "a time like 20us" : "a time like 20us, or a number of iterations";
    case PB_PARAM_REAL:
        return "a number like 0.25 or 25%";
    case PB_PARAM_CHOICE:
        return row->choices;
    case PB_PARAM_TEXT:
    case PB_PARAM_REST:
        break;
    }
    return "a text";
}

static const char *format_number(const struct pb_param *row, double value, char *out, size_t size) {
    switch (row->type) {
    case PB_PARAM_SIZE:
        return pb_format_size(value, out, size);
    case PB_PARAM_TIME:
        return pb_format_time(value, out, size);
    default:
        snprintf(out, size, "%.15g", value);
        return out;
    }
}

static int check_range(const char *owner, const struct pb_param *row, const char *text,
                       const union pb_value *value, struct pb_error *error) {
    bool numeric = row->type != PB_PARAM_TEXT && row->type != PB_PARAM_CHOICE && row->type != PB_PARAM_REST;
    if (!numeric || (row->min == 0 && row->max == 0))
        return 0;
    double v = row->type == PB_PARAM_REAL ? value->real : (double)value->integer;
    if (v >= row->min && v <= row->max)
        return 0;
    char low[32], high[32];
    return pb_error_set(error, -ERANGE, "%s: %s=%s is out of range: give %s to %s", owner, row->name, text,
                        format_number(row, row->min, low, sizeof low),
                        format_number(row, row->max, high, sizeof high));
}

static int unknown_key(const char *owner, const struct pb_param *table, const char *key,
                       struct pb_error *error) {
    struct pb_buffer list = {0};
    const char *names[64] = {NULL};
    size_t count = table_size(table);
    for (size_t i = 0; i < count && i < 64; i++) {
        names[i] = table[i].name;
        pb_buffer_printf(&list, "%s%s", i ? ", " : "", table[i].name);
    }
    int nearest = pb_name_nearest(key, names, count < 64 ? count : 64);
    if (count == 0)
        pb_error_set(error, -EINVAL, "%s: it has no parameter \"%s\": it takes none", owner, key);
    else if (nearest >= 0)
        pb_error_set(error, -EINVAL, "%s: it has no parameter \"%s\": did you mean %s? it has %s", owner, key,
                     names[nearest], pb_buffer_string(&list));
    else
        pb_error_set(error, -EINVAL, "%s: it has no parameter \"%s\": it has %s", owner, key,
                     pb_buffer_string(&list));
    pb_buffer_release(&list);
    return -EINVAL;
}

static int set_value(struct pb_param_set *set, const char *owner, size_t row, const char *text, double rate,
                     struct pb_error *error) {
    const struct pb_param *p = &set->table[row];
    set->text[row] = text;
    int rc = parse_value(p, text, rate, &set->value[row]);
    if (rc == -ERANGE)
        return pb_error_set(error, rc, "%s: %s=%s is out of range: give %s", owner, p->name, text,
                            expected_form(p));
    if (rc < 0)
        return pb_error_set(error, rc, "%s: %s=%s cannot be read: give %s", owner, p->name, text,
                            expected_form(p));
    return check_range(owner, p, text, &set->value[row], error);
}

/* Cuts the next `key=value` off *rest, in place; a later piece without '=' stays part of the value. */
static char *next_pair(char **rest) {
    char *pair = *rest, *comma = pair;
    while ((comma = strchr(comma, ',')) && !memchr(comma + 1, '=', strcspn(comma + 1, ",")))
        comma++;
    if (comma) {
        *comma = '\0';
        *rest = comma + 1;
    } else {
        *rest = NULL;
    }
    return pair;
}

static int set_pair(struct pb_param_set *set, const char *owner, char *pair, double rate,
                    struct pb_error *error) {
    char *equals = strchr(pair, '=');
    if (!equals)
        return pb_error_set(error, -EINVAL, "%s: \"%s\" is no parameter: write key=value", owner, pair);
    *equals = '\0';
    size_t count = table_size(set->table);
    for (size_t row = 0; row < count; row++)
        if (strcmp(set->table[row].name, pair) == 0) {
            if (set->given[row])
                return pb_error_set(error, -EINVAL, "%s: %s is given twice: give it once", owner, pair);
            set->given[row] = true;
            return set_value(set, owner, row, equals + 1, rate, error);
        }
    return unknown_key(owner, set->table, pair, error);
}

static int set_all(struct pb_param_set *set, const char *owner, double rate, struct pb_error *error) {
    int rc = 0;
    for (char *rest = set->storage; rc == 0 && rest && *rest;)
        rc = set_pair(set, owner, next_pair(&rest), rate, error);
    return rc;
}

/* The size of the `key=value` that the text begins with, by its form; 0: there is none. */
static size_t leading_pair(const char *text, size_t *key) {
    size_t size = strcspn(text, ", \t\n");
    *key = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return *key > 0 && text[*key] == '=' && (text[size] == ',' || text[size] == '\0') ? size : 0;
}

/* Whether the key is one of the other rows', or so near to one that it is mistyped. */
static bool is_meant(const struct pb_param *table, size_t others, const char *text, size_t key) {
    char name[64];
    const char *names[64] = {NULL};
    if (key >= sizeof name)
        return false;
    memcpy(name, text, key);
    name[key] = '\0';
    for (size_t i = 0; i < others && i < 64; i++)
        names[i] = table[i].name;
    return pb_name_nearest(name, names, others < 64 ? others : 64) >= 0;
}

/* Pieces of the other rows, then the last one's text. */
static int set_leading(struct pb_param_set *set, const char *owner, double rate, struct pb_error *error) {
    size_t last = set->values.count - 1, key, size;
    char *rest = set->storage;
    while ((size = leading_pair(rest, &key)) && is_meant(set->table, last, rest, key)) {
        char *pair = rest;
        rest += size + (rest[size] == ',');
        pair[size] = '\0';
        int rc = set_pair(set, owner, pair, rate, error);
        if (rc < 0)
            return rc;
    }
    set->given[last] = *rest != '\0';
    return *rest ? set_value(set, owner, last, rest, rate, error) : 0;
}

int pb_param_set_init(struct pb_param_set *set, const char *owner, const struct pb_param *table,
                      const char *text, double work_rate, struct pb_error *error) {
    size_t count = table_size(table);
    *set = (struct pb_param_set){.table = table};
    set->value = calloc(count + 1, sizeof *set->value);
    set->given = calloc(count + 1, sizeof *set->given);
    set->text = calloc(count + 1, sizeof *set->text);
    set->storage = strdup(text ? text : "");
    set->values = (struct pb_params){.count = count, .value = set->value};
    int rc = 0;
    if (!set->value || !set->given || !set->text || !set->storage)
        rc = pb_error_set(error, -ENOMEM, "%s: no memory for its parameters", owner);
    for (size_t row = 0; rc == 0 && row < count; row++)
        rc = set_value(set, owner, row, table[row].fallback, work_rate, error);
    if (rc == 0)
        rc = count && table[count - 1].type == PB_PARAM_REST ? set_leading(set, owner, work_rate, error)
                                                             : set_all(set, owner, work_rate, error);
    if (rc < 0)
        pb_param_set_release(set);
    return rc;
}

void pb_param_set_release(struct pb_param_set *set) {
    free(set->value);
    free(set->given);
    free(set->text);
    free(set->storage);
    *set = (struct pb_param_set){0};
}

/* As a number with its unit where that is exact, else in the smallest unit. */
static void format_quantity(const struct pb_param *row, int64_t value, struct pb_buffer *out) {
    char text[64];
    int64_t again, unit;
    /* Where the table names a unit, the name says it: "ms=20". */
    if (row->unit && pb_parse_time("1", row->unit, &unit) == 0 && value % unit == 0) {
        pb_buffer_printf(out, "%lld", (long long)(value / unit));
        return;
    }
    format_number(row, (double)value, text, sizeof text);
    for (char *blank; (blank = strchr(text, ' '));)
        memmove(blank, blank + 1, strlen(blank));
    int rc = row->type == PB_PARAM_SIZE ? pb_parse_size(text, &again) : pb_parse_time(text, NULL, &again);
    if (rc == 0 && again == value)
        pb_buffer_text(out, text);
    else
        pb_buffer_printf(out, "%lld%s", (long long)value, row->type == PB_PARAM_TIME ? "ns" : "");
}

/* One value has one spelling, whatever the user wrote; but work stays as written, since a time is not yet
 * iterations. */
static void format_value(const struct pb_param_set *set, size_t row, struct pb_buffer *out) {
    const union pb_value *value = &set->value[row];
    switch (set->table[row].type) {
    case PB_PARAM_REAL:
        pb_buffer_printf(out, "%.15g", value->real);
        return;
    case PB_PARAM_SIZE:
    case PB_PARAM_TIME:
        format_quantity(&set->table[row], value->integer, out);
        return;
    case PB_PARAM_COUNT:
        pb_buffer_printf(out, "%lld", (long long)value->integer);
        return;
    case PB_PARAM_WORK:
    case PB_PARAM_CHOICE:
    case PB_PARAM_TEXT:
    case PB_PARAM_REST:
        pb_buffer_text(out, set->text[row]);
        return;
    }
}

void pb_param_set_format(const struct pb_param_set *set, bool all, struct pb_buffer *out) {
    bool first = true;
    for (size_t row = 0; row < set->values.count; row++) {
        if (!all && !set->given[row])
            continue;
        bool named = set->table[row].type != PB_PARAM_REST;
        pb_buffer_printf(out, "%s%s%s", first ? "" : ",", named ? set->table[row].name : "",
                         named ? "=" : "");
        format_value(set, row, out);
        first = false;
    }
}
