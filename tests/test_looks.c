/* The rule that stops at the first look that knows an answer, on random numbers of a fixed seed. */
#include "stats/looks.h"
#include "suite.h"

#include "base/random.h"
#include "stats/change.h"
#include "stats/shift.h"

enum { TRIALS = 2000, MOST = 64 };
static const double threshold = 0.05, deviation = 0.01;

static void plan(const void *data) {
    (void)data;
    static const uint32_t expected[] = {11, 15, 20, 27, 36, 48, 64, 86};
    uint32_t n = 0;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        CHECK_INT(n = pb_looks_next(0.01, n), expected[i]);
    /* A tenth of 1 % over 4 rows is 0.00025, and 2^(1-12) is more than that. */
    CHECK_INT(pb_looks_next(0.01 / 4, 0), 13);
    CHECK_INT(pb_looks_next(0.01 / 4096, 0), 23);
}

static void spends(const void *data) {
    (void)data;
    double spent = pb_looks_share(0.01, PB_LAST_LOOK);
    CHECK_NEAR(spent, 0.008, 1e-9);
    for (uint32_t k = 1; k <= 100000; k++)
        spent += pb_looks_share(0.01, k);
    CHECK(spent < 0.01);
    CHECK_NEAR(spent, 0.01, 1e-4);
}

/* Box and Muller. */
static double normal(struct pb_random *random) {
    double radius = sqrt(-2 * log(1 - pb_random_unit(random)));
    return radius * cos(2 * M_PI * pb_random_unit(random));
}

/* What the rule says of launches around that shift, at most MOST of them. */
static enum pb_change stop(struct pb_random *random, double shift, double alpha, uint32_t *launches) {
    double value[MOST];
    uint32_t n = 0, look = 0;
    enum pb_change change = PB_CHANGE_INCONCLUSIVE;
    for (uint32_t next = pb_looks_next(alpha, 0); next <= MOST && change == PB_CHANGE_INCONCLUSIVE;
         next = pb_looks_next(alpha, next)) {
        struct pb_interval interval;
        while (n < next)
            value[n++] = shift + deviation * normal(random);
        CHECK_INT(pb_shift(value, n, pb_looks_share(alpha, ++look), &interval), 0);
        change = pb_change_judge(interval, threshold);
    }
    if (change == PB_CHANGE_INCONCLUSIVE) {
        struct pb_interval interval;
        CHECK_INT(pb_shift(value, n, pb_looks_share(alpha, PB_LAST_LOOK), &interval), 0);
        change = pb_change_judge(interval, threshold);
    }
    *launches = n;
    return change;
}

static uint32_t count(double shift, double alpha, enum pb_change wanted, double *mean) {
    struct pb_random random;
    uint32_t found = 0;
    *mean = 0;
    pb_random_seed(&random, 1);
    for (int i = 0; i < TRIALS; i++) {
        uint32_t launches;
        found += stop(&random, shift, alpha, &launches) == wanted;
        *mean += (double)launches / TRIALS;
    }
    return found;
}

/* Exactly at the threshold, the worst that is no regression: half of alpha is for that side. */
static const double alphas[] = {0.01, 0.05, 0.2};

static void errs(const void *data) {
    double alpha = *(const double *)data, mean;
    uint32_t found = count(log1p(threshold), alpha, PB_CHANGE_REGRESSED, &mean);
    double most = alpha / 2 * TRIALS, luck = 3 * sqrt(most * (1 - alpha / 2));
    CHECK_MSG(found <= most + luck, "%u of %d are called regressed", found, TRIALS);
}

/* A launch scatters by 1 %: what lies 3 % beyond the threshold is found by the first looks, and what is
   none by the first. */
static void finds(const void *data) {
    (void)data;
    double mean;
    CHECK(count(log1p(threshold) + 0.03, 0.01, PB_CHANGE_REGRESSED, &mean) == TRIALS);
    CHECK_MSG(mean < 12, "after %g launches", mean);
    CHECK(count(0, 0.01, PB_CHANGE_EQUIVALENT, &mean) == TRIALS);
    CHECK_MSG(mean < 11.5, "after %g launches", mean);
}

static const struct pb_case list[] = {
    {"planned", plan, NULL},
    {"sum to alpha", spends, NULL},
    {"errs at 1 %", errs, &alphas[0]},
    {"errs at 5 %", errs, &alphas[1]},
    {"errs at 20 %", errs, &alphas[2]},
    {"finds", finds, NULL},
    {0},
};

const struct pb_suite suite_looks = {"looks", list, NULL};
