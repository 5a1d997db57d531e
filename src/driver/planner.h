/* What the parts of the plan share: adding one row, placed. For plan.c and references.c alone. */
#ifndef PB_DRIVER_PLANNER_H
#define PB_DRIVER_PLANNER_H

#include "driver/choose.h"

struct pb_row {
    const struct pb_described *workload;
    const char *canonical, *full; /* of the workload; NULL: as described */
    const char *executor;         /* canonical */
    const char *unbound;          /* why `auto` binds nobody; NULL: it decides by itself */
    uint64_t tasks;   /* of one repetition, unless the user says how many; 0: natural or calibrated */
    uint32_t threads; /* of it, as described */
    bool launched;    /* placed by each host for itself */
    uint32_t workers;
    const char *binding;
    enum pb_role role;
};

/* Appends a planned cell and places it; returns its id, or -errno: then nothing was added. */
int32_t pb_plan_add(struct pb_run *, const struct pb_request *, const struct pb_row *, struct pb_error *);

/* The reference rows that the first `cells` cells need (references.c). */
int pb_plan_references(struct pb_run *, const struct pb_request *, const struct pb_descriptions *,
                       uint32_t cells, struct pb_error *);

#endif
