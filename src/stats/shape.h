/* What is odd about a series: a trend, or two modes. Whoever finds one is told, nothing is removed. */
#ifndef PB_STATS_SHAPE_H
#define PB_STATS_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

/* Mann and Kendall's statistic: how many standard deviations the rising pairs outnumber the falling ones by,
   in the order of measurement; near normal from 10 values without a trend (Mann 1945, Kendall 1975). Ties
   count for neither, with the variance of a series without any. NAN below 3 values. */
double pb_trend(const double *values, size_t n);

/* The best cut of sorted values into two classes: the one that leaves the least variance within them (Otsu
   1979, in one dimension the same as 2-means). */
struct pb_cut {
    size_t below;        /* how many values are in the lower class */
    double low, high;    /* the means of the classes */
    double separability; /* variance between the classes over all variance: 0.64 for a normal distribution,
                            0.75 for a uniform one, 1 for two points */
};
struct pb_cut pb_cut(const double *sorted, size_t n);

/* Two modes: the cut explains PB_MODES_SEPARABLE of the variance, as two normal peaks 5 deviations apart do,
   and either class holds PB_MODES_SHARE of the values: a few outliers are no mode. From PB_MODES_SAMPLES
   values. Of normal, uniform and exponential series of 20 to 100 values less than 4 % are called so. */
#define PB_MODES_SEPARABLE 0.87
#define PB_MODES_SHARE     0.2
enum { PB_MODES_SAMPLES = 20 };
bool pb_has_two_modes(struct pb_cut, size_t n);

#endif
