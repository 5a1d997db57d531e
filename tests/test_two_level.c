/* Resampling launches and repetitions: what is exact by hand, and how often its intervals are right on
 * numbers whose truth is known. Seeds are fixed, so nothing here is left to chance. */
#include "base/random.h"
#include "stats/bootstrap.h"
#include "stats/change.h"
#include "stats/two_level.h"
#include "suite.h"

enum { MOST = 400, RESAMPLES = 1000 };

static double normal(struct pb_random *random) {
    return pb_normal_quantile(fmin(fmax(pb_random_unit(random), 1e-12), 1 - 1e-12));
}

/* Repetitions scatter by 1 %, launches by `between`. */
static size_t measure(struct pb_launched out[MOST], uint32_t launches, uint32_t each, double centre,
                      double between, struct pb_random *random) {
    size_t n = 0;
    for (uint32_t l = 0; l < launches; l++) {
        double launch = centre + between * normal(random);
        for (uint32_t i = 0; i < each; i++)
            out[n++] = (struct pb_launched){launch + 0.01 * normal(random), l};
    }
    return n;
}

static void value(const void *data) {
    (void)data;
    /* Medians of launches: 2 and 5 (of 4 and 6), whose median is 3.5; and 10. */
    const struct pb_launched base[] = {{6, 1}, {1, 0}, {9, 0}, {4, 1}, {2, 0}}, head[] = {{10, 7}};
    const struct pb_launched turned[] = {{2, 0}, {4, 1}, {9, 0}, {1, 0}, {6, 1}};
    struct pb_two_level a, b;
    CHECK_INT(pb_two_level_init(&a, base, 5, head, 1, 3, RESAMPLES), 0);
    CHECK_INT(pb_two_level_init(&b, turned, 5, head, 1, 3, RESAMPLES), 0);
    CHECK_NEAR(a.value, 6.5, 1e-15);
    CHECK_INT(a.launches, 1);
    for (uint32_t i = 0; i < RESAMPLES; i++)
        CHECK(a.resample[i] == b.resample[i]);
    pb_two_level_release(&a);
    pb_two_level_release(&b);
}

/* Two launches of one value each, 0 and 1: medians of resamples are 0, 1/2 and 1 with 1/4, 1/2 and 1/4. Their
   distance from 1/2 grows by the root of 2, and by 12.706 / 1.960: Student's quantile for the one degree of
   freedom that three launches on two sides leave, over the normal one. */
static void spread(const void *data) {
    (void)data;
    const struct pb_launched base[] = {{0, 0}, {1, 1}}, head[] = {{0, 0}};
    struct pb_two_level found;
    CHECK_INT(pb_two_level_init(&found, base, 2, head, 1, 5, 10000), 0);
    CHECK_NEAR(found.resample[0], -0.5 - 4.584, 0.005);
    CHECK_NEAR(found.resample[5000], -0.5, 1e-12);
    CHECK_NEAR(found.resample[9999], -0.5 + 4.584, 0.005);
    CHECK_NEAR(found.deviation, 4.584 * M_SQRT1_2, 0.02);
    pb_two_level_release(&found);
}

/* The level is where the interval's answer turns. */
static void level(const void *data) {
    (void)data;
    static const double truth[] = {0, 0.03, 0.06, 0.2, -0.06};
    struct pb_launched base[MOST], head[MOST];
    struct pb_random random;
    pb_random_seed(&random, 11);
    for (size_t i = 0; i < sizeof truth / sizeof *truth; i++) {
        struct pb_two_level found;
        size_t n = measure(base, 4, 10, 0, 0.01, &random), m = measure(head, 4, 10, truth[i], 0.01, &random);
        CHECK_INT(pb_two_level_init(&found, base, n, head, m, 1, RESAMPLES), 0);
        double at = pb_two_level_level(&found, 0.05);
        CHECK(at > 0 && at <= 1);
        if (at < 0.9)
            CHECK(pb_change_judge(pb_two_level_interval(&found, 1 - (at + 0.01)), 0.05) !=
                  PB_CHANGE_INCONCLUSIVE);
        if (at > 0.05)
            CHECK(pb_change_judge(pb_two_level_interval(&found, 1 - (at - 0.02)), 0.05) ==
                  PB_CHANGE_INCONCLUSIVE);
        pb_two_level_release(&found);
    }
}

/* So many of 400 experiments at least in which the 95 % interval holds the truth. */
static const struct cover {
    const char *name;
    uint32_t launches, each;
    double between;
    uint32_t least;
} covers[] = {
    {"covers: 6 samples", 1, 6, 0, 376},
    {"covers: 20 samples", 1, 20, 0, 376},
    {"covers: 2 launches of 10", 2, 10, 0.05, 376},
    {"covers: 3 launches of 10", 3, 10, 0.05, 376},
    {"covers: 5 launches of 6", 5, 6, 0.05, 376},
    {"covers: 10 launches of 6", 10, 6, 0.05, 376},
};

static void cover(const void *data) {
    const struct cover *row = data;
    struct pb_launched base[MOST], head[MOST];
    struct pb_random random;
    uint32_t right = 0;
    pb_random_seed(&random, 17);
    for (uint32_t i = 0; i < 400; i++) {
        struct pb_two_level found;
        size_t n = measure(base, row->launches, row->each, 2, row->between, &random);
        size_t m = measure(head, row->launches, row->each, 2.1, row->between, &random);
        CHECK_INT(pb_two_level_init(&found, base, n, head, m, i, RESAMPLES), 0);
        struct pb_interval interval = pb_two_level_interval(&found, 0.95);
        right += interval.low <= 0.1 && 0.1 <= interval.high;
        pb_two_level_release(&found);
    }
    CHECK_MSG(right >= row->least && right < 400, "%u of 400", right);
}

/* A regression of what it says it could find is found in 19 of 20. */
static void detectable(const void *data) {
    (void)data;
    struct pb_launched base[MOST], head[MOST];
    struct pb_random random;
    uint32_t found_it = 0;
    double least = 0;
    pb_random_seed(&random, 23);
    for (uint32_t i = 0; i < 500; i++) {
        struct pb_two_level found;
        double truth = i < 100 ? 0 : log1p(least / 100);
        size_t n = measure(base, 1, 40, 0, 0, &random), m = measure(head, 1, 40, truth, 0, &random);
        CHECK_INT(pb_two_level_init(&found, base, n, head, m, i, RESAMPLES), 0);
        if (i < 100)
            least += pb_two_level_detectable(&found, 0.95, 0.05);
        else
            found_it += pb_change_judge(pb_two_level_interval(&found, 0.95), 0.05) == PB_CHANGE_REGRESSED;
        pb_two_level_release(&found);
    }
    CHECK_MSG(found_it >= 372 && found_it < 400, "%u of 400, at %.4f", found_it, least / 100);
}

static bool cases(size_t i, struct pb_case *out) {
    static const struct pb_case plain[] = {
        {"value", value, NULL},
        {"spread", spread, NULL},
        {"level", level, NULL},
        {"detectable", detectable, NULL},
    };
    enum { PLAIN = sizeof plain / sizeof *plain, COVERS = sizeof covers / sizeof *covers };
    if (i >= PLAIN + COVERS)
        return false;
    *out = i < PLAIN ? plain[i] : (struct pb_case){covers[i - PLAIN].name, cover, &covers[i - PLAIN]};
    return true;
}

const struct pb_suite suite_two_level = {"two_level", NULL, cases};
