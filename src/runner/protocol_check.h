/* The strict reading of what a runner says, for who checks runners: whatever docs/runner-protocol.md demands
 * of a line, not only what the driver needs of it. */
#ifndef PB_RUNNER_PROTOCOL_CHECK_H
#define PB_RUNNER_PROTOCOL_CHECK_H

#include "runner/protocol.h"

/* What a line is held against. */
struct pb_wire_setting {
    unsigned accepts;                  /* types that may come now: bits 1 << type; 0: nothing was asked */
    const struct pb_wire *asked;       /* the request; NULL: it was none that is known */
    const struct pb_wire_ready *ready; /* of the cell that the runner has become; NULL: none */
};

/* What is wrong with it. */
struct pb_wire_fault {
    char text[240];      /* key "digest": 15 digits, wanted 16 hexadecimal digits */
    char key[32];        /* where to look in the line; "": everywhere */
    const char *section; /* of docs/runner-protocol.md, that says so */
};

/* Whether the line (without its newline) is right; else what is wrong first. */
bool pb_wire_strict(const char *line, size_t size, const struct pb_wire_setting *, struct pb_wire_fault *);

/* Whether an error's text reads "what: why: what to do". It is advised, not demanded. */
bool pb_wire_is_advised(const char *text);

#endif
