#include "runner/find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/module.h"
#include "base/name.h"
#include "bench/list.h"

static int unknown(const char *name, struct pb_error *error) {
    struct pb_buffer list = {0};
    const char *names[64] = {NULL};
    size_t count = 0;
    for (const struct pb_workload_entry *row = pb_workloads; row->name; row++) {
        if (count < 64)
            names[count++] = row->name;
        pb_buffer_printf(&list, "%s%s", list.size ? ", " : "", row->name);
    }
    int nearest = pb_name_nearest(name, names, count);
    pb_error_set(error, -ENOENT,
                 "workload \"%s\": there is none of that name: %s%s%s%s; a plug-in needs a slash: ./%s", name,
                 nearest >= 0 ? "did you mean " : "", nearest >= 0 ? names[nearest] : "",
                 nearest >= 0 ? "? there are " : "there are ", pb_buffer_string(&list), name);
    pb_buffer_release(&list);
    return -ENOENT;
}

int pb_workload_load(const struct pb_workload_entry *row, const struct pb_workload **workload,
                     struct pb_error *error) {
    struct pb_error why;
    *workload = row->workload ? row->workload : pb_module_symbol(row->module, PB_WORKLOAD_SYMBOL, &why);
    return *workload ? 0
                     : pb_error_set(error, -ENOENT, "%s: install %s and build again", why.text, row->needs);
}

static int find_built_in(const char *name, const struct pb_workload **workload, struct pb_error *error) {
    for (const struct pb_workload_entry *row = pb_workloads; row->name; row++) {
        if (strcmp(row->name, name) != 0)
            continue;
        struct pb_error why;
        int rc = pb_workload_load(row, workload, &why);
        return rc < 0 ? pb_error_set(error, rc, "workload %s: %s", name, why.text) : 0;
    }
    return unknown(name, error);
}

/* Only abi and size may be read before they are known to be ours. */
static int check(const struct pb_workload *w, const char *path, struct pb_error *error) {
    if (w->abi != PB_WORKLOAD_ABI || w->size != sizeof *w)
        return pb_error_set(
            error, -ENOEXEC,
            "%s: it has abi %u and size %u, this program has %u and %zu: build it again with this "
            "version's workload.h",
            path, w->abi, w->size, PB_WORKLOAD_ABI, sizeof *w);
    if (!w->name || !w->run || (w->bound != PB_CPU && w->bound != PB_IO))
        return pb_error_set(error, -ENOEXEC, "%s: its struct lacks a name, a bound or run: fill them in",
                            path);
    return 0;
}

/* What the plug-in itself says against its use. */
static int ask(const char *path, struct pb_error *error) {
    const char *(*unfit)(void);
    const void *symbol = pb_plugin_symbol(path, PB_WORKLOAD_UNFIT, NULL);
    if (!symbol)
        return 0;
    memcpy(&unfit, &symbol, sizeof unfit); /* ISO C has no cast for it */
    const char *why = unfit();
    return why ? pb_error_set(error, -EINVAL, "%s: %s", path, why) : 0;
}

static int find_plugin(const char *path, const struct pb_workload **workload, struct pb_error *error) {
    *workload = pb_plugin_symbol(path, PB_WORKLOAD_SYMBOL, error);
    int rc = *workload ? check(*workload, path, error) : error->code;
    return rc < 0 ? rc : ask(path, error);
}

int pb_workload_find(struct pb_found *found, const char *item, struct pb_error *error) {
    struct pb_error ignored;
    error = error ? error : &ignored;
    *found = (struct pb_found){.name = strdup(item)};
    if (!found->name)
        return pb_error_set(error, -ENOMEM, "workload %s: no memory", item);
    char *slash = strrchr(found->name, '/');
    /* Parameters may hold slashes too: a path is what stands before the first colon that a slash precedes. */
    char *colon = strchr(found->name, ':');
    bool path = slash && (!colon || strchr(found->name, '/') < colon);
    found->params = colon ? colon + 1 : "";
    if (colon)
        *colon = '\0';
    int rc = path ? find_plugin(found->name, &found->workload, error)
                  : find_built_in(found->name, &found->workload, error);
    if (rc < 0)
        pb_found_release(found);
    return rc;
}

void pb_found_release(struct pb_found *found) {
    free(found->name);
    *found = (struct pb_found){0};
}
