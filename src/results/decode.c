/* JSON values into structs, by the tables of fields.c: every member must be there, and nothing else. */
#include "results/decode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cpuset.h"
#include "base/name.h"
#include "results/encode.h"
#include "results/record.h"

static void add_path(const struct pb_decoder *d, struct pb_buffer *out) {
    for (size_t i = 0; i < d->steps; i++)
        if (d->step[i].key)
            pb_buffer_printf(out, "%s%s", i ? "." : "", d->step[i].key);
        else
            pb_buffer_printf(out, "[%zu]", d->step[i].index);
}

int pb_decode_fail(struct pb_decoder *d, const char *format, ...) {
    size_t offset = (size_t)(d->value - d->text) + pb_json_find(d->value, d->size, d->step, d->steps);
    struct pb_json_place place = pb_json_place(d->text, offset);
    struct pb_buffer path = {0};
    char why[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    add_path(d, &path);
    pb_error_set(d->error, -EINVAL, "%s:%d:%d: %s%s%s", d->name, place.line, place.column,
                 pb_buffer_string(&path), path.size ? ": " : "", why);
    pb_buffer_release(&path);
    return -EINVAL;
}

void pb_decode_enter(struct pb_decoder *d, const char *key, size_t index) {
    d->step[d->steps++] = (struct pb_json_step){key, index};
}

void pb_decode_leave(struct pb_decoder *d) {
    d->steps--;
}

static int no_memory(struct pb_decoder *d) {
    return pb_error_set(d->error, -ENOMEM, "%s: out of memory", d->name);
}

/* ---- Scalars ---- */

static int get_integer(struct pb_decoder *d, json_t *json, int64_t most, int64_t *out) {
    if (!json_is_integer(json))
        return pb_decode_fail(d, "not a whole number");
    int64_t value = json_integer_value(json);
    if (value < 0 || value > most)
        return pb_decode_fail(d, "%" PRId64 " is not between 0 and %" PRId64, value, most);
    *out = value;
    return 0;
}

static int get_real(struct pb_decoder *d, json_t *json, double unknown, double *out) {
    if (json_is_null(json))
        *out = unknown;
    else if (json_is_number(json))
        *out = json_number_value(json);
    else
        return pb_decode_fail(d, "neither a number nor null");
    return 0;
}

/* One that is never below 0, so that whatever is below means unknown. */
static int get_load(struct pb_decoder *d, json_t *json, double *out) {
    int rc = get_real(d, json, -1, out);
    if (rc == 0 && !json_is_null(json) && !(*out >= 0))
        rc = pb_decode_fail(d, "%g is below 0", *out);
    return rc;
}

static const char *get_text(struct pb_decoder *d, json_t *json) {
    if (!json_is_string(json))
        pb_decode_fail(d, "not a string");
    return json_string_value(json);
}

static int get_copy(struct pb_decoder *d, json_t *json, char **out) {
    if (json_is_null(json))
        return 0;
    const char *text = get_text(d, json);
    if (!text)
        return -EINVAL;
    return pb_set_text(out, text) ? no_memory(d) : 0;
}

static int get_chars(struct pb_decoder *d, json_t *json, size_t size, char *out) {
    const char *text = get_text(d, json);
    if (!text)
        return -EINVAL;
    if (strlen(text) >= size)
        return pb_decode_fail(d, "longer than %zu bytes", size - 1);
    strcpy(out, text);
    return 0;
}

static int get_bool(struct pb_decoder *d, json_t *json, bool *out) {
    if (!json_is_boolean(json))
        return pb_decode_fail(d, "neither true nor false");
    *out = json_is_true(json);
    return 0;
}

/* All of the text must be digits of `base` behind `prefix`. */
static int get_digits(struct pb_decoder *d, json_t *json, const char *prefix, int base, uint64_t *out) {
    const char *text = get_text(d, json);
    if (!text)
        return -EINVAL;
    size_t skip = strlen(prefix);
    const char *digits = base == 16 ? "0123456789abcdef" : "0123456789";
    size_t length = strncmp(text, prefix, skip) == 0 ? strspn(text + skip, digits) : 0;
    errno = 0;
    *out = length ? strtoull(text + skip, NULL, base) : 0;
    if (length == 0 || text[skip + length] || errno)
        return pb_decode_fail(d, "not a %s number in a string",
                              base == 16 ? "hexadecimal (\"0x...\")" : "decimal");
    return 0;
}

static int get_time(struct pb_decoder *d, json_t *json, int64_t *out) {
    const char *text = get_text(d, json);
    if (!text)
        return -EINVAL;
    struct tm tm = {0};
    char again[64] = "";
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    time_t seconds = end ? timegm(&tm) : 0;
    if (end && gmtime_r(&seconds, &tm))
        strftime(again, sizeof again, "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (!end || tm.tm_year < 0 || strcmp(again, text) != 0) /* a year from 1900 on, as put_time */
        return pb_decode_fail(d, "not a time like \"2026-01-31T12:00:00Z\"");
    *out = seconds;
    return 0;
}

static int get_cpuset(struct pb_decoder *d, json_t *json, struct pb_cpuset *out) {
    const char *text = get_text(d, json);
    if (!text)
        return -EINVAL;
    return pb_cpuset_parse(out, text) ? pb_decode_fail(d, "not a list of processors like \"0-3,8\"") : 0;
}

/* Index of a word, or -EINVAL with an error that lists them. */
static int get_word(struct pb_decoder *d, json_t *json, const char *const *words) {
    const char *text = get_text(d, json);
    if (!text)
        return -EINVAL;
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    struct pb_buffer list = {0};
    for (int i = 0; words[i]; i++)
        pb_buffer_printf(&list, "%s%s", i ? ", " : "", words[i]);
    int rc = pb_decode_fail(d, "unknown word: one of %s", pb_buffer_string(&list));
    pb_buffer_release(&list);
    return rc;
}

/* ---- Arrays ---- */

static int get_structs(struct pb_decoder *d, const struct pb_field *f, json_t *json, void **array,
                       uint32_t *count) {
    if (!json_is_array(json))
        return pb_decode_fail(d, "not an array");
    for (size_t i = 0; i < json_array_size(json); i++) {
        char *slot = pb_record_grow(array, *count, f->object->size);
        if (!slot)
            return no_memory(d);
        ++*count;
        pb_decode_enter(d, NULL, i);
        int rc = pb_decode_object(d, f->object, json_array_get(json, i), slot);
        if (rc)
            return rc;
        pb_decode_leave(d);
    }
    return 0;
}

static int get_rows(struct pb_decoder *d, const struct pb_field *f, json_t *json, char *row,
                    uint32_t *count) {
    if (!json_is_array(json) || json_array_size(json) > f->most)
        return pb_decode_fail(d, "not an array of at most %" PRIu32, f->most);
    for (; *count < json_array_size(json); row += f->object->size, ++*count) {
        pb_decode_enter(d, NULL, *count);
        int rc = pb_decode_object(d, f->object, json_array_get(json, *count), row);
        if (rc)
            return rc;
        pb_decode_leave(d);
    }
    return 0;
}

/* Strings into a row of `most` pointers; null leaves one NULL. */
static int get_text_row(struct pb_decoder *d, json_t *json, uint32_t most, char **out) {
    if (!json_is_array(json) || json_array_size(json) > most)
        return pb_decode_fail(d, "not an array of at most %" PRIu32, most);
    for (size_t i = 0; i < json_array_size(json); i++) {
        pb_decode_enter(d, NULL, i);
        int rc = get_copy(d, json_array_get(json, i), &out[i]);
        if (rc)
            return rc;
        pb_decode_leave(d);
    }
    return 0;
}

static int get_texts(struct pb_decoder *d, json_t *json, char ***list, uint32_t *count) {
    if (!json_is_array(json))
        return pb_decode_fail(d, "not an array");
    for (size_t i = 0; i < json_array_size(json); i++) {
        void *array = *list;
        pb_decode_enter(d, NULL, i);
        const char *text = get_text(d, json_array_get(json, i));
        if (!text)
            return -EINVAL;
        char **slot = pb_record_grow(&array, *count, sizeof *slot);
        *list = array;
        if (!slot || pb_set_text(slot, text))
            return no_memory(d);
        ++*count;
        pb_decode_leave(d);
    }
    return 0;
}

/* What is not there is 0. */
static int get_counts(struct pb_decoder *d, json_t *json, uint32_t least, uint32_t most, uint64_t *out) {
    if (!json_is_array(json) || json_array_size(json) < least || json_array_size(json) > most)
        return pb_decode_fail(d, "not an array of %s%" PRIu32, least < most ? "at most " : "", most);
    for (uint32_t i = 0; i < json_array_size(json); i++) {
        int64_t value = 0;
        pb_decode_enter(d, NULL, i);
        int rc = get_integer(d, json_array_get(json, i), INT64_MAX, &value);
        if (rc)
            return rc;
        pb_decode_leave(d);
        out[i] = (uint64_t)value;
    }
    return 0;
}

/* One [bucket, count]; the bucket is at least *least, which is then the next one. */
static int get_bucket(struct pb_decoder *d, json_t *json, int64_t *least, struct pb_latency_count *out) {
    int64_t bucket = 0, count = 0;
    if (json_array_size(json) != 2)
        return pb_decode_fail(d, "not a pair of a bucket and a count");
    pb_decode_enter(d, NULL, 0);
    int rc = get_integer(d, json_array_get(json, 0), PB_LATENCY_BUCKETS - 1, &bucket);
    if (rc == 0 && bucket < *least)
        rc = pb_decode_fail(d, "%" PRId64 " is below a bucket before it", bucket);
    if (rc)
        return rc;
    pb_decode_leave(d);
    pb_decode_enter(d, NULL, 1);
    rc = get_integer(d, json_array_get(json, 1), UINT32_MAX, &count);
    if (rc)
        return rc;
    pb_decode_leave(d);
    *out = (struct pb_latency_count){(uint32_t)bucket, (uint32_t)count};
    *least = bucket + 1;
    return 0;
}

static int get_latency(struct pb_decoder *d, json_t *json, struct pb_latency_count **list, uint32_t *count) {
    size_t size = json_array_size(json);
    int64_t least = 0;
    if (!json_is_array(json))
        return pb_decode_fail(d, "not an array");
    *list = size ? calloc(size, sizeof **list) : NULL;
    if (size && !*list)
        return no_memory(d);
    for (; *count < size; ++*count) {
        pb_decode_enter(d, NULL, *count);
        int rc = get_bucket(d, json_array_get(json, *count), &least, &(*list)[*count]);
        if (rc)
            return rc;
        pb_decode_leave(d);
    }
    return 0;
}

static int get_numbers(struct pb_decoder *d, json_t *json, uint32_t **list, uint32_t *count) {
    size_t size = json_array_size(json);
    if (!json_is_array(json))
        return pb_decode_fail(d, "not an array");
    *list = size ? calloc(size, sizeof **list) : NULL;
    if (size && !*list)
        return no_memory(d);
    for (; *count < size; ++*count) {
        int64_t value = 0;
        pb_decode_enter(d, NULL, *count);
        int rc = get_integer(d, json_array_get(json, *count), UINT32_MAX, &value);
        if (rc)
            return rc;
        pb_decode_leave(d);
        (*list)[*count] = (uint32_t)value;
    }
    return 0;
}

static int get_reals(struct pb_decoder *d, json_t *json, double **list, uint32_t *count) {
    size_t size = json_array_size(json);
    if (!json_is_array(json))
        return pb_decode_fail(d, "not an array");
    *list = size ? calloc(size, sizeof **list) : NULL;
    if (size && !*list)
        return no_memory(d);
    for (; *count < size; ++*count) {
        pb_decode_enter(d, NULL, *count);
        int rc = get_real(d, json_array_get(json, *count), NAN, &(*list)[*count]);
        if (rc)
            return rc;
        pb_decode_leave(d);
    }
    return 0;
}

/* ---- Members ---- */

#define TO(type) ((type *)(void *)at)

static int get_nested(struct pb_decoder *d, const struct pb_field *f, json_t *json, char *at,
                      uint32_t *count) {
    switch (f->type) {
    case PB_FIELD_OBJECT:
        return pb_decode_object(d, f->object, json, at);
    case PB_FIELD_LIST:
        return get_structs(d, f, json, TO(void *), count);
    case PB_FIELD_ROWS:
        return get_rows(d, f, json, at, count);
    case PB_FIELD_TEXTS:
        return get_texts(d, json, TO(char **), count);
    case PB_FIELD_TEXT_ROW:
        return get_text_row(d, json, f->most, TO(char *));
    case PB_FIELD_U64_ROW:
        return get_counts(d, json, f->most, f->most, TO(uint64_t));
    case PB_FIELD_U64_SHORT:
        return get_counts(d, json, 0, f->most, TO(uint64_t));
    case PB_FIELD_U32S:
        return get_numbers(d, json, TO(uint32_t *), count);
    case PB_FIELD_LATENCY:
        return get_latency(d, json, TO(struct pb_latency_count *), count);
    default:
        return get_reals(d, json, TO(double *), count);
    }
}

static int get_named(struct pb_decoder *d, const struct pb_field *f, json_t *json, char *at) {
    if (f->type == PB_FIELD_STATIC && json_is_null(json)) {
        *TO(const char *) = NULL;
        return 0;
    }
    int word = get_word(d, json, f->words);
    if (word < 0)
        return word;
    if (f->type == PB_FIELD_STATIC)
        *TO(const char *) = f->words[word];
    else if (f->type == PB_FIELD_LETTER)
        *at = f->words[word][0];
    else
        *TO(unsigned) = (unsigned)word;
    return 0;
}

/* Whole numbers, each into its own type. */
static int get_whole(struct pb_decoder *d, const struct pb_field *f, json_t *json, char *at) {
    bool signed_ = f->type == PB_FIELD_I32 || f->type == PB_FIELD_I64;
    int64_t most = f->type == PB_FIELD_U32   ? (f->most ? f->most : UINT32_MAX)
                   : f->type == PB_FIELD_I32 ? INT32_MAX
                                             : INT64_MAX;
    int64_t value = signed_ ? -1 : 0;
    if (!json_is_null(json) || f->type == PB_FIELD_U32 || f->type == PB_FIELD_U64) {
        int rc = get_integer(d, json, most, &value);
        if (rc)
            return rc;
    }
    if (f->type == PB_FIELD_U32)
        *TO(uint32_t) = (uint32_t)value;
    else if (f->type == PB_FIELD_I32)
        *TO(int32_t) = (int32_t)value;
    else if (f->type == PB_FIELD_I64)
        *TO(int64_t) = value;
    else
        *TO(uint64_t) = (uint64_t)value;
    return 0;
}

static int get_tri(struct pb_decoder *d, json_t *json, int32_t *out) {
    bool value = false;
    int rc = json_is_null(json) ? 0 : get_bool(d, json, &value);
    *out = json_is_null(json) ? -1 : value;
    return rc;
}

static int get_member(struct pb_decoder *d, const struct pb_field *f, json_t *json, char *at,
                      uint32_t *count) {
    switch (f->type) {
    case PB_FIELD_TEXT:
        return get_copy(d, json, TO(char *));
    case PB_FIELD_CHARS:
        return get_chars(d, json, f->size, at);
    case PB_FIELD_U32:
    case PB_FIELD_U64:
    case PB_FIELD_U64_ZERO:
    case PB_FIELD_I32:
    case PB_FIELD_I64:
        return get_whole(d, f, json, at);
    case PB_FIELD_REAL:
        return get_real(d, json, NAN, TO(double));
    case PB_FIELD_REAL_LOAD:
        return get_load(d, json, TO(double));
    case PB_FIELD_REAL_MOST:
        return get_real(d, json, INFINITY, TO(double));
    case PB_FIELD_BOOL:
        return get_bool(d, json, TO(bool));
    case PB_FIELD_TRI:
        return get_tri(d, json, TO(int32_t));
    case PB_FIELD_DECIMAL:
        return get_digits(d, json, "", 10, TO(uint64_t));
    case PB_FIELD_HEX:
        return get_digits(d, json, "0x", 16, TO(uint64_t));
    case PB_FIELD_TIME:
        return get_time(d, json, TO(int64_t));
    case PB_FIELD_CPUSET:
        return get_cpuset(d, json, TO(struct pb_cpuset));
    case PB_FIELD_ENUM:
    case PB_FIELD_STATIC:
    case PB_FIELD_LETTER:
        return get_named(d, f, json, at);
    default:
        return get_nested(d, f, json, at, count);
    }
}

/* The first key of the object that the table does not have, with the nearest one that it has. */
static int refuse_unknown(struct pb_decoder *d, const struct pb_object *object, json_t *json) {
    const char *name[64];
    const char *key;
    size_t names = 0;
    json_t *value;
    for (const struct pb_field *f = object->field; f->name; f++)
        name[names++] = f->name;
    json_object_foreach(json, key, value) {
        size_t i = 0;
        while (i < names && strcmp(name[i], key) != 0)
            i++;
        if (i < names || (object == &pb_run_object && strcmp(key, "schema") == 0))
            continue;
        struct pb_buffer quoted = {0};
        int nearest = pb_name_nearest(key, name, names);
        pb_json_string(&quoted, key);
        pb_decode_fail(d, "unknown key %.80s%s%s%s", pb_buffer_string(&quoted),
                       nearest < 0 ? "" : ": did you mean \"", nearest < 0 ? "" : name[nearest],
                       nearest < 0 ? "" : "\"?");
        pb_buffer_release(&quoted);
        return -EINVAL;
    }
    return 0;
}

static int may_be_null(enum pb_field_type type) {
    return type == PB_FIELD_TEXT || type == PB_FIELD_I64 || type == PB_FIELD_REAL;
}

int pb_decode_object(struct pb_decoder *d, const struct pb_object *object, json_t *json, void *at) {
    if (!json_is_object(json))
        return pb_decode_fail(d, "not an object");
    int rc = refuse_unknown(d, object, json);
    if (rc)
        return rc;
    for (const struct pb_field *f = object->field; f->name; f++) {
        json_t *value = json_object_get(json, f->name);
        if (!value && f->newer && !may_be_null(f->type))
            continue;
        if (!value && f->newer)
            value = json_null();
        if (!value)
            return pb_decode_fail(d, "lacks \"%s\"", f->name);
        pb_decode_enter(d, f->name, 0);
        rc = get_member(d, f, value, (char *)at + f->offset, (uint32_t *)(void *)((char *)at + f->count));
        if (rc)
            return rc;
        pb_decode_leave(d);
    }
    return 0;
}
