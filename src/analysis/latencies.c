#include "analysis/latencies.h"

#include "stats/histogram.h"

#include <errno.h>
#include <stdlib.h>

static size_t count_bins(const struct pb_cell *cell) {
    size_t n = 0;
    for (uint32_t i = 0; i < cell->samples; i++)
        n += cell->sample[i].latencies;
    return n;
}

double pb_cell_least_latency(const struct pb_cell *cell) {
    unsigned least = PB_LATENCY_BUCKETS;
    for (uint32_t i = 0; i < cell->samples; i++)
        if (cell->sample[i].latencies && cell->sample[i].latency[0].bucket < least)
            least = cell->sample[i].latency[0].bucket;
    return least < PB_LATENCY_BUCKETS ? (double)pb_latency_floor(least) : 0;
}

int pb_cell_latencies(const struct pb_cell *cell, struct pb_summary *s) {
    size_t n = count_bins(cell), at = 0;
    s->p50 = s->p99 = s->p999 = NAN;
    if (n == 0)
        return 0;
    struct pb_bin *bin = malloc(n * sizeof *bin);
    if (!bin)
        return -ENOMEM;
    for (uint32_t i = 0; i < cell->samples; i++)
        for (uint32_t k = 0; k < cell->sample[i].latencies; k++) {
            const struct pb_latency_count *l = &cell->sample[i].latency[k];
            bin[at++] =
                (struct pb_bin){pb_latency_floor(l->bucket), pb_latency_floor(l->bucket + 1) - 1, l->count};
        }
    n = pb_bins_merge(bin, n);
    s->p50 = pb_bins_quantile(bin, n, 0.5);
    s->p99 = pb_bins_quantile(bin, n, 0.99);
    s->p999 = pb_bins_quantile(bin, n, 0.999);
    free(bin);
    return 0;
}
