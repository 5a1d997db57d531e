#include "analysis/series.h"

#include "stats/summary.h"

#include <errno.h>
#include <stdlib.h>

double pb_metric_makespan(const struct pb_sample *s) {
    return s->makespan_ns ? (double)s->makespan_ns : NAN;
}

double pb_metric_task_cpu(const struct pb_sample *s) {
    return s->tasks ? (double)s->cpu_ns / (double)s->tasks : NAN;
}

double pb_metric_busy(const struct pb_sample *s) {
    return (double)s->cpu_ns / pb_metric_makespan(s);
}

double pb_metric_imbalance(const struct pb_sample *s) {
    double sum = 0, longest = 0;
    for (uint32_t i = 0; i < s->workers; i++) {
        sum += (double)s->worker[i].cpu_ns;
        longest = fmax(longest, (double)s->worker[i].cpu_ns);
    }
    return s->workers > 1 && sum > 0 ? longest * s->workers / sum : NAN;
}

double pb_metric_counted(const struct pb_sample *s) {
    return (double)s->counter[0] * 1e9 / pb_metric_makespan(s);
}

double pb_metric_tasks(const struct pb_sample *s) {
    return (double)s->tasks * 1e9 / pb_metric_makespan(s);
}

double pb_metric_threads(const struct pb_sample *s) {
    return s->workers ? s->workers : NAN;
}

static int by_round(const void *a, const void *b) {
    uint32_t x = ((const struct pb_point *)a)->round, y = ((const struct pb_point *)b)->round;
    return (x > y) - (x < y);
}

int pb_series_init(struct pb_series *series, const struct pb_cell *cell, pb_metric *metric) {
    *series = (struct pb_series){0};
    if (cell->samples == 0)
        return 0;
    series->point = malloc(cell->samples * sizeof *series->point);
    if (!series->point)
        return -ENOMEM;
    for (uint32_t i = 0; i < cell->samples; i++) {
        double value = metric(&cell->sample[i]);
        if (!isnan(value))
            series->point[series->n++] =
                (struct pb_point){cell->sample[i].round, value, cell->sample[i].fork};
    }
    if (series->n > 1)
        qsort(series->point, series->n, sizeof *series->point, by_round);
    return 0;
}

void pb_series_release(struct pb_series *series) {
    free(series->point);
    *series = (struct pb_series){0};
}

/* The values alone, sorted; NULL when there are none or memory is short. */
static double *sorted_values(const struct pb_series *series) {
    double *value = series->n ? malloc(series->n * sizeof *value) : NULL;
    for (size_t i = 0; value && i < series->n; i++)
        value[i] = series->point[i].value;
    if (value)
        pb_sort(value, series->n);
    return value;
}

int pb_cell_median(const struct pb_cell *cell, pb_metric *metric, double *median) {
    struct pb_series series;
    *median = NAN;
    int rc = pb_series_init(&series, cell, metric);
    double *value = rc ? NULL : sorted_values(&series);
    if (value)
        *median = pb_median(value, series.n);
    else if (series.n)
        rc = -ENOMEM;
    free(value);
    pb_series_release(&series);
    return rc;
}

static struct pb_estimate estimate(struct pb_interval i, size_t samples) {
    return (struct pb_estimate){i.value, i.low, i.high, (uint32_t)samples};
}

int pb_cell_interval(const struct pb_cell *cell, pb_metric *metric, uint64_t seed, struct pb_estimate *out) {
    struct pb_interval interval = {NAN, NAN, NAN};
    struct pb_series series;
    int rc = pb_series_init(&series, cell, metric);
    struct pb_launched *value = series.n ? malloc(series.n * sizeof *value) : NULL;
    for (size_t i = 0; value && i < series.n; i++)
        value[i] = (struct pb_launched){series.point[i].value, series.point[i].launch};
    if (value)
        rc = pb_launches_interval(value, series.n, seed, &interval);
    else if (series.n)
        rc = -ENOMEM;
    *out = estimate(interval, series.n);
    free(value);
    pb_series_release(&series);
    return rc;
}

int pb_cell_ratio(const struct pb_cell *over, const struct pb_cell *under, pb_metric *metric, uint64_t seed,
                  struct pb_estimate *out) {
    struct pb_interval ratio = {NAN, NAN, NAN};
    struct pb_series a, b = {0};
    int64_t pairs = pb_series_init(&a, over, metric);
    if (pairs == 0)
        pairs = pb_series_init(&b, under, metric);
    if (pairs == 0)
        pairs = pb_ratio(a.point, a.n, b.point, b.n, seed, &ratio);
    *out = estimate(ratio, pairs > 0 ? (size_t)pairs : 0);
    pb_series_release(&b);
    pb_series_release(&a);
    return pairs < 0 ? (int)pairs : 0;
}
