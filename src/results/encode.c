/* The record as JSON text, written from the tables of fields.c.
 *
 * It is written here rather than through a tree, since a record is mostly samples: what is flat stands on one
 * line, so that a file has a line for each sample and can be read, and searched with grep, as it is. */
#include "results/encode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "results/fields.h"
#include "results/json.h"
#include "results/utf8.h"

struct writer {
    struct pb_buffer *out;
    int depth;
    int flat;    /* no line breaks */
    int journal; /* samples are left out: they follow, a line each */
    int rc;
};

static void put_object(struct writer *, const struct pb_object *, const void *at);

void pb_json_string(struct pb_buffer *out, const char *text) {
    const char *begin = text;
    uint32_t code;
    pb_buffer_text(out, "\"");
    for (size_t length; (length = pb_utf8_next(text, &code)) > 0; text += length) {
        if (code == '[' && text - begin >= 2 && text[-1] == '#' && text[-2] == '#')
            pb_buffer_text(out, "\\u005b"); /* GitHub's runner takes "##[" in its log for a command */
        else if (code == '<')
            pb_buffer_text(out, "\\u003c"); /* records end up in pages */
        else if (code == '"' || code == '\\')
            pb_buffer_printf(out, "\\%c", (char)code);
        else if (code < 0x10000 && (pb_utf8_unsafe(code) || code == PB_UTF8_INVALID))
            pb_buffer_printf(out, "\\u%04" PRIx32, code);
        else if (pb_utf8_unsafe(code))
            pb_buffer_printf(out, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd800 + ((code - 0x10000) >> 10),
                             0xdc00 + ((code - 0x10000) & 0x3ff));
        else
            pb_buffer_add(out, text, length);
    }
    pb_buffer_text(out, "\"");
}

static void put_text(struct writer *w, const char *text) {
    if (text)
        pb_json_string(w->out, text);
    else
        pb_buffer_text(w->out, "null");
}

/* The shortest of 15 to 17 digits that reads back as the same number. */
static void put_real(struct writer *w, double value, bool known) {
    char text[32];
    if (!known || !isfinite(value)) {
        pb_buffer_text(w->out, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    /* "-0" is a whole number, and those know no sign of 0. */
    pb_buffer_text(w->out, value == 0 && signbit(value) ? "-0.0" : text);
}

static void put_unsigned(struct writer *w, uint64_t value) {
    if (value > INT64_MAX)
        w->rc = -ERANGE;
    pb_buffer_printf(w->out, "%" PRIu64, value);
}

static void put_signed(struct writer *w, int64_t value) {
    if (value == -1)
        pb_buffer_text(w->out, "null");
    else
        pb_buffer_printf(w->out, "%" PRId64, value);
}

static void put_time(struct writer *w, int64_t seconds) {
    struct tm tm;
    char text[64];
    time_t time = (time_t)seconds;
    if (!gmtime_r(&time, &tm) || tm.tm_year < 0 || tm.tm_year >= 10000 - 1900) { /* as get_time */
        w->rc = -ERANGE;
        return;
    }
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    put_text(w, text);
}

static void put_cpuset(struct writer *w, const struct pb_cpuset *set) {
    char list[5 * PB_CPUS_MAX];
    put_text(w, pb_cpuset_format(set, list, sizeof list));
}

/* A word that is not of the vocabulary would not read back: unknown. */
static void put_static(struct writer *w, const struct pb_field *field, const char *word) {
    for (const char *const *known = field->words; word && *known; known++)
        if (strcmp(*known, word) == 0) {
            put_text(w, word);
            return;
        }
    put_text(w, NULL);
}

static void put_enum(struct writer *w, const struct pb_field *field, unsigned value) {
    unsigned words = 0;
    while (field->words[words])
        words++;
    if (value >= words)
        w->rc = -ERANGE;
    else
        put_text(w, field->words[value]);
}

static void put_letter(struct writer *w, const struct pb_field *field, char letter) {
    for (const char *const *word = field->words; *word; word++)
        if (**word == letter) {
            put_text(w, *word);
            return;
        }
    w->rc = -ERANGE;
}

static void new_line(struct writer *w) {
    if (!w->flat)
        pb_buffer_printf(w->out, "\n%*s", 2 * w->depth, "");
}

static void put_structs(struct writer *w, const struct pb_object *object, const char *first, uint32_t count) {
    if (w->journal && object == &pb_sample_object)
        count = 0;
    pb_buffer_text(w->out, "[");
    w->depth++;
    for (uint32_t i = 0; i < count; i++) {
        pb_buffer_text(w->out, i ? w->flat ? ", " : "," : "");
        new_line(w);
        put_object(w, object, first + i * object->size);
    }
    w->depth--;
    if (count)
        new_line(w);
    pb_buffer_text(w->out, "]");
}

static void put_texts(struct writer *w, char *const *text, uint32_t count) {
    pb_buffer_text(w->out, "[");
    for (uint32_t i = 0; i < count; i++) {
        pb_buffer_text(w->out, i ? ", " : "");
        put_text(w, text[i]);
    }
    pb_buffer_text(w->out, "]");
}

static uint32_t used_texts(char *const *text, uint32_t most) {
    while (most && !text[most - 1])
        most--;
    return most;
}

static void put_reals(struct writer *w, const double *value, uint32_t count) {
    pb_buffer_text(w->out, "[");
    for (uint32_t i = 0; i < count; i++) {
        pb_buffer_text(w->out, i ? ", " : "");
        put_real(w, value[i], true);
    }
    pb_buffer_text(w->out, "]");
}

static void put_numbers(struct writer *w, const uint32_t *value, uint32_t count) {
    pb_buffer_text(w->out, "[");
    for (uint32_t i = 0; i < count; i++)
        pb_buffer_printf(w->out, "%s%" PRIu32, i ? ", " : "", value[i]);
    pb_buffer_text(w->out, "]");
}

static void put_counts(struct writer *w, const uint64_t *value, uint32_t count) {
    pb_buffer_text(w->out, "[");
    for (uint32_t i = 0; i < count; i++) {
        pb_buffer_text(w->out, i ? ", " : "");
        put_unsigned(w, value[i]);
    }
    pb_buffer_text(w->out, "]");
}

static uint32_t used_counts(const uint64_t *value, uint32_t most) {
    while (most && !value[most - 1])
        most--;
    return most;
}

static void put_latency(struct writer *w, const struct pb_latency_count *latency, uint32_t count) {
    pb_buffer_text(w->out, "[");
    for (uint32_t i = 0; i < count; i++)
        pb_buffer_printf(w->out, "%s[%" PRIu32 ", %" PRIu32 "]", i ? ", " : "", latency[i].bucket,
                         latency[i].count);
    pb_buffer_text(w->out, "]");
}

#define AS(type) (*(type const *)at)

/* Members that hold further values. */
static void put_nested(struct writer *w, const struct pb_field *f, const char *at, uint32_t count) {
    switch (f->type) {
    case PB_FIELD_OBJECT:
        put_object(w, f->object, at);
        break;
    case PB_FIELD_LIST:
        put_structs(w, f->object, AS(char *), count);
        break;
    case PB_FIELD_ROWS:
        put_structs(w, f->object, at, count);
        break;
    case PB_FIELD_TEXTS:
        put_texts(w, *(char *const *const *)at, count);
        break;
    case PB_FIELD_TEXT_ROW:
        put_texts(w, (char *const *)at, used_texts((char *const *)at, f->most));
        break;
    case PB_FIELD_U64_ROW:
        put_counts(w, (const uint64_t *)at, f->most);
        break;
    case PB_FIELD_U64_SHORT:
        put_counts(w, (const uint64_t *)at, used_counts((const uint64_t *)at, f->most));
        break;
    case PB_FIELD_LATENCY:
        put_latency(w, AS(struct pb_latency_count *), count);
        break;
    case PB_FIELD_U32S:
        put_numbers(w, AS(uint32_t *), count);
        break;
    case PB_FIELD_REALS:
        put_reals(w, AS(double *), AS(double *) ? count : 0);
        break;
    default:
        break;
    }
}

static void put_word(struct writer *w, const struct pb_field *f, const char *at) {
    switch (f->type) {
    case PB_FIELD_ENUM:
        put_enum(w, f, AS(unsigned));
        break;
    case PB_FIELD_STATIC:
        put_static(w, f, AS(char *));
        break;
    case PB_FIELD_LETTER:
        put_letter(w, f, *at);
        break;
    case PB_FIELD_DECIMAL:
        pb_buffer_printf(w->out, "\"%" PRIu64 "\"", AS(uint64_t));
        break;
    case PB_FIELD_HEX:
        pb_buffer_printf(w->out, "\"0x%016" PRIx64 "\"", AS(uint64_t));
        break;
    case PB_FIELD_TIME:
        put_time(w, AS(int64_t));
        break;
    case PB_FIELD_CPUSET:
        put_cpuset(w, &AS(struct pb_cpuset));
        break;
    case PB_FIELD_CHARS:
        put_text(w, at);
        break;
    case PB_FIELD_TEXT:
        put_text(w, AS(char *));
        break;
    default:
        break;
    }
}

static void put_value(struct writer *w, const struct pb_field *f, const char *at, uint32_t count) {
    switch (f->type) {
    case PB_FIELD_U32:
        put_unsigned(w, AS(uint32_t));
        break;
    case PB_FIELD_U64:
        put_unsigned(w, AS(uint64_t));
        break;
    case PB_FIELD_U64_ZERO:
        AS(uint64_t) ? put_unsigned(w, AS(uint64_t)) : put_signed(w, -1);
        break;
    case PB_FIELD_I32:
        put_signed(w, AS(int32_t));
        break;
    case PB_FIELD_I64:
        put_signed(w, AS(int64_t));
        break;
    case PB_FIELD_REAL:
    case PB_FIELD_REAL_MOST:
        put_real(w, AS(double), true);
        break;
    case PB_FIELD_REAL_LOAD:
        put_real(w, AS(double), AS(double) >= 0);
        break;
    case PB_FIELD_BOOL:
        pb_buffer_text(w->out, AS(bool) ? "true" : "false");
        break;
    case PB_FIELD_TRI:
        pb_buffer_text(w->out, AS(int32_t) < 0 ? "null" : AS(int32_t) ? "true" : "false");
        break;
    default:
        put_word(w, f, at);
        put_nested(w, f, at, count);
    }
}

static void put_members(struct writer *w, const struct pb_object *object, const char *at, int first) {
    for (const struct pb_field *f = object->field; f->name; f++, first = 0) {
        uint32_t count = f->count ? *(const uint32_t *)(at + f->count) : 0;
        pb_buffer_text(w->out, first ? "" : w->flat ? ", " : ",");
        new_line(w);
        pb_buffer_printf(w->out, "\"%s\": ", f->name);
        put_value(w, f, at + f->offset, count);
    }
}

static void put_object(struct writer *w, const struct pb_object *object, const void *at) {
    int flat = w->flat;
    w->flat |= object->flat;
    w->depth++;
    pb_buffer_text(w->out, "{");
    if (object == &pb_run_object) {
        new_line(w);
        pb_buffer_printf(w->out, "\"schema\": %d", PB_RECORD_SCHEMA);
    }
    put_members(w, object, at, object != &pb_run_object);
    w->depth--;
    new_line(w);
    pb_buffer_text(w->out, "}");
    w->flat = flat;
}

static int finish(const struct writer *w, const char *end) {
    pb_buffer_text(w->out, end);
    return w->out->failed ? -ENOMEM : w->rc;
}

int pb_run_encode(const struct pb_run *run, struct pb_buffer *out) {
    struct writer w = {.out = out};
    put_object(&w, &pb_run_object, run);
    return finish(&w, "\n");
}

int pb_run_encode_line(const struct pb_run *run, struct pb_buffer *out) {
    struct writer w = {.out = out, .flat = 1, .journal = 1};
    put_object(&w, &pb_run_object, run);
    return finish(&w, "\n");
}

int pb_object_encode_line(const struct pb_object *object, const void *at, struct pb_buffer *out) {
    struct writer w = {.out = out, .flat = 1};
    put_object(&w, object, at);
    return finish(&w, "");
}

static int encode_line(uint32_t cell, const char *what, const struct pb_object *object, const void *at,
                       struct pb_buffer *out) {
    struct writer w = {.out = out, .flat = 1};
    pb_buffer_printf(out, "{\"cell\": %" PRIu32 ", \"%s\": ", cell, what);
    put_object(&w, object, at);
    return finish(&w, "}\n");
}

int pb_sample_encode_line(uint32_t cell, const struct pb_sample *sample, struct pb_buffer *out) {
    return encode_line(cell, "sample", &pb_sample_object, sample, out);
}

int pb_failure_encode_line(uint32_t cell, const struct pb_failure *failure, struct pb_buffer *out) {
    return encode_line(cell, "failure", &pb_failure_object, failure, out);
}
