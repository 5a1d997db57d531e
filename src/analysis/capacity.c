#include "analysis/capacity.h"

#include <math.h>

static void add(struct pb_capacity *c, const struct pb_limits *l) {
    c->usable += l->usable > 0 ? l->usable : NAN;
    c->quota += l->quota > 0 ? fmin(l->quota, l->usable) : NAN;
    c->processors += l->processors;
}

struct pb_capacity pb_capacity_of(const struct pb_run *run, const struct pb_cell *cell) {
    struct pb_capacity c = {0};
    bool limited = false;
    if (cell->hosts == 0)
        return (struct pb_capacity){.usable = run->limits.usable > 0 ? run->limits.usable : NAN,
                                    .quota = run->limits.quota > 0 ? run->limits.quota : NAN,
                                    .processors = run->limits.processors};
    for (uint32_t h = 0; h < cell->hosts; h++) {
        add(&c, &cell->host[h].limits);
        limited |= cell->host[h].limits.limit == PB_LIMIT_QUOTA;
    }
    if (!limited)
        c.quota = NAN;
    if (isnan(c.usable))
        c.processors = 0;
    return c;
}
