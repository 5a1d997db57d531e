/* Limits read from small trees of files, as kernels and containers lay them out. */
#include "suite.h"
#include "topology/limits.h"

#include <stdlib.h>
#include <unistd.h>

#include "below.h"

enum { FILES = 10 };

#define V2_MOUNT  "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
#define CPU_MOUNT "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
#define SET_MOUNT "34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n"

#define SELF   "/proc/self/cgroup"
#define MOUNTS "/proc/self/mountinfo"

static const struct row {
    const char *name;
    struct {
        const char *path, *text;
    } file[FILES];
    const char *affinity; /* of a machine with processors 0-7 */
    double quota, usable;
    uint32_t processors;
    enum pb_limit limit;
    const char *allowed, *where;
} rows[] = {
    {"no-files", {{0}}, "0-7", INFINITY, 8, 8, PB_LIMIT_NONE, "0-7", ""},
    {"affinity", {{0}}, "2-4", INFINITY, 3, 3, PB_LIMIT_AFFINITY, "2-4", ""},
    {"affinity-beyond-machine", {{0}}, "0-63", INFINITY, 8, 8, PB_LIMIT_NONE, "0-7", ""},
    {"affinity-elsewhere", {{0}}, "20", INFINITY, 8, 8, PB_LIMIT_NONE, "0-7", ""},
    {"v2-root-without-files",
     {{SELF, "0::/\n"}, {MOUNTS, V2_MOUNT}},
     "0-7",
     INFINITY,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
    {"v2-quota",
     {{SELF, "0::/box\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cgroup/box/cpu.max", "150000 100000\n"}},
     "0-7",
     1.5,
     1.5,
     1,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup/box"},
    {"v2-max",
     {{SELF, "0::/box\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cgroup/box/cpu.max", "max 100000\n"}},
     "0-7",
     INFINITY,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
    {"v2-quota-below-one",
     {{SELF, "0::/box\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cgroup/box/cpu.max", "25000 100000\n"}},
     "0-7",
     0.25,
     0.25,
     1,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup/box"},
    {"v2-quota-above-all",
     {{SELF, "0::/box\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cgroup/box/cpu.max", "1600000 100000\n"}},
     "0-7",
     16,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
    {"v2-parent-is-tighter",
     {{SELF, "0::/a/b/c\n"},
      {MOUNTS, V2_MOUNT},
      {"/sys/fs/cgroup/a/cpu.max", "200000 100000\n"},
      {"/sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
      {"/sys/fs/cgroup/a/b/c/cpu.max", "600000 100000\n"}},
     "0-7",
     2,
     2,
     2,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup/a"},
    {"v2-child-is-tighter",
     {{SELF, "0::/a/b\n"},
      {MOUNTS, V2_MOUNT},
      {"/sys/fs/cgroup/a/cpu.max", "400000 100000\n"},
      {"/sys/fs/cgroup/a/b/cpu.max", "150000 50000\n"}},
     "0-7",
     3,
     3,
     3,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup/a/b"},
    {"v2-malformed",
     {{SELF, "0::/box\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cgroup/box/cpu.max", "lots\n"}},
     "0-7",
     INFINITY,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
    {"v2-zero-period",
     {{SELF, "0::/box\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cgroup/box/cpu.max", "1000 0\n"}},
     "0-7",
     INFINITY,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
    {"v2-cpuset",
     {{SELF, "0::/box\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cgroup/box/cpuset.cpus.effective", "1-2,5\n"}},
     "1-2,5",
     INFINITY,
     3,
     3,
     PB_LIMIT_CPUSET,
     "1-2,5",
     "/sys/fs/cgroup/box"},
    {"v2-cpuset-of-parent",
     {{SELF, "0::/box/in\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cgroup/box/cpuset.cpus.effective", "0-3\n"}},
     "0-7",
     INFINITY,
     4,
     4,
     PB_LIMIT_CPUSET,
     "0-3",
     "/sys/fs/cgroup/box"},
    {"mask-within-cpuset",
     {{SELF, "0::/box\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cgroup/box/cpuset.cpus.effective", "0-3\n"}},
     "0",
     INFINITY,
     1,
     1,
     PB_LIMIT_AFFINITY,
     "0",
     ""},
    {"cpuset-of-another-machine",
     {{SELF, "0::/box\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cgroup/box/cpuset.cpus.effective", "100-101\n"}},
     "0-7",
     INFINITY,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
    {"v2-quota-and-cpuset",
     {{SELF, "0::/box\n"},
      {MOUNTS, V2_MOUNT},
      {"/sys/fs/cgroup/box/cpu.max", "300000 100000\n"},
      {"/sys/fs/cgroup/box/cpuset.cpus.effective", "6-7\n"}},
     "6-7",
     3,
     2,
     2,
     PB_LIMIT_CPUSET,
     "6-7",
     "/sys/fs/cgroup/box"},
    {"v2-container-without-namespace",
     {{SELF, "0::/docker/abc\n"},
      {MOUNTS, "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
      {"/sys/fs/cgroup/cpu.max", "50000 100000\n"}},
     "0-7",
     0.5,
     0.5,
     1,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup"},
    {"v2-mount-elsewhere",
     {{SELF, "0::/box\n"},
      {MOUNTS, "30 23 0:26 /boxes /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
      {"/sys/fs/cgroup/cpu.max", "100000 100000\n"}},
     "0-7",
     1,
     1,
     1,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup"},
    {"second-mount-fits",
     {{SELF, "0::/box/in\n"},
      {MOUNTS, "30 23 0:26 /other /mnt ro - cgroup2 cgroup rw\n" V2_MOUNT},
      {"/mnt/cpu.max", "100000 100000\n"},
      {"/sys/fs/cgroup/box/cpu.max", "400000 100000\n"}},
     "0-7",
     4,
     4,
     4,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup/box"},
    {"nothing-above-the-mount",
     {{SELF, "0::/box\n"}, {MOUNTS, V2_MOUNT}, {"/sys/fs/cpu.max", "100000 100000\n"}},
     "0-7",
     INFINITY,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
    {"mount-point-with-a-blank",
     {{SELF, "0::/box\n"},
      {MOUNTS, "30 23 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n"},
      {"/my groups/box/cpu.max", "100000 100000\n"}},
     "0-7",
     1,
     1,
     1,
     PB_LIMIT_QUOTA,
     "0-7",
     "/my groups/box"},
    {"v1-quota",
     {{SELF, "9:name=systemd:/\n4:cpu,cpuacct:/box\n3:cpuset:/\n"},
      {MOUNTS, CPU_MOUNT SET_MOUNT},
      {"/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "250000\n"},
      {"/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n"}},
     "0-7",
     2.5,
     2.5,
     2,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup/cpu,cpuacct/box"},
    {"v1-unlimited",
     {{SELF, "4:cpu,cpuacct:/box\n"},
      {MOUNTS, CPU_MOUNT},
      {"/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "-1\n"},
      {"/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n"}},
     "0-7",
     INFINITY,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
    {"v1-parent-is-tighter",
     {{SELF, "4:cpu,cpuacct:/a/b\n"},
      {MOUNTS, CPU_MOUNT},
      {"/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "100000\n"},
      {"/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n"},
      {"/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n"},
      {"/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n"}},
     "0-7",
     1,
     1,
     1,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup/cpu,cpuacct/a"},
    {"v1-without-period",
     {{SELF, "4:cpu,cpuacct:/\n"},
      {MOUNTS, CPU_MOUNT},
      {"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "100000\n"}},
     "0-7",
     INFINITY,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
    {"v1-cpuset",
     {{SELF, "3:cpuset:/box\n"},
      {MOUNTS, SET_MOUNT},
      {"/sys/fs/cgroup/cpuset/box/cpuset.effective_cpus", "4-7\n"},
      {"/sys/fs/cgroup/cpuset/box/cpuset.cpus", "0-7\n"},
      {"/sys/fs/cgroup/cpuset/cpuset.effective_cpus", "0-7\n"}},
     "4-7",
     INFINITY,
     4,
     4,
     PB_LIMIT_CPUSET,
     "4-7",
     "/sys/fs/cgroup/cpuset/box"},
    {"v1-cpuset-of-old-kernels",
     {{SELF, "3:cpuset:/box\n"}, {MOUNTS, SET_MOUNT}, {"/sys/fs/cgroup/cpuset/box/cpuset.cpus", "4-7\n"}},
     "4-7",
     INFINITY,
     4,
     4,
     PB_LIMIT_CPUSET,
     "4-7",
     "/sys/fs/cgroup/cpuset/box"},
    {"both-versions-v1-tighter",
     {{SELF, "4:cpu,cpuacct:/one\n0::/two\n"},
      {MOUNTS, CPU_MOUNT V2_MOUNT},
      {"/sys/fs/cgroup/cpu,cpuacct/one/cpu.cfs_quota_us", "150000\n"},
      {"/sys/fs/cgroup/cpu,cpuacct/one/cpu.cfs_period_us", "100000\n"},
      {"/sys/fs/cgroup/two/cpu.max", "300000 100000\n"}},
     "0-7",
     1.5,
     1.5,
     1,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup/cpu,cpuacct/one"},
    {"both-versions-v2-tighter",
     {{SELF, "4:cpu,cpuacct:/one\n0::/two\n"},
      {MOUNTS, CPU_MOUNT V2_MOUNT},
      {"/sys/fs/cgroup/cpu,cpuacct/one/cpu.cfs_quota_us", "500000\n"},
      {"/sys/fs/cgroup/cpu,cpuacct/one/cpu.cfs_period_us", "100000\n"},
      {"/sys/fs/cgroup/two/cpu.max", "300000 100000\n"}},
     "0-7",
     3,
     3,
     3,
     PB_LIMIT_QUOTA,
     "0-7",
     "/sys/fs/cgroup/two"},
    {"no-mountinfo",
     {{SELF, "0::/box\n"}, {"/sys/fs/cgroup/box/cpu.max", "100000 100000\n"}},
     "0-7",
     INFINITY,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
    {"garbage",
     {{SELF, "what\n\n:\n"}, {MOUNTS, "what\n - \n1 2 3\n30 23 0:26 / /x rw - cgroup2\n"}},
     "0-7",
     INFINITY,
     8,
     8,
     PB_LIMIT_NONE,
     "0-7",
     ""},
};

static void tree(const void *data) {
    const struct row *row = data;
    struct pb_machine m;
    struct pb_limits l;
    struct pb_cpuset affinity;
    char root[] = "/tmp/pb-limits-XXXXXX", allowed[64];
    CHECK(mkdtemp(root) != NULL);
    for (size_t i = 0; i < FILES && row->file[i].path; i++)
        below_write(root, row->file[i].path, row->file[i].text);
    CHECK_INT(pb_machine_init_synthetic(&m, "core:8 pu:1", NULL), 0);
    CHECK_INT(pb_cpuset_parse(&affinity, row->affinity), 0);
    pb_limits_read_at(&l, &m, root, &affinity);
    below_remove(root);
    pb_machine_release(&m);

    CHECK_MSG(l.quota == row->quota, "quota is %g", l.quota);
    CHECK_MSG(l.usable == row->usable, "usable is %g", l.usable);
    CHECK_INT(l.processors, row->processors);
    CHECK_INT(l.limit, row->limit);
    CHECK_TEXT(pb_cpuset_format(&l.allowed, allowed, sizeof allowed), row->allowed);
    CHECK_TEXT(l.where, row->where);
}

/* Another machine than this one is not limited by what limits this process. */
static void elsewhere(const void *data) {
    struct pb_machine m;
    struct pb_limits l;
    (void)data;
    CHECK_INT(pb_machine_init_synthetic(&m, "core:200 pu:2", NULL), 0);
    pb_limits_read(&l, &m);
    CHECK_INT(l.processors, 400);
    CHECK_INT(pb_cpuset_count(&l.allowed), 400);
    CHECK_INT(l.limit, PB_LIMIT_NONE);
    CHECK(isinf(l.quota));
    pb_machine_release(&m);
}

static void names(const void *data) {
    (void)data;
    CHECK_TEXT(pb_limit_name(PB_LIMIT_NONE), "");
    CHECK_TEXT(pb_limit_name(PB_LIMIT_AFFINITY), "affinity mask");
    CHECK_TEXT(pb_limit_name(PB_LIMIT_CPUSET), "cpuset");
    CHECK_TEXT(pb_limit_name(PB_LIMIT_QUOTA), "quota");
    CHECK_TEXT(pb_limit_name((enum pb_limit)9), "");
}

static const struct pb_case plain[] = {{"elsewhere", elsewhere, NULL}, {"names", names, NULL}};

static bool generate(size_t i, struct pb_case *out) {
    enum { PLAIN = sizeof plain / sizeof *plain, ROWS = sizeof rows / sizeof *rows };
    if (i < PLAIN)
        *out = plain[i];
    else if (i < PLAIN + ROWS)
        *out = (struct pb_case){rows[i - PLAIN].name, tree, &rows[i - PLAIN]};
    else
        return false;
    return true;
}

const struct pb_suite suite_topology_limits = {"topology_limits", NULL, generate};
