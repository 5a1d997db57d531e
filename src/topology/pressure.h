/* What took processors away from this process: its cgroup's quota, and the hypervisor. For runners, before
 * and after a repetition. */
#ifndef PB_TOPOLOGY_PRESSURE_H
#define PB_TOPOLOGY_PRESSURE_H

#include <limits.h>
#include <stdint.h>

/* Since some moment in the past; -1 where the system does not tell. */
struct pb_pressure {
    int64_t throttled;    /* periods in which the quota ran out */
    int64_t throttled_ns; /* how long it stopped processes for that, over all processors, those of others in
                             the same cgroup included */
    int64_t steal_ns;     /* processor time that the hypervisor gave to others, over all the machine's
                             processors; in ticks of 10 ms */
};

/* Where it is told; found once, since a process seldom moves. */
struct pb_pressure_source {
    const char *root;
    char directory[PATH_MAX]; /* of the cgroup whose quota limits us, or else of our own; "": none */
};

/* Files are looked for below `root`, which must live on: "" is the real one. Never fails. */
void pb_pressure_find(struct pb_pressure_source *, const char *root);
void pb_pressure_read(const struct pb_pressure_source *, struct pb_pressure *);
/* What happened between two readings. */
struct pb_pressure pb_pressure_between(const struct pb_pressure *before, const struct pb_pressure *after);

#endif
