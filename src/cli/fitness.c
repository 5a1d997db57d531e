#include "cli/fitness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver/child.h"
#include "results/short_name.h"

enum { TEXT = 256 };

/* Above these the medians of a round's ratios begin to move by more than the default precision of 1 %. */
static const double steal_limit = 0.01, busy_limit = 0.2, busy_share = 0.05;

typedef bool check_fn(const struct pb_run *, const struct pb_disturbance *, char *text);

static bool check_load(const struct pb_run *run, const struct pb_disturbance *d, char *text) {
    double limit = fmax(busy_limit, busy_share * run->machine.pus);
    snprintf(text, TEXT, "other work keeps %.2g processors busy: stop it or wait, or expect wide intervals",
             d->busy);
    return d->busy > limit;
}

static bool check_quota(const struct pb_run *run, const struct pb_disturbance *d, char *text) {
    (void)d;
    snprintf(
        text, TEXT,
        "quota of %.3g processors%s%.80s: the kernel stops all workers when it is used up: raise cpu.max, or "
        "keep -n below it",
        run->limits.quota, *run->limits.where ? " in " : "", run->limits.where);
    return run->limits.limit == PB_LIMIT_QUOTA;
}

static bool check_governor(const struct pb_run *run, const struct pb_disturbance *d, char *text) {
    (void)d;
    const char *governor = run->host.governor;
    snprintf(text, TEXT,
             "governor %s: processors change speed while measured: set it by cpupower frequency-set -g "
             "performance",
             governor);
    return *governor && strcmp(governor, "performance") != 0;
}

static bool check_steal(const struct pb_run *run, const struct pb_disturbance *d, char *text) {
    (void)run;
    snprintf(text, TEXT,
             "steal %.1f %%: the host of this virtual machine keeps that share of its time: use a quieter "
             "host, or "
             "expect less than all processors",
             100 * d->steal);
    return d->steal > steal_limit;
}

/* Programs get the variables as they are. */
static bool check_set_aside(const struct pb_run *run, const struct pb_disturbance *d, char *text) {
    char names[TEXT / 2] = "";
    bool programs = false, others = run->cells == 0;
    for (uint32_t i = 0; i < run->cells; i++) {
        bool program = pb_cell_is_program(&run->cell[i]);
        programs = programs || program;
        others = others || (!program && run->cell[i].role != PB_ROLE_REFERENCE);
    }
    (void)d;
    for (const char *const *name = pb_child_set_aside; *name; name++)
        if (getenv(*name)) {
            size_t used = strlen(names);
            snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", *name);
        }
    snprintf(text, TEXT,
             "%s: set aside%s: libgomp would bind the workers of every executor by it: use --bind instead",
             names, programs ? " (not for programs)" : "");
    return *names && others;
}

int pb_fitness_check(struct pb_run *run, const struct pb_disturbance *disturbance) {
    static check_fn *const checks[] = {check_load, check_quota, check_governor, check_steal, check_set_aside};
    char text[TEXT];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof checks / sizeof *checks; i++)
        if (checks[i](run, disturbance, text))
            rc = pb_run_add_warning(run, text);
    return rc;
}

int pb_ticks_read(struct pb_ticks *ticks, const char *path) {
    enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, KINDS };
    double v[KINDS];
    FILE *file = fopen(path, "re");
    *ticks = (struct pb_ticks){0};
    if (!file)
        return -EIO;
    int got = fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &v[USER], &v[NICE], &v[SYSTEM], &v[IDLE],
                     &v[IOWAIT], &v[IRQ], &v[SOFTIRQ], &v[STEAL]);
    fclose(file);
    if (got != KINDS)
        return -EIO;
    ticks->busy = v[USER] + v[NICE] + v[SYSTEM] + v[IRQ] + v[SOFTIRQ];
    ticks->steal = v[STEAL];
    ticks->total = ticks->busy + v[IDLE] + v[IOWAIT] + v[STEAL];
    return 0;
}

struct pb_disturbance pb_disturbance_between(const struct pb_ticks *from, const struct pb_ticks *to,
                                             uint32_t processors) {
    double total = to->total - from->total;
    if (!(total > 0))
        return (struct pb_disturbance){NAN, NAN};
    return (struct pb_disturbance){.busy = (to->busy - from->busy) / total * processors,
                                   .steal = (to->steal - from->steal) / total};
}

struct pb_disturbance pb_disturbance_measure(uint32_t processors) {
    static const struct timespec short_while = {.tv_nsec = 200000000};
    struct pb_ticks from, to;
    pb_ticks_read(&from, "/proc/stat");
    nanosleep(&short_while, NULL);
    pb_ticks_read(&to, "/proc/stat");
    return pb_disturbance_between(&from, &to, processors);
}
