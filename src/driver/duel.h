/* Head against base in one run: what `bench gate` and `bench doctor` measure by.
 *
 * A row is three cells that run the same: one of side "base", one of "head", and "control", the base opened
 * again. A launch starts fresh runners, one of base, one of control and two of head, in an environment of
 * another size each time, and runs blocks: each runner once, in an order that is random but balanced. Two
 * rounds are a block: base's repetition is of the first, control's of the second, head's are of both. Rows
 * take turns, launch by launch, and each ends when its answer is known by the rule of stats/looks.h, or when
 * time is over. */
#ifndef PB_DRIVER_DUEL_H
#define PB_DRIVER_DUEL_H

#include "driver/driver.h"

struct pb_duel {
    struct pb_run *run;               /* planned by pb_duel_plan; filled with samples and comparisons */
    const struct pb_request *request; /* time and timeout_ns count */
    const struct pb_sources *sources;
    double threshold;  /* share above 0: 0.05 */
    double error;      /* chance that any row is called wrongly: 0.01, two-sided, all looks and rows */
    bool same_answers; /* head's answers must be base's: both are builds of one workload */
    bool to_the_end;   /* rows go on after their answer is known, until time is over */
    struct pb_journal *journal; /* open; begun here; NULL: none */
    pb_progress_fn *progress;   /* NULL: none; rounds are launches here */
    void *progress_context;
};

/* What one side is: a request for its rows, and what described its workloads. */
struct pb_duel_side {
    const struct pb_request *request; /* of workloads, executors, widths, bindings, via, tasks */
    const struct pb_descriptions *descriptions;
};

/* Fills run->cells from pairs of sides: the rows of all bases, as many of all heads, and those of the bases
   again as control, each in the same order. As pb_plan; -EINVAL also if the sides of a pair differ in
   executors or widths. */
int pb_duel_plan(struct pb_run *, const struct pb_duel_side *base, const struct pb_duel_side *head,
                 uint32_t pairs, struct pb_error *);

/* Runs it. run->ended is "answered" if all rows know theirs, else as of pb_drive; a row is a comparison, in
   order. 0 unless nothing could be started at all. No process is left when it returns. */
int pb_duel(struct pb_duel *, struct pb_error *);

#endif
