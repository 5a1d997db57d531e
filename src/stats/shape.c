#include "stats/shape.h"

#include <math.h>

double pb_trend(const double *values, size_t n) {
    double rising = 0, count = (double)n;
    if (n < 3)
        return NAN;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            rising += (values[j] > values[i]) - (values[j] < values[i]);
    /* One pair less in either direction: a continuity correction. */
    double beyond = rising > 0 ? rising - 1 : rising < 0 ? rising + 1 : 0;
    return beyond / sqrt(count * (count - 1) * (2 * count + 5) / 18);
}

/* Both count from the least value, so that values without spread have none, and those far from 0 keep theirs.
 */
static double squares(const double *sorted, size_t n) {
    double mean = 0, sum = 0;
    for (size_t i = 0; i < n; i++)
        mean += (sorted[i] - sorted[0]) / (double)n;
    for (size_t i = 0; i < n; i++)
        sum += (sorted[i] - sorted[0] - mean) * (sorted[i] - sorted[0] - mean);
    return sum;
}

struct pb_cut pb_cut(const double *sorted, size_t n) {
    struct pb_cut best = {0, NAN, NAN, NAN};
    double total = squares(sorted, n), sum = 0, left = 0;
    if (n < 2 || !(total > 0))
        return best;
    for (size_t i = 0; i < n; i++)
        sum += sorted[i] - sorted[0];
    for (size_t below = 1; below < n; below++) {
        left += sorted[below - 1] - sorted[0];
        double few = (double)below, many = (double)(n - below);
        double low = left / few, high = (sum - left) / many;
        double between = few * many / (double)n * (high - low) * (high - low) / total;
        if (!(between <= best.separability))
            best = (struct pb_cut){below, sorted[0] + low, sorted[0] + high, between};
    }
    return best;
}

bool pb_has_two_modes(struct pb_cut cut, size_t n) {
    double share = (double)cut.below / (double)n;
    return n >= PB_MODES_SAMPLES && cut.separability >= PB_MODES_SEPARABLE && share >= PB_MODES_SHARE &&
           share <= 1 - PB_MODES_SHARE;
}
