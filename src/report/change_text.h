/* A comparison in a sentence, and what is broken in a run, for formats that tell a CI. */
#ifndef PB_REPORT_CHANGE_TEXT_H
#define PB_REPORT_CHANGE_TEXT_H

#include "report/report.h"

/* Appends "+6.2 % (99 % interval +5.1 % to +7.3 %, threshold 5 %)", and what else there is to know: why it is
   not comparable, or what an inconclusive one could have found. Not cleaned. */
void pb_change_text(const struct pb_comparison *, struct pb_buffer *);

/* Digits behind the point that a share is worth in per cent: 2 below 1 %, 1 below 10 %, else none. */
int pb_change_decimals(double share);
/* Appends a share in per cent, with so many digits: "6.2 %", signed "+6.2 %"; "-" where it is not known. */
void pb_change_percent(double share, bool sign, struct pb_buffer *);
/* Appends "+6.1 % ±0.4": with half its interval, if it has one; nothing where it is not known. */
void pb_change_half(const struct pb_estimate *, struct pb_buffer *);
/* What its verdict looks like on a terminal, static; NULL: like anything else. */
const char *pb_change_colour(const struct pb_comparison *);

/* Whether the cell failed or gave wrong answers. */
bool pb_cell_broken(const struct pb_cell *);

/* The cell that a comparison is about; NULL: there is none in this run. */
const struct pb_cell *pb_comparison_cell(const struct pb_run *, const struct pb_comparison *);

/* Whether one of the run's comparisons is about the cell. */
bool pb_cell_has_comparison(const struct pb_run *, const struct pb_cell *);

#endif
