#include "stats/change.h"
#include "suite.h"

#include <math.h>

/* Borders at log(1.05) = 0.0488 on both sides. */
static const struct row {
    const char *name;
    double low, high;
    enum pb_change change;
} rows[] = {
    {"above", 0.049, 0.07, PB_CHANGE_REGRESSED},
    {"estimate above, interval not", 0.048, 0.07, PB_CHANGE_INCONCLUSIVE},
    {"below", -0.07, -0.049, PB_CHANGE_IMPROVED},
    {"estimate below, interval not", -0.07, -0.048, PB_CHANGE_INCONCLUSIVE},
    {"within", -0.0487, 0.0487, PB_CHANGE_EQUIVALENT},
    {"over both borders", -0.06, 0.06, PB_CHANGE_INCONCLUSIVE},
    {"no interval", NAN, NAN, PB_CHANGE_INCONCLUSIVE},
};

static void judge(const void *data) {
    const struct row *row = data;
    struct pb_interval interval = {(row->low + row->high) / 2, row->low, row->high};
    CHECK_INT(pb_change_judge(interval, 0.05), row->change);
}

static bool cases(size_t i, struct pb_case *out) {
    if (i >= sizeof rows / sizeof *rows)
        return false;
    *out = (struct pb_case){rows[i].name, judge, &rows[i]};
    return true;
}

const struct pb_suite suite_change = {"change", NULL, cases};
