#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pb_buffer_release(struct pb_buffer *b) {
    free(b->data);
    *b = (struct pb_buffer){0};
}

/* Makes room for `more` bytes and the NUL behind them. */
static bool reserve(struct pb_buffer *b, size_t more) {
    if (b->failed)
        return false;
    size_t need = b->size + more + 1;
    if (need <= b->capacity)
        return true;
    size_t capacity = b->capacity ? b->capacity : 256;
    while (capacity < need)
        capacity *= 2;
    char *data = realloc(b->data, capacity);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->capacity = capacity;
    return true;
}

void pb_buffer_add(struct pb_buffer *b, const void *data, size_t size) {
    if (!size)
        return; /* and `data` may be NULL */
    if (!reserve(b, size))
        return;
    memcpy(b->data + b->size, data, size);
    b->size += size;
    b->data[b->size] = '\0';
}

void pb_buffer_text(struct pb_buffer *b, const char *text) {
    pb_buffer_add(b, text, strlen(text));
}

void pb_buffer_printf(struct pb_buffer *b, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !reserve(b, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(b->data + b->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    b->size += (size_t)length;
}

void pb_buffer_consume(struct pb_buffer *b, size_t size) {
    if (size == 0)
        return;
    b->size -= size;
    memmove(b->data, b->data + size, b->size + 1);
}

const char *pb_buffer_string(const struct pb_buffer *b) {
    return b->data ? b->data : "";
}
