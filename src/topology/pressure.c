/* The kernel counts throttling in cpu.stat of the cgroup whose quota ran out, which may be an ancestor's;
 * ours would tell nothing then. Version 1 counts nr_throttled and throttled_time in ns (Linux
 * Documentation/scheduler/sched-bwc.rst), version 2 nr_throttled and throttled_usec in us
 * (admin-guide/cgroup-v2.rst). */
#include "topology/pressure.h"

#include "topology/limits.h"
#include "topology/ticks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void pb_pressure_find(struct pb_pressure_source *source, const char *root) {
    struct pb_cgroup c;
    *source = (struct pb_pressure_source){.root = root};
    if (pb_limits_quota_at(root, &c) || pb_cgroup_find(root, "cpu", &c) || pb_cgroup_find(root, "", &c))
        memcpy(source->directory, c.directory, sizeof source->directory);
}

/* The number behind a key at the start of a line, or -1. */
static int64_t number_of(const char *text, const char *key) {
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return strtoll(line + length, NULL, 10);
    return -1;
}

static void read_throttling(const struct pb_pressure_source *source, struct pb_pressure *p) {
    char text[4096];
    if (!*source->directory ||
        pb_cgroup_read(source->root, source->directory, "cpu.stat", text, sizeof text) < 0)
        return;
    int64_t us = number_of(text, "throttled_usec");
    p->throttled = number_of(text, "nr_throttled");
    p->throttled_ns = us < 0 ? number_of(text, "throttled_time") : us * 1000;
}

static int64_t read_steal(const char *root) {
    struct pb_ticks ticks;
    int64_t per_second = sysconf(_SC_CLK_TCK);
    if (per_second <= 0 || pb_ticks_read(&ticks, root) < 0)
        return -1;
    return ticks.steal * (INT64_C(1000000000) / per_second);
}

void pb_pressure_read(const struct pb_pressure_source *source, struct pb_pressure *p) {
    *p = (struct pb_pressure){-1, -1, read_steal(source->root)};
    read_throttling(source, p);
}

/* Steal may go backwards where the hypervisor corrects itself. */
static int64_t between(int64_t before, int64_t after) {
    return before < 0 || after < 0 ? -1 : after > before ? after - before : 0;
}

struct pb_pressure pb_pressure_between(const struct pb_pressure *before, const struct pb_pressure *after) {
    return (struct pb_pressure){between(before->throttled, after->throttled),
                                between(before->throttled_ns, after->throttled_ns),
                                between(before->steal_ns, after->steal_ns)};
}
