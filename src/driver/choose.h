/* From items as the user wrote them to what runners described. */
#ifndef PB_DRIVER_CHOOSE_H
#define PB_DRIVER_CHOOSE_H

#include "driver/plan.h"

struct pb_choice {
    const struct pb_described **one; /* each canonical form of a program once, in the order asked */
    uint32_t count;
};

/* `kind` is "workload" or "executor", for messages. The item "all" stands for every described plain name that
   is not absent, nor an executor for one workload alone, nor one that is launched. -EINVAL: an item that is
   unknown (the nearest and the list are named) or absent (the reason is). */
int pb_choose(struct pb_choice *, const char *kind, const struct pb_described *, uint32_t count,
              const char *const *item, uint32_t items, struct pb_error *);
/* Does this executor run this workload? */
bool pb_described_pairs(const struct pb_described *executor, const struct pb_described *workload);
/* Executors for these workloads: of those that their programs have, each item in all programs that have it.
   -EINVAL also where one of either has no partner among the other. */
int pb_choose_executors(struct pb_choice *, const struct pb_choice *workloads, const struct pb_descriptions *,
                        const char *const *item, uint32_t items, struct pb_error *);
void pb_choice_release(struct pb_choice *);

/* The described item of that exact text, or NULL. */
const struct pb_described *pb_described_find(const struct pb_described *, uint32_t count, const char *item);

#endif
