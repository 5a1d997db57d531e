/* Messages as bytes: values are appended to a buffer as they lie in memory, and read in the same order. Both
 * ends run the same build, so layouts agree. What is read past the end is zero, and the reader is broken from
 * then on. */
#ifndef PB_RANKS_BYTES_H
#define PB_RANKS_BYTES_H

#include <stdint.h>
#include <string.h>

#include "base/buffer.h"

#define PB_PUT(buffer, value) pb_buffer_add((buffer), &(value), sizeof(value))

struct pb_reader {
    const unsigned char *at, *end;
    bool broken;
};

static inline struct pb_reader pb_reader_of(const void *bytes, size_t size) {
    return (struct pb_reader){bytes, (const unsigned char *)bytes + size, false};
}

/* The next `size` bytes where they lie; NULL: there are not so many. */
static inline const void *pb_reader_skip(struct pb_reader *r, size_t size) {
    const void *at = r->at;
    if (r->broken || (size_t)(r->end - r->at) < size) {
        r->broken = true;
        return NULL;
    }
    r->at += size;
    return at;
}

static inline void pb_reader_take(struct pb_reader *r, void *out, size_t size) {
    const void *at = pb_reader_skip(r, size);
    if (at && size)
        memcpy(out, at, size);
    else
        memset(out, 0, size);
}
#define PB_TAKE(reader, value) pb_reader_take((reader), &(value), sizeof(value))

/* Up to a multiple of what any value is aligned to, from where the body began. */
enum { PB_ALIGNED = 16 };
static inline void pb_put_padding(struct pb_buffer *b) {
    static const char zeros[PB_ALIGNED];
    pb_buffer_add(b, zeros, (PB_ALIGNED - b->size % PB_ALIGNED) % PB_ALIGNED);
}
static inline size_t pb_padded(size_t size) {
    return (size + PB_ALIGNED - 1) / PB_ALIGNED * PB_ALIGNED;
}

/* A text with its length before it; what is read lies in the message, with a NUL at its end. */
static inline void pb_put_text(struct pb_buffer *b, const char *text) {
    uint32_t size = (uint32_t)strlen(text) + 1;
    PB_PUT(b, size);
    pb_buffer_add(b, text, size);
}
static inline const char *pb_take_text(struct pb_reader *r) {
    uint32_t size;
    PB_TAKE(r, size);
    const char *text = pb_reader_skip(r, size);
    return text && size && !text[size - 1] ? text : "";
}

#endif
