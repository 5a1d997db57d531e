/* From raw samples to summaries, verdicts and findings: where the record meets the statistics.
 *
 * Everything here can be computed again from a stored record. Nothing is measured, nothing printed. */
#ifndef PB_ANALYSIS_ANALYSIS_H
#define PB_ANALYSIS_ANALYSIS_H

#include "results/record.h"

/* Computes every cell's summary and the run's findings, doubts and laws anew; earlier ones are dropped. For
   the end of a run: resampling takes its time. 0 or -ENOMEM. Deterministic: the bootstrap is seeded from
   run->seed. */
int pb_analyse(struct pb_run *);

/* The widest relative half-width of a speedup's interval over the cells that still run, and which cell it is
   (its id, or -1; may be NULL). INFINITY while any such cell has fewer than 6 samples. For the stopping rule
   and the progress bar. */
double pb_widest_interval(const struct pb_run *, int32_t *cell);

/* `bench explain WORD`: rule and remedy of an outcome, a cause or a column. NULL: unknown word. */
struct pb_explanation {
    const char *word, *kind, *rule, *remedy;
};
const struct pb_explanation *pb_explain(const char *word);
const struct pb_explanation *pb_explanation(size_t i); /* i-th, NULL past the end */

#endif
