/* Rows that say the same, so that one sentence can speak for them. */
#ifndef PB_ANALYSIS_GROUPS_H
#define PB_ANALYSIS_GROUPS_H

#include "base/buffer.h"
#include "results/record.h"

struct pb_group {
    const struct pb_cell *const *member; /* of one workload, in the table's order; at least one */
    uint32_t members;
    struct pb_buffer rows; /* "thread 2/4 and process 2" */
    struct pb_group *also; /* the same rows of another workload, which say the same; or NULL */
    bool merged;           /* it is another group's `also`, and says nothing by itself */
};

struct pb_groups {
    struct pb_group *group;
    uint32_t groups;
    const struct pb_cell **order; /* the members of all groups, group by group */
};

/* Groups every row of which something is to be said: a verdict, wrong answers, a failure. -ENOMEM, or 0;
   release in any case. */
int pb_groups_init(struct pb_groups *, const struct pb_run *);
void pb_groups_release(struct pb_groups *);

/* Appends item i of n of a list: "a", "a and b", "a, b and c". */
void pb_say_item(struct pb_buffer *, uint32_t i, uint32_t n, const char *text);
/* Appends the names of the group's workloads. */
void pb_say_workloads(struct pb_buffer *, const struct pb_run *, const struct pb_group *);

/* The first member of this executor among the group's? Once per executor. */
bool pb_group_introduces(const struct pb_group *, uint32_t member);

#endif
