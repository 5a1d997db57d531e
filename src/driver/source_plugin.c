/* Shared objects: "./mine.so:size=4k". Each is asked for in a runner of its own, so that one that crashes
 * while it is loaded takes nothing with it: it is a row that failed, the others go on. */
#include "driver/source.h"

#include <errno.h>
#include <string.h>

static bool claims(const char *item) {
    return memchr(item, '/', strcspn(item, ":")) != NULL;
}

static bool is_broken(const struct pb_error *error) {
    static const int codes[] = {-ELIBACC, -ENOEXEC, -ECONNRESET, -ETIMEDOUT};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (error->code == codes[i])
            return true;
    return false;
}

void pb_rename_object(struct pb_error *error, const char *object, const char *item) {
    struct pb_error before = *error;
    struct pb_buffer text = {0};
    size_t size = strcspn(object, ":");
    const char *rest = before.text;
    for (const char *at; (at = memmem(rest, strlen(rest), object, size)); rest = at + size) {
        pb_buffer_add(&text, rest, (size_t)(at - rest));
        pb_buffer_add(&text, item, strcspn(item, ":"));
    }
    pb_buffer_text(&text, rest);
    pb_error_set(error, before.code, "%s", pb_buffer_string(&text));
    pb_buffer_release(&text);
}

int pb_ask_object(const struct pb_sources *s, const char *object, const char *item,
                  struct pb_descriptions *out, struct pb_error *error) {
    int rc = pb_ask_workload(s, object, out, error);
    if (rc < 0)
        pb_rename_object(error, object, item);
    if (rc == -ECONNRESET || rc == -ETIMEDOUT) {
        struct pb_error why = *error;
        pb_error_set(error, rc, "%s: the process that loaded it: %s: mend the plug-in", item, why.text);
    }
    return rc < 0 && is_broken(error) ? pb_describe_broken(out, item, error->text) : rc;
}

static int describe(struct pb_sources *s, const char *item, struct pb_descriptions *out,
                    struct pb_error *error) {
    struct pb_descriptions part = {0};
    int rc = pb_ask_object(s, item, item, &part, error);
    return rc < 0 ? rc : pb_descriptions_append(out, &part);
}

static const struct pb_source_text texts[] = {
    {"./mine.so", "a plug-in that is built already (docs/writing-a-workload.md)", false},
    {0},
};

const struct pb_source pb_source_plugin = {.claims = claims, .describe = describe, .texts = texts};
