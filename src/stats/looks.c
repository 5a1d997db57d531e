#include "stats/looks.h"

#include <math.h>

enum { FIRST = 10 };

double pb_looks_share(double alpha, uint32_t k) {
    return k == PB_LAST_LOOK ? alpha / 2 : alpha / 2 / (k * (k + 1.0));
}

uint32_t pb_looks_next(double alpha, uint32_t n) {
    if (n)
        return n + (n + 2) / 3;
    double needed = 1 - log2(pb_looks_share(alpha, 1));
    return (uint32_t)fmax(FIRST, ceil(needed));
}
