#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/child.h"
#include "driver/driver.h"

/* Asks one fresh runner; *out takes over what it says. */
static int ask(const struct pb_wire *question, struct pb_descriptions *out, const char *item,
               int64_t timeout_ns, struct pb_error *error) {
    struct pb_child child;
    struct pb_wire answer;
    int rc = pb_child_start(&child, error);
    if (rc < 0)
        return rc;
    pb_child_say(&child, question); /* a failure shows in what is heard */
    rc = pb_child_hear(&child, &answer, timeout_ns, error);
    pb_child_end(&child);
    if (rc == 0 && answer.type != PB_WIRE_DESCRIPTION)
        rc = pb_error_set(error, -EPROTO, "runner protocol: describe was not answered with a description");
    if (rc == 0)
        *out = answer.description;
    else if (rc != -EIO)
        pb_wire_release(&answer);
    if ((rc == -ECONNRESET || rc == -ETIMEDOUT) && item) {
        struct pb_error why = *error;
        pb_error_set(error, rc, "%s: the process that loaded it: %s: mend the plug-in", item, why.text);
    }
    return rc;
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

/* Moves all of `from` to the end of `to`. */
static int merge(struct pb_descriptions *to, struct pb_descriptions *from) {
    int rc = append(&to->workload, &to->workloads, &from->workload, &from->workloads);
    if (rc == 0)
        rc = append(&to->executor, &to->executors, &from->executor, &from->executors);
    pb_descriptions_release(from);
    return rc;
}

/* A plug-in that is there but cannot be loaded is a row that failed; the others go on. */
static bool is_broken(const struct pb_error *error) {
    static const int codes[] = {-ELIBACC, -ENOEXEC, -ECONNRESET, -ETIMEDOUT};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (error->code == codes[i])
            return true;
    return false;
}

static int describe_broken(struct pb_descriptions *out, const char *item, const char *why) {
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
    return merge(out, &part);
}

/* In a runner of its own, so that one that crashes while loading takes nothing with it. */
static int ask_plugin(struct pb_descriptions *out, const char *item, int64_t timeout_ns,
                      struct pb_error *error) {
    struct pb_wire question = {.type = PB_WIRE_DESCRIBE};
    struct pb_descriptions part = {0};
    int rc = pb_wire_list_add(&question.describe.workloads, item);
    if (rc == 0)
        rc = ask(&question, &part, item, timeout_ns, error);
    pb_wire_release(&question);
    if (rc < 0 && is_broken(error))
        return describe_broken(out, item, error->text);
    return rc < 0 ? rc : merge(out, &part);
}

static bool is_plugin(const char *item) {
    size_t name = strcspn(item, ":");
    return memchr(item, '/', name) != NULL;
}

int pb_describe(struct pb_descriptions *out, const char *const *workload, uint32_t workloads,
                const char *const *executor, uint32_t executors, int64_t timeout_ns, struct pb_error *error) {
    struct pb_wire question = {.type = PB_WIRE_DESCRIBE};
    struct pb_descriptions part = {0};
    struct pb_error ignored;
    error = error ? error : &ignored;
    *out = (struct pb_descriptions){0};
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < workloads; i++)
        if (!is_plugin(workload[i]))
            rc = pb_wire_list_add(&question.describe.workloads, workload[i]);
    for (uint32_t i = 0; rc == 0 && i < executors; i++)
        rc = pb_wire_list_add(&question.describe.executors, executor[i]);
    bool all = workloads == 0 && executors == 0;
    if (rc == 0 && (all || question.describe.workloads.count || question.describe.executors.count))
        rc = ask(&question, &part, NULL, timeout_ns, error);
    if (rc == 0)
        rc = merge(out, &part);
    pb_wire_release(&question);
    for (uint32_t i = 0; rc == 0 && i < workloads; i++)
        if (is_plugin(workload[i]))
            rc = ask_plugin(out, workload[i], timeout_ns, error);
    if (rc < 0)
        pb_descriptions_release(out);
    return rc;
}
