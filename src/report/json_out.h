/* A small writer of JSON for the formats of other tools. Texts come out harmless, with "<", ">" and "&"
 * escaped, since they end up in pages; a number that is not finite is null. */
#ifndef PB_REPORT_JSON_OUT_H
#define PB_REPORT_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

enum { PB_JSON_LEVELS = 16 };

/* {.out = buffer} begins one. */
struct pb_json_out {
    struct pb_buffer *out;
    uint32_t level;
    bool begun[PB_JSON_LEVELS]; /* something stands before, at that level */
};

/* Each writes one value. `key` is its name in an object, and NULL in a list or alone. */
void pb_json_open(struct pb_json_out *, const char *key, char bracket);     /* '{' or '[' */
void pb_json_close(struct pb_json_out *, char bracket);                     /* '}' or ']' */
void pb_json_text(struct pb_json_out *, const char *key, const char *text); /* NULL is "" */
void pb_json_real(struct pb_json_out *, const char *key, double value);
void pb_json_count(struct pb_json_out *, const char *key, uint64_t value);
void pb_json_flag(struct pb_json_out *, const char *key, bool value);

#endif
