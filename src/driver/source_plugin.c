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

static int describe(struct pb_sources *s, const char *item, struct pb_descriptions *out,
                    struct pb_error *error) {
    struct pb_descriptions part = {0};
    int rc = pb_ask_workload(s, item, &part, error);
    if (rc == -ECONNRESET || rc == -ETIMEDOUT) {
        struct pb_error why = *error;
        pb_error_set(error, rc, "%s: the process that loaded it: %s: mend the plug-in", item, why.text);
    }
    if (rc < 0 && is_broken(error))
        return pb_describe_broken(out, item, error->text);
    return rc < 0 ? rc : pb_descriptions_append(out, &part);
}

const struct pb_source pb_source_plugin = {claims, describe};
