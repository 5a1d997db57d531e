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

/* What each launch says of a row, as logarithms (gate_series.c). */
struct pb_gate_series {
    double *change;  /* head against base and control */
    double *control; /* control against base */
    uint32_t launches;
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
/* What is said of a row by its intervals, of logarithms: a row whose control lies outside the threshold is
   inconclusive. */
enum pb_change pb_gate_judge(struct pb_interval change, struct pb_interval control, double threshold);
/* Look k, from 1, or PB_LAST_LOOK, at row i: fills its comparison, which is in the run already. The row's
   answer is known if the verdict is neither inconclusive nor not comparable. The interval holds with the
   rule's confidence for all looks and rows together. A row is left inconclusive, and it is said why, if its
   control lies outside the threshold, or if there are too few launches for an interval. 0 or -ENOMEM. */
int pb_gate_look(struct pb_run *, uint32_t i, const struct pb_gate_rule *, uint32_t look);

#endif
