#include "stats/holm.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static double p_of(const struct pb_decision *d) {
    return isnan(d->p) ? 1 : d->p;
}

static int by_p(const void *a, const void *b) {
    double x = p_of(*(struct pb_decision *const *)a), y = p_of(*(struct pb_decision *const *)b);
    return (x > y) - (x < y);
}

int pb_holm(struct pb_decision *decision, size_t n, double alpha) {
    struct pb_decision **order = n ? malloc(n * sizeof *order) : NULL;
    if (n && !order)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        order[i] = &decision[i];
    if (n)
        qsort(order, n, sizeof *order, by_p);
    double least = 0, level = alpha;
    bool going = true;
    for (size_t k = 0; k < n; k++) {
        struct pb_decision *d = order[k];
        double left = (double)(n - k);
        least = fmin(1, fmax(least, left * p_of(d)));
        level = going ? alpha / left : level;
        going = going && !isnan(d->p) && d->p <= level;
        d->adjusted = least;
        d->level = level;
        d->decided = going;
    }
    free(order);
    return 0;
}
