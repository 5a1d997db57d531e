#include "cli/fitness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver/child.h"
#include "results/short_name.h"

/* Above these the medians of a round's ratios begin to move by more than the default precision of 1 %. */
static const double steal_limit = 0.01, busy_limit = 0.2, busy_share = 0.05;

/* Looks at one thing: fills state, found and, if it is unfit, advice; those are 0 and "" before. */
typedef void look_fn(const struct pb_run *, const struct pb_disturbance *, struct pb_check *);

__attribute__((format(printf, 2, 3))) static void found(struct pb_check *c, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->found, sizeof c->found, format, arguments);
    va_end(arguments);
}

__attribute__((format(printf, 2, 3))) static void unfit(struct pb_check *c, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->advice, sizeof c->advice, format, arguments);
    va_end(arguments);
    c->state = PB_UNFIT;
}

static void unknown(struct pb_check *c, const char *why) {
    found(c, "%s", why);
    c->state = PB_FIT_UNKNOWN;
}

static void look_load(const struct pb_run *run, const struct pb_disturbance *d, struct pb_check *c) {
    if (isnan(d->busy)) {
        unknown(c, "/proc/stat does not tell");
        return;
    }
    found(c, "%.2g processors busy", d->busy);
    if (d->busy > fmax(busy_limit, busy_share * run->machine.pus))
        unfit(c, "stop it or wait, or expect wide intervals");
}

static void look_quota(const struct pb_run *run, const struct pb_disturbance *d, struct pb_check *c) {
    const struct pb_limits *l = &run->limits;
    (void)d;
    if (l->limit != PB_LIMIT_QUOTA) {
        found(c, "none below the processors allowed");
        return;
    }
    found(c, "%.3g processors%s%.80s", l->quota, *l->where ? " in " : "", l->where);
    unfit(c, "the kernel stops all workers when it is used up: raise cpu.max, or keep -n below it");
}

static void look_governor(const struct pb_run *run, const struct pb_disturbance *d, struct pb_check *c) {
    const char *governor = run->host.governor;
    (void)d;
    if (!*governor) {
        unknown(c, "no cpufreq here: a virtual machine does not show it");
        return;
    }
    found(c, "%s", governor);
    if (strcmp(governor, "performance") != 0)
        unfit(c, "processors change speed while measured: set it by cpupower frequency-set -g performance");
}

static void look_steal(const struct pb_run *run, const struct pb_disturbance *d, struct pb_check *c) {
    (void)run;
    if (isnan(d->steal)) {
        unknown(c, "/proc/stat does not tell");
        return;
    }
    found(c, "%.1f %%", 100 * d->steal);
    if (d->steal > steal_limit)
        unfit(c,
              "the host of this virtual machine keeps that share of its time: use a quieter host, or expect "
              "less than all processors");
}

/* Programs get the variables as they are. */
static void look_set_aside(const struct pb_run *run, const struct pb_disturbance *d, struct pb_check *c) {
    bool programs = false, others = run->cells == 0;
    for (uint32_t i = 0; i < run->cells; i++) {
        bool program = pb_cell_is_program(&run->cell[i]);
        programs = programs || program;
        others = others || (!program && run->cell[i].role != PB_ROLE_REFERENCE);
    }
    (void)d;
    for (const char *const *name = pb_child_set_aside; *name; name++)
        if (getenv(*name)) {
            size_t used = strlen(c->found);
            snprintf(c->found + used, sizeof c->found - used, "%s%s", used ? ", " : "", *name);
        }
    if (!*c->found)
        found(c, "no variable that binds OpenMP threads is set");
    else if (others)
        unfit(c, "set aside%s: libgomp would bind the workers of every executor by it: use --bind instead",
              programs ? " (not for programs)" : "");
}

static const struct row {
    const char *name, *warning; /* how a warning of it begins, before `found`; NULL: none is given */
    look_fn *look;
} rows[] = {
    {"load", "other work keeps ", look_load}, {"quota", "quota of ", look_quota},
    {"governor", "governor ", look_governor}, {"steal", "steal ", look_steal},
    {"variables", "", look_set_aside},
};

enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert((int)ROWS <= (int)PB_CHECKS, "PB_CHECKS is too small");

static void look(const struct row *row, const struct pb_run *run, const struct pb_disturbance *d,
                 struct pb_check *out) {
    *out = (struct pb_check){.name = row->name, .warned = row->warning != NULL};
    row->look(run, d, out);
}

uint32_t pb_fitness_look(const struct pb_run *run, const struct pb_disturbance *d, struct pb_check *out) {
    for (uint32_t i = 0; i < ROWS; i++)
        look(&rows[i], run, d, &out[i]);
    return ROWS;
}

int pb_fitness_check(struct pb_run *run, const struct pb_disturbance *d) {
    struct pb_check c;
    char text[sizeof c.found + sizeof c.advice + 32];
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < ROWS; i++) {
        if (!rows[i].warning)
            continue;
        look(&rows[i], run, d, &c);
        snprintf(text, sizeof text, "%s%s: %s", rows[i].warning, c.found, c.advice);
        if (c.state == PB_UNFIT)
            rc = pb_run_add_warning(run, text);
    }
    return rc;
}

struct pb_disturbance pb_disturbance_between(const struct pb_ticks *from, const struct pb_ticks *to,
                                             uint32_t processors) {
    double total = (double)(to->total - from->total);
    if (!(total > 0))
        return (struct pb_disturbance){NAN, NAN};
    return (struct pb_disturbance){.busy = (double)(to->busy - from->busy) / total * processors,
                                   .steal = (double)(to->steal - from->steal) / total};
}

struct pb_disturbance pb_disturbance_measure(uint32_t processors) {
    static const struct timespec short_while = {.tv_nsec = 200000000};
    struct pb_ticks from, to;
    pb_ticks_read(&from, "");
    nanosleep(&short_while, NULL);
    pb_ticks_read(&to, "");
    return pb_disturbance_between(&from, &to, processors);
}
