/* The columns of /proc/stat are those of proc(5). What guests of this machine use is in `user` already. */
#include "topology/ticks.h"

#include "topology/cgroup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

int pb_ticks_read(struct pb_ticks *ticks, const char *root) {
    enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, KINDS };
    int64_t v[KINDS];
    char text[512];
    *ticks = (struct pb_ticks){0};
    if (pb_cgroup_read(root, "/proc", "stat", text, sizeof text) < 0 ||
        sscanf(text,
               "cpu %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64
               " %" SCNd64,
               &v[USER], &v[NICE], &v[SYSTEM], &v[IDLE], &v[IOWAIT], &v[IRQ], &v[SOFTIRQ],
               &v[STEAL]) != KINDS)
        return -EIO;
    ticks->busy = v[USER] + v[NICE] + v[SYSTEM] + v[IRQ] + v[SOFTIRQ];
    ticks->steal = v[STEAL];
    ticks->total = ticks->busy + v[IDLE] + v[IOWAIT] + v[STEAL];
    return 0;
}
