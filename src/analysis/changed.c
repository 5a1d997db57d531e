#include "analysis/changed.h"

#include "stats/change.h"

struct pb_estimate pb_changed_share(struct pb_interval log_ratio, uint32_t samples) {
    return (struct pb_estimate){expm1(log_ratio.value), expm1(log_ratio.low), expm1(log_ratio.high), samples};
}

void pb_changed(struct pb_comparison *c, struct pb_interval log_ratio, uint32_t samples) {
    static const char *const words[] = {
        [PB_CHANGE_INCONCLUSIVE] = PB_INCONCLUSIVE,
        [PB_CHANGE_REGRESSED] = PB_REGRESSED,
        [PB_CHANGE_IMPROVED] = PB_IMPROVED,
        [PB_CHANGE_EQUIVALENT] = PB_EQUIVALENT,
    };
    c->change = pb_changed_share(log_ratio, samples);
    c->verdict = words[pb_change_judge(log_ratio, c->threshold)];
}
