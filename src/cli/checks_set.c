/* How the machine is set. */
#include "cli/checks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>

#include "base/units.h"
#include "topology/cgroup.h"

#define CLOCKS "/sys/devices/system/clocksource/clocksource0"
#define PSTATE "/sys/devices/system/cpu/intel_pstate"
#define BOOST  "/sys/devices/system/cpu/cpufreq"

/* Two readings of 200 ns are 1 % of a task of 40 us. */
static const double read_limit = 200, step_limit = 1000, timer_limit = 1000;

/* Cores with an allowed processor, and how many of those they have. */
static uint32_t cores_of(const struct pb_run *run, uint32_t *processors) {
    uint32_t cores = 0, last = 0;
    *processors = 0;
    for (uint32_t i = 0; run->machine.pu && i < run->machine.pus; i++) {
        const struct pb_pu *pu = &run->machine.pu[i];
        if (!pb_cpuset_has(&run->limits.allowed, pu->cpu))
            continue;
        cores += ++*processors == 1 || pu->core != last;
        last = pu->core;
    }
    return cores;
}

void pb_look_smt(const struct pb_scene *s, struct pb_check *c) {
    const struct pb_host *h = &s->run->host;
    uint32_t processors, cores = cores_of(s->run, &processors);
    if (cores < processors) {
        pb_check_found(c, "on: %u processors are %u cores", processors, cores);
        pb_check_unfit(c, "with -n above %u workers share cores, and each runs slower: keep to -n %u -b core",
                       cores, cores);
    } else if (h->smt_active > 0) {
        pb_check_found(c, "on, but of each core one processor is allowed");
    } else if (h->smt_active < 0) {
        pb_check_unknown(c, "the kernel does not tell");
    } else if (*h->virtualisation) {
        pb_check_unknown(c, "off, so far as is told here (%s): its host may make them of shared cores",
                         h->virtualisation);
    } else {
        pb_check_found(c, "off");
    }
}

/* There is no cpufreq: virtual machines have none, and where the firmware sets the speed there may be none.
 */
static void no_driver(const struct pb_host *h, struct pb_check *c) {
    if (*h->virtualisation)
        pb_check_unknown(c, "no frequency driver is shown here (%s): its host sets the speed",
                         h->virtualisation);
    else
        pb_check_unknown(c, "no frequency driver: the firmware sets the speed");
}

void pb_look_governor(const struct pb_scene *s, struct pb_check *c) {
    const char *governor = s->run->host.governor;
    if (!*governor) {
        no_driver(&s->run->host, c);
        return;
    }
    pb_check_found(c, "%s", governor);
    if (strcmp(governor, "performance") != 0)
        pb_check_unfit(
            c, "processors change speed while measured: set it by cpupower frequency-set -g performance");
}

void pb_look_turbo(const struct pb_scene *s, struct pb_check *c) {
    const struct pb_host *h = &s->run->host;
    char text[8];
    if (h->turbo < 0) {
        no_driver(h, c);
        return;
    }
    pb_check_found(c, "%s", h->turbo ? "on" : "off");
    bool pstate = pb_cgroup_read(s->root, PSTATE, "no_turbo", text, sizeof text) == 0;
    if (h->turbo)
        pb_check_unfit(c,
                       "one core alone runs faster than all do, so all speedups are less than they would be: "
                       "judge them by the column possible, or echo %s",
                       pstate ? "1 >" PSTATE "/no_turbo" : "0 >" BOOST "/boost");
}

void pb_look_clock(const struct pb_scene *s, struct pb_check *c) {
    const struct pb_clock_quality *q = &s->clock;
    char source[64], cost[32], step[32];
    bool told = pb_cgroup_read(s->root, CLOCKS, "current_clocksource", source, sizeof source) == 0;
    pb_check_found(c, "%s, %s a reading, steps of %s", told ? source : "of a source that is not told",
                   pb_format_time(q->read_ns, cost, sizeof cost),
                   pb_format_time(q->step_ns, step, sizeof step));
    if (q->read_ns > read_limit || q->step_ns > step_limit)
        pb_check_unfit(c,
                       "each task is timed by two readings: give it at least %s of work, or boot with "
                       "clocksource=tsc (dmesg | grep -i clocksource says why the kernel does not use it)",
                       pb_format_time(200 * fmax(q->read_ns, q->step_ns), cost, sizeof cost));
}

void pb_look_timers(const struct pb_scene *s, struct pb_check *c) {
    char text[32];
    if (!(s->clock.timer_ns > 0)) {
        pb_check_unknown(c, "clock_getres does not tell");
        return;
    }
    pb_check_found(c, "to %s", pb_format_time(s->clock.timer_ns, text, sizeof text));
    if (s->clock.timer_ns > timer_limit)
        pb_check_unfit(
            c, "sleeps and deadlines end at the kernel's next tick: boot without highres=off, or with a "
               "kernel that has CONFIG_HIGH_RES_TIMERS");
}

/* Linux Documentation/admin-guide/sysctl/kernel.rst; personality(2). */
void pb_look_aslr(const struct pb_scene *s, struct pb_check *c) {
    static const char *const why = "all launches have the same addresses, and what those bring looks like a "
                                   "difference between builds: ";
    char text[32];
    bool same = pb_cgroup_read(s->root, "/proc/self", "personality", text, sizeof text) == 0 &&
                strtoul(text, NULL, 16) & ADDR_NO_RANDOMIZE;
    if (same) {
        pb_check_found(c, "off for this process");
        pb_check_unfit(c, "%sstart it without setarch -R", why);
    } else if (pb_cgroup_read(s->root, "/proc/sys/kernel", "randomize_va_space", text, sizeof text) < 0) {
        pb_check_unknown(c, "/proc/sys/kernel/randomize_va_space cannot be read");
    } else if (text[0] == '0') {
        pb_check_found(c, "off");
        pb_check_unfit(c, "%ssysctl kernel.randomize_va_space=2", why);
    } else {
        pb_check_found(c, "on%s: each launch has other addresses, so compare by several",
                       text[0] == '1' ? ", but for the heap" : "");
    }
}
