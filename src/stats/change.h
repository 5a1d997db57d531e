/* The rule by which a change from base to head is called something. */
#ifndef PB_STATS_CHANGE_H
#define PB_STATS_CHANGE_H

#include "stats/summary.h"

enum pb_change {
    PB_CHANGE_INCONCLUSIVE, /* the interval reaches over a border, or there is none */
    PB_CHANGE_REGRESSED,    /* all of it lies above the threshold */
    PB_CHANGE_IMPROVED,     /* all of it lies below minus the threshold */
    PB_CHANGE_EQUIVALENT,   /* all of it lies within the threshold on both sides */
};

/* Of log(head / base) with its interval; `threshold` is a share above 0: with 0.05 a regression is more than
   5 % slower, and an improvement takes less than 1/1.05 of the time. The interval decides, never the value
   alone. */
enum pb_change pb_change_judge(struct pb_interval log_ratio, double threshold);

#endif
