/* What decode.c and read.c share: a value's way into the record, and complaining about it. */
#ifndef PB_RESULTS_DECODE_H
#define PB_RESULTS_DECODE_H

#include <jansson.h>

#include "base/error.h"
#include "results/fields.h"
#include "results/position.h"

enum { PB_DECODE_STEPS = 16 };

struct pb_decoder {
    const char *name;  /* of the file, for messages */
    const char *text;  /* all of it */
    const char *value; /* the top-level value that is being read: `size` bytes inside text */
    size_t size;
    struct pb_json_step step[PB_DECODE_STEPS]; /* from there to where we are */
    size_t steps;
    struct pb_error *error;
};

/* Fills the zeroed struct `at` from a JSON object that has exactly the members of `object`. On failure what
   was filled so far is consistent, and can be released. */
int pb_decode_object(struct pb_decoder *, const struct pb_object *, json_t *, void *at);

/* Complains about the value where the steps lead: "FILE:line:column: what: why". Returns -EINVAL. */
int pb_decode_fail(struct pb_decoder *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pb_decode_enter(struct pb_decoder *, const char *key, size_t index); /* key NULL: an index */
void pb_decode_leave(struct pb_decoder *);

#endif
