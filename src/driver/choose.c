#include "driver/choose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/name.h"

enum { NAMES = 256 };

const struct pb_described *pb_described_find(const struct pb_described *list, uint32_t count,
                                             const char *item) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(list[i].item, item) == 0)
            return &list[i];
    return NULL;
}

static int add(struct pb_choice *choice, const struct pb_described *one) {
    for (uint32_t i = 0; i < choice->count; i++)
        if (strcmp(choice->one[i]->canonical, one->canonical) == 0)
            return 0;
    void *more = realloc(choice->one, (choice->count + 1) * sizeof *choice->one);
    if (!more)
        return -ENOMEM;
    choice->one = more;
    choice->one[choice->count++] = one;
    return 0;
}

/* "thread" was described by its name alone; "thread:key=value" and "./mine.so" were described because asked
 * for. */
static bool is_plain(const struct pb_described *d) {
    return d->item && d->name && strcmp(d->item, d->name) == 0;
}

static int add_all(struct pb_choice *choice, const struct pb_described *list, uint32_t count) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < count; i++)
        if (is_plain(&list[i]) && !list[i].absent && !list[i].only)
            rc = add(choice, &list[i]);
    return rc;
}

static int unknown(const char *kind, const struct pb_described *list, uint32_t count, const char *item,
                   struct pb_error *error) {
    const char *names[NAMES];
    size_t known = 0;
    struct pb_buffer all = {0};
    for (uint32_t i = 0; i < count && known < NAMES; i++)
        if (is_plain(&list[i])) {
            pb_buffer_printf(&all, "%s%s", known ? ", " : "", list[i].name);
            names[known++] = list[i].name;
        }
    char name[64] = "";
    strncat(name, item, strcspn(item, ":") < sizeof name - 1 ? strcspn(item, ":") : sizeof name - 1);
    int nearest = pb_name_nearest(name, names, known);
    if (nearest >= 0)
        pb_error_set(error, -EINVAL, "%s %s: unknown: did you mean %s? there are %s", kind, item,
                     names[nearest], pb_buffer_string(&all));
    else
        pb_error_set(error, -EINVAL, "%s %s: unknown: there are %s", kind, item, pb_buffer_string(&all));
    pb_buffer_release(&all);
    return -EINVAL;
}

int pb_choose(struct pb_choice *choice, const char *kind, const struct pb_described *list, uint32_t count,
              const char *const *item, uint32_t items, struct pb_error *error) {
    *choice = (struct pb_choice){0};
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < items; i++) {
        const struct pb_described *found = pb_described_find(list, count, item[i]);
        if (strcmp(item[i], "all") == 0)
            rc = add_all(choice, list, count);
        else if (!found)
            rc = unknown(kind, list, count, item[i], error);
        else if (found->absent)
            rc = pb_error_set(error, -EINVAL, "%s %s: it is absent here: %s", kind, item[i], found->absent);
        else
            rc = add(choice, found);
    }
    if (rc == -ENOMEM)
        pb_error_set(error, rc, "%s: no memory for the list: give fewer", kind);
    if (rc == 0 && choice->count == 0)
        rc = pb_error_set(error, -EINVAL,
                          "the plan is empty: no %s is left: name one that `bench list` shows", kind);
    if (rc < 0)
        pb_choice_release(choice);
    return rc;
}

bool pb_described_pairs(const struct pb_described *executor, const struct pb_described *workload) {
    return executor->program == workload->program &&
           (!executor->only || strcmp(executor->only, workload->name) == 0);
}

/* Each executor that is for one workload alone has it, and each workload has an executor. */
int pb_choice_check(const struct pb_choice *executors, const struct pb_choice *workloads,
                    struct pb_error *error) {
    for (uint32_t e = 0; e < executors->count; e++) {
        const struct pb_described *executor = executors->one[e];
        uint32_t w = 0;
        while (w < workloads->count && !pb_described_pairs(executor, workloads->one[w]))
            w++;
        if (w == workloads->count && executor->only)
            return pb_error_set(
                error, -EINVAL,
                "executor %s: it runs only %s, a program that makes its own workers: write "
                "-- PROGRAM ARGUMENTS, or -w '%s:PROGRAM ARGUMENTS', with {n} for their number",
                executor->item, executor->only, executor->only);
    }
    for (uint32_t w = 0; w < workloads->count; w++) {
        uint32_t e = 0;
        while (e < executors->count && !pb_described_pairs(executors->one[e], workloads->one[w]))
            e++;
        if (e == executors->count)
            return pb_error_set(error, -EINVAL,
                                "workload %s: no executor that was named runs it: name another by -e",
                                workloads->one[w]->item);
    }
    return 0;
}

void pb_choice_release(struct pb_choice *choice) {
    free(choice->one);
    *choice = (struct pb_choice){0};
}
