#include "report/text.h"

#include <stdint.h>
#include <string.h>

#include "results/utf8.h"

/* Unicode's East Asian Width, W and F, in broad ranges. */
static size_t columns_of(uint32_t code) {
    static const uint32_t wide[][2] = {
        {0x1100, 0x115f}, {0x231a, 0x23ff},   {0x25fd, 0x27bf},   {0x2b1b, 0x2b55},   {0x2e80, 0xa4cf},
        {0xa960, 0xa97c}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
        {0xffe0, 0xffe6}, {0x16fe0, 0x1b2ff}, {0x1f000, 0x1faff}, {0x20000, 0x3fffd},
    };
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (code >= wide[i][0] && code <= wide[i][1])
            return 2;
    return 1;
}

/* Marks that join the character before them: they would take no column of their own. */
static bool combines(uint32_t code) {
    return (code >= 0x300 && code < 0x370) || (code >= 0x1ab0 && code < 0x1b00) ||
           (code >= 0x1dc0 && code < 0x1e00) || (code >= 0x20d0 && code < 0x2100);
}

size_t pb_text_width(const char *text) {
    size_t width = 0;
    uint32_t code;
    for (size_t length; (length = pb_utf8_next(text, &code)) > 0; text += length)
        width += columns_of(code);
    return width;
}

static const char *in_ascii(uint32_t code) {
    switch (code) {
    case 0xb1:
        return "+-";
    case 0xb7:
        return "|";
    case 0xb5:
    case 0x3bc:
        return "u";
    case 0xd7:
        return "x";
    case 0x2026:
        return "...";
    default:
        return "?";
    }
}

void pb_text_clean(struct pb_buffer *out, const char *text, bool utf8) {
    uint32_t code;
    for (size_t length; (length = pb_utf8_next(text, &code)) > 0; text += length) {
        if (code >= 0x20 && code < 0x7f)
            pb_buffer_add(out, text, 1);
        else if (code == '\n' || code == '\t')
            pb_buffer_text(out, " ");
        else if (pb_utf8_unsafe(code) || combines(code) || code == PB_UTF8_INVALID)
            pb_buffer_text(out, "?");
        else if (utf8)
            pb_buffer_add(out, text, length);
        else
            pb_buffer_text(out, in_ascii(code));
    }
}

/* Bytes of the longest beginning within `width` columns. */
static size_t beginning(const char *text, size_t width) {
    size_t bytes = 0, used = 0;
    uint32_t code;
    for (size_t length; (length = pb_utf8_next(text + bytes, &code)) > 0; bytes += length) {
        used += columns_of(code);
        if (used > width)
            break;
    }
    return bytes;
}

/* The longest ending within `width` columns. */
static const char *ending(const char *text, size_t width) {
    uint32_t code;
    while (pb_text_width(text) > width)
        text += pb_utf8_next(text, &code);
    return text;
}

void pb_text_fit(struct pb_buffer *out, const char *text, size_t width, bool utf8) {
    struct pb_buffer clean = {0};
    const char *dots = utf8 ? "…" : "...";
    size_t room = width > pb_text_width(dots) ? width - pb_text_width(dots) : 0;
    pb_text_clean(&clean, text, utf8);
    const char *whole = pb_buffer_string(&clean);
    if (pb_text_width(whole) <= width) {
        pb_buffer_text(out, whole);
    } else {
        pb_buffer_add(out, whole, beginning(whole, room - room / 2));
        pb_buffer_text(out, dots);
        pb_buffer_text(out, ending(whole, room / 2));
    }
    out->failed |= clean.failed;
    pb_buffer_release(&clean);
}

void pb_text_pad(struct pb_buffer *out, size_t count) {
    pb_buffer_printf(out, "%*s", (int)count, "");
}

/* Appends cleaned text in lines, the first of which has `column` columns taken. Returns those of the last. */
static size_t wrap_from(struct pb_buffer *out, const char *at, size_t column, size_t width, size_t indent) {
    for (;;) {
        size_t bytes = beginning(at, width - column), end = bytes;
        if (at[bytes] && at[bytes] != ' ') {
            while (end > 0 && at[end - 1] != ' ')
                end--;
            end = end ? end : bytes;
        }
        size_t kept = end;
        while (kept > 0 && at[kept - 1] == ' ')
            kept--;
        pb_buffer_add(out, at, kept);
        const char *next = at + end;
        next += strspn(next, " ");
        if (!*next)
            return column + pb_text_width(at);
        pb_buffer_text(out, "\n");
        pb_text_pad(out, indent);
        column = indent;
        at = next;
    }
}

void pb_text_wrap(struct pb_buffer *out, const char *text, size_t width, size_t indent, bool utf8) {
    struct pb_buffer clean = {0};
    pb_text_clean(&clean, text, utf8);
    const char *at = pb_buffer_string(&clean);
    at += strspn(at, " ");
    if (*at) {
        wrap_from(out, at, 0, width, indent);
        pb_buffer_text(out, "\n");
    }
    out->failed |= clean.failed;
    pb_buffer_release(&clean);
}

void pb_text_wrap_parts(struct pb_buffer *out, const char *text, size_t width, size_t indent, bool utf8) {
    struct pb_buffer clean = {0};
    const char *dot = utf8 ? " · " : " | ";
    size_t column = 0;
    pb_text_clean(&clean, text, utf8);
    for (char *at = clean.data, *next; at && *at; at = next) {
        char *end = strstr(at, dot);
        next = end ? end + strlen(dot) : at + strlen(at);
        if (end)
            *end = '\0';
        if (column && column + pb_text_width(dot) + pb_text_width(at) > width) {
            pb_buffer_text(out, "\n");
            pb_text_pad(out, indent);
            column = indent;
        } else if (column) {
            pb_buffer_text(out, dot);
            column += pb_text_width(dot);
        }
        column = wrap_from(out, at, column, width, indent);
    }
    pb_buffer_text(out, column ? "\n" : "");
    out->failed |= clean.failed;
    pb_buffer_release(&clean);
}
