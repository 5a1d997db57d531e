/* One-line forms, for the journal. */
#ifndef PB_RESULTS_ENCODE_H
#define PB_RESULTS_ENCODE_H

#include "base/buffer.h"
#include "results/record.h"

/* The record without samples, and one sample or failed task of a cell, each a line with its newline. 0,
   -ENOMEM, or -ERANGE for a count of 2^63 or more. */
int pb_run_encode_line(const struct pb_run *, struct pb_buffer *);
int pb_sample_encode_line(uint32_t cell, const struct pb_sample *, struct pb_buffer *);
int pb_failure_encode_line(uint32_t cell, const struct pb_failure *, struct pb_buffer *);

/* Appends a struct as its table says, on one line without a newline. Errors as above. */
struct pb_object;
int pb_object_encode_line(const struct pb_object *, const void *at, struct pb_buffer *);

/* Appends a text as a JSON string. What may not reach a terminal is escaped, what is not UTF-8 becomes
   U+FFFD. */
void pb_json_string(struct pb_buffer *, const char *text);

#endif
