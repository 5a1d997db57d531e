/* One number per sample of a cell, in the order of rounds: what the statistics take. */
#ifndef PB_ANALYSIS_SERIES_H
#define PB_ANALYSIS_SERIES_H

#include "results/record.h"
#include "stats/speedup.h"

struct pb_series {
    struct pb_point *point;
    size_t n;
};

typedef double pb_metric(const struct pb_sample *); /* NAN: not known of this sample, which is left out */
double pb_metric_makespan(const struct pb_sample *);
double pb_metric_task_cpu(const struct pb_sample *); /* of one task, on average */
double pb_metric_busy(const struct pb_sample *);
double pb_metric_imbalance(const struct pb_sample *);
double pb_metric_counted(const struct pb_sample *); /* of the first counter, per second */
double pb_metric_tasks(const struct pb_sample *);   /* per second */
double pb_metric_threads(const struct pb_sample *);

/* 0 or -ENOMEM; release in any case. */
int pb_series_init(struct pb_series *, const struct pb_cell *, pb_metric *);
void pb_series_release(struct pb_series *);

/* The median over a cell's samples, or that of its launches' medians with an interval. 0 or -ENOMEM. */
int pb_cell_median(const struct pb_cell *, pb_metric *, double *median);
int pb_cell_interval(const struct pb_cell *, pb_metric *, uint64_t seed, struct pb_estimate *);
/* The median of over(r) / under(r), paired by round. 0 or -ENOMEM. */
int pb_cell_ratio(const struct pb_cell *over, const struct pb_cell *under, pb_metric *, uint64_t seed,
                  struct pb_estimate *);

#endif
