#include "stats/histogram.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
    uint64_t x = ((const struct pb_bin *)a)->least, y = ((const struct pb_bin *)b)->least;
    return (x > y) - (x < y);
}

size_t pb_bins_merge(struct pb_bin *bin, size_t n) {
    size_t kept = 0;
    if (n > 1)
        qsort(bin, n, sizeof *bin, ascending);
    for (size_t i = 0; i < n; i++) {
        if (kept && bin[kept - 1].least == bin[i].least)
            bin[kept - 1].count += bin[i].count;
        else if (bin[i].count)
            bin[kept++] = bin[i];
    }
    return kept;
}

static double middle(const struct pb_bin *bin) {
    return (double)bin->least + (double)(bin->most - bin->least) / 2;
}

double pb_bins_quantile(const struct pb_bin *bin, size_t n, double q) {
    uint64_t values = 0, below = 0;
    for (size_t i = 0; i < n; i++)
        values += bin[i].count;
    /* 0.9 of 10 is a little more than 9 in binary; that must not make it the tenth. */
    double rank = ceil(q * (double)values * (1 - 1e-12));
    for (size_t i = 0; i < n; i++) {
        below += bin[i].count;
        if ((double)below >= rank)
            return middle(&bin[i]);
    }
    return NAN;
}
