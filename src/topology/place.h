/* Placement: which worker goes where. Pure: the same on a live, captured or synthetic machine. */
#ifndef PB_TOPOLOGY_PLACE_H
#define PB_TOPOLOGY_PLACE_H

#include "topology/limits.h"
#include "topology/machine.h"

struct pb_placement {
    char policy[64];           /* as asked: "auto", "list:0+2" */
    char effective[64];        /* what was done: "core", "none" ... */
    char reason[160];          /* why effective differs from policy (auto), or "" */
    uint32_t workers;          /* entries of binding; 0 when effective is "none" */
    struct pb_cpuset *binding; /* one set per worker; NULL when none */
};

/* Policies: auto, none, core, pu, compact, spread, list:0+2+4-7.
     core     one worker per core, on all its usable PUs, in logical order
     pu       one worker per PU, first PUs of all cores before second ones
     compact  one worker per PU, filling cores, caches, packages in turn
     spread   one worker per PU, dealt over packages and NUMA nodes, then over cores, so that neighbours are
   far apart list     worker k on the k-th processor of the list (the operating system's numbers) auto core
   while workers fit the usable cores and no quota limits them, else none -EINVAL: unknown policy (the error
   names the nearest and the list); -ENOSPC: an explicit policy does not fit, the error says how many workers
   would. */
int pb_place(struct pb_placement *, const struct pb_machine *, const struct pb_limits *, const char *policy,
             uint32_t workers, struct pb_error *);
void pb_placement_release(struct pb_placement *);

/* Names and one-line summaries of the policies, NULL-ended: for help and errors. */
struct pb_policy_listing {
    const char *name, *summary;
};
extern const struct pb_policy_listing pb_policies[];

#endif
