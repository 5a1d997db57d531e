/* Runners that are other programs. Those that the user named join with all they have; what is asked of one of
 * their workloads by parameters goes to the program that has described it (source_built_in.c). */
#include "driver/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- Programs ---- */

static size_t length_of(const char *const *text) {
    size_t count = 0;
    while (text && text[count])
        count++;
    return count;
}

/* NULL for nothing, too. */
static int copy_texts(char ***out, const char *const *text) {
    size_t count = length_of(text);
    if (!text)
        return 0;
    if (!(*out = calloc(count + 1, sizeof **out)))
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        if (!((*out)[i] = strdup(text[i])))
            return -ENOMEM;
    return 0;
}

static bool same_texts(char *const *a, const char *const *b) {
    size_t i = 0;
    for (; a && b && a[i] && b[i]; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return !(a && a[i]) && !(b && b[i]);
}

static void release_texts(char **text) {
    for (size_t i = 0; text && text[i]; i++)
        free(text[i]);
    free(text);
}

void pb_program_release(struct pb_program *program) {
    release_texts(program->argv);
    release_texts(program->environment);
    free(program->name);
    *program = (struct pb_program){0};
}

int pb_sources_add(struct pb_sources *s, const char *name, const char *const *word,
                   const char *const *environment, struct pb_error *error) {
    for (uint32_t i = 0; i < s->programs; i++)
        if (same_texts(s->program[i].argv, word) && same_texts(s->program[i].environment, environment))
            return (int)i + 1;
    struct pb_program *more = realloc(s->program, (s->programs + 1) * sizeof *more), added = {0};
    if (more)
        s->program = more;
    if (!more || !(added.name = strdup(name)) || copy_texts(&added.argv, word) < 0 ||
        copy_texts(&added.environment, environment) < 0) {
        pb_program_release(&added);
        return pb_error_set(error, -ENOMEM, "runner %s: no memory", name);
    }
    s->program[s->programs++] = added;
    return (int)s->programs;
}

/* ---- What they have ---- */

static const struct pb_described *namesake(const struct pb_described *list, uint32_t count,
                                           const char *name) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

static int refuse_namesakes(const char *kind, const struct pb_described *list, uint32_t count,
                            const struct pb_described *more, uint32_t added, struct pb_error *error) {
    for (uint32_t i = 0; i < added; i++) {
        const struct pb_described *other = namesake(list, count, more[i].name);
        if (other)
            return pb_error_set(error, -EEXIST, "runner %s: %s %s: %s%s has one of that name too: rename it",
                                more[i].runner, kind, more[i].name, other->runner ? "runner " : "",
                                other->runner ? other->runner : "bench itself");
    }
    return 0;
}

int pb_describe_runners(struct pb_sources *s, struct pb_descriptions *out, struct pb_error *error) {
    static const struct pb_wire_describe everything;
    int rc = 0;
    for (uint32_t i = 1; rc == 0 && i <= s->programs; i++) {
        struct pb_descriptions part = {0};
        rc = pb_ask(s, i, &everything, &part, error);
        if (rc == 0)
            rc = refuse_namesakes("workload", out->workload, out->workloads, part.workload, part.workloads,
                                  error);
        if (rc == 0)
            rc = refuse_namesakes("executor", out->executor, out->executors, part.executor, part.executors,
                                  error);
        if (rc == 0)
            rc = pb_descriptions_append(out, &part);
        pb_descriptions_release(&part);
    }
    return rc;
}
