#include "cli/strings.h"

#include <stdlib.h>
#include <string.h>

char *pb_strings_add(struct pb_strings *s, const char *text, size_t size) {
    char **more = realloc(s->text, (s->count + 1) * sizeof *more);
    if (!more)
        return NULL;
    s->text = more;
    char *copy = strndup(text, size);
    if (copy)
        more[s->count++] = copy;
    return copy;
}

void pb_strings_release(struct pb_strings *s) {
    for (uint32_t i = 0; i < s->count; i++)
        free(s->text[i]);
    free(s->text);
    *s = (struct pb_strings){0};
}
