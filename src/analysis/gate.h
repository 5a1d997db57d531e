/* What became of the rows of a gate, from its samples alone: see driver/duel.h for what a row is. */
#ifndef PB_ANALYSIS_GATE_H
#define PB_ANALYSIS_GATE_H

#include "results/record.h"
#include "stats/change.h"
#include "stats/looks.h"

/* The cells of row i of a run whose cells are a duel's. */
struct pb_gate_row {
    const struct pb_cell *base, *head, *control;
};
uint32_t pb_gate_rows(const struct pb_run *);
struct pb_gate_row pb_gate_row(const struct pb_run *, uint32_t i);

/* A gate goes by two measures, each at half of its chance of error: the makespan, which is what users wait
 * for; and what tasks take where nothing disturbs them, which most disturbance leaves alone: an interrupt
 * hits one of hundreds of tasks, but hardly a repetition is without one. What hits only few tasks, or comes
 * between them, the makespan alone knows. */
enum pb_gate_measure { PB_GATE_MAKESPAN, PB_GATE_UNDISTURBED, PB_GATE_MEASURES };

/* The second of them, from the time of each task of a repetition: `usual` holds what each takes usually, and
 * the repetition's level is the mean of the lower half of log(ns / usual), but for the lowest eighteenth.
 * Returns that level times the sum of what is usual, in ns. `scratch` has room for as many. */
double pb_gate_undisturbed(const double *ns, const double *usual, uint64_t tasks, double *scratch);

/* What each launch says of a row, as logarithms (gate_series.c): by the makespan, and if `measures` is 2 by
   what is undisturbed. */
struct pb_gate_series {
    double *change[PB_GATE_MEASURES];  /* head against base and control */
    double *control[PB_GATE_MEASURES]; /* control against base */
    uint32_t launches, measures;
};
/* 0 or -ENOMEM; launches without one whole block are left out. */
int pb_gate_series_init(struct pb_gate_series *, const struct pb_gate_row *);
void pb_gate_series_release(struct pb_gate_series *);

/* Whether head's tasks answered as base's did; also true where one has no sample. */
bool pb_gate_agrees(const struct pb_run *, uint32_t i);

#define PB_GATE_ERROR 0.01 /* a gate's chance to call any row wrongly: two-sided, over all looks */

struct pb_gate_rule {
    double threshold; /* share above 0 */
    double error;     /* of the whole gate, two-sided: PB_GATE_ERROR */
    uint32_t rows;    /* that share it */
};
/* How many launches of a row the look after one at `launches` waits for; for 0 the first. */
uint32_t pb_gate_next_look(const struct pb_gate_rule *, uint32_t launches);
/* Of a series at a chance of error `alpha`, which the measures share. 0 or -ENOMEM. */
struct pb_gate_intervals {
    struct pb_interval change[PB_GATE_MEASURES], control[PB_GATE_MEASURES];
    uint32_t measures;
};
int pb_gate_intervals(const struct pb_gate_series *, double alpha, struct pb_gate_intervals *);
/* What they say of a row, and by which measure. A measure whose control lies outside the threshold says
   nothing. Either may say that the row regressed or improved, the makespan first where they contradict each
   other; that it is equivalent the makespan must say. */
enum pb_change pb_gate_judge(const struct pb_gate_intervals *, double threshold, enum pb_gate_measure *by);
/* Look k, from 1, or PB_LAST_LOOK, at row i: fills its comparison, which is in the run already. The row's
   answer is known if the verdict is neither inconclusive nor not comparable. The interval holds with the
   rule's confidence for all looks and rows together. A row is left inconclusive, and it is said why, if its
   control lies outside the threshold, or if there are too few launches for an interval. 0 or -ENOMEM. */
int pb_gate_look(struct pb_run *, uint32_t i, const struct pb_gate_rule *, uint32_t look);

#endif
