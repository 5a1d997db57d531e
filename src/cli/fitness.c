#include "cli/fitness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/child.h"

enum { TEXT = 256 };

/* Above these the medians of a round's ratios begin to move by more than the default precision of 1 %. */
static const double steal_limit = 0.01, load_limit = 0.5, load_share = 0.1;

typedef bool check_fn(const struct pb_run *, double steal, char *text);

static bool check_load(const struct pb_run *run, double steal, char *text) {
    (void)steal;
    double limit = fmax(load_limit, load_share * run->limits.processors);
    snprintf(text, TEXT,
             "load average %.2g: other work takes processors: stop it or wait, or expect wide intervals",
             run->host.load1);
    return run->host.load1 > limit;
}

static bool check_quota(const struct pb_run *run, double steal, char *text) {
    (void)steal;
    snprintf(
        text, TEXT,
        "quota of %.3g processors%s%.80s: the kernel stops all workers when it is used up: raise cpu.max, or "
        "keep -n below it",
        run->limits.quota, *run->limits.where ? " in " : "", run->limits.where);
    return run->limits.limit == PB_LIMIT_QUOTA;
}

static bool check_governor(const struct pb_run *run, double steal, char *text) {
    (void)steal;
    const char *governor = run->host.governor;
    snprintf(text, TEXT,
             "governor %s: processors change speed while measured: set it by cpupower frequency-set -g "
             "performance",
             governor);
    return *governor && strcmp(governor, "performance") != 0;
}

static bool check_steal(const struct pb_run *run, double steal, char *text) {
    (void)run;
    snprintf(text, TEXT,
             "steal %.1f %%: the host of this virtual machine kept that share of its time since boot: use a "
             "quieter "
             "host, or expect less than all processors",
             100 * steal);
    return steal > steal_limit;
}

static bool check_set_aside(const struct pb_run *run, double steal, char *text) {
    char names[TEXT / 2] = "";
    (void)run;
    (void)steal;
    for (const char *const *name = pb_child_set_aside; *name; name++)
        if (getenv(*name)) {
            size_t used = strlen(names);
            snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", *name);
        }
    snprintf(text, TEXT,
             "%s: set aside: libgomp would bind the workers of every executor by it: use --bind instead",
             names);
    return *names;
}

int pb_fitness_check(struct pb_run *run, double steal) {
    static check_fn *const checks[] = {check_load, check_quota, check_governor, check_steal, check_set_aside};
    char text[TEXT];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof checks / sizeof *checks; i++)
        if (checks[i](run, steal, text))
            rc = pb_run_add_warning(run, text);
    return rc;
}

double pb_steal_read(const char *path) {
    double value[8], total = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return NAN;
    int got = fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &value[0], &value[1], &value[2], &value[3],
                     &value[4], &value[5], &value[6], &value[7]);
    fclose(file);
    for (int i = 0; i < got && i < 8; i++)
        total += value[i];
    return got == 8 && total > 0 ? value[7] / total : NAN;
}
