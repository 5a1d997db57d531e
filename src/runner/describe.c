#include "runner/describe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/param.h"
#include "base/units.h"
#include "bench/list.h"
#include "runner/find.h"

static const char *const type_names[] = {
    [PB_PARAM_COUNT] = "count", [PB_PARAM_SIZE] = "size",   [PB_PARAM_TIME] = "time",
    [PB_PARAM_WORK] = "work",   [PB_PARAM_REAL] = "number", [PB_PARAM_CHOICE] = "choice",
    [PB_PARAM_TEXT] = "text",   [PB_PARAM_REST] = "rest",
};

static char *text_or_empty(const char *text) {
    return strdup(text ? text : "");
}

static const char *limit(const struct pb_param *p, double value, char *out, size_t size) {
    if (p->type == PB_PARAM_SIZE)
        return pb_format_size(value, out, size);
    if (p->type == PB_PARAM_TIME)
        return pb_format_time(value, out, size);
    snprintf(out, size, "%.15g", value);
    return out;
}

static char *range_of(const struct pb_param *p) {
    char low[32], high[32], range[80] = "";
    if (p->type == PB_PARAM_CHOICE)
        return strdup(p->choices);
    if (p->min != 0 || p->max != 0)
        snprintf(range, sizeof range, "%s to %s", limit(p, p->min, low, sizeof low),
                 limit(p, p->max, high, sizeof high));
    return strdup(range);
}

static int describe_params(struct pb_described *d, const struct pb_param *table) {
    uint32_t count = 0;
    while (table && table[count].name)
        count++;
    d->param = calloc(count + 1, sizeof *d->param);
    if (!d->param)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        d->param[d->params++] = (struct pb_described_param){.name = strdup(table[i].name),
                                                            .type = strdup(type_names[table[i].type]),
                                                            .fallback = strdup(table[i].fallback),
                                                            .range = range_of(&table[i]),
                                                            .help = text_or_empty(table[i].help)};
    return 0;
}

/* "name" or "name:key=value,...". */
static char *spell(const char *name, const struct pb_param_set *set, bool all) {
    struct pb_buffer params = {0}, out = {0};
    pb_param_set_format(set, all, &params);
    pb_buffer_printf(&out, "%s%s%s", name, params.size ? ":" : "", pb_buffer_string(&params));
    pb_buffer_release(&params);
    return out.data;
}

static int describe_set(struct pb_described *d, const char *kind, const struct pb_param *table,
                        const char *given, struct pb_error *error) {
    struct pb_param_set set;
    char owner[128];
    snprintf(owner, sizeof owner, "%s %s", kind, d->name);
    int rc = pb_param_set_init(&set, owner, table, given, 0, error);
    if (rc < 0)
        return rc;
    d->canonical = spell(d->name, &set, false);
    d->full = spell(d->name, &set, true);
    pb_param_set_release(&set);
    return describe_params(d, table);
}

static int describe_workload(struct pb_described *d, const char *item, struct pb_error *error) {
    struct pb_found found;
    int rc = pb_workload_find(&found, item, error);
    if (rc < 0)
        return rc;
    d->item = strdup(item);
    d->name = strdup(found.name);
    d->summary = text_or_empty(found.workload->summary);
    d->bound = found.workload->bound;
    rc = describe_set(d, "workload", found.workload->params, found.params, error);
    pb_found_release(&found);
    return rc;
}

/* How many workers it has, where that does not depend on how many are asked for. */
static int count_threads(const struct pb_executor_listing *listing, const char *given, uint32_t *threads,
                         struct pb_error *error) {
    struct pb_param_set set;
    *threads = 0;
    if (!listing->carriers)
        return 0;
    int rc = pb_param_set_init(&set, listing->name, listing->params, given, 0, error);
    if (rc < 0)
        return rc;
    *threads = listing->carriers(&set.values);
    pb_param_set_release(&set);
    return 0;
}

static int describe_executor(struct pb_described *d, const char *item, struct pb_error *error) {
    char *name = strdup(item), *colon = name ? strchr(name, ':') : NULL;
    int rc = name ? -ENOENT : -ENOMEM;
    if (colon)
        *colon++ = '\0';
    struct pb_executor_listing listing;
    for (size_t i = 0; rc == -ENOENT && pb_executor_list(i, &listing) == 0; i++) {
        if (strcmp(listing.name, name) != 0)
            continue;
        d->item = strdup(item);
        d->name = strdup(listing.name);
        d->summary = text_or_empty(listing.summary);
        d->absent = listing.absent ? strdup(listing.absent) : NULL;
        d->only = listing.only ? strdup(listing.only) : NULL;
        d->launched = listing.launched;
        rc = describe_set(d, "executor", listing.params, listing.absent ? NULL : colon, error);
        if (rc == 0)
            rc = count_threads(&listing, colon, &d->threads, error);
    }
    struct pb_executor *none;
    if (rc == -ENOENT) /* opening one that is not in the list says which there are */
        rc = pb_executor_open(&none, name, NULL, error);
    free(name);
    return rc;
}

/* A row of the list; a module that is missing is described all the same. */
static int describe_listed(struct pb_described *d, const struct pb_workload_entry *row,
                           struct pb_error *error) {
    const struct pb_workload *workload;
    struct pb_error why;
    if (pb_workload_load(row, &workload, &why) == 0)
        return describe_workload(d, row->name, error);
    *d = (struct pb_described){.item = strdup(row->name),
                               .name = strdup(row->name),
                               .summary = text_or_empty(row->summary),
                               .canonical = strdup(row->name),
                               .full = strdup(row->name),
                               .absent = strdup(why.text)};
    return 0;
}

static int describe_all(struct pb_descriptions *out, struct pb_error *error) {
    struct pb_executor_listing listing;
    uint32_t workloads = 0, executors = 0;
    while (pb_workloads[workloads].name)
        workloads++;
    while (pb_executor_list(executors, &listing) == 0)
        executors++;
    out->workload = calloc(workloads + 1, sizeof *out->workload);
    out->executor = calloc(executors + 1, sizeof *out->executor);
    int rc = out->workload && out->executor ? 0 : -ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < workloads; i++, out->workloads++)
        rc = describe_listed(&out->workload[i], &pb_workloads[i], error);
    for (uint32_t i = 0; rc == 0 && i < executors; i++, out->executors++) {
        pb_executor_list(i, &listing);
        rc = describe_executor(&out->executor[i], listing.name, error);
    }
    return rc;
}

static int describe_named(const struct pb_wire_describe *asked, struct pb_descriptions *out,
                          struct pb_error *error) {
    out->workload = calloc(asked->workloads.count + 1, sizeof *out->workload);
    out->executor = calloc(asked->executors.count + 1, sizeof *out->executor);
    int rc = out->workload && out->executor ? 0 : -ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < asked->workloads.count; i++, out->workloads++)
        rc = describe_workload(&out->workload[i], asked->workloads.item[i], error);
    for (uint32_t i = 0; rc == 0 && i < asked->executors.count; i++, out->executors++)
        rc = describe_executor(&out->executor[i], asked->executors.item[i], error);
    return rc;
}

int pb_runner_describe(const struct pb_wire_describe *asked, struct pb_descriptions *out,
                       struct pb_error *error) {
    *out = (struct pb_descriptions){0};
    bool all = asked->workloads.count == 0 && asked->executors.count == 0;
    pb_error_set(error, -ENOMEM, "runner: no memory to describe what it has");
    int rc = all ? describe_all(out, error) : describe_named(asked, out, error);
    if (rc < 0)
        pb_descriptions_release(out);
    return rc;
}
