/* The record's JSON as tables: one row per member says its key, its type and where in the struct it lies.
 * encode.c and decode.c loop over the same rows, so what one writes the other reads. */
#ifndef PB_RESULTS_FIELDS_H
#define PB_RESULTS_FIELDS_H

#include <stddef.h>
#include <stdint.h>

enum pb_field_type {
    PB_FIELD_TEXT,      /* char *, owned; NULL is null */
    PB_FIELD_CHARS,     /* char[size] */
    PB_FIELD_U32,       /* uint32_t */
    PB_FIELD_U64,       /* uint64_t below 2^63 */
    PB_FIELD_U64_ZERO,  /* the same; 0 is null */
    PB_FIELD_I32,       /* int32_t; -1 is null */
    PB_FIELD_I64,       /* int64_t; -1 is null */
    PB_FIELD_REAL,      /* double; NAN is null */
    PB_FIELD_REAL_LOAD, /* double; below 0 is null */
    PB_FIELD_REAL_MOST, /* double; INFINITY is null */
    PB_FIELD_BOOL,      /* bool */
    PB_FIELD_TRI,       /* int32_t: true, false; -1 is null */
    PB_FIELD_DECIMAL,   /* uint64_t, any, as a decimal string */
    PB_FIELD_HEX,       /* uint64_t, any, as "0x" and 16 hexadecimal digits */
    PB_FIELD_TIME,      /* int64_t, Unix time, as "2026-01-31T12:00:00Z" */
    PB_FIELD_CPUSET,    /* struct pb_cpuset, as "0-3,8" */
    PB_FIELD_ENUM,      /* an enum, by `words`, from 0 */
    PB_FIELD_STATIC,    /* const char *, one of `words` itself; NULL is null */
    PB_FIELD_LETTER,    /* char: the first letter of one of `words` */
    PB_FIELD_OBJECT,    /* a struct inside, by `object` */
    PB_FIELD_LIST,      /* pointer to structs by `object`, `count` beside it */
    PB_FIELD_ROWS,      /* at most `most` structs inside, by `object`, `count` beside them */
    PB_FIELD_TEXTS,     /* char **, `count` beside it */
    PB_FIELD_TEXT_ROW,  /* char *[most]; NULLs at the end are left out */
    PB_FIELD_U64_ROW,   /* uint64_t[most] */
    PB_FIELD_U64_SHORT, /* the same; zeros at the end are left out */
    PB_FIELD_LATENCY,   /* struct pb_latency_count *, `count` beside it, as pairs of numbers */
    PB_FIELD_U32S,      /* uint32_t *, `count` beside it */
    PB_FIELD_REALS,     /* double *, `count` beside it; NULL when empty */
};

struct pb_field {
    const char *name; /* the key; a row without ends the table */
    enum pb_field_type type;
    size_t offset;
    size_t size;   /* CHARS: of the array */
    size_t count;  /* LIST, ROWS, TEXTS, LATENCY, U32S, REALS: offset of the uint32_t that counts them */
    uint32_t most; /* U32: the largest, 0: any */
    int newer; /* records of this schema lack it that were written before it was known: it is null then, or 0
                */
    const char *const *words; /* NULL-ended */
    const struct pb_object *object;
};

struct pb_object {
    size_t size; /* of the struct */
    int flat;    /* printed on one line */
    const struct pb_field *field;
};

extern const struct pb_object pb_run_object, pb_sample_object, pb_failure_object, pb_ranks_host_object;

/* Room for one more zeroed element behind the `count` of *array (record.c says how arrays grow). NULL when
   memory runs out: *array is then as it was. */
void *pb_record_grow(void **array, uint32_t count, size_t size);

#endif
