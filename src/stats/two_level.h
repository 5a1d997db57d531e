/* The change between two sets of measurements that were not taken together, when each was taken in several
 * launches: launches differ from each other, and repetitions within one do. */
#ifndef PB_STATS_TWO_LEVEL_H
#define PB_STATS_TWO_LEVEL_H

#include "stats/launches.h"

#include <stdint.h>

enum { PB_TWO_LEVEL_RESAMPLES = 10000 };

/* The shift and how it might have come out: a sorted bootstrap distribution. */
struct pb_two_level {
    double value;     /* log(median head) - log(median base), of each the median of its launches' medians */
    double deviation; /* standard deviation of `resample` */
    double *resample; /* ascending, owned */
    uint32_t resamples;
    uint32_t launches; /* of the side that has fewer */
};

/* Values are logarithms of repetitions' times, or of those over a reference's beside each. Draws launches,
   and from each of them repetitions, with replacement, on both sides by themselves (Davison and Hinkley,
   Bootstrap Methods, 1997, 3.8). Few units vary too little among their resamples, by (n - 1) / n in the
   variance, n being launches, or repetitions of a single launch: resamples are spread by that, and those of
   launches by Student's quantile over the normal one, as in launches.h, with the launches of both sides less
   2 as degrees of freedom. Measured on normal values, with launches that differ by five times what
   repetitions do, or single ones of 6 to 40 repetitions, the 95 % interval covered 96 to 99 %, the 99 % one
   97 % (2 and 3 launches) to 100 %. One launch tells nothing of how launches differ. The same for the same
   seed, whatever the order of measurements. Both sides need at least one value. 0 or -ENOMEM; release in any
   case. */
int pb_two_level_init(struct pb_two_level *, const struct pb_launched *base, size_t nbase,
                      const struct pb_launched *head, size_t nhead, uint64_t seed, uint32_t resamples);
void pb_two_level_release(struct pb_two_level *);

/* The interval between the (1 - confidence) / 2 quantiles. */
struct pb_interval pb_two_level_interval(const struct pb_two_level *, double confidence);
/* The least level at which that interval lets pb_change_judge say anything but inconclusive. */
double pb_two_level_level(const struct pb_two_level *, double threshold);
/* The least change, as a share, that 19 of 20 such measurements would have called regressed. */
double pb_two_level_detectable(const struct pb_two_level *, double confidence, double threshold);

#endif
