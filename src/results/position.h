/* Where in a JSON text a value stands: jansson's values do not know. */
#ifndef PB_RESULTS_POSITION_H
#define PB_RESULTS_POSITION_H

#include <stddef.h>

/* One step from a value to one inside it. */
struct pb_json_step {
    const char *key; /* of an object; NULL: an element of an array */
    size_t index;
};

struct pb_json_place {
    int line, column; /* from 1; columns count bytes */
};

/* Place of the byte at `offset`. */
struct pb_json_place pb_json_place(const char *text, size_t offset);
/* Offset of the value that `steps` lead to, in a text that is valid JSON; of the innermost value found when
   they lead nowhere. */
size_t pb_json_find(const char *text, size_t size, const struct pb_json_step *, size_t steps);
/* Offset of the first bracket that is nested deeper than `most`, or `size`. The text may be anything. */
size_t pb_json_too_deep(const char *text, size_t size, int most);
/* Offset where a tree of the text would become larger than `most` MiB, roughly, or `size`. */
size_t pb_json_too_heavy(const char *text, size_t size, size_t most);

#endif
