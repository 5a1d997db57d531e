/* Throttling, steal and busy processors, read from small trees of files as kernels lay them out. */
#include "suite.h"
#include "topology/pressure.h"
#include "topology/ticks.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "below.h"

enum { FILES = 8 };

#define V2_MOUNT  "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
#define CPU_MOUNT "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
#define SELF      "/proc/self/cgroup"
#define MOUNTS    "/proc/self/mountinfo"
#define STAT      "/proc/stat"

/* As Linux 6.1 prints it; 1234 ticks of 10 ms were stolen. */
#define STOLEN "cpu  100 2 30 4000 5 0 7 1234 0 0\ncpu0 50 1 15 2000 2 0 3 617 0 0\nintr 5\n"
#define V2_STAT                                                                                              \
    "usage_usec 55000\nuser_usec 50000\nsystem_usec 5000\nnr_periods 90\nnr_throttled 41\n"                  \
    "throttled_usec 3172\nnr_bursts 0\nburst_usec 0\n"
#define V1_STAT "nr_periods 90\nnr_throttled 41\nthrottled_time 3172456\n"

static const struct row {
    const char *name;
    struct {
        const char *path, *text;
    } file[FILES];
    struct pb_pressure told;
} rows[] = {
    {"nothing", {{0}}, {-1, -1, -1}},
    {"steal", {{STAT, STOLEN}}, {-1, -1, INT64_C(12340000000)}},
    {"steal-of-old-kernels", {{STAT, "cpu  100 2 30 4000 5 0 7\n"}}, {-1, -1, -1}},
    {"v2",
     {{SELF, "0::/box\n"},
      {MOUNTS, V2_MOUNT},
      {"/sys/fs/cgroup/box/cpu.max", "150000 100000\n"},
      {"/sys/fs/cgroup/box/cpu.stat", V2_STAT}},
     {41, 3172000, -1}},
    {"v2-without-controller",
     {{SELF, "0::/box\n"},
      {MOUNTS, V2_MOUNT},
      {"/sys/fs/cgroup/box/cpu.stat", "usage_usec 55000\nuser_usec 50000\nsystem_usec 5000\n"}},
     {-1, -1, -1}},
    {"v2-the-ancestor-that-limits",
     {{SELF, "0::/a/b\n"},
      {MOUNTS, V2_MOUNT},
      {"/sys/fs/cgroup/a/cpu.max", "50000 100000\n"},
      {"/sys/fs/cgroup/a/cpu.stat", V2_STAT},
      {"/sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
      {"/sys/fs/cgroup/a/b/cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_usec 0\n"}},
     {41, 3172000, -1}},
    {"v1",
     {{SELF, "4:cpu:/box\n"},
      {MOUNTS, CPU_MOUNT},
      {"/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "150000\n"},
      {"/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n"},
      {"/sys/fs/cgroup/cpu/box/cpu.stat", V1_STAT},
      {STAT, STOLEN}},
     {41, 3172456, INT64_C(12340000000)}},
    {"v1-no-quota-throttles-nobody",
     {{SELF, "4:cpu:/box\n0::/\n"},
      {MOUNTS, CPU_MOUNT V2_MOUNT},
      {"/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "-1\n"},
      {"/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n"},
      {"/sys/fs/cgroup/cpu/box/cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n"}},
     {0, 0, -1}},
    {"garbage",
     {{SELF, "4:cpu:/\n"},
      {MOUNTS, CPU_MOUNT},
      {"/sys/fs/cgroup/cpu/cpu.stat", "nr_throttled_a_lot 7\nthrottled\n"},
      {STAT, "what\n"}},
     {-1, -1, -1}},
};

static void check(const struct pb_pressure *got, const struct pb_pressure *told) {
    CHECK_INT(got->throttled, told->throttled);
    CHECK_INT(got->throttled_ns, told->throttled_ns);
    CHECK_INT(got->steal_ns, told->steal_ns);
}

static void tree(const void *data) {
    const struct row *row = data;
    struct pb_pressure_source source;
    struct pb_pressure got;
    char root[] = "/tmp/pb-pressure-XXXXXX";
    CHECK(mkdtemp(root) != NULL);
    for (size_t i = 0; i < FILES && row->file[i].path; i++)
        below_write(root, row->file[i].path, row->file[i].text);
    CHECK_INT(sysconf(_SC_CLK_TCK), 100); /* of each Linux, as programs see it: STOLEN counts on it */
    pb_pressure_find(&source, root);
    pb_pressure_read(&source, &got);
    below_remove(root);
    check(&got, &row->told);
}

static void differences(const void *data) {
    static const struct pb_pressure before = {41, 3172456, 500}, after = {45, 4172456, 400},
                                    none = {-1, 0, -1};
    (void)data;
    struct pb_pressure got = pb_pressure_between(&before, &after);
    check(&got, &(struct pb_pressure){4, 1000000, 0});
    got = pb_pressure_between(&none, &after);
    check(&got, &(struct pb_pressure){-1, 4172456, -1});
    got = pb_pressure_between(&before, &none);
    check(&got, &(struct pb_pressure){-1, 0, -1});
}

static void ticks(const void *data) {
    struct pb_ticks t;
    char root[] = "/tmp/pb-ticks-XXXXXX";
    (void)data;
    CHECK(mkdtemp(root) != NULL);
    CHECK_INT(pb_ticks_read(&t, root), -EIO);
    below_write(root, STAT, "cpu  40 1 10 30 5 2 3 10 7 7\ncpu0 1 2\n");
    CHECK_INT(pb_ticks_read(&t, root), 0);
    CHECK(t.busy == 56 && t.steal == 10 && t.total == 101);
    below_write(root, STAT, "cpu  100 2 30 4000 5 0 7\n");
    CHECK_INT(pb_ticks_read(&t, root), -EIO);
    CHECK(t.busy == 0 && t.steal == 0 && t.total == 0);
    below_remove(root);
}

static const struct pb_case plain[] = {{"differences", differences, NULL}, {"ticks", ticks, NULL}};

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

const struct pb_suite suite_pressure = {"pressure", NULL, generate};
