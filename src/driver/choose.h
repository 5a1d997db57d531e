/* From items as the user wrote them to what runners described. */
#ifndef PB_DRIVER_CHOOSE_H
#define PB_DRIVER_CHOOSE_H

#include "driver/plan.h"

struct pb_choice {
    const struct pb_described **one; /* each canonical form once, in the order asked */
    uint32_t count;
};

/* `kind` is "workload" or "executor", for messages. The item "all" stands for every described plain name that
   is not absent, nor an executor for one workload alone. -EINVAL: an item that is unknown (the nearest and
   the list are named) or absent (the reason is). */
int pb_choose(struct pb_choice *, const char *kind, const struct pb_described *, uint32_t count,
              const char *const *item, uint32_t items, struct pb_error *);
/* Does this executor run this workload? */
bool pb_described_pairs(const struct pb_described *executor, const struct pb_described *workload);
/* -EINVAL: one of either has no partner among the other. */
int pb_choice_check(const struct pb_choice *executors, const struct pb_choice *workloads, struct pb_error *);
void pb_choice_release(struct pb_choice *);

/* The described item of that exact text, or NULL. */
const struct pb_described *pb_described_find(const struct pb_described *, uint32_t count, const char *item);

#endif
