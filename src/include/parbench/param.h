/* Parameters of workloads and executors: `sha:size=1MiB`, `openmp:schedule=static`.
 *
 * A plug-in states its parameters as a table; the harness parses and checks what the user wrote and
 * hands over values in the table's order. The plug-in never sees text it would have to parse.
 */
#ifndef PARBENCH_PARAM_H
#define PARBENCH_PARAM_H

#include <stddef.h>
#include <stdint.h>

enum pb_param_type {
    PB_PARAM_COUNT,  /* a whole number: integer */
    PB_PARAM_SIZE,   /* bytes; k, M, G and KiB, MiB, GiB are powers of 1024, kB, MB, GB of 1000: integer */
    PB_PARAM_TIME,   /* nanoseconds; needs a unit ns, us, ms or s (a table may name a unit for bare numbers):
                        integer */
    PB_PARAM_WORK,   /* iterations of pb_spin; or a time, which the harness turns into iterations, calibrated
                        once per run on serial so that a slower processor shows: integer. Where the table
                        names a unit, bare numbers are times */
    PB_PARAM_REAL,   /* a decimal number: real */
    PB_PARAM_CHOICE, /* one of `choices`: integer, its index there */
    PB_PARAM_TEXT,   /* anything: text */
    PB_PARAM_REST,   /* anything, commas too, of a table's last row only: what follows the `key=value,` pieces
                        of the other rows, written without its own name: text */
};

struct pb_param {
    const char *name;
    enum pb_param_type type;
    const char *fallback; /* the default, as a user would write it */
    double min, max;      /* inclusive, in the value's unit; both 0: no limits but the type's */
    const char *choices;  /* PB_PARAM_CHOICE: "sha256|sha512" */
    const char *unit;     /* unit of a bare number; NULL: a PB_PARAM_TIME demands one, PB_PARAM_WORK counts
                             iterations */
    const char *help;     /* one line, lower case, no full stop */
};

union pb_value {
    int64_t integer;
    double real;
    const char *text; /* owned by the harness, valid until teardown */
};

/* Values in the order of the table that asked for them. */
struct pb_params {
    size_t count;
    const union pb_value *value;
};

#endif
