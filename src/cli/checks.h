/* The checks that fitness.c lists. Each looks at one thing: it fills state, found and, if that is unfit,
   advice of a check that holds nothing but its name. */
#ifndef PB_CLI_CHECKS_H
#define PB_CLI_CHECKS_H

#include "base/clock.h"
#include "cli/fitness.h"

/* All that checks look at. */
struct pb_scene {
    const struct pb_run *run;
    const struct pb_disturbance *disturbance;
    const char *root; /* files of /proc and /sys are looked for below it: "" is the real one */
    struct pb_clock_quality clock;
};

typedef void pb_look_fn(const struct pb_scene *, struct pb_check *);

/* What others do, and what is left to us. */
pb_look_fn pb_look_load, pb_look_memory, pb_look_quota, pb_look_processors, pb_look_steal, pb_look_variables;
/* How the machine is set. */
pb_look_fn pb_look_smt, pb_look_governor, pb_look_turbo, pb_look_clock, pb_look_timers, pb_look_aslr;

/* pb_fitness_look on a scene, for tests. */
uint32_t pb_fitness_look_at(const struct pb_scene *, struct pb_check *out);

/* For the checks: what was found; that it is unfit, and what to do; that it could not be told, and why. */
__attribute__((format(printf, 2, 3))) void pb_check_found(struct pb_check *, const char *format, ...);
__attribute__((format(printf, 2, 3))) void pb_check_unfit(struct pb_check *, const char *format, ...);
__attribute__((format(printf, 2, 3))) void pb_check_unknown(struct pb_check *, const char *format, ...);

#endif
