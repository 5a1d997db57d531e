/* How finely a gate can measure on a machine, from launches whose truth is known: head does a known share of
 * work more than base. */
#ifndef PB_ANALYSIS_DOCTOR_H
#define PB_ANALYSIS_DOCTOR_H

#include "results/doctor.h"

/* Thresholds that are tried, ascending, shares. */
extern const double pb_doctor_thresholds[PB_DOCTOR_THRESHOLDS];

/* Gates that might have been: so many launches each, drawn with replacement from a row's own, and looked at
   as a gate looks at them. What all launches have in common, since they are of the same minute, is in none of
   the trials. */
struct pb_drawing {
    uint32_t trials, launches; /* launches: of a trial, at most */
    uint64_t seed;
};
/* Row i of a duel. 0 or -ENOMEM. */
int pb_doctor_draw(const struct pb_run *, uint32_t i, double added, const struct pb_drawing *,
                   struct pb_drawn_row *);

/* Fills threshold, found and none of a width. The machine carries a threshold if gates with it call nothing
   where nothing was added in 99 of 100 trials, and find the least added work of at least twice the threshold
   in 95 of 100. */
void pb_doctor_carry(const struct pb_doctor *, struct pb_carried *);

/* A gate that was run. 0 or -ENOMEM. */
int pb_made_row_add(struct pb_made_row *, const struct pb_comparison *, double seconds);

#endif
