/* The result record: everything one run of `bench` found out, raw samples included.
 *
 * Strings are owned by the record unless their comment says static. Unknown numbers are -1 (integers) or NAN
 * (doubles). What stands under "computed" can be computed again from the samples, by src/analysis/.
 */
#ifndef PB_RESULTS_RECORD_H
#define PB_RESULTS_RECORD_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/trace.h"
#include "parbench/workload.h"
#include "results/hosts.h"
#include "results/sample.h"
#include "topology/limits.h"
#include "topology/machine.h"

enum { PB_RECORD_SCHEMA = 1, PB_CELL_FAILURES = 256 /* that a cell remembers */ };

enum pb_role {
    PB_ROLE_CELL,      /* the user asked for it */
    PB_ROLE_BASE,      /* what 1.00x means: serial, or n=1 */
    PB_ROLE_REFERENCE, /* `spin` at some width: what the machine can give */
};

enum pb_cell_state {
    PB_CELL_PLANNED,
    PB_CELL_RUNNING,
    PB_CELL_DONE,
    PB_CELL_FAILED,
    PB_CELL_WRONG,
    PB_CELL_REFUSED /* the workload cannot be run so; no failure */
};

/* A median with its 95 % interval; low and high are NAN with fewer than 6 samples. */
struct pb_estimate {
    double value, low, high;
    uint32_t samples;
};

/* Where the time went: shares of workers x makespan, each a median over samples; NAN: not known. The rest is
   what none of the clocks holds: off the processor inside a task. */
struct pb_shares {
    double computing, gil, io, idle, rest;
};

/* Computed. */
struct pb_summary {
    struct pb_estimate time;    /* ns, one repetition */
    struct pb_estimate speedup; /* base / this, paired by round */
    struct pb_estimate
        possible; /* the reference's speedup at this width and placement; value NAN if there is none */
    struct pb_estimate throughput; /* tasks per second */
    struct pb_estimate kept; /* share of the offered tasks that it keeps up with; value NAN if none are */
    double busy;             /* CPU seconds / makespan, median */
    double cost;             /* CPU seconds / base's CPU seconds, median over rounds */
    double efficiency;       /* speedup / workers */
    double bound;            /* best speedup by list scheduling of the measured task times; NAN: not known */
    double imbalance;        /* longest over mean worker CPU time, median; NAN: not known */
    struct pb_shares spent;
    double p50, p99, p999;  /* ns, of all latencies that were observed; NAN: none were */
    double rate;            /* per second, median: of the workload's first counter, or of tasks */
    double serial_fraction; /* Karp-Flatt; NAN for one worker */
    const char *outcome;    /* static: one of pb_outcome */
    const char *cause;      /* static: lock, serial part, imbalance, overhead ... ; NULL: none told */
};

/* One row of the table. */
struct pb_cell {
    uint32_t id; /* its index in the run */
    enum pb_role role;
    char *workload; /* canonical: "sha:size=1MiB" (what the user gave), or a plug-in's path and parameters */
    char *workload_name, *workload_summary;
    char *workload_full; /* with every parameter: "sha:size=1MiB,algo=sha256" */
    char *executor;      /* canonical: "openmp:schedule=static" */
    char *runner;        /* the program that runs it: "python"; NULL: this one */
    char *side;          /* of a gate: "base", "head", "control", which is the base again; NULL: no gate */
    enum pb_bound bound;
    uint32_t workers; /* asked */
    char *binding;    /* policy as asked */
    char *binding_effective, *binding_reason;
    char *via;               /* "for", "submit", "map" */
    uint64_t tasks;          /* of one repetition */
    uint64_t bytes_per_task; /* 0: not stated */
    double offered;          /* tasks per second that become due by themselves; 0: none do */
    int32_t base;            /* id of the cell that is its 1.00x, -1: none */
    int32_t reference;       /* id of the reference at its width; -1: none */
    int32_t reference_base;  /* id of the reference's own 1.00x; -1: none */
    char *planned;           /* where the workers should be: "0 1", "" when unbound */
    char *achieved;          /* where they really ran: "0 1"; NULL until known */
    bool misplaced;          /* achieved differs from planned */
    enum pb_cell_state state;
    char *error; /* why it failed or is wrong, "what: why: what to do" */
    char **note; /* e.g. "engine=epoll", "OMP_PROC_BIND set aside" */
    uint32_t notes;
    char *status_name[PB_STATUS_MAX];       /* ok, error, then the workload's own; NULL where there is none */
    char *counter_name[PB_SAMPLE_COUNTERS]; /* the workload's, and from PB_COUNTERS_MAX on the executor's;
                                               NULL where there is none */
    struct pb_failure *failure; /* failed tasks, each once, of which a reason is known; at most 256 */
    uint32_t failures;
    double *task_ns; /* base cells: duration of each task, measured once on serial; NULL: not measured */
    uint32_t task_times;
    struct pb_span *span; /* of one further repetition, traced: what its workers did; NULL: none was */
    uint32_t spans;
    uint64_t spans_lost;        /* for which there was no room */
    struct pb_ranks_host *host; /* launched executors: where its ranks were, in the last launch */
    uint32_t hosts;
    struct pb_sample *sample;
    uint32_t samples;
    uint32_t suspended;        /* samples that were dropped, since the machine slept meanwhile */
    struct pb_summary summary; /* computed */
    /* Of this run alone, not recorded: how its runner is started, and what that opens (NULL: `workload`). */
    uint32_t program;
    char *opens;
    uint32_t threads; /* that want a place; 0: `workers` do */
    bool launched;    /* as ranks, on hosts that are known when they are there */
};

/* Claim, evidence, next step: one line under the table each. Computed. */
struct pb_finding {
    char *claim, *evidence, *next; /* next may be NULL */
};

/* Why numbers are less certain than their intervals say: one line under the table each. Computed. */
struct pb_doubt {
    char *text;
    bool grave; /* it may have changed what is said above it */
};

/* The law that the throughput of one executor follows over its widths, with one binding on one workload:
 *
 *     X(n) = g n / (1 + a (n - 1) + b n (n - 1))
 *
 * Gunther's Universal Scalability Law, with b = 0 Amdahl's (docs/scaling.md). Computed. */
struct pb_scaling_law {
    uint32_t cell;                /* the narrowest of its rows */
    bool weak;                    /* tasks grow with the width */
    const char *law;              /* static: "usl" or "amdahl", whose b is 0; NULL: not identifiable */
    char *why;                    /* it is not; NULL: it is */
    struct pb_estimate one, a, b; /* `one` is g, tasks per second; b is NAN where widths are too few for it */
    struct pb_estimate peak;      /* in workers; INFINITY: there is none, or without samples: not known */
    uint64_t widest;              /* width in the law; 0: none is */
    uint64_t predicted;           /* a width; 0: none is */
    struct pb_estimate throughput, speedup; /* there: tasks per second, and the same over one worker */
    double misfit;                          /* where the law misses most: measured / law - 1; NAN: no law */
    uint64_t misfit_at;                     /* that width; 0: no law */
};

/* What is said of a comparison: static texts. */
#define PB_REGRESSED      "regressed"
#define PB_IMPROVED       "improved"
#define PB_EQUIVALENT     "equivalent"
#define PB_INCONCLUSIVE   "inconclusive"
#define PB_NOT_COMPARABLE "not comparable"

/* Head against base: what became of one cell from one build, or one file, to another. Computed. */
struct pb_comparison {
    char *name;                 /* "sha:size=4KiB thread 2" */
    int32_t cell;               /* of this run, the head's; -1: only the base had it */
    double base_ns, head_ns;    /* medians of a repetition; NAN: not there */
    struct pb_estimate change;  /* head / base - 1: 0.06 is 6 % slower; samples: launches, or rounds */
    struct pb_estimate control; /* base against itself in the same way; value NAN: was not measured */
    double confidence;          /* of the interval of `change`: 0.99 */
    double threshold;           /* that the change was held against: 0.05 */
    double detectable; /* the least change that this could have found, in 19 of 20 such runs; NAN: unknown */
    bool scaled;       /* by the reference row that ran beside each */
    bool undisturbed;  /* change and what follows from it are of what tasks take where nothing disturbs them,
                          not of the makespan */
    const char *verdict; /* static: one of the above */
    char *why;           /* it is not comparable, or not to be trusted; NULL: it is */
};

/* The host beyond its topology; "" or -1 where unknown. */
struct pb_host {
    char kernel[128], distribution[128], compiler[128], libc[64], virtualisation[64], governor[32];
    char hostname[65];
    int32_t smt_active, turbo; /* 1, 0 or -1 */
    double load1;              /* load average at the start */
    int64_t memory_available;  /* bytes at the start */
};

struct pb_run {
    char *version; /* of parbench */
    char *commit;  /* of the tree that was measured: "abc1234", "abc1234-dirty"; NULL: not known */
    char *command; /* as typed, shell-quoted */
    uint64_t seed;
    int64_t started; /* Unix time, s */
    double elapsed;  /* s */
    struct pb_machine machine;
    struct pb_limits limits;
    struct pb_host host;
    double work_rate;   /* iterations of pb_spin per microsecond; 0: not calibrated */
    double precision;   /* asked: half-width of the speedup's interval, relative */
    double time_budget; /* s, asked */
    uint32_t forks;     /* launches of each runner, asked; 0: one */
    uint32_t rounds;    /* done */
    const char *ended;  /* static: "precision", "time", "rounds", "answered" (a gate), "interrupted", "failed"
                           (no  cell was left);  NULL while it runs */
    char **warning;     /* said before measuring */
    uint32_t warnings;
    struct pb_cell *cell;
    uint32_t cells;
    struct pb_finding *finding; /* computed */
    uint32_t findings;
    struct pb_doubt *doubt; /* computed */
    uint32_t doubts;
    struct pb_scaling_law *law; /* computed: one for each executor of two widths or more */
    uint32_t laws;
    struct pb_comparison *comparison; /* computed, by compare and gate */
    uint32_t comparisons;
    uint32_t predict; /* what laws are to predict; 0: twice their widest. Of this run alone, not recorded */
};

void pb_run_init(struct pb_run *);
void pb_run_release(struct pb_run *);

/* Builders: they copy what they are given. NULL or -ENOMEM when memory runs out. */
struct pb_cell *
pb_run_add_cell(struct pb_run *); /* zeroed, id, base, reference set; earlier pointers become invalid */
int pb_cell_add_sample(struct pb_cell *, const struct pb_sample *);
int pb_cell_add_note(struct pb_cell *, const char *text); /* once per text */
/* Once per task and status: 1 if it is new, 0 if it is known, or too many are. */
int pb_cell_add_failure(struct pb_cell *, const struct pb_failure *);
int pb_run_add_warning(struct pb_run *, const char *text);
/* Zeroed, but unknown numbers are NAN and the verdict is inconclusive; earlier pointers become invalid. */
struct pb_comparison *pb_run_add_comparison(struct pb_run *, const char *name);
int pb_run_add_finding(struct pb_run *, const char *claim, const char *evidence, const char *next);
int pb_run_add_doubt(struct pb_run *, const char *text, bool grave);
/* Of that cell's executor: zeroed, but unknown numbers are NAN, and there is no peak. */
struct pb_scaling_law *pb_run_add_law(struct pb_run *, uint32_t cell);
void pb_run_clear_computed(struct pb_run *); /* all but comparisons */
void pb_run_clear_findings(struct pb_run *);
void pb_run_clear_comparisons(struct pb_run *);
int pb_set_text(char **slot, const char *text); /* replaces an owned string */

/* Fills the host's picture (src/results/host.c). */
void pb_host_read(struct pb_host *);

#endif
