#include "executor/find.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/module.h"
#include "base/name.h"

/* The row's ops, built in or loaded; NULL with the reason why it is absent, which does not name it. */
static const struct pb_executor_ops *load(const struct pb_executor_entry *row, struct pb_error *error) {
    const struct pb_executor_ops *ops = row->ops;
    struct pb_error why;
    if (!ops)
        ops = pb_module_symbol(row->module, PB_EXECUTOR_SYMBOL, &why);
    if (!ops)
        pb_error_set(error, -ENOENT, "%s: install %s and build again", why.text, row->needs);
    const char *absent = !ops ? NULL : row->absent ? row->absent() : ops->absent;
    if (absent)
        pb_error_set(error, -ENOENT, "%s", absent);
    return absent ? NULL : ops;
}

const struct pb_executor_ops *pb_executor_find(const char *name, struct pb_error *error) {
    struct pb_buffer list = {0};
    const char *names[32] = {NULL};
    size_t count = 0;
    for (const struct pb_executor_entry *row = pb_executors; row->name; row++) {
        if (strcmp(row->name, name) == 0) {
            struct pb_error why;
            const struct pb_executor_ops *ops = load(row, &why);
            pb_buffer_release(&list);
            if (!ops)
                pb_error_set(error, -ENOENT, "executor %s: %s", name, why.text);
            return ops;
        }
        if (count < 32)
            names[count++] = row->name;
        pb_buffer_printf(&list, "%s%s", list.size ? ", " : "", row->name);
    }
    int nearest = pb_name_nearest(name, names, count);
    pb_error_set(error, -ENOENT, "executor \"%s\": there is none of that name: %s%s%s%s", name,
                 nearest >= 0 ? "did you mean " : "", nearest >= 0 ? names[nearest] : "",
                 nearest >= 0 ? "? there are " : "there are ", pb_buffer_string(&list));
    pb_buffer_release(&list);
    return NULL;
}

int pb_executor_list(size_t i, struct pb_executor_listing *out) {
    /* One reason per row, kept for the caller; rewritten with the same text by every call. */
    static _Thread_local struct pb_error reason;
    for (size_t k = 0; k <= i; k++)
        if (!pb_executors[k].name)
            return -ENOENT;
    const struct pb_executor_entry *row = &pb_executors[i];
    const struct pb_executor_ops *ops = load(row, &reason);
    *out = (struct pb_executor_listing){
        .name = row->name,
        .summary = ops            ? ops->summary
                   : row->summary ? row->summary
                                  : row->ops->summary,
        .absent = ops ? NULL : reason.text,
        .params = ops ? ops->params : NULL,
        .only = ops ? ops->only : NULL,
        .launched = row->launched,
        .carriers = ops ? ops->carriers : NULL,
    };
    return 0;
}
