/* Trends and modes of series whose truth is known. */
#include "base/random.h"
#include "stats/shape.h"
#include "stats/summary.h"
#include "suite.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* scipy.stats.kendalltau's S for the first three is 45, -45 and 0: z = (|S| - 1) / sqrt(n (n-1) (2n+5) / 18).
 */
static void trends(const void *data) {
    static const double up[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, down[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    static const double even[] = {1, 2, 2, 1}, little[] = {3, 1, 4, 2, 5, 4.5, 3.5, 2.5, 4.2, 2.2};
    (void)data;
    CHECK_NEAR(pb_trend(up, 10), 44 / sqrt(125), 1e-12);
    CHECK_NEAR(pb_trend(down, 10), -44 / sqrt(125), 1e-12);
    CHECK_NEAR(pb_trend(even, 4), 0, 1e-12);
    CHECK(fabs(pb_trend(little, 10)) < 1);
    CHECK(isnan(pb_trend(up, 2)));
}

static void cuts(const void *data) {
    static const double two[] = {1, 1, 1, 9, 9}, same[] = {3, 3, 3};
    (void)data;
    struct pb_cut cut = pb_cut(two, LENGTH(two));
    CHECK_INT(cut.below, 3);
    CHECK_NEAR(cut.low, 1, 1e-12);
    CHECK_NEAR(cut.high, 9, 1e-12);
    CHECK_NEAR(cut.separability, 1, 1e-12);
    CHECK(isnan(pb_cut(same, 3).separability) && isnan(pb_cut(two, 1).separability));
    double even[1000];
    for (int i = 0; i < 1000; i++)
        even[i] = i;
    CHECK_NEAR(pb_cut(even, 1000).separability, 0.75, 0.001);
}

static double gauss(struct pb_random *random) {
    return sqrt(-2 * log(1 - pb_random_unit(random))) * cos(2 * M_PI * pb_random_unit(random));
}
static double uniform(struct pb_random *random) {
    return pb_random_unit(random);
}
static double exponential(struct pb_random *random) {
    return -log(1 - pb_random_unit(random));
}
/* One in 20 is far off, as where another program runs now and then. */
static double outlying(struct pb_random *random) {
    return gauss(random) + (pb_random_below(random, 20) == 0 ? 30 : 0);
}
static double two_peaks(struct pb_random *random) {
    return gauss(random) + (pb_random_below(random, 3) == 0 ? 7 : 0);
}

static const struct drawn {
    const char *name;
    double (*draw)(struct pb_random *);
    size_t n;
    double least, most; /* share of the series that are said to have two modes */
} drawn[] = {
    {"modes: normal", gauss, 20, 0, 0.02},
    {"modes: many normal", gauss, 100, 0, 0.001},
    {"modes: uniform", uniform, 20, 0, 0.04},
    {"modes: many uniform", uniform, 100, 0, 0.001},
    {"modes: exponential", exponential, 20, 0, 0.02},
    {"modes: many exponential", exponential, 100, 0, 0.001},
    {"modes: outliers", outlying, 20, 0, 0.05},
    {"modes: many outliers", outlying, 100, 0, 0.001},
    {"modes: two", two_peaks, 20, 0.75, 1},
    {"modes: two of many", two_peaks, 100, 0.98, 1},
};

static void modes(const void *data) {
    enum { TRIALS = 1000 };
    const struct drawn *row = data;
    struct pb_random random;
    int found = 0;
    pb_random_seed(&random, 3);
    for (int trial = 0; trial < TRIALS; trial++) {
        double x[100];
        for (size_t i = 0; i < row->n; i++)
            x[i] = row->draw(&random);
        pb_sort(x, row->n);
        found += pb_has_two_modes(pb_cut(x, row->n), row->n);
    }
    CHECK_MSG(found >= row->least * TRIALS && found <= row->most * TRIALS, "%d of %d", found, TRIALS);
}

static const struct pb_case plain[] = {{"trends", trends, NULL}, {"cuts", cuts, NULL}};

static bool generate(size_t i, struct pb_case *out) {
    if (i < LENGTH(plain))
        *out = plain[i];
    else if (i < LENGTH(plain) + LENGTH(drawn))
        *out = (struct pb_case){drawn[i - LENGTH(plain)].name, modes, &drawn[i - LENGTH(plain)]};
    else
        return false;
    return true;
}

const struct pb_suite suite_shape = {"shape", NULL, generate};
