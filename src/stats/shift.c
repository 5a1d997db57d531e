#include "stats/shift.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* The share of all 2^n ways to sign the ranks 1 to n whose positive ones sum to each value up to `most`: rank
 * by rank, each is positive or not with even chances. */
static double exact_below(size_t n, size_t most) {
    double *chance = calloc(most + 1, sizeof *chance);
    if (!chance)
        return NAN;
    chance[0] = 1;
    for (size_t rank = 1; rank <= n; rank++)
        for (size_t sum = most + 1; sum-- > 0;)
            chance[sum] = (chance[sum] + (sum >= rank ? chance[sum - rank] : 0)) / 2;
    double below = 0;
    for (size_t sum = 0; sum <= most; sum++)
        below += chance[sum];
    free(chance);
    return below;
}

double pb_signed_rank_below(size_t n, double k) {
    double count = (double)n, largest = count * (count + 1) / 2;
    k = floor(k);
    if (k < 0 || k >= largest)
        return k < 0 ? 0 : 1;
    if (n <= PB_SIGNED_RANK_EXACT)
        return exact_below(n, (size_t)k);
    double deviation = sqrt(count * (count + 1) * (2 * count + 1) / 24);
    return erfc((largest / 2 - k - 0.5) / deviation / M_SQRT2) / 2;
}

/* How many averages the test refuses at either end: the greatest C with P(W <= C - 1) <= tail. */
static size_t refused(size_t n, double tail) {
    size_t low = 0, high = n * (n + 1) / 4;
    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        if (pb_signed_rank_below(n, (double)middle - 1) <= tail)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

int pb_shift(const double *values, size_t n, double alpha, struct pb_interval *out) {
    size_t count = n * (n + 1) / 2, used = 0;
    double *average = calloc(count + 1, sizeof *average);
    *out = (struct pb_interval){NAN, NAN, NAN};
    if (!average)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            average[used++] = (values[i] + values[j]) / 2;
    pb_sort(average, count);
    size_t cut = refused(n, alpha / 2);
    if (n)
        out->value = pb_median(average, count);
    if (cut) {
        out->low = average[cut - 1];
        out->high = average[count - cut];
    }
    free(average);
    return 0;
}
