/* Workloads by name, this program's own and those of runners that the user named. What is only a name was
 * described with everything there is. */
#include "driver/source.h"

#include <string.h>

static bool claims(const char *item) {
    (void)item;
    return true;
}

static int describe(struct pb_sources *s, const char *item, struct pb_descriptions *out,
                    struct pb_error *error) {
    struct pb_descriptions part = {0};
    if (!strchr(item, ':'))
        return 0; /* who chooses says what there is */
    int64_t program = pb_program_of(out->workload, out->workloads, item);
    int rc = pb_ask_item(s, program < 0 ? 0 : (uint32_t)program, item, &part, error);
    return rc < 0 ? rc : pb_descriptions_append(out, &part);
}

const struct pb_source pb_source_built_in = {.claims = claims, .describe = describe};
