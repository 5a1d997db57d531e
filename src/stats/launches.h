/* The interval of a median when values come from several launches of one program, which differ from each
 * other by more than its repetitions do: heaps, address spaces and schedulers fall out differently each
 * time. */
#ifndef PB_STATS_LAUNCHES_H
#define PB_STATS_LAUNCHES_H

#include "base/random.h"
#include "stats/summary.h"

#include <stdint.h>

/* One value and the launch that it belongs to. */
struct pb_launched {
    double value;
    uint32_t launch; /* any number, the same for values of the same launch */
};

/* Values by launch, each launch's in ascending order, and room to draw from them. */
struct pb_launches {
    double *value;
    size_t *start;   /* of each launch's values; one more at the end */
    size_t count;    /* of launches */
    double *median;  /* of each launch that was drawn; scratch */
    uint32_t *drawn; /* how often each value of a launch was; scratch */
};
/* Copies n values, at least 1, of whatever order. 0 or -ENOMEM; release in any case. */
int pb_launches_init(struct pb_launches *, const struct pb_launched *, size_t n);
void pb_launches_release(struct pb_launches *);
/* The median of the launches' medians. */
double pb_launches_median(struct pb_launches *);
/* The same of as many launches drawn with replacement, and of each as many of its values. */
double pb_launches_resampled(struct pb_launches *, struct pb_random *);

/* The median of the launches' medians, and its 95 % interval by resampling at both levels: launches with
   replacement, then values within each (Davison and Hinkley, Bootstrap Methods, 1997, 3.8; Kalibera and Jones
   2013). Values of one launch get what pb_median_interval gives.

   Resampling a few launches shows less than their spread: by sqrt((K-1)/K), and as if that spread were known.
   So the percentiles' distances from the value are stretched by sqrt(K/(K-1)) t/z, t being Student's quantile
   for K-1 degrees of freedom, as Bland and Altman's interval of a mean would be. Measured with normal
   launches and values it covers 93 % at 3 launches, 95 to 99 % from 4, more where launches do not differ.

   No interval below PB_EXACT_SAMPLES values. 0 or -ENOMEM; the value is NAN if n is 0. */
int pb_launches_interval(const struct pb_launched *, size_t n, uint64_t seed, struct pb_interval *);

/* Student's t at 0.975 for `freedom` >= 1 degrees of freedom, to 0.3 %. */
double pb_student_975(double freedom);

#endif
