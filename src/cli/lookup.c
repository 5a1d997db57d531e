#include "cli/lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The items that are more than a name; `out` has room for all. */
static uint32_t pick(const char **out, const char *const *item, uint32_t count) {
    uint32_t picked = 0;
    for (uint32_t i = 0; i < count; i++)
        if (strpbrk(item[i], ":/"))
            out[picked++] = item[i];
    return picked;
}

/* Moves the rows of `more` behind those of the list. */
static int append(struct pb_described **list, uint32_t *count, struct pb_described **more, uint32_t *moved) {
    if (*moved == 0)
        return 0;
    struct pb_described *both = realloc(*list, (*count + *moved) * sizeof *both);
    if (!both)
        return -ENOMEM;
    memcpy(both + *count, *more, *moved * sizeof *both);
    *list = both;
    *count += *moved;
    *moved = 0;
    return 0;
}

static int lookup_items(struct pb_descriptions *all, const struct pb_request *request, const char **workload,
                        const char **executor, struct pb_error *error) {
    uint32_t workloads = pick(workload, request->workload, request->workloads);
    uint32_t executors = pick(executor, request->executor, request->executors);
    struct pb_descriptions more = {0};
    if (workloads + executors == 0)
        return 0;
    int rc = pb_describe(&more, workload, workloads, executor, executors, request->timeout_ns, error);
    if (rc < 0)
        return rc;
    rc = append(&all->workload, &all->workloads, &more.workload, &more.workloads);
    rc = rc ? rc : append(&all->executor, &all->executors, &more.executor, &more.executors);
    pb_descriptions_release(&more);
    return rc < 0 ? pb_error_set(error, rc, "-w: no memory for what runners said: name fewer") : 0;
}

int pb_lookup(struct pb_descriptions *descriptions, const struct pb_request *request,
              struct pb_error *error) {
    *descriptions = (struct pb_descriptions){0};
    int rc = pb_describe(descriptions, NULL, 0, NULL, 0, request->timeout_ns, error);
    if (rc < 0)
        return rc;
    const char **workload = calloc(request->workloads + 1, sizeof *workload);
    const char **executor = calloc(request->executors + 1, sizeof *executor);
    rc = workload && executor ? lookup_items(descriptions, request, workload, executor, error)
                              : pb_error_set(error, -ENOMEM, "-w: no memory for the list: name fewer");
    free(workload);
    free(executor);
    if (rc < 0)
        pb_descriptions_release(descriptions);
    return rc;
}
