/* What is asked: see oracle.h for how to add a function. */
#include "oracle.h"

#include <math.h>
#include <stdlib.h>

#include "stats/bootstrap.h"
#include "stats/change.h"
#include "stats/histogram.h"
#include "stats/holm.h"
#include "stats/launches.h"
#include "stats/looks.h"
#include "stats/schedule.h"
#include "stats/shape.h"
#include "stats/shift.h"
#include "stats/speedup.h"
#include "stats/summary.h"
#include "stats/two_level.h"
#include "stats/usl.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const double levels[] = {0,   1e-9, 0.001, 0.025, 0.1,  0.25,  1.0 / 3,
                                0.5, 0.75, 0.9,   0.975, 0.99, 0.999, 1};

static void answer_interval(struct oracle *o, struct pb_interval i) {
    answer(o, "value", i.value);
    answer(o, "low", i.low);
    answer(o, "high", i.high);
}

static void quantile(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        double found[LENGTH(levels)];
        for (size_t i = 0; i < LENGTH(levels); i++)
            found[i] = pb_quantile(s.sorted, s.n, levels[i]);
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        ask_reals(o, "q", levels, LENGTH(levels));
        answer_reals(o, "quantiles", found, LENGTH(levels));
        end_question(o);
    }
}

static void median(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        answer(o, "median", pb_median(s.sorted, s.n));
        end_question(o);
    }
}

static void undisturbed_mean(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        ask(o, "share", 0.5);
        answer(o, "mean", pb_undisturbed_mean(s.sorted, s.n, 0.5));
        end_question(o);
    }
}

static void midmean(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        answer(o, "mean", pb_midmean(s.sorted, s.n));
        end_question(o);
    }
}

static void mad(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        double value;
        if (pb_mad(s.sorted, s.n, &value) < 0)
            abort();
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        answer(o, "mad", value);
        end_question(o);
    }
}

static void median_exact(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        answer_interval(o, pb_median_exact(s.sorted, s.n));
        end_question(o);
    }
}

/* Ranks alone, up to where 2^-n underflows and beyond. */
static void exact_ranks(struct oracle *o) {
    static double index[3000];
    for (size_t i = 0; i < LENGTH(index); i++)
        index[i] = (double)i + 1;
    for (size_t n = 1; n <= LENGTH(index); n += n < 200 ? 1 : 97) {
        begin_question(o, "ranks");
        ask(o, "n", (double)n);
        answer(o, "rank", pb_median_exact(index, n).low);
        end_question(o);
    }
}

static void lag1(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        answer(o, "lag1", pb_lag1(s.x, s.n));
        end_question(o);
    }
}

static void drift(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        double slope;
        if (pb_drift(s.x, s.n, &slope) < 0)
            abort();
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        answer(o, "slope", slope);
        end_question(o);
    }
}

static void outliers(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        struct pb_outliers found = pb_outliers(s.sorted, s.n);
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        answer_reals(o, "counts",
                     (double[]){(double)found.low_severe, (double)found.low_mild, (double)found.high_mild,
                                (double)found.high_severe},
                     4);
        end_question(o);
    }
}

static void normal_cdf(struct oracle *o) {
    for (double x = -8.5; x <= 8.5; x += 0.17) {
        begin_question(o, "cdf");
        ask(o, "x", x);
        answer(o, "p", pb_normal_cdf(x));
        end_question(o);
    }
}

static void normal_quantile(struct oracle *o) {
    for (int i = 1; i < 200; i++) {
        double p = i < 16 ? pow(10, -i) : i / 200.0;
        begin_question(o, "quantile");
        ask(o, "p", p);
        answer(o, "x", pb_normal_quantile(p));
        end_question(o);
    }
}

static void ask_bca(struct oracle *o, const struct series *s, uint32_t resamples) {
    struct pb_interval found;
    if (pb_median_bca(s->sorted, s->n, pb_random_next(&o->random), resamples, &found) < 0)
        abort();
    begin_question(o, s->name);
    ask_reals(o, "x", s->x, s->n);
    ask(o, "resamples", resamples);
    answer_interval(o, found);
    end_question(o);
}

/* Against the bootstrap that would never end, whose distribution is known. */
static void bca(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);)
        if (s.n > 1 && s.n < 64)
            ask_bca(o, &s, 20000);
}

/* Against SciPy's, which draws as well: few, since it takes its time. */
static void bca_drawn(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);)
        if (s.n == 64 && s.next % 9 <= 3 && s.next % 9 > 0)
            ask_bca(o, &s, 20000);
}

/* Values of one to five launches, which differ by more than their values do; in no order of launches. */
struct launched {
    size_t n;
    struct pb_launched at[40];
    double value[40], launch[40];
};

static void draw_launched(struct oracle *o, struct launched *l, size_t launches, size_t most, double shift) {
    l->n = 0;
    for (size_t k = 0; k < launches; k++) {
        double of_launch = shift + 0.04 * draw_normal(&o->random);
        for (size_t left = 1 + pb_random_below(&o->random, most); left; left--)
            l->at[l->n++] =
                (struct pb_launched){of_launch + 0.02 * draw_normal(&o->random), (uint32_t)(7 * k + 3)};
    }
    for (size_t i = l->n; i > 1; i--) {
        size_t k = pb_random_below(&o->random, i);
        struct pb_launched last = l->at[i - 1];
        l->at[i - 1] = l->at[k];
        l->at[k] = last;
    }
    for (size_t i = 0; i < l->n; i++) {
        l->value[i] = l->at[i].value;
        l->launch[i] = l->at[i].launch;
    }
}

/* Against the resampling that would never end. */
static void launches_interval(struct oracle *o) {
    for (size_t i = 0; i < 60; i++) {
        struct launched l;
        struct pb_interval found;
        draw_launched(o, &l, 1 + i % 5, 7, 0);
        if (pb_launches_interval(l.at, l.n, pb_random_next(&o->random), &found) < 0)
            abort();
        begin_question(o, "launches");
        ask_reals(o, "x", l.value, l.n);
        ask_reals(o, "launch", l.launch, l.n);
        ask(o, "resamples", PB_RESAMPLES);
        answer_interval(o, found);
        end_question(o);
    }
}

static void answer_two_level(struct oracle *o, const struct pb_two_level *found, double confidence,
                             double threshold) {
    answer_interval(o, pb_two_level_interval(found, confidence));
    answer(o, "launches", found->launches);
    answer(o, "deviation", found->deviation);
    answer(o, "level", pb_two_level_level(found, threshold));
    answer(o, "detectable", pb_two_level_detectable(found, confidence, threshold));
}

/* Changes from none to twice the threshold; each side has its own number of launches. */
static void two_level(struct oracle *o) {
    static const double confidences[] = {0.95, 0.99};
    for (size_t i = 0; i < 60; i++) {
        double confidence = confidences[i % 2], threshold = 0.05;
        struct launched base, head;
        struct pb_two_level found;
        draw_launched(o, &base, 1 + i % 4, 5, 0);
        draw_launched(o, &head, 1 + i / 4 % 4, 5, 0.1 * pb_random_unit(&o->random));
        if (pb_two_level_init(&found, base.at, base.n, head.at, head.n, pb_random_next(&o->random),
                              PB_TWO_LEVEL_RESAMPLES) < 0)
            abort();
        begin_question(o, "shift");
        ask_reals(o, "base", base.value, base.n);
        ask_reals(o, "base_launch", base.launch, base.n);
        ask_reals(o, "head", head.value, head.n);
        ask_reals(o, "head_launch", head.launch, head.n);
        ask(o, "resamples", PB_TWO_LEVEL_RESAMPLES);
        ask(o, "confidence", confidence);
        ask(o, "threshold", threshold);
        answer_two_level(o, &found, confidence, threshold);
        end_question(o);
        pb_two_level_release(&found);
    }
}

static void looks(struct oracle *o) {
    enum { LOOKS = 12 };
    for (int i = 1; i <= 40; i++) {
        double alpha = (i % 2 ? 0.05 : 0.01) / i, share[LOOKS], spent[LOOKS], at[LOOKS], sum = 0;
        uint32_t n = 0;
        for (uint32_t k = 0; k < LOOKS; k++) {
            n = pb_looks_next(alpha, n);
            at[k] = n;
            share[k] = pb_looks_share(alpha, k + 1);
            spent[k] = sum += share[k];
        }
        begin_question(o, "looks");
        ask(o, "alpha", alpha);
        ask(o, "looks", LOOKS);
        answer_reals(o, "shares", share, LOOKS);
        answer_reals(o, "spent", spent, LOOKS);
        answer_reals(o, "at", at, LOOKS);
        answer(o, "last", pb_looks_share(alpha, PB_LAST_LOOK));
        end_question(o);
    }
}

static void karp_flatt(struct oracle *o) {
    for (int i = 0; i < 200; i++) {
        double workers = (double)(1 + pb_random_below(&o->random, i % 2 ? 4 : 200));
        double speedup = workers * exp(0.7 * draw_normal(&o->random));
        struct pb_interval s = {speedup, speedup * 0.9, speedup * 1.2};
        begin_question(o, "serial fraction");
        ask(o, "speedup", speedup);
        ask(o, "workers", workers);
        answer_interval(o, pb_karp_flatt_interval(s, workers));
        end_question(o);
    }
}

static void list_bound(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);)
        for (uint32_t workers = 1; workers <= 40; workers += workers < 5 ? 1 : 13) {
            double length[ORACLE_LONGEST], bound;
            for (size_t i = 0; i < s.n; i++)
                length[i] = fabs(s.x[i]);
            if (pb_list_bound(length, s.n, workers, &bound) < 0)
                abort();
            begin_question(o, s.name);
            ask_reals(o, "length", length, s.n);
            ask(o, "workers", workers);
            answer(o, "bound", bound);
            end_question(o);
        }
}

/* Bins of one value each, or of ten. */
static void bins_quantile(struct oracle *o) {
    static const double q[] = {0.001, 0.01, 0.1, 0.25, 0.3, 0.5, 0.6, 0.7, 0.9, 0.95, 0.99, 0.999, 1};
    for (int i = 0; i < 60; i++) {
        struct pb_bin bin[120];
        double value[LENGTH(bin)], found[LENGTH(q)];
        size_t n = 1 + pb_random_below(&o->random, LENGTH(bin));
        uint64_t width = i % 2 ? 10 : 1, most = i % 3 ? 50 : 100000;
        for (size_t k = 0; k < n; k++) {
            uint64_t v = pb_random_below(&o->random, most);
            value[k] = (double)v;
            bin[k] = (struct pb_bin){v / width * width, v / width * width + width - 1, 1};
        }
        size_t bins = pb_bins_merge(bin, n);
        for (size_t k = 0; k < LENGTH(q); k++)
            found[k] = pb_bins_quantile(bin, bins, q[k]);
        begin_question(o, "histogram");
        ask_reals(o, "x", value, n);
        ask_reals(o, "q", q, LENGTH(q));
        ask(o, "width", (double)width);
        answer_reals(o, "quantiles", found, LENGTH(q));
        end_question(o);
    }
}

/* Rounds that either series lacks, and values that count as missing. */
static size_t draw_points(struct oracle *o, size_t n, struct pb_point *point, double *round, double *value) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (pb_random_below(&o->random, 5)) {
            double v = pb_random_below(&o->random, 9) ? exp(draw_normal(&o->random)) : 0;
            round[kept] = (double)i;
            value[kept] = v;
            point[kept++] = (struct pb_point){.round = (uint32_t)i, .value = v};
        }
    return kept;
}

/* Up to nine pairs, whose interval is exact: that of more is bca's. */
static void ratio(struct oracle *o) {
    for (int i = 0; i < 60; i++) {
        struct pb_point a[9], b[9];
        double rounds[2][9], values[2][9];
        struct pb_interval found;
        size_t na = draw_points(o, 9, a, rounds[0], values[0]);
        size_t nb = draw_points(o, 9, b, rounds[1], values[1]);
        int64_t pairs = pb_ratio(a, na, b, nb, 1, &found);
        if (pairs < 0)
            abort();
        begin_question(o, "ratio");
        ask_reals(o, "rounds_a", rounds[0], na);
        ask_reals(o, "a", values[0], na);
        ask_reals(o, "rounds_b", rounds[1], nb);
        ask_reals(o, "b", values[1], nb);
        answer(o, "pairs", (double)pairs);
        answer_interval(o, found);
        end_question(o);
    }
}

static void change(struct oracle *o) {
    for (int i = 0; i < 200; i++) {
        double threshold = 0.01 * (double)(1 + pb_random_below(&o->random, 20));
        double at = 0.1 * draw_normal(&o->random), half = 0.05 * draw_exponential(&o->random);
        struct pb_interval interval = {at, i % 20 ? at - half : NAN, i % 20 ? at + half : NAN};
        begin_question(o, "change");
        ask(o, "low", interval.low);
        ask(o, "high", interval.high);
        ask(o, "threshold", threshold);
        answer(o, "regressed", pb_change_judge(interval, threshold) == PB_CHANGE_REGRESSED);
        answer(o, "improved", pb_change_judge(interval, threshold) == PB_CHANGE_IMPROVED);
        answer(o, "equivalent", pb_change_judge(interval, threshold) == PB_CHANGE_EQUIVALENT);
        end_question(o);
    }
}

/* Levels at random, some equal, some unknown. */
static void holm(struct oracle *o) {
    for (int i = 0; i < 100; i++) {
        struct pb_decision decision[20];
        double p[LENGTH(decision)], adjusted[LENGTH(decision)], level[LENGTH(decision)],
            decided[LENGTH(decision)];
        size_t n = 1 + pb_random_below(&o->random, LENGTH(decision));
        for (size_t k = 0; k < n; k++) {
            double unit = pb_random_unit(&o->random);
            p[k] = k && pb_random_below(&o->random, 4) == 0 ? p[k - 1]
                   : i % 9 == 0 && k == 0                   ? NAN
                                                            : pow(unit, 3);
            decision[k] = (struct pb_decision){.p = p[k]};
        }
        if (pb_holm(decision, n, 0.05) < 0)
            abort();
        for (size_t k = 0; k < n; k++) {
            adjusted[k] = decision[k].adjusted;
            level[k] = decision[k].level;
            decided[k] = decision[k].decided;
        }
        begin_question(o, "decisions");
        ask_reals(o, "p", p, n);
        ask(o, "alpha", 0.05);
        answer_reals(o, "adjusted", adjusted, n);
        answer_reals(o, "level", level, n);
        answer_reals(o, "decided", decided, n);
        end_question(o);
    }
}

static void signed_rank(struct oracle *o) {
    for (size_t n = 1; n <= 300; n += n < 12 ? 1 : 29) {
        double most = (double)(n * (n + 1) / 2), k[40], below[LENGTH(k)];
        for (size_t i = 0; i < LENGTH(k); i++) {
            k[i] = floor(most * (double)i / LENGTH(k));
            below[i] = pb_signed_rank_below(n, k[i]);
        }
        begin_question(o, n <= PB_SIGNED_RANK_EXACT ? "exact" : "normal");
        ask(o, "n", (double)n);
        ask(o, "exact", n <= PB_SIGNED_RANK_EXACT);
        ask_reals(o, "k", k, LENGTH(k));
        answer_reals(o, "below", below, LENGTH(k));
        end_question(o);
    }
}

static void shift(struct oracle *o) {
    static const double alphas[] = {0.05, 0.01};
    for (struct series s = {0}; next_series(o, &s);)
        for (size_t i = 0; i < LENGTH(alphas) && s.n < 64; i++) {
            struct pb_interval found;
            if (pb_shift(s.x, s.n, alphas[i], &found) < 0)
                abort();
            begin_question(o, s.name);
            ask_reals(o, "x", s.x, s.n);
            ask(o, "alpha", alphas[i]);
            answer_interval(o, found);
            end_question(o);
        }
}

static void trend(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        answer(o, "deviations", pb_trend(s.x, s.n));
        end_question(o);
    }
}

static void cut(struct oracle *o) {
    for (struct series s = {0}; next_series(o, &s);) {
        struct pb_cut found = pb_cut(s.sorted, s.n);
        begin_question(o, s.name);
        ask_reals(o, "x", s.x, s.n);
        answer(o, "low", found.low);
        answer(o, "high", found.high);
        answer(o, "separability", found.separability);
        end_question(o);
    }
}

static void student_975(struct oracle *o) {
    for (double freedom = 1; freedom < 1000; freedom += freedom < 20 ? 1 : 97) {
        begin_question(o, "t");
        ask(o, "freedom", freedom);
        answer(o, "t", pb_student_975(freedom));
        end_question(o);
    }
}

static void usl_peak(struct oracle *o) {
    for (int i = 0; i < 50; i++) {
        struct pb_usl law = {100 * pb_random_unit(&o->random) + 1, 0.2 * pb_random_unit(&o->random),
                             0.02 * pb_random_unit(&o->random) + 1e-4};
        begin_question(o, "law");
        ask(o, "g", law.g);
        ask(o, "a", law.a);
        ask(o, "b", law.b);
        answer(o, "peak", pb_usl_peak(law));
        answer(o, "there", pb_usl_throughput(law, pb_usl_peak(law)));
        end_question(o);
    }
}

/* Throughput of a law with some noise, from one round. */
static void usl_fit(struct oracle *o) {
    enum { WIDTHS = 8 };
    for (int i = 0; i < 40; i++) {
        struct pb_usl law = {50, i % 4 ? 0.2 * pb_random_unit(&o->random) : 0,
                             i % 3 ? 0.01 * pb_random_unit(&o->random) : 0},
                      found;
        double n[WIDTHS], log_x[WIDTHS];
        for (int k = 0; k < WIDTHS; k++) {
            n[k] = k < 4 ? k + 1 : 4 * (k - 2);
            log_x[k] = log(pb_usl_throughput(law, n[k])) + 0.02 * draw_normal(&o->random);
        }
        struct pb_usl_means means = {WIDTHS, 1, n, log_x, 0};
        double squares = pb_usl_fit(&means, i % 2 ? PB_LAW_USL : PB_LAW_AMDAHL, &found);
        begin_question(o, i % 2 ? "USL" : "Amdahl");
        ask_reals(o, "n", n, WIDTHS);
        ask_reals(o, "log_x", log_x, WIDTHS);
        ask(o, "usl", i % 2);
        answer(o, "squares", squares);
        answer(o, "g", found.g);
        answer(o, "a", found.a);
        answer(o, "b", found.b);
        end_question(o);
    }
}

/* Laws with and without a part that grows with both, and widths from too few on. */
static void usl_aicc(struct oracle *o) {
    enum { WIDTHS = 9 };
    for (int i = 0; i < 90; i++) {
        struct pb_usl law = {50, 0.1 * pb_random_unit(&o->random),
                             i % 2 ? 0.01 * pb_random_unit(&o->random) : 0},
                      found;
        size_t widths = 3 + (size_t)i % (WIDTHS - 2), rounds = 3 + pb_random_below(&o->random, 20);
        double n[WIDTHS], log_x[WIDTHS], inside = 0.01 * draw_exponential(&o->random);
        for (size_t k = 0; k < widths; k++) {
            n[k] = (double)(k + 1);
            log_x[k] = log(pb_usl_throughput(law, n[k])) + 0.01 * draw_normal(&o->random);
        }
        struct pb_usl_means means = {widths, rounds, n, log_x, inside};
        begin_question(o, "criterion");
        ask_reals(o, "n", n, widths);
        ask_reals(o, "log_x", log_x, widths);
        ask(o, "rounds", (double)rounds);
        ask(o, "inside", inside);
        answer(o, "amdahl", pb_usl_aicc(&means, PB_LAW_AMDAHL, pb_usl_fit(&means, PB_LAW_AMDAHL, &found)));
        answer(o, "usl", pb_usl_aicc(&means, PB_LAW_USL, pb_usl_fit(&means, PB_LAW_USL, &found)));
        answer(o, "law", pb_usl_choose(&means, &found));
        end_question(o);
    }
}

/* A row a function. */
#define ROW(function)                                                                                        \
    { #function, function }
const struct oracle_row oracle_rows[] = {
    ROW(quantile),
    ROW(median),
    ROW(undisturbed_mean),
    ROW(midmean),
    ROW(mad),
    ROW(median_exact),
    ROW(exact_ranks),
    ROW(lag1),
    ROW(drift),
    ROW(outliers),
    ROW(normal_cdf),
    ROW(normal_quantile),
    ROW(bca),
    ROW(bca_drawn),
    ROW(karp_flatt),
    ROW(list_bound),
    ROW(bins_quantile),
    ROW(ratio),
    ROW(change),
    ROW(holm),
    ROW(signed_rank),
    ROW(shift),
    ROW(trend),
    ROW(cut),
    ROW(student_975),
    ROW(usl_peak),
    ROW(usl_fit),
    ROW(usl_aicc),
    ROW(launches_interval),
    ROW(two_level),
    ROW(looks),
    {NULL, NULL},
};
