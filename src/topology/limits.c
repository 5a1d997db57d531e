/* What limits this process: its affinity mask, its cpuset, and the CPU bandwidth of its cgroups.
 *
 * Both versions of cgroups may be there at once, and a limit on any ancestor holds for us, so every directory
 * from ours up to the mount point is looked at and the least limit wins. Files: cpu.max,
 * cpuset.cpus.effective (Linux Documentation/admin-guide/cgroup-v2.rst); cpu.cfs_quota_us, cpu.cfs_period_us
 * (scheduler/sched-bwc.rst); cpuset.effective_cpus, cpuset.cpus (cgroup-v1/cpusets.rst). */
#include "topology/limits.h"

#include "topology/cgroup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Processors that a cgroup's own files allow, INFINITY if they say nothing. */
static double quota_v2(const char *root, const char *directory) {
    char text[64];
    double quota, period;
    if (pb_cgroup_read(root, directory, "cpu.max", text, sizeof text) < 0 ||
        sscanf(text, "%lf %lf", &quota, &period) != 2 || !(quota > 0) || !(period > 0))
        return INFINITY;
    return quota / period;
}

static double quota_v1(const char *root, const char *directory) {
    char quota[64], period[64];
    if (pb_cgroup_read(root, directory, "cpu.cfs_quota_us", quota, sizeof quota) < 0 ||
        pb_cgroup_read(root, directory, "cpu.cfs_period_us", period, sizeof period) < 0)
        return INFINITY;
    double q = strtod(quota, NULL), p = strtod(period, NULL);
    return q > 0 && p > 0 ? q / p : INFINITY;
}

/* Narrows *set by the first of `names` that is there and reads as a list; true if it is smaller for it. */
static bool narrow(const char *root, const char *directory, const char *const *names, struct pb_cpuset *set) {
    char text[8192];
    struct pb_cpuset here;
    for (; *names; names++) {
        if (pb_cgroup_read(root, directory, *names, text, sizeof text) < 0 || !*text ||
            pb_cpuset_parse(&here, text) < 0)
            continue;
        bool smaller = false;
        for (size_t i = 0; i < sizeof here.word / sizeof *here.word; i++) {
            here.word[i] &= set->word[i];
            smaller |= here.word[i] != set->word[i];
        }
        if (pb_cpuset_count(&here) == 0)
            return false; /* not this machine's numbers: it cannot be what holds for us */
        *set = here;
        return smaller;
    }
    return false;
}

struct found {
    struct pb_cpuset cpuset;
    char cpuset_at[256];
    struct pb_cgroup quota_at;
    double quota;
};

/* One way of keeping limits in a hierarchy: which controller, and how its directories are read. */
struct keeper {
    const char *controller;
    double (*quota)(const char *root, const char *directory);
    const char *const *cpusets;
};

static const char *const no_cpusets[] = {NULL};
static const char *const cpusets_v1[] = {"cpuset.effective_cpus", "cpuset.cpus", NULL};
static const char *const cpusets_v2[] = {"cpuset.cpus.effective", NULL};

static const struct keeper keepers[] = {
    {"", quota_v2, cpusets_v2},
    {"cpu", quota_v1, no_cpusets},
    {"cpuset", NULL, cpusets_v1},
};

/* Looks at one cgroup and its ancestors. */
static void climb(const char *root, const struct keeper *keeper, struct found *found) {
    struct pb_cgroup c;
    if (!pb_cgroup_find(root, keeper->controller, &c))
        return;
    do {
        double quota = keeper->quota ? keeper->quota(root, c.directory) : INFINITY;
        if (quota < found->quota) {
            found->quota = quota;
            found->quota_at = c;
        }
        if (narrow(root, c.directory, keeper->cpusets, &found->cpuset))
            snprintf(found->cpuset_at, sizeof found->cpuset_at, "%.255s", c.directory);
    } while (pb_cgroup_climb(&c));
}

static void processors_of(const struct pb_machine *m, struct pb_cpuset *out) {
    pb_cpuset_zero(out);
    if (!m)
        memset(out->word, 0xff, sizeof out->word);
    for (uint32_t i = 0; m && i < m->pus; i++)
        pb_cpuset_set(out, m->pu[i].cpu);
}

static void conclude(struct pb_limits *l, const struct found *found) {
    uint32_t count = pb_cpuset_count(&l->allowed);
    l->quota = found->quota;
    l->usable = count;
    if (l->quota < l->usable) {
        l->usable = l->quota;
        l->limit = PB_LIMIT_QUOTA;
    }
    l->processors = l->usable < 1 ? 1 : (uint32_t)l->usable;
    if (l->limit == PB_LIMIT_QUOTA)
        snprintf(l->where, sizeof l->where, "%.255s", found->quota_at.directory);
    else if (l->limit == PB_LIMIT_CPUSET)
        memcpy(l->where, found->cpuset_at, sizeof l->where);
}

void pb_limits_read_at(struct pb_limits *l, const struct pb_machine *m, const char *root,
                       const struct pb_cpuset *allowed) {
    struct found found = {.quota = INFINITY};
    struct pb_cpuset affine;
    *l = (struct pb_limits){.limit = PB_LIMIT_NONE};
    processors_of(m, &found.cpuset);
    for (size_t i = 0; i < sizeof keepers / sizeof *keepers; i++)
        climb(root, &keepers[i], &found);

    /* The kernel keeps the mask within the cpuset, so a mask that is smaller still was set on purpose. */
    for (size_t i = 0; i < sizeof affine.word / sizeof *affine.word; i++)
        affine.word[i] = found.cpuset.word[i] & allowed->word[i];
    l->allowed = pb_cpuset_count(&affine) ? affine : found.cpuset;
    if (!pb_cpuset_equal(&l->allowed, &found.cpuset))
        l->limit = PB_LIMIT_AFFINITY;
    else if (*found.cpuset_at)
        l->limit = PB_LIMIT_CPUSET;
    conclude(l, &found);
}

bool pb_limits_quota_at(const char *root, struct pb_cgroup *out) {
    struct found found = {.quota = INFINITY};
    for (size_t i = 0; i < sizeof keepers / sizeof *keepers; i++)
        climb(root, &keepers[i], &found);
    *out = found.quota_at;
    return isfinite(found.quota);
}

void pb_limits_read(struct pb_limits *l, const struct pb_machine *m) {
    struct pb_cpuset allowed;
    struct found nothing = {.quota = INFINITY};
    if ((!m || m->source == PB_MACHINE_LIVE) && pb_cpuset_of_thread(&allowed) == 0) {
        pb_limits_read_at(l, m, "", &allowed);
        return;
    }
    *l = (struct pb_limits){.limit = PB_LIMIT_NONE};
    processors_of(m, &l->allowed);
    conclude(l, &nothing);
}

const char *pb_limit_name(enum pb_limit limit) {
    static const char *const names[] = {
        [PB_LIMIT_NONE] = "",
        [PB_LIMIT_AFFINITY] = "affinity mask",
        [PB_LIMIT_CPUSET] = "cpuset",
        [PB_LIMIT_QUOTA] = "quota",
    };
    return (size_t)limit < sizeof names / sizeof *names ? names[limit] : "";
}
