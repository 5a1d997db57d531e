/* Intervals over several launches: against tables, by construction, and by how often they cover the truth. */
#include "stats/launches.h"
#include "stats/bootstrap.h"
#include "stats/speedup.h"
#include "suite.h"

#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* Student's quantiles as tables have them (NIST/SEMATECH e-Handbook, 1.3.6.7.2). */
static void student(const void *data) {
    static const struct {
        double freedom, t;
    } rows[] = {{1, 12.706}, {2, 4.303}, {3, 3.182},  {4, 2.776},  {5, 2.571},  {6, 2.447},
                {7, 2.365},  {9, 2.262}, {14, 2.145}, {29, 2.045}, {100, 1.984}};
    (void)data;
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_MSG(fabs(pb_student_975(rows[i].freedom) / rows[i].t - 1) < 0.003, "t of %g is %g",
                  rows[i].freedom, pb_student_975(rows[i].freedom));
}

static double gauss(struct pb_random *random) {
    return sqrt(-2 * log(1 - pb_random_unit(random))) * cos(2 * M_PI * pb_random_unit(random));
}

/* Of one launch it is the interval of a median, whatever the launch is called. */
static void one_launch(const void *data) {
    struct pb_random random;
    struct pb_launched at[25];
    double sorted[25];
    struct pb_interval got, expected;
    (void)data;
    for (size_t n = 5; n <= LENGTH(at); n += 10) {
        pb_random_seed(&random, n);
        for (size_t i = 0; i < n; i++)
            at[i] = (struct pb_launched){sorted[i] = gauss(&random), 7};
        pb_sort(sorted, n);
        CHECK_INT(pb_median_interval(sorted, n, 3, &expected), 0);
        CHECK_INT(pb_launches_interval(at, n, 3, &got), 0);
        CHECK(got.value == expected.value);
        CHECK(n == 5 ? isnan(got.low) && isnan(got.high)
                     : got.low == expected.low && got.high == expected.high);
    }
    CHECK_INT(pb_launches_interval(at, 0, 3, &got), 0);
    CHECK(isnan(got.value));
}

/* Launches of different lengths count the same: 1 and 3, and one of many fives; two levels are seen. */
static void medians_of_medians(const void *data) {
    struct pb_launched at[] = {{5, 2}, {1, 0}, {5, 2}, {3, 1}, {5, 2}, {3, 1}, {5, 2}, {5, 2}};
    struct pb_launched few[] = {{1, 0}, {3, 1}, {5, 2}};
    struct pb_interval got;
    (void)data;
    CHECK_INT(pb_launches_interval(at, LENGTH(at), 1, &got), 0);
    CHECK_INT(at[0].launch, 2); /* whose order stays */
    CHECK_INT(at[1].launch, 0);
    CHECK(got.value == 3);
    /* The percentiles of resampled medians are 1 and 5; t is 4.303 at 2 degrees of freedom. */
    CHECK_NEAR(got.high - 3, 2 * sqrt(1.5) * 4.303 / 1.96, 0.01);
    CHECK_NEAR(3 - got.low, 2 * sqrt(1.5) * 4.303 / 1.96, 0.01);
    CHECK_INT(pb_launches_interval(few, LENGTH(few), 1, &got), 0);
    CHECK(got.value == 3 && isnan(got.low) && isnan(got.high));
}

/* Launches differ by 1, values within by as much as the row says: the truth, 0, is covered in at least 90 of
   100. Resampling rounds alone would miss it most of the time. Seeded: the counts are the same everywhere. */
static const struct coverage {
    const char *name;
    uint32_t launches;
    double within;
} coverages[] = {
    {"covers: 3 launches that differ", 3, 0.1},   {"covers: 3 launches", 3, 1},
    {"covers: 5 launches that differ", 5, 0.1},   {"covers: 5 launches", 5, 1},
    {"covers: 10 launches that differ", 10, 0.1},
};

static void covers(const void *data) {
    enum { TRIALS = 200, ROUNDS = 10, MOST = 10 * ROUNDS };
    const struct coverage *row = data;
    struct pb_random random;
    int covered = 0, by_rounds = 0;
    pb_random_seed(&random, 11);
    for (int trial = 0; trial < TRIALS; trial++) {
        struct pb_launched at[MOST];
        struct pb_interval both, rounds;
        size_t n = 0;
        for (uint32_t k = 0; k < row->launches; k++)
            for (double launch = gauss(&random); n < (k + 1) * ROUNDS; n++)
                at[n] = (struct pb_launched){launch + row->within * gauss(&random), k};
        CHECK_INT(pb_launches_interval(at, n, (uint64_t)trial, &both), 0);
        for (size_t i = 0; i < n; i++)
            at[i].launch = 0;
        CHECK_INT(pb_launches_interval(at, n, (uint64_t)trial, &rounds), 0);
        covered += both.low <= 0 && 0 <= both.high;
        by_rounds += rounds.low <= 0 && 0 <= rounds.high;
    }
    CHECK_MSG(covered >= 0.9 * TRIALS, "%d of %d are covered", covered, TRIALS);
    CHECK_MSG(by_rounds < covered - 0.1 * TRIALS, "by rounds alone %d are, with launches %d", by_rounds,
              covered);
}

/* Ratios of paired rounds know the launch of each round. */
static void ratios(const void *data) {
    enum { ROUNDS = 12 };
    static const double launch[] = {2.0, 2.2, 1.8};
    struct pb_point a[ROUNDS], b[ROUNDS];
    struct pb_interval together, apart;
    (void)data;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        a[i] = (struct pb_point){i, 10 * launch[i / 4], 0};
        b[i] = (struct pb_point){i, 10, 0};
    }
    CHECK_INT(pb_ratio(a, ROUNDS, b, ROUNDS, 1, &together), ROUNDS);
    for (uint32_t i = 0; i < ROUNDS; i++)
        a[i].launch = i / 4;
    CHECK_INT(pb_ratio(a, ROUNDS, b, ROUNDS, 1, &apart), ROUNDS);
    CHECK_NEAR(apart.value, 2, 1e-12);
    CHECK(apart.low < 1.6 && apart.high > 2.4);
    CHECK(together.low >= 1.8 && together.high <= 2.2);
}

static const struct pb_case plain[] = {
    {"student", student, NULL},
    {"one launch", one_launch, NULL},
    {"medians of medians", medians_of_medians, NULL},
    {"ratios", ratios, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    if (i < LENGTH(plain))
        *out = plain[i];
    else if (i < LENGTH(plain) + LENGTH(coverages))
        *out = (struct pb_case){coverages[i - LENGTH(plain)].name, covers, &coverages[i - LENGTH(plain)]};
    else
        return false;
    return true;
}

const struct pb_suite suite_launches = {"launches", NULL, generate};
