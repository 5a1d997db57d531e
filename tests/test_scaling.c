/* Scaling laws: their formulas against values worked out by hand, fits of synthetic data whose law is known,
 * and what is refused. */
#include "base/random.h"
#include "stats/bootstrap.h"
#include "stats/scaling.h"
#include "suite.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

enum { WIDTHS_MOST = 16, ROUNDS_MOST = 20 };

/* ---- Formulas ---- */

/* X(N) = gN / (1 + a(N-1) + bN(N-1)), by hand: 100 * 8 / (1 + 0.35 + 0.56), and so on. */
static void formulas(const void *data) {
    (void)data;
    CHECK_NEAR(pb_usl_throughput((struct pb_usl){100, 0.05, 0.01}, 1), 100, 1e-12);
    CHECK_NEAR(pb_usl_throughput((struct pb_usl){100, 0.05, 0.01}, 8), 800 / 1.91, 1e-12);
    CHECK_NEAR(pb_usl_speedup((struct pb_usl){7, 0.25, 0}, 4), 4 / 1.75, 1e-12);
    CHECK_NEAR(pb_usl_peak((struct pb_usl){1, 0.19, 0.01}), 9, 1e-12);
    CHECK_NEAR(pb_usl_peak((struct pb_usl){1, 0.5, 2}), 1, 1e-12);
    CHECK_NEAR(pb_usl_peak((struct pb_usl){1, 1, 0}), 1, 1e-12);
    CHECK(isinf(pb_usl_peak((struct pb_usl){1, 0.1, 0})));
}

/* ---- Synthetic data ---- */

struct synthetic {
    const char *name;
    struct pb_usl law;
    double noise, drift; /* relative, of each sample and of each round */
    uint32_t widths, rounds;
};

struct sample {
    double n[WIDTHS_MOST], x[WIDTHS_MOST * ROUNDS_MOST];
};

static double normal(struct pb_random *random) {
    return pb_normal_quantile(pb_random_unit(random) * (1 - 1e-6) + 5e-7);
}

static struct pb_scaling_data make(const struct synthetic *s, struct pb_random *random, struct sample *out) {
    for (uint32_t w = 0; w < s->widths; w++)
        out->n[w] = w + 1;
    for (uint32_t r = 0; r < s->rounds; r++) {
        double round = s->drift * normal(random);
        for (uint32_t w = 0; w < s->widths; w++)
            out->x[r * s->widths + w] =
                pb_usl_throughput(s->law, out->n[w]) * exp(round + s->noise * normal(random));
    }
    return (struct pb_scaling_data){s->widths, s->rounds, out->n, out->x};
}

static bool within(struct pb_interval i, double truth) {
    return i.low <= truth && truth <= i.high;
}

/* Without noise the law itself comes out, and an interval of no width. */
static void exact(const void *data) {
    const struct synthetic *s = data;
    struct sample sample;
    struct pb_scaling_fit fit;
    struct pb_random random;
    pb_random_seed(&random, 1);
    struct pb_scaling_data made = make(s, &random, &sample);
    CHECK_INT(pb_scaling_fit(&made, 32, 1, &fit), 0);
    CHECK_INT(fit.law, s->law.b > 0 ? PB_LAW_USL : PB_LAW_AMDAHL);
    CHECK_NEAR(fit.curve.g, s->law.g, 1e-6);
    CHECK_NEAR(fit.one.value, s->law.g, 1e-6);
    CHECK(fabs(fit.a.value - s->law.a) < 1e-6 && fabs(fit.a.high - fit.a.low) < 1e-6);
    CHECK(fabs(fit.b.value - s->law.b) < 1e-6 && fabs(fit.b.high - fit.b.low) < 1e-6);
    CHECK_NEAR(fit.speedup.value, pb_usl_speedup(s->law, 32), 1e-6);
    CHECK_NEAR(fit.throughput.value, pb_usl_throughput(s->law, 32), 1e-6);
    CHECK(fabs(fit.misfit) < 1e-6);
    if (s->law.b > 0)
        CHECK_NEAR(fit.peak.value, sqrt((1 - s->law.a) / s->law.b), 1e-5);
    else
        CHECK(isinf(fit.peak.value));
}

/* Of 100 runs at least 95 have the truth within each interval. Seeded: the same on every machine. */
static void coverage(const void *data) {
    enum { TRIALS = 100 };
    const struct synthetic *s = data;
    struct pb_random random;
    int one = 0, a = 0, b = 0, peak = 0, speedup = 0;
    pb_random_seed(&random, 11);
    for (int trial = 0; trial < TRIALS; trial++) {
        struct sample sample;
        struct pb_scaling_fit fit;
        struct pb_scaling_data made = make(s, &random, &sample);
        CHECK_INT(pb_scaling_fit(&made, 2 * s->widths, (uint64_t)trial, &fit), 0);
        one += within(fit.one, s->law.g);
        a += within(fit.a, s->law.a);
        b += within(fit.b, s->law.b);
        peak += within(fit.peak, pb_usl_peak(s->law));
        speedup += within(fit.speedup, pb_usl_speedup(s->law, 2 * s->widths));
    }
    CHECK_MSG(one >= 0.95 * TRIALS, "%s: g is covered in %d of %d", s->name, one, TRIALS);
    CHECK_MSG(a >= 0.95 * TRIALS, "%s: a is covered in %d of %d", s->name, a, TRIALS);
    CHECK_MSG(b >= 0.95 * TRIALS, "%s: b is covered in %d of %d", s->name, b, TRIALS);
    CHECK_MSG(peak >= 0.95 * TRIALS, "%s: the peak is covered in %d of %d", s->name, peak, TRIALS);
    CHECK_MSG(speedup >= 0.95 * TRIALS, "%s: the prediction is covered in %d of %d", s->name, speedup,
              TRIALS);
}

/* AICc takes the needless b of Amdahl's data in at most one of ten, and never misses a plain one. */
static void choice(const void *data) {
    enum { TRIALS = 100 };
    static const struct synthetic amdahl = {"amdahl", {100, 0.05, 0}, 0.02, 0.03, 8, 10},
                                  usl = {"usl", {100, 0.05, 0.01}, 0.02, 0.03, 8, 10};
    struct pb_random random;
    int needless = 0, missed = 0;
    (void)data;
    pb_random_seed(&random, 3);
    for (int trial = 0; trial < TRIALS; trial++) {
        struct sample sample;
        struct pb_scaling_fit fit;
        struct pb_scaling_data made = make(&amdahl, &random, &sample);
        made.rounds = 5; /* too few for intervals, so none are resampled */
        CHECK_INT(pb_scaling_fit(&made, 16, 1, &fit), 0);
        CHECK(isnan(fit.a.low) && isnan(fit.speedup.high));
        needless += fit.law == PB_LAW_USL;
        made = make(&usl, &random, &sample);
        made.rounds = 5;
        CHECK_INT(pb_scaling_fit(&made, 16, 1, &fit), 0);
        missed += fit.law != PB_LAW_USL;
    }
    CHECK_MSG(needless <= TRIALS / 10, "USL was chosen for Amdahl's data in %d of %d", needless, TRIALS);
    CHECK_INT(missed, 0);
}

/* A straight line fits three widths however it is bent; a b takes six. */
static void refusals(const void *data) {
    static const struct synthetic s = {"usl", {100, 0.05, 0.05}, 0.01, 0, 8, 10};
    struct sample sample;
    struct pb_random random;
    (void)data;
    for (uint32_t widths = 0; widths <= 8; widths++) {
        struct synthetic few = s;
        struct pb_scaling_fit fit;
        few.widths = widths;
        pb_random_seed(&random, 1);
        struct pb_scaling_data made = make(&few, &random, &sample);
        CHECK_INT(pb_scaling_fit(&made, 16, 1, &fit), 0);
        CHECK_INT(fit.law, widths < 4 ? PB_LAW_NONE : widths < 6 ? PB_LAW_AMDAHL : PB_LAW_USL);
        if (widths >= 4)
            CHECK_INT(isnan(fit.b.value), widths < 6);
    }
}

/* Faster than linear is as much as these laws know: no negative a. */
static void superlinear(const void *data) {
    static const struct synthetic s = {"superlinear", {100, -0.02, 0}, 0.001, 0, 6, 8};
    struct sample sample;
    struct pb_random random;
    struct pb_scaling_fit fit;
    (void)data;
    pb_random_seed(&random, 1);
    struct pb_scaling_data made = make(&s, &random, &sample);
    CHECK_INT(pb_scaling_fit(&made, 12, 1, &fit), 0);
    CHECK(fit.a.value == 0 && fit.b.value == 0 && fit.a.low == 0);
    CHECK(fit.misfit != 0);
}

static const struct synthetic plain[] = {
    {"exactly linear", {100, 0, 0}, 0, 0, 8, 10},
    {"exactly amdahl", {100, 0.25, 0}, 0, 0, 6, 6},
    {"exactly usl", {1e6, 0.05, 0.001}, 0, 0, 16, 8},
};
static const struct synthetic noisy[] = {
    {"little b", {100, 0.05, 0.001}, 0.02, 0.03, 8, 10},
    {"much b", {100, 0.05, 0.01}, 0.02, 0.03, 8, 10},
    {"amdahl", {100, 0.05, 0}, 0.02, 0.03, 8, 10},
    {"hidden b", {100, 0.02, 0.0003}, 0.02, 0.03, 8, 10},
    {"many", {100, 0.03, 0.0005}, 0.02, 0.03, 16, 20},
    {"six", {100, 0.1, 0.002}, 0.01, 0.03, 6, 10},
    {"much noise", {100, 0.05, 0.002}, 0.05, 0.1, 8, 10},
};

static const struct pb_case fixed[] = {{"formulas", formulas, NULL},
                                       {"choice", choice, NULL},
                                       {"refusals", refusals, NULL},
                                       {"superlinear", superlinear, NULL}};

static bool generate(size_t i, struct pb_case *out) {
    if (i < LENGTH(fixed)) {
        *out = fixed[i];
    } else if ((i -= LENGTH(fixed)) < LENGTH(plain)) {
        *out = (struct pb_case){plain[i].name, exact, &plain[i]};
    } else if ((i -= LENGTH(plain)) < LENGTH(noisy)) {
        *out = (struct pb_case){noisy[i].name, coverage, &noisy[i]};
    } else {
        return false;
    }
    return true;
}

const struct pb_suite suite_scaling = {.name = "scaling", .generate = generate};
