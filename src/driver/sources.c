/* The sources, and what they share. The first that claims an item has it; the last claims whatever is left.
 */
#include "driver/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/compile.h"

const struct pb_source *const pb_source_list[] = {&pb_source_python, &pb_source_c, &pb_source_plugin,
                                                  &pb_source_built_in, NULL};

const struct pb_program *pb_sources_program(const struct pb_sources *s, uint32_t number) {
    return number && number <= s->programs ? &s->program[number - 1] : NULL;
}

static bool mend_text(char **slot, const char *text) {
    return *slot || (*slot = strdup(text));
}

/* What the plan needs of each, whoever wrote the runner. */
static int mend(struct pb_described *d, uint32_t count, uint32_t number, const struct pb_program *program,
                struct pb_error *error) {
    for (uint32_t i = 0; i < count; i++, d++) {
        d->program = number;
        if (!d->item && !d->name)
            return pb_error_set(error, -EPROTO, "runner protocol: something described has no name");
        d->bound = d->bound ? d->bound : PB_CPU;
        if (!mend_text(&d->item, d->name) || !mend_text(&d->name, d->item) || !mend_text(&d->summary, "") ||
            !mend_text(&d->canonical, d->item) || !mend_text(&d->full, d->canonical) ||
            (program && !(d->runner = strdup(program->name))))
            return pb_error_set(error, -ENOMEM, "-w: no memory for what runners said: name fewer");
    }
    return 0;
}

/* What went wrong, of whom: it says itself what it does not have. */
static int blame(const struct pb_program *program, int rc, struct pb_error *error) {
    struct pb_error why = *error;
    if (program && rc < 0 && rc != -EIO)
        pb_error_set(error, rc, "runner %s: %s", program->name, why.text);
    return rc;
}

int pb_ask(const struct pb_sources *s, uint32_t number, const struct pb_wire_describe *what,
           struct pb_descriptions *out, struct pb_error *error) {
    const struct pb_program *program = pb_sources_program(s, number);
    struct pb_children children = {0};
    struct pb_child child;
    struct pb_wire answer;
    int rc = pb_child_start(&child, &children, program, error);
    if (rc < 0)
        return rc;
    pb_child_say(&child,
                 &(struct pb_wire){.type = PB_WIRE_DESCRIBE, .describe = *what}); /* see what is heard */
    rc = pb_child_hear(&child, &answer, s->timeout_ns, error);
    pb_child_end(&child);
    if (rc == 0 && answer.type != PB_WIRE_DESCRIPTION) {
        pb_wire_release(&answer);
        rc = pb_error_set(error, -EPROTO, "runner protocol: describe was not answered with a description");
    }
    if (rc < 0)
        return blame(program, rc, error);
    *out = answer.description;
    rc = mend(out->workload, out->workloads, number, program, error);
    rc = rc < 0 ? rc : mend(out->executor, out->executors, number, program, error);
    if (rc < 0)
        pb_descriptions_release(out);
    return blame(program, rc, error);
}

int pb_ask_item(const struct pb_sources *s, uint32_t program, const char *item, struct pb_descriptions *out,
                struct pb_error *error) {
    struct pb_wire_describe what = {.workloads.count = 0};
    int rc = pb_wire_list_add(&what.workloads, item);
    rc = rc < 0 ? pb_error_set(error, rc, "workload %s: no memory", item)
                : pb_ask(s, program, &what, out, error);
    pb_wire_list_release(&what.workloads);
    if (rc == 0 && out->workloads != 1) {
        pb_descriptions_release(out);
        rc = pb_error_set(error, -EPROTO, "runner protocol: workload %s was not described", item);
        rc = blame(pb_sources_program(s, program), rc, error);
    }
    return rc;
}

int pb_ask_workload(const struct pb_sources *s, const char *item, struct pb_descriptions *out,
                    struct pb_error *error) {
    return pb_ask_item(s, 0, item, out, error);
}

int64_t pb_program_of(const struct pb_described *d, uint32_t count, const char *item) {
    size_t size = strcspn(item, ":");
    for (uint32_t i = 0; i < count; i++)
        if (strncmp(d[i].name, item, size) == 0 && d[i].name[size] == '\0')
            return d[i].program;
    return -1;
}

static int append(struct pb_described **to, uint32_t *count, struct pb_described **from, uint32_t *more) {
    struct pb_described *grown = realloc(*to, (*count + *more + 1) * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    if (*more)
        memcpy(grown + *count, *from, *more * sizeof *grown);
    *to = grown;
    *count += *more;
    *more = 0; /* moved */
    return 0;
}

int pb_descriptions_append(struct pb_descriptions *to, struct pb_descriptions *from) {
    int rc = append(&to->workload, &to->workloads, &from->workload, &from->workloads);
    if (rc == 0)
        rc = append(&to->executor, &to->executors, &from->executor, &from->executors);
    pb_descriptions_release(from);
    return rc;
}

int pb_describe_broken(struct pb_descriptions *out, const char *item, const char *why) {
    struct pb_descriptions part = {.workload = calloc(1, sizeof *part.workload)};
    if (!part.workload)
        return -ENOMEM;
    part.workloads = 1;
    *part.workload = (struct pb_described){.item = strdup(item),
                                           .name = strndup(item, strcspn(item, ":")),
                                           .summary = strdup(""),
                                           .canonical = strdup(item),
                                           .full = strdup(item),
                                           .bound = PB_CPU,
                                           .broken = strdup(why)};
    return pb_descriptions_append(out, &part);
}

static int describe_workload(struct pb_sources *s, const char *item, struct pb_descriptions *out,
                             struct pb_error *error) {
    size_t i = 0;
    while (!pb_source_list[i]->claims(item))
        i++;
    return pb_source_list[i]->describe(s, item, out, error);
}

/* An executor that no program has is described by none: who chooses says which there are. */
static bool has_executor(const struct pb_descriptions *d, uint32_t program, const char *item) {
    size_t size = strcspn(item, ":");
    for (uint32_t i = 0; i < d->executors; i++)
        if (d->executor[i].program == program && strncmp(d->executor[i].name, item, size) == 0 &&
            d->executor[i].name[size] == '\0')
            return true;
    return false;
}

/* Those with parameters, of one program: what is only a name was described with everything there is. */
static int describe_executors(const struct pb_sources *s, uint32_t program, const char *const *executor,
                              uint32_t executors, struct pb_descriptions *out, struct pb_error *error) {
    struct pb_wire_describe what = {.workloads.count = 0};
    struct pb_descriptions part = {0};
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < executors; i++)
        if (strchr(executor[i], ':') && has_executor(out, program, executor[i]))
            rc = pb_wire_list_add(&what.executors, executor[i]);
    if (rc == 0 && what.executors.count)
        rc = pb_ask(s, program, &what, &part, error);
    if (rc == 0)
        rc = pb_descriptions_append(out, &part);
    pb_wire_list_release(&what.executors);
    return rc;
}

int pb_sources_describe(struct pb_sources *s, const char *const *workload, uint32_t workloads,
                        const char *const *executor, uint32_t executors, struct pb_descriptions *out,
                        struct pb_error *error) {
    static const struct pb_wire_describe everything;
    struct pb_error ignored;
    error = error ? error : &ignored;
    *out = (struct pb_descriptions){0};
    pb_error_set(error, -ENOMEM, "-w: no memory for what runners said: name fewer");
    int rc = pb_ask(s, 0, &everything, out, error);
    if (rc == 0)
        rc = pb_describe_runners(s, out, error);
    for (uint32_t i = 0; rc == 0 && i < workloads; i++)
        rc = describe_workload(s, workload[i], out, error);
    for (uint32_t i = 0; rc == 0 && i <= s->programs; i++)
        rc = describe_executors(s, i, executor, executors, out, error);
    if (rc < 0)
        pb_descriptions_release(out);
    return rc;
}

int pb_sources_describe_program(const struct pb_sources *s, uint32_t program, const char *const *workload,
                                uint32_t workloads, const char *const *executor, uint32_t executors,
                                struct pb_descriptions *out, struct pb_error *error) {
    static const struct pb_wire_describe everything;
    *out = (struct pb_descriptions){0};
    int rc = pb_ask(s, program, &everything, out, error);
    for (uint32_t i = 0; rc == 0 && i < workloads; i++) {
        struct pb_descriptions part = {0};
        if (!workload[i][strcspn(workload[i], ":/")])
            continue; /* who chooses says what there is */
        rc = pb_ask_item(s, program, workload[i], &part, error);
        rc = rc < 0 ? rc : pb_descriptions_append(out, &part);
    }
    rc = rc < 0 ? rc : describe_executors(s, program, executor, executors, out, error);
    if (rc < 0)
        pb_descriptions_release(out);
    return rc;
}

void pb_sources_release(struct pb_sources *s) {
    for (uint32_t i = 0; i < s->programs; i++)
        pb_program_release(&s->program[i]);
    free(s->program);
    pb_launcher_release(&s->launcher);
    if (s->directory)
        pb_compile_directory_remove(s->directory);
    free(s->directory);
    *s = (struct pb_sources){0};
}
