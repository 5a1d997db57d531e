#include "stats/looks.h"

#include <math.h>

enum { FIRST = 10 };

#define ON_THE_WAY 0.2 /* of the chance of error */

double pb_looks_share(double alpha, uint32_t k) {
    return k == PB_LAST_LOOK ? alpha * (1 - ON_THE_WAY) : alpha * ON_THE_WAY / (k * (k + 1.0));
}

uint32_t pb_looks_next(double alpha, uint32_t n) {
    if (n)
        return n + (n + 2) / 3;
    double needed = 1 - log2(pb_looks_share(alpha, 1));
    return (uint32_t)fmax(FIRST, ceil(needed));
}
