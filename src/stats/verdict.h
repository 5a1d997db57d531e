/* The verdict on one cell: an outcome and, where it can be told, a cause. A pure rule over numbers; what the
 * words mean to a user stands in analysis/explain.c, in the same order. */
#ifndef PB_STATS_VERDICT_H
#define PB_STATS_VERDICT_H

#include "stats/summary.h"

#include <stdbool.h>
#include <stdint.h>

/* The figures in the rules. S: speedup, P: possible, B: busy, C: cost. */
#define PB_PARALLEL_SHARE 0.9   /* parallel: S at least this share of P, interval included */
#define PB_SLOWER         0.9   /* slower: S below */
#define PB_SERIALISED     1.1   /* serialised: S up to this */
#define PB_OVERLAPPED     1.5   /* overlapped: S above this and above PB_SERIALISED x B */
#define PB_NARROW         0.025 /* half an interval that is at most this share of S spans no outcomes */
#define PB_KEPT_UP        0.97  /* keeps up: K at least this */
#define PB_BOUND_SHARE    0.97  /* the tasks' lengths limit: they allow less than this share of P */
#define PB_BOUND_REACHED  0.95  /* they limited this row: S is this share of the bound, or more */
#define PB_BUSY_SHARE     0.85  /* processors count as busy from this share on */
#define PB_COSTLY         1.15  /* the work costs well above serial's CPU time */
#define PB_TINY_TASK_NS   20e3  /* a task so short that handing it out may dominate */
#define PB_WAITED         0.05  /* of the workers' time spent waiting for a lock: it limits */
#define PB_DISPLACED      0.2   /* of it spent ready to run, while others had the processor: no lock */
#define PB_PREEMPTED      50.0  /* involuntary switches per CPU second that tell of other load */
#define PB_STOLEN         0.02  /* of the processors' time that the hypervisor took: the same */
#define PB_THROTTLED      0.05  /* of what it could have run that the quota stopped it: the quota limits */

/* What is known of a cell. Unknown doubles are NAN, unknown counts 0. */
struct pb_facts {
    bool io;                    /* I/O-bound: judged by what overlaps, not against P */
    uint32_t workers;           /* how many tasks may run at once */
    uint32_t threads;           /* how many workers really ran tasks: 1 for an event loop with many lanes */
    bool own;                   /* the workers are a program's: what each does is not known */
    uint64_t tasks;             /* of one repetition */
    double usable;              /* processors: the least of mask, cpuset and quota; may be 1.5 */
    double quota;               /* processors that the cgroup's bandwidth allows */
    bool flat;                  /* the serial fraction is the same over three widths or more */
    double possible;            /* P, the reference's speedup at this width */
    double busy, cost;          /* B, C */
    double bound;               /* best speedup by list scheduling */
    double imbalance;           /* longest over mean worker CPU time */
    double task_ns;             /* length of a task on the base */
    double preempted;           /* involuntary switches per CPU second */
    double waited;              /* share of the workers' time inside tasks that they slept by themselves, or
                                   waited for a lock that was clocked */
    double displaced;           /* share of it that others had their processors */
    double idle;                /* share of it without a task */
    double throttled;           /* time that the quota stopped it, as a share of that and its CPU time */
    double stolen;              /* time that the hypervisor took, as a share of all processors' */
    struct pb_interval speedup; /* S; the value decides where there is no interval */
    bool offered;               /* tasks come by themselves: K, not S, is judged */
    struct pb_interval kept;    /* K, the share of what comes that is kept up with */
};

/* Both static. outcome: "parallel", "overlapped", "partial", "serialised", "slower", "keeps up",
   "falls behind", "unclear" or "-"; cause:
   a word of pb_cause, "unknown", or NULL where none is to be told. */
struct pb_verdict {
    const char *outcome, *cause;
};
/* Whether the tasks' lengths, handed out in order, allow clearly less than the machine does. */
bool pb_bounded(const struct pb_facts *);
/* "-" for a single worker or task and without a speedup: there is nothing to judge. */
struct pb_verdict pb_judge(const struct pb_facts *);

/* The i-th outcome or cause in the order in which they are tried; NULL past the end. */
const char *pb_outcome(size_t i);
const char *pb_cause(size_t i);

/* K of `tasks` of which `offered` come in a second, done in `makespan_ns`, when a task that finds nobody
   before it takes `least_ns`. The last comes (tasks - 1) / offered seconds after the first, and that is how
   long it all takes who keeps up, beside the last task itself; who does not, takes longer. NAN for fewer than
   two tasks. */
double pb_kept_up(double tasks, double offered, double makespan_ns, double least_ns);

/* What S is judged against. Compute-bound: P, at most the workers, or without it the processors that the
   workers can use; I/O-bound: min(workers, tasks), since who waits needs no processor. */
double pb_ceiling(const struct pb_facts *);

/* How many tasks to hand out together so that handing out costs at most a tenth, when handing one out takes
   1/S of its length: max(10, ceiling) / S, rounded up to two digits. */
uint64_t pb_batch(const struct pb_facts *);

#endif
