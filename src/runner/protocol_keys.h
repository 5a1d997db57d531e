/* What the messages of the protocol are made of: one row for each key. docs/runner-protocol.md shows these
 * rows, and pb_wire_strict holds messages against them; the codec reads more leniently. */
#ifndef PB_RUNNER_PROTOCOL_KEYS_H
#define PB_RUNNER_PROTOCOL_KEYS_H

#include <stdbool.h>

#include "base/buffer.h"

enum pb_wire_kind {
    PB_KEY_COUNT,  /* a whole number */
    PB_KEY_NUMBER, /* with a fraction or without */
    PB_KEY_FLAG,
    PB_KEY_TEXT,
    PB_KEY_CHOICE, /* a text, one of `of`: "cpu or io" */
    PB_KEY_OBJECT, /* an object, as the record has it: `of` names it */
    PB_KEY_DIGEST, /* a text of 16 lower-case hexadecimal digits */
    PB_KEY_TEXTS,  /* lists */
    PB_KEY_PIDS,   /* whole numbers from 1, or texts of such */
    PB_KEY_COUNTS, /* from 0 */
    PB_KEY_NUMBERS,
    PB_KEY_PAIRS, /* of counts */
    PB_KEY_PARTS, /* of objects, each as the rows say that are in `of` */
    PB_KEY_KINDS,
};

struct pb_wire_key {
    const char *in; /* the message's type, or the name of a part of one: "sample", "worker" */
    const char *name;
    enum pb_wire_kind kind;
    bool required;
    double least, most; /* of a number itself; of texts, how long; of lists, how many. most 0: without end */
    const char *of;
};

/* Ends with a nameless row. */
extern const struct pb_wire_key pb_wire_keys[];

/* Appends what its value is: "a whole number from 1", "a list of 2 to 8 texts". */
void pb_wire_key_format(const struct pb_wire_key *, struct pb_buffer *);

#endif
