/* How far a cell's samples can be trusted: outliers with what caused them, drift, dependence, two modes.
 * Nothing is ever left out of the numbers for it. */
#ifndef PB_ANALYSIS_TRUST_H
#define PB_ANALYSIS_TRUST_H

#include "results/record.h"

/* What may have slowed a repetition, in the order in which it is looked for: each is blamed where the
   sample's own count lies far above those of the cell's other samples (beyond 3 interquartile ranges from
   their upper quartile, and by more than a few). */
enum pb_culprit {
    PB_BY_QUOTA,
    PB_BY_STEAL,
    PB_BY_MAJOR_FAULTS,
    PB_BY_PREEMPTION,
    PB_BY_MIGRATION,
    PB_BY_MINOR_FAULTS,
    PB_BY_UNKNOWN, /* slow, but nothing recorded tells why; or fast */
    PB_CULPRITS
};
const char *pb_culprit_name(enum pb_culprit); /* "quota", "steal", "major faults", "preemption", ... */

/* Of makespans, in the order of rounds. Unknown doubles are NAN. */
struct pb_trust {
    uint32_t samples, mild, severe; /* outliers by Tukey's fences, 1.5 and 3 interquartile ranges */
    uint32_t culprit[PB_CULPRITS];  /* how many of them each is to blame for */
    double drift; /* from the first round to the last, relative to the median; 0.04 is 4 % slower */
    bool drifts;  /* beyond chance (1 %, Mann and Kendall), and beyond the interval's width */
    double lag1;  /* autocorrelation */
    bool depends; /* it is above 2 / sqrt(n): rounds are not independent */
    bool two_modes;
    double low, high;  /* ns: their means */
    double high_share; /* of samples in the upper */
};

enum { PB_TRUST_SAMPLES = 10 }; /* fewer samples tell nothing but outliers */

/* The summary's interval of the time must stand. 0 or -ENOMEM. */
int pb_cell_trust(const struct pb_cell *, struct pb_trust *);

/* Adds run->doubt: a sentence for each kind, with the rows that it is about. It is grave where it may have
   made a verdict unclear, or samples were dropped. 0 or -ENOMEM. */
int pb_doubt(struct pb_run *);

#endif
