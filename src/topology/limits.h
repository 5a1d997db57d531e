/* How many processors this process may really use, and what limits them. */
#ifndef PB_TOPOLOGY_LIMITS_H
#define PB_TOPOLOGY_LIMITS_H

#include "base/cpuset.h"
#include "topology/cgroup.h"
#include "topology/machine.h"

enum pb_limit { PB_LIMIT_NONE, PB_LIMIT_AFFINITY, PB_LIMIT_CPUSET, PB_LIMIT_QUOTA };

struct pb_limits {
    struct pb_cpuset allowed; /* affinity mask and cpuset */
    double quota;             /* processors that the cgroup's bandwidth allows; INFINITY: no limit */
    double usable;            /* min(members of allowed, quota): may be 1.5 */
    uint32_t processors;      /* floor(usable), at least 1: what `-n max` means */
    enum pb_limit limit;      /* which of them it is; NONE: all the machine's processors are usable */
    char where[256];          /* the cgroup that limits, or "" */
};

/* Reads them for the calling process; `machine` may be another one (XML, synthetic): then all its PUs are
   allowed and no quota holds. Never fails: what cannot be read does not limit. NULL: this machine, without
   its topology; then `limit` tells of quota and cpuset only. */
void pb_limits_read(struct pb_limits *, const struct pb_machine *machine);

/* The same from files below `root` instead of "/", for tests; `allowed` is the affinity mask. */
void pb_limits_read_at(struct pb_limits *, const struct pb_machine *, const char *root,
                       const struct pb_cpuset *allowed);

/* The cgroup whose bandwidth limits this process most, itself or an ancestor; false: none does. */
bool pb_limits_quota_at(const char *root, struct pb_cgroup *);

/* "affinity mask", "cpuset", "quota", "" */
const char *pb_limit_name(enum pb_limit);

#endif
