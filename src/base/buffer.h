/* A growable byte buffer, always NUL-terminated once it holds anything. After a failed allocation it keeps
 * what it had and remembers the failure: check once, at the end. */
#ifndef PB_BASE_BUFFER_H
#define PB_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct pb_buffer {
    char *data; /* NULL while empty */
    size_t size, capacity;
    bool failed;
};

void pb_buffer_release(struct pb_buffer *);
void pb_buffer_add(struct pb_buffer *, const void *data, size_t size);
void pb_buffer_text(struct pb_buffer *, const char *text);
void pb_buffer_printf(struct pb_buffer *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drops the first `size` bytes. */
void pb_buffer_consume(struct pb_buffer *, size_t size);
/* The text so far, "" if empty; valid until the next call. */
const char *pb_buffer_string(const struct pb_buffer *);

#endif
