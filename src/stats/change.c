#include "stats/change.h"

#include <math.h>

enum pb_change pb_change_judge(struct pb_interval log_ratio, double threshold) {
    double border = log1p(threshold);
    if (log_ratio.low > border)
        return PB_CHANGE_REGRESSED;
    if (log_ratio.high < -border)
        return PB_CHANGE_IMPROVED;
    if (log_ratio.low >= -border && log_ratio.high <= border)
        return PB_CHANGE_EQUIVALENT;
    return PB_CHANGE_INCONCLUSIVE;
}
