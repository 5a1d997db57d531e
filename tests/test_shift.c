#include "stats/shift.h"
#include "suite.h"

/* Chances from scipy.stats._morestats._get_wilcoxon_distr (SciPy 1.10.1). */
static const struct chance {
    const char *name;
    size_t n;
    double k, below;
} chances[] = {
    {"one value", 1, 0, 0.5},
    {"five values", 5, 0, 0.03125},
    {"five values, half", 5, 7, 0.5},
    {"ten values", 10, 0, 0.0009765625},
    {"ten values, 3", 10, 3, 0.0048828125},
    {"ten values, 8", 10, 8, 0.0244140625},
    {"twenty values", 20, 52, 0.02422046661376953},
    {"35 values", 35, 150, 0.0029840655042789876},
    {"fifty values", 50, 400, 0.010611835818424176},
    {"fifty values, far out", 50, 300, 0.0004237854491826454},
    {"below nothing", 10, -1, 0},
    {"all of it", 10, 55, 1},
};

static void chance(const void *data) {
    const struct chance *c = data;
    CHECK_NEAR(pb_signed_rank_below(c->n, c->k), c->below, 1e-12);
}

/* Beyond the exact ones: counted in whole numbers by another program, of 129 values. The normal distribution
 * comes within an eighth of them, and where it is further off it is on the safe side. */
static const struct chance normals[] = {
    {"129 values, far out", 129, 2800, 0.0004786510253006881},
    {"129 values, out", 129, 3000, 0.002413951962534168},
    {"129 values", 129, 3600, 0.08228630618063834},
    {"129 values, near half", 129, 4000, 0.32640554042280606},
};

static void normal(const void *data) {
    const struct chance *c = data;
    CHECK(c->n > PB_SIGNED_RANK_EXACT);
    double ratio = pb_signed_rank_below(c->n, c->k) / c->below;
    CHECK_MSG(ratio > 0.99 && ratio < 1.125, "%g times what it is", ratio);
}

/* Intervals by inverting scipy.stats.wilcoxon(x - shift, mode="exact"). The first data are those of Hollander
 * and Wolfe's example 3.1 (depression before and after), for which R's wilcox.test prints the same. */
static const double depression[] = {0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01};
static const double fifteen[] = {0.301,  0.599, 0.026, -0.591, -0.155, -0.692, 0.36, 1.64,
                                 -0.192, -0.32, 0.79,  0.657,  0.405,  -0.63,  0.271};
static const double eight[] = {0.695, -1.344, -0.458, -1.901, -1.29, -1.842, -0.235, -1.267};

static const struct interval {
    const char *name;
    const double *value;
    size_t n;
    double alpha, centre, low, high;
} intervals[] = {
    {"Hollander and Wolfe", depression, 9, 0.05, 0.46, 0.01, 0.786},
    {"fifteen at 99 %", fifteen, 15, 0.01, 0.11575, -0.333, 0.657},
    {"fifteen at 95 %", fifteen, 15, 0.05, 0.11575, -0.1735, 0.505},
    {"eight at 99 %", eight, 8, 0.01, -1.05325, -1.901, 0.695},
    {"eight at 95 %", eight, 8, 0.05, -1.05325, -1.6225, -0.235},
    {"eight are too few", eight, 8, 0.005, -1.05325, NAN, NAN},
    {"one", eight, 1, 0.05, 0.695, NAN, NAN},
    {"none", eight, 0, 0.05, NAN, NAN, NAN},
};

static void same(double actual, double expected) {
    if (isnan(expected))
        CHECK(isnan(actual));
    else
        CHECK_NEAR(actual, expected, 1e-12);
}

static void interval(const void *data) {
    const struct interval *row = data;
    struct pb_interval shift;
    CHECK_INT(pb_shift(row->value, row->n, row->alpha, &shift), 0);
    same(shift.value, row->centre);
    same(shift.low, row->low);
    same(shift.high, row->high);
}

#define ROWS(list, test)                                                                                     \
    { list, sizeof list / sizeof *list, sizeof *list, test }

static bool cases(size_t i, struct pb_case *out) {
    static const struct {
        const void *row;
        size_t count, size;
        void (*test)(const void *);
    } tables[] = {ROWS(chances, chance), ROWS(normals, normal), ROWS(intervals, interval)};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; i -= tables[t++].count)
        if (i < tables[t].count) {
            const void *row = (const char *)tables[t].row + i * tables[t].size;
            *out = (struct pb_case){*(const char *const *)row, tables[t].test, row};
            return true;
        }
    return false;
}

const struct pb_suite suite_shift = {"shift", NULL, cases};
