/* The record's JSON, for people, jq and later versions: docs/result.schema.json describes it. */
#ifndef PB_RESULTS_JSON_H
#define PB_RESULTS_JSON_H

#include "base/buffer.h"
#include "base/error.h"
#include "results/record.h"

/* Appends the whole record as one JSON object, indented, ending in a newline. Digests are hexadecimal
   strings; unknown numbers are null; no NaN ever. */
int pb_run_encode(const struct pb_run *, struct pb_buffer *);

/* Reads one back: a finished file, or a journal (FILE.partial). `name` is for messages, which give line and
   column. At most 64 MiB of text, 1.5 GiB of memory for its values and 128 levels. -EINVAL: not such a file.
 */
int pb_run_decode(struct pb_run *, const char *name, const char *text, size_t size, struct pb_error *);

#endif
