#include "report/spread.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

double pb_sample_time(const struct pb_sample *s) {
    return (double)s->makespan_ns;
}

double pb_sample_cpu(const struct pb_sample *s) {
    return (double)s->cpu_ns;
}

static double per_task(const struct pb_sample *s, double value) {
    return s->tasks ? value / (double)s->tasks : NAN;
}

double pb_sample_time_per_task(const struct pb_sample *s) {
    return per_task(s, pb_sample_time(s));
}

double pb_sample_cpu_per_task(const struct pb_sample *s) {
    return per_task(s, pb_sample_cpu(s));
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double deviation(const double *value, uint32_t count, double mean) {
    double squares = 0;
    for (uint32_t i = 0; i < count; i++)
        squares += (value[i] - mean) * (value[i] - mean);
    return count > 1 ? sqrt(squares / (count - 1)) : NAN;
}

int pb_spread(const struct pb_cell *cell, pb_spread_value *value_of, struct pb_spread *out) {
    double *value = calloc((size_t)cell->samples + 1, sizeof *value), sum = 0;
    uint32_t count = 0;
    *out = (struct pb_spread){NAN, NAN, NAN, NAN, NAN};
    if (!value)
        return -ENOMEM;
    for (uint32_t i = 0; i < cell->samples; i++) {
        double one = value_of(&cell->sample[i]);
        if (isfinite(one))
            sum += value[count++] = one;
    }
    if (count) {
        qsort(value, count, sizeof *value, by_value);
        out->mean = sum / count;
        out->median = (value[(count - 1) / 2] + value[count / 2]) / 2;
        out->deviation = deviation(value, count, out->mean);
        out->least = value[0];
        out->most = value[count - 1];
    }
    free(value);
    return 0;
}
