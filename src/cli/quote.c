#include "cli/quote.h"

#include <ctype.h>
#include <string.h>

static bool is_plain(const char *word) {
    if (!*word)
        return false;
    for (; *word; word++)
        if (strncmp(word, "{n}", 3) == 0)
            word += 2; /* to a shell it is as plain as the rest */
        else if (!isalnum((unsigned char)*word) && !strchr("_@%+=:,./-", *word))
            return false;
    return true;
}

void pb_quote(struct pb_buffer *out, int count, char *const *word) {
    for (int i = 0; i < count; i++) {
        pb_buffer_text(out, i ? " " : "");
        if (is_plain(word[i])) {
            pb_buffer_text(out, word[i]);
            continue;
        }
        pb_buffer_text(out, "'");
        for (const char *c = word[i]; *c; c++)
            if (*c == '\'')
                pb_buffer_text(out, "'\\''");
            else
                pb_buffer_add(out, c, 1);
        pb_buffer_text(out, "'");
    }
}
