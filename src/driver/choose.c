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
        if (choice->one[i]->program == one->program && strcmp(choice->one[i]->canonical, one->canonical) == 0)
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
        if (is_plain(&list[i]) && !list[i].absent && !list[i].only && !list[i].launched)
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

/* Everything of that text: two programs may have an executor of one name. It is absent if it is in all. */
static int add_item(struct pb_choice *choice, const char *kind, const struct pb_described *list,
                    uint32_t count, const char *item, struct pb_error *error) {
    const struct pb_described *absent = NULL;
    uint32_t before = choice->count;
    bool found = false;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < count; i++) {
        if (strcmp(list[i].item, item) != 0)
            continue;
        found |= !list[i].absent;
        if (list[i].absent)
            absent = &list[i];
        else
            rc = add(choice, &list[i]);
    }
    if (found || choice->count > before)
        return rc;
    if (!absent)
        return unknown(kind, list, count, item, error);
    return pb_error_set(error, -EINVAL, "%s %s: it is absent here: %s", kind, item, absent->absent);
}

int pb_choose(struct pb_choice *choice, const char *kind, const struct pb_described *list, uint32_t count,
              const char *const *item, uint32_t items, struct pb_error *error) {
    *choice = (struct pb_choice){0};
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < items; i++)
        rc = strcmp(item[i], "all") == 0 ? add_all(choice, list, count)
                                         : add_item(choice, kind, list, count, item[i], error);
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

/* An executor that is for one workload alone has it. */
static int check_only(const struct pb_described *executor, const struct pb_choice *workloads,
                      struct pb_error *error) {
    for (uint32_t w = 0; w < workloads->count; w++)
        if (!executor->only || pb_described_pairs(executor, workloads->one[w]))
            return 0;
    return pb_error_set(error, -EINVAL,
                        "executor %s: it runs only %s, a program that makes its own workers: write "
                        "-- PROGRAM ARGUMENTS, or -w '%s:PROGRAM ARGUMENTS', with {n} for their number",
                        executor->item, executor->only, executor->only);
}

static bool has_partner(const struct pb_choice *executors, const struct pb_described *workload) {
    for (uint32_t e = 0; e < executors->count; e++)
        if (pb_described_pairs(executors->one[e], workload))
            return true;
    return false;
}

static bool has_program(const struct pb_choice *choice, uint32_t program) {
    for (uint32_t i = 0; i < choice->count; i++)
        if (choice->one[i]->program == program)
            return true;
    return false;
}

static int refuse_workload(const struct pb_described *workload, const struct pb_descriptions *d,
                           struct pb_error *error) {
    struct pb_buffer names = {0};
    for (uint32_t i = 0; i < d->executors; i++)
        if (pb_described_pairs(&d->executor[i], workload) && is_plain(&d->executor[i]) &&
            !d->executor[i].absent)
            pb_buffer_printf(&names, "%s%s", names.size ? ", " : "", d->executor[i].name);
    if (names.size)
        pb_error_set(error, -EINVAL, "workload %s: it runs under %s: name one by -e", workload->item,
                     pb_buffer_string(&names));
    else
        pb_error_set(error, -EINVAL, "workload %s: its runner %s has no executor: mend that", workload->item,
                     workload->runner ? workload->runner : "");
    pb_buffer_release(&names);
    return -EINVAL;
}

int pb_choose_executors(struct pb_choice *choice, const struct pb_choice *workloads,
                        const struct pb_descriptions *d, const char *const *item, uint32_t items,
                        struct pb_error *error) {
    struct pb_described *theirs = calloc(d->executors + 1, sizeof *theirs);
    const struct pb_described **original = calloc(d->executors + 1, sizeof *original);
    uint32_t count = 0;
    *choice = (struct pb_choice){0};
    int rc = theirs && original ? 0 : pb_error_set(error, -ENOMEM, "executor: no memory for the list");
    for (uint32_t i = 0; rc == 0 && i < d->executors; i++)
        if (has_program(workloads, d->executor[i].program)) {
            original[count] = &d->executor[i];
            theirs[count++] = d->executor[i];
        }
    if (rc == 0)
        rc = pb_choose(choice, "executor", theirs, count, item, items, error);
    for (uint32_t i = 0; rc == 0 && i < choice->count; i++)
        choice->one[i] = original[choice->one[i] - theirs];
    for (uint32_t i = 0; rc == 0 && i < choice->count; i++)
        rc = check_only(choice->one[i], workloads, error);
    for (uint32_t i = 0; rc == 0 && i < workloads->count; i++)
        if (!has_partner(choice, workloads->one[i]))
            rc = refuse_workload(workloads->one[i], d, error);
    if (rc < 0)
        pb_choice_release(choice);
    free(original);
    free(theirs);
    return rc;
}

void pb_choice_release(struct pb_choice *choice) {
    free(choice->one);
    *choice = (struct pb_choice){0};
}
