#include "report/harmless.h"

#include <string.h>

#include "report/text.h"
#include "results/utf8.h"

/* Bytes at `text` that begin "##[", or a character that XML excludes, and that are no use as they are. */
static size_t unfit(const char *text) {
    if (strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0)
        return 3; /* U+FFFE and U+FFFF: XML 1.0, production 2 */
    return strncmp(text, "##[", 3) == 0;
}

void pb_harmless(struct pb_buffer *out, const char *text) {
    struct pb_buffer clean = {0};
    pb_text_clean(&clean, text ? text : "", true);
    for (const char *at = pb_buffer_string(&clean); *at;) {
        size_t bad = unfit(at);
        pb_buffer_add(out, bad ? "?" : at, 1);
        at += bad ? bad : 1;
    }
    out->failed |= clean.failed;
    pb_buffer_release(&clean);
}

void pb_harmless_lines(struct pb_buffer *out) {
    if (!out->data)
        return;
    for (char *line = out->data; line; line = strchr(line, '\n')) {
        line += strspn(line, " \t\r\n");
        if (strncmp(line, "::", 2) == 0)
            *line = '?';
        if (!*line)
            break;
    }
    for (char *at = out->data; (at = strstr(at, "##[")); at++)
        at[2] = '?';
}

void pb_harmless_xml(struct pb_buffer *out, const char *text) {
    struct pb_buffer plain = {0};
    pb_harmless(&plain, text);
    for (const char *at = pb_buffer_string(&plain); *at; at++)
        if (strchr("<>&\"'", *at))
            pb_buffer_printf(out, "&#%d;", *at);
        else
            pb_buffer_add(out, at, 1);
    out->failed |= plain.failed;
    pb_buffer_release(&plain);
}

/* Those that begin a link of themselves: "http://", "www.". */
static bool links(const char *text, const char *at) {
    return strncmp(at, "://", 3) == 0 || (*at == '.' && at - text >= 3 && strncasecmp(at - 3, "www", 3) == 0);
}

void pb_harmless_markdown(struct pb_buffer *out, const char *text) {
    struct pb_buffer plain = {0};
    pb_harmless(&plain, text);
    const char *whole = pb_buffer_string(&plain);
    for (const char *at = whole; *at; at++) {
        if (strchr("\\`*_[]<>#|~&@$", *at) || links(whole, at))
            pb_buffer_text(out, "\\");
        pb_buffer_add(out, at, 1);
    }
    out->failed |= plain.failed;
    pb_buffer_release(&plain);
}
