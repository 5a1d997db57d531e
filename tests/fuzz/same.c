/* Whether two records are the same, by the tables that also write and read them: a member that is added there
 * is compared here. */
#include "reader.h"

#include <stdio.h>
#include <string.h>

#include "base/cpuset.h"

#define BOTH(type, what)                                                                                     \
    {                                                                                                        \
        const __typeof__(type) *x = a, *y = b;                                                               \
        return what;                                                                                         \
    }

static bool same_real(double x, double y) {
    return (isnan(x) && isnan(y)) || memcmp(&x, &y, sizeof x) == 0;
}

static bool same_text(const char *x, const char *y) {
    return x == y || (x && y && strcmp(x, y) == 0);
}

static bool same_texts(char *const *x, char *const *y, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (!same_text(x[i], y[i]))
            return false;
    return true;
}

static bool same_reals(const double *x, const double *y, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (!same_real(x[i], y[i]))
            return false;
    return true;
}

static bool same_latency(const struct pb_latency_count *x, const struct pb_latency_count *y, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (x[i].bucket != y[i].bucket || x[i].count != y[i].count)
            return false;
    return true;
}

static bool same_structs(const struct pb_object *object, const char *x, const char *y, uint32_t count,
                         char *where, size_t room) {
    for (uint32_t i = 0; i < count; i++)
        if (!same_object(object, x + i * object->size, y + i * object->size, where, room))
            return false;
    return true;
}

static bool same_number(const struct pb_field *f, const void *a, const void *b) {
    switch (f->type) {
    case PB_FIELD_REAL:
    case PB_FIELD_REAL_LOAD:
    case PB_FIELD_REAL_MOST:
        BOTH(double, same_real(*x, *y))
    case PB_FIELD_BOOL:
        BOTH(bool, *x == *y)
    case PB_FIELD_LETTER:
        BOTH(char, *x == *y)
    case PB_FIELD_U32:
    case PB_FIELD_I32:
    case PB_FIELD_TRI:
    case PB_FIELD_ENUM:
        BOTH(uint32_t, *x == *y)
    default:
        BOTH(uint64_t, *x == *y)
    }
}

static bool same_member(const struct pb_field *f, const void *a, const void *b, uint32_t count, char *where,
                        size_t room) {
    switch (f->type) {
    case PB_FIELD_TEXT:
    case PB_FIELD_STATIC:
        BOTH(char *, same_text(*x, *y))
    case PB_FIELD_CHARS:
        BOTH(char, same_text(x, y))
    case PB_FIELD_CPUSET:
        BOTH(struct pb_cpuset, pb_cpuset_equal(x, y))
    case PB_FIELD_OBJECT:
        return same_object(f->object, a, b, where, room);
    case PB_FIELD_ROWS:
        return same_structs(f->object, a, b, count, where, room);
    case PB_FIELD_LIST:
        BOTH(char *, same_structs(f->object, *x, *y, count, where, room))
    case PB_FIELD_TEXTS:
        BOTH(char **, same_texts(*x, *y, count))
    case PB_FIELD_TEXT_ROW:
        BOTH(char *, same_texts(x, y, f->most))
    case PB_FIELD_U64_ROW:
    case PB_FIELD_U64_SHORT:
        return memcmp(a, b, f->most * sizeof(uint64_t)) == 0;
    case PB_FIELD_LATENCY:
        BOTH(struct pb_latency_count *, same_latency(*x, *y, count))
    case PB_FIELD_REALS:
        BOTH(double *, same_reals(*x, *y, count))
    default:
        return same_number(f, a, b);
    }
}

bool same_object(const struct pb_object *object, const void *a, const void *b, char *where, size_t room) {
    const char *x = a, *y = b;
    for (const struct pb_field *f = object->field; f->name; f++) {
        uint32_t count = 0;
        bool same = true;
        if (f->count) {
            count = *(const uint32_t *)(const void *)(x + f->count);
            same = count == *(const uint32_t *)(const void *)(y + f->count);
        }
        if (same && same_member(f, x + f->offset, y + f->offset, count, where, room))
            continue;
        if (!*where)
            snprintf(where, room, "%s", f->name);
        return false;
    }
    return true;
}
