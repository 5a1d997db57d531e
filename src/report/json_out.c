#include "report/json_out.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/harmless.h"

enum { INDENT = 2 };

static void put_text(struct pb_buffer *out, const char *text) {
    struct pb_buffer plain = {0};
    pb_harmless(&plain, text);
    pb_buffer_text(out, "\"");
    for (const char *at = pb_buffer_string(&plain); *at; at++)
        if (strchr("<>&", *at))
            pb_buffer_printf(out, "\\u%04x", (unsigned)*at);
        else
            pb_buffer_printf(out, strchr("\"\\", *at) ? "\\%c" : "%c", *at);
    pb_buffer_text(out, "\"");
    out->failed |= plain.failed;
    pb_buffer_release(&plain);
}

static void begin(struct pb_json_out *j, const char *key) {
    if (j->begun[j->level])
        pb_buffer_text(j->out, ",");
    if (j->level)
        pb_buffer_printf(j->out, "\n%*s", (int)(INDENT * j->level), "");
    j->begun[j->level] = true;
    if (!key)
        return;
    put_text(j->out, key);
    pb_buffer_text(j->out, ": ");
}

void pb_json_open(struct pb_json_out *j, const char *key, char bracket) {
    begin(j, key);
    pb_buffer_add(j->out, &bracket, 1);
    j->begun[++j->level] = false;
}

void pb_json_close(struct pb_json_out *j, char bracket) {
    bool empty = !j->begun[j->level--];
    if (!empty)
        pb_buffer_printf(j->out, "\n%*s", (int)(INDENT * j->level), "");
    pb_buffer_add(j->out, &bracket, 1);
    if (!j->level)
        pb_buffer_text(j->out, "\n");
}

void pb_json_text(struct pb_json_out *j, const char *key, const char *text) {
    begin(j, key);
    put_text(j->out, text);
}

/* The shortest of 15 to 17 digits that reads back as the same number. */
void pb_json_real(struct pb_json_out *j, const char *key, double value) {
    char text[32] = "null";
    for (int digits = 15; isfinite(value) && digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    begin(j, key);
    pb_buffer_text(j->out, text);
}

void pb_json_count(struct pb_json_out *j, const char *key, uint64_t value) {
    begin(j, key);
    pb_buffer_printf(j->out, "%" PRIu64, value);
}

void pb_json_flag(struct pb_json_out *j, const char *key, bool value) {
    begin(j, key);
    pb_buffer_text(j->out, value ? "true" : "false");
}
