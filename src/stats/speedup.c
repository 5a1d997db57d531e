#include "stats/speedup.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

size_t pb_pair_logs(const struct pb_point *a, size_t na, const struct pb_point *b, size_t nb,
                    struct pb_launched *out) {
    size_t i = 0, j = 0, pairs = 0;
    while (i < na && j < nb) {
        if (a[i].round < b[j].round) {
            i++;
        } else if (a[i].round > b[j].round) {
            j++;
        } else {
            if (a[i].value > 0 && b[j].value > 0)
                out[pairs++] = (struct pb_launched){log(a[i].value / b[j].value), a[i].launch};
            i++;
            j++;
        }
    }
    return pairs;
}

int64_t pb_ratio(const struct pb_point *a, size_t na, const struct pb_point *b, size_t nb, uint64_t seed,
                 struct pb_interval *ratio) {
    size_t room = na < nb ? na : nb;
    *ratio = (struct pb_interval){NAN, NAN, NAN};
    if (room == 0)
        return 0;
    struct pb_launched *logs = malloc(room * sizeof *logs);
    if (!logs)
        return -ENOMEM;
    size_t pairs = pb_pair_logs(a, na, b, nb, logs);
    int rc = pb_launches_interval(logs, pairs, seed, ratio);
    *ratio = (struct pb_interval){exp(ratio->value), exp(ratio->low), exp(ratio->high)};
    free(logs);
    return rc ? rc : (int64_t)pairs;
}

double pb_karp_flatt(double speedup, double workers) {
    if (!(workers >= 2) || !(speedup > 0))
        return NAN;
    return (1 / speedup - 1 / workers) / (1 - 1 / workers);
}

struct pb_interval pb_karp_flatt_interval(struct pb_interval speedup, double workers) {
    return (struct pb_interval){pb_karp_flatt(speedup.value, workers), pb_karp_flatt(speedup.high, workers),
                                pb_karp_flatt(speedup.low, workers)};
}
