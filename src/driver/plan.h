/* The plan: from what the user asked to the cells of the run. Pure: no process is started, nothing is
 * measured. */
#ifndef PB_DRIVER_PLAN_H
#define PB_DRIVER_PLAN_H

#include "base/error.h"
#include "results/record.h"
#include "runner/protocol.h"
#include "topology/place.h"

/* What the user asked for; strings are borrowed from the parsed command line. */
struct pb_request {
    const char **workload; /* items: "sha:size=4k", "./mine.so"; none: the story, or only the program */
    uint32_t workloads;
    const char *program;   /* item "cmd:...": it makes its own workers, and runs under `own`; NULL: none */
    const char **executor; /* items: "thread", "openmp:schedule=static"; "all" stands for the list */
    uint32_t executors;
    const char **width; /* "1", "max", "1-max"; none: the default of each workload's bound */
    uint32_t widths;
    const char **binding; /* policies; none: auto */
    uint32_t bindings;
    const char *base; /* "serial", "n=1" or another number, "none"; NULL: serial, or n=1 with a program */
    const char *via;  /* "for", "submit", "map" */
    uint64_t tasks;   /* 0: natural or calibrated */
    bool weak;        /* so many for each worker, rather than for all together; not of references */
    uint64_t seed;
    double time;            /* budget of the whole run, s */
    double precision;       /* relative half-width at which a cell is narrow enough; 0: never */
    uint32_t rounds;        /* exactly so many; 0: precision or time ends the run */
    uint32_t forks;         /* launches of each runner, which share the rounds or the time; 0: one */
    uint32_t min_rounds;    /* at least so many, though time is over (6: fewer give no interval) */
    int64_t timeout_ns;     /* of one step of a runner */
    uint32_t max_in_flight; /* cap on -n; default 1000 */
    bool trace;             /* one further repetition of each cell tells what its workers did */
};

/* Fills run->cells from the request: for each workload its base, then its cells in the order of executors,
   widths and bindings; then the program's; then the reference rows that CPU-bound cells need (spin, executor
   thread, one per width and binding, and spin on serial or at the base's width), each shared by all that need
   it. An executor that is for one workload alone runs no other, and "all" leaves it out, and what is launched
   too, whose workers are placed where they come to be. Uses run->machine
   and run->limits for widths and placement; fills binding, binding_effective, binding_reason, planned. An
   executor that was asked for by name and is absent is an error; "all" leaves absent ones out. A serial
   executor has one row per workload whatever the widths. -EINVAL with exit-worthy errors: unknown names (with
   the nearest), bad widths, a placement that does not fit, an empty plan. */
int pb_plan(struct pb_run *, const struct pb_request *, const struct pb_descriptions *, struct pb_error *);

/* The placement of one cell, computed again for its runner. */
int pb_plan_placement(const struct pb_run *, const struct pb_cell *, struct pb_placement *,
                      struct pb_error *);

#endif
