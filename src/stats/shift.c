#include "stats/shift.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* The chances of each sum up to `most` of the positive ones among the ranks 1 to n, in all 2^n ways to sign
 * them: rank by rank, each is positive or not with even chances. The caller frees them. */
static double *exact_chances(size_t n, size_t most) {
    double *chance = calloc(most + 1, sizeof *chance);
    if (!chance)
        return NULL;
    chance[0] = 1;
    for (size_t rank = 1; rank <= n; rank++)
        for (size_t sum = most + 1; sum-- > 0;)
            chance[sum] = (chance[sum] + (sum >= rank ? chance[sum - rank] : 0)) / 2;
    return chance;
}

static double normal_below(size_t n, double k) {
    double count = (double)n, largest = count * (count + 1) / 2;
    double deviation = sqrt(largest * (2 * count + 1) / 12);
    return erfc((largest / 2 - k - 0.5) / deviation / M_SQRT2) / 2;
}

double pb_signed_rank_below(size_t n, double k) {
    double count = (double)n, largest = count * (count + 1) / 2;
    k = floor(k);
    if (k < 0 || k >= largest)
        return k < 0 ? 0 : 1;
    if (n > PB_SIGNED_RANK_EXACT)
        return normal_below(n, k);
    double below = 0, *chance = exact_chances(n, (size_t)k);
    for (size_t sum = 0; chance && sum <= (size_t)k; sum++)
        below += chance[sum];
    bool known = chance != NULL;
    free(chance);
    return known ? below : NAN;
}

/* How many averages the test refuses at either end: the greatest C with P(W <= C - 1) <= tail. */
static int refused(size_t n, double tail, size_t *cut) {
    size_t most = n * (n + 1) / 4;
    double below = 0, *chance = n <= PB_SIGNED_RANK_EXACT ? exact_chances(n, most) : NULL;
    if (n <= PB_SIGNED_RANK_EXACT && !chance)
        return -ENOMEM;
    for (*cut = 0; *cut < most; ++*cut) {
        below = chance ? below + chance[*cut] : normal_below(n, (double)*cut);
        if (below > tail)
            break;
    }
    free(chance);
    return 0;
}

int pb_shift(const double *values, size_t n, double alpha, struct pb_interval *out) {
    size_t count = n * (n + 1) / 2, used = 0, cut;
    double *average = calloc(count + 1, sizeof *average);
    *out = (struct pb_interval){NAN, NAN, NAN};
    if (!average)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            average[used++] = (values[i] + values[j]) / 2;
    pb_sort(average, count);
    out->value = pb_median(average, count);
    int rc = refused(n, alpha / 2, &cut);
    if (rc == 0 && cut) {
        out->low = average[cut - 1];
        out->high = average[count - cut];
    }
    free(average);
    return rc;
}
