#include "cli/items.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* "size=4k" but not "sha:size=4k" and not "./a=b.so". */
static bool is_parameter(const char *piece, size_t size) {
    size_t key = 0;
    while (key < size && (isalnum((unsigned char)piece[key]) || piece[key] == '_' || piece[key] == '-'))
        key++;
    return key > 0 && key < size && piece[key] == '=';
}

static int add(struct pb_strings *list, const char *label, const char *text, size_t size,
               struct pb_error *error) {
    if (size == 0)
        return pb_error_set(error, -EINVAL, "%s: an item is empty: write names with one comma between them",
                            label);
    return pb_strings_add(list, text, size) ? 0 : pb_error_set(error, -ENOMEM, "%s: no memory", label);
}

/* Bytes of the item at `text`: up to the comma that starts the next one, or to the end. */
static size_t item_size(const char *text) {
    if (strncmp(text, "cmd:", 4) == 0)
        return strlen(text);
    size_t size = strcspn(text, ",");
    while (text[size] && is_parameter(text + size + 1, strcspn(text + size + 1, ",")))
        size += 1 + strcspn(text + size + 1, ",");
    return size;
}

int pb_items_split(struct pb_strings *list, const char *label, const char *text, struct pb_error *error) {
    for (;;) {
        size_t size = item_size(text), name = strcspn(text, ",");
        if (is_parameter(text, name))
            return pb_error_set(error, -EINVAL, "%s: \"%.*s\" is a parameter without a name: write NAME:%.*s",
                                label, (int)name, text, (int)name, text);
        int rc = add(list, label, text, size, error);
        if (rc < 0)
            return rc;
        if (name < size && !memchr(text, ':', name))
            list->text[list->count - 1][name] = ':';
        if (!text[size])
            return 0;
        text += size + 1;
    }
}

int pb_list_split(struct pb_strings *list, const char *label, const char *text, struct pb_error *error) {
    for (;;) {
        size_t size = strcspn(text, ",");
        int rc = add(list, label, text, size, error);
        if (rc < 0 || !text[size])
            return rc;
        text += size + 1;
    }
}
