/* A cell of the record as the facts that verdicts and findings are made of. */
#ifndef PB_ANALYSIS_FACTS_H
#define PB_ANALYSIS_FACTS_H

#include "results/record.h"
#include "stats/verdict.h"

#include <string.h>

/* From the cell's summary, samples and base. The numbers of all cells' summaries must stand. 0 or -ENOMEM. */
int pb_cell_facts(const struct pb_run *, const struct pb_cell *, struct pb_facts *);

/* The cell of that id if it has numbers to trust: it exists, was not refused, did not fail and was not wrong.
   Or NULL. */
const struct pb_cell *pb_sound_cell(const struct pb_run *, int32_t id);
static inline bool pb_cell_sound(const struct pb_cell *cell) {
    return cell->state != PB_CELL_FAILED && cell->state != PB_CELL_WRONG && cell->state != PB_CELL_REFUSED;
}

/* Is this its outcome? */
static inline bool pb_turned_out(const struct pb_cell *cell, const char *outcome) {
    return cell->summary.outcome && strcmp(cell->summary.outcome, outcome) == 0;
}

/* Cells that differ in nothing but the number of workers, and in that one of them may be the base. */
bool pb_same_but_width(const struct pb_cell *, const struct pb_cell *);

/* Texts that a hand-made record may lack. */
static inline const char *pb_text(const char *text) {
    return text ? text : "";
}

#endif
