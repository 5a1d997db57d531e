#include "cli/fitness.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "cli/checks.h"

static const struct row {
    const char *name, *warning; /* how a warning of it begins, before `found`; NULL: none is given */
    pb_look_fn *look;
} rows[] = {
    {"load", "other work keeps ", pb_look_load},
    {"memory", NULL, pb_look_memory},
    {"quota", "quota of ", pb_look_quota},
    {"processors", NULL, pb_look_processors},
    {"smt", NULL, pb_look_smt},
    {"governor", "governor ", pb_look_governor},
    {"turbo", NULL, pb_look_turbo},
    {"steal", "steal ", pb_look_steal},
    {"clock", NULL, pb_look_clock},
    {"timers", NULL, pb_look_timers},
    {"aslr", NULL, pb_look_aslr},
    {"variables", "", pb_look_variables},
};

enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert((int)ROWS <= (int)PB_CHECKS, "PB_CHECKS is too small");

/* ---- the two ways of telling ---- */

static void look(const struct row *row, const struct pb_scene *scene, struct pb_check *out) {
    *out = (struct pb_check){.name = row->name, .warned = row->warning != NULL};
    row->look(scene, out);
}

static struct pb_scene scene_of(const struct pb_run *run, const struct pb_disturbance *d) {
    return (struct pb_scene){.run = run, .disturbance = d, .root = "", .clock = pb_clock_measure()};
}

uint32_t pb_fitness_look_at(const struct pb_scene *scene, struct pb_check *out) {
    for (uint32_t i = 0; i < ROWS; i++)
        look(&rows[i], scene, &out[i]);
    return ROWS;
}

uint32_t pb_fitness_look(const struct pb_run *run, const struct pb_disturbance *d, struct pb_check *out) {
    const struct pb_scene scene = scene_of(run, d);
    return pb_fitness_look_at(&scene, out);
}

int pb_fitness_check(struct pb_run *run, const struct pb_disturbance *d) {
    const struct pb_scene scene = scene_of(run, d);
    struct pb_check c;
    char text[sizeof c.found + sizeof c.advice + 32];
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < ROWS; i++) {
        if (!rows[i].warning)
            continue;
        look(&rows[i], &scene, &c);
        snprintf(text, sizeof text, "%s%s: %s", rows[i].warning, c.found, c.advice);
        if (c.state == PB_UNFIT)
            rc = pb_run_add_warning(run, text);
    }
    return rc;
}

/* ---- for the checks ---- */

void pb_check_found(struct pb_check *c, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->found, sizeof c->found, format, arguments);
    va_end(arguments);
}

void pb_check_unfit(struct pb_check *c, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->advice, sizeof c->advice, format, arguments);
    va_end(arguments);
    c->state = PB_UNFIT;
}

void pb_check_unknown(struct pb_check *c, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->found, sizeof c->found, format, arguments);
    va_end(arguments);
    c->state = PB_FIT_UNKNOWN;
}

/* ---- what goes on meanwhile ---- */

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
