/* Statistics against numpy and SciPy (tests/tools/stats_reference.py), against published figures, and the
 * verdict's rules row by row. */
#include "base/random.h"
#include "parbench/meter.h"
#include "stats/bootstrap.h"
#include "stats/histogram.h"
#include "stats/schedule.h"
#include "stats/speedup.h"
#include "stats/verdict.h"
#include "suite.h"

#include <stdlib.h>

struct reference {
    const char *name;
    size_t n;
    double x[40];
    double median, q1, q90, mad, lag1, slope, exact_low, exact_high, bca_low, bca_high;
    size_t outliers[4];
};
struct quantile_row {
    double p, x;
};
#include "data/stats_reference.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void check_same(const char *what, const char *of, double actual, double expected) {
    if (isnan(expected))
        CHECK_MSG(isnan(actual), "%s of %s is %.12g, expected NAN", what, of, actual);
    else
        CHECK_MSG(fabs(actual - expected) <= 1e-9 * fmax(1, fabs(expected)),
                  "%s of %s is %.12g, expected %.12g", what, of, actual, expected);
}

static void summaries(const void *data) {
    const struct reference *r = data;
    double sorted[40], mad, slope;
    memcpy(sorted, r->x, sizeof sorted);
    pb_sort(sorted, r->n);
    CHECK_INT(pb_mad(sorted, r->n, &mad), 0);
    CHECK_INT(pb_drift(r->x, r->n, &slope), 0);
    struct pb_interval exact = pb_median_exact(sorted, r->n);
    struct pb_outliers found = pb_outliers(sorted, r->n);
    check_same("median", r->name, pb_median(sorted, r->n), r->median);
    check_same("first quartile", r->name, pb_quantile(sorted, r->n, 0.25), r->q1);
    check_same("90 % quantile", r->name, pb_quantile(sorted, r->n, 0.9), r->q90);
    check_same("MAD", r->name, mad, r->mad);
    check_same("lag-1 autocorrelation", r->name, pb_lag1(r->x, r->n), r->lag1);
    check_same("drift", r->name, slope, r->slope);
    check_same("exact low", r->name, exact.low, r->exact_low);
    check_same("exact high", r->name, exact.high, r->exact_high);
    CHECK_INT(found.low_severe, r->outliers[0]);
    CHECK_INT(found.low_mild, r->outliers[1]);
    CHECK_INT(found.high_mild, r->outliers[2]);
    CHECK_INT(found.high_severe, r->outliers[3]);
}

/* Both from 100,000 resamples, other ones: within 3 % of the interval's width. */
static void bootstraps(const void *data) {
    const struct reference *r = data;
    double sorted[40];
    struct pb_interval bca, again, usual;
    memcpy(sorted, r->x, sizeof sorted);
    pb_sort(sorted, r->n);
    CHECK_INT(pb_median_interval(sorted, r->n, 7, &usual), 0);
    if (r->n < PB_BOOTSTRAP_SAMPLES) {
        check_same("low", r->name, usual.low, r->exact_low);
        check_same("high", r->name, usual.high, r->exact_high);
        return;
    }
    CHECK_INT(pb_median_bca(sorted, r->n, 3, 100000, &bca), 0);
    double tolerance = 0.03 * (r->bca_high - r->bca_low);
    CHECK_MSG(fabs(bca.low - r->bca_low) <= tolerance, "low of %s is %g, SciPy's %g", r->name, bca.low,
              r->bca_low);
    CHECK_MSG(fabs(bca.high - r->bca_high) <= tolerance, "high of %s is %g, SciPy's %g", r->name, bca.high,
              r->bca_high);
    CHECK_INT(pb_median_bca(sorted, r->n, 7, PB_RESAMPLES, &again), 0);
    CHECK(again.low == usual.low && again.high == usual.high);
}

static void normal(const void *data) {
    (void)data;
    for (size_t i = 0; i < LENGTH(normal_quantiles); i++) {
        const struct quantile_row *row = &normal_quantiles[i];
        CHECK_MSG(fabs(pb_normal_quantile(row->p) - row->x) < 1e-9, "quantile of %g", row->p);
        CHECK_NEAR(pb_normal_cdf(row->x), row->p, 1e-12);
    }
}

/* Medians of 21 exponential samples, 400 times: the exact interval covers the true one at least 95 % of the
   time. BCa of a median falls short with so few samples: 92.6 % here over 4,000 trials, 91 % for SciPy's; the
   limit leaves 3.5 standard errors. Seeded, so the counts are the same on every machine. */
static void coverage(const void *data) {
    enum { TRIALS = 400, N = 21 };
    struct pb_random random;
    int exact = 0, bca = 0;
    (void)data;
    pb_random_seed(&random, 5);
    for (int trial = 0; trial < TRIALS; trial++) {
        double x[N];
        struct pb_interval interval;
        for (int i = 0; i < N; i++)
            x[i] = -log(1 - pb_random_unit(&random));
        pb_sort(x, N);
        interval = pb_median_exact(x, N);
        exact += interval.low <= M_LN2 && M_LN2 <= interval.high;
        CHECK_INT(pb_median_bca(x, N, (uint64_t)trial, PB_RESAMPLES, &interval), 0);
        bca += interval.low <= M_LN2 && M_LN2 <= interval.high;
    }
    CHECK_MSG(exact >= 0.94 * TRIALS, "exact intervals cover %d of %d", exact, TRIALS);
    CHECK_MSG(bca >= 0.88 * TRIALS && bca < TRIALS, "BCa intervals cover %d of %d", bca, TRIALS);
}

static void no_spread(const void *data) {
    static const double x[12] = {3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3};
    struct pb_interval interval;
    (void)data;
    CHECK_INT(pb_median_interval(x, 12, 1, &interval), 0);
    CHECK(interval.value == 3 && interval.low == 3 && interval.high == 3);
    for (size_t n = 0; n <= 12; n++)
        CHECK(isnan(pb_lag1(x, n))); /* 7/7 of 3 is not quite 3 */
    CHECK(isnan(pb_lag1(x, 12)));
    CHECK(isnan(pb_median(x, 0)) && isnan(pb_quantile(x, 0, 0.5)));
}

/* Rounds 2 and 5 are missing in one, 7 in the other, round 4 has no time: 6 rounds are left, each exactly 2x.
 */
static void pairing(const void *data) {
    static const struct pb_point base[] = {{1, 40, 0}, {3, 60, 0}, {4, 0, 0},   {6, 20, 0}, {7, 80, 0},
                                           {8, 10, 0}, {9, 30, 0}, {10, 50, 0}, {11, 70, 0}};
    static const struct pb_point cell[] = {{1, 20, 0}, {2, 10, 0}, {3, 30, 0}, {4, 10, 0}, {5, 9, 0},
                                           {6, 10, 0}, {8, 5, 0},  {9, 15, 0}, {10, 25, 0}};
    struct pb_interval ratio;
    (void)data;
    CHECK_INT(pb_ratio(base, LENGTH(base), cell, LENGTH(cell), 1, &ratio), 6);
    CHECK_NEAR(ratio.value, 2, 1e-12);
    CHECK_NEAR(ratio.low, 2, 1e-12);
    CHECK_NEAR(ratio.high, 2, 1e-12);
    CHECK_INT(pb_ratio(base, 5, cell, LENGTH(cell), 1, &ratio), 3);
    CHECK_NEAR(ratio.value, 2, 1e-12);
    CHECK(isnan(ratio.low) && isnan(ratio.high));
    CHECK_INT(pb_ratio(base, 0, cell, LENGTH(cell), 1, &ratio), 0);
    CHECK(isnan(ratio.value));
}

/* On logarithms a ratio and its inverse are alike: the median of 1/2 and 2 is 1. */
static void ratios_on_logarithms(const void *data) {
    static const struct pb_point a[] = {{1, 1, 0}, {2, 4, 0}}, b[] = {{1, 2, 0}, {2, 2, 0}};
    struct pb_interval ratio;
    (void)data;
    CHECK_INT(pb_ratio(a, 2, b, 2, 1, &ratio), 2);
    CHECK_NEAR(ratio.value, 1, 1e-12);
}

/* Amdahl's law with a serial fraction f gives S; Karp and Flatt's metric gives f back. */
static void serial_fraction(const void *data) {
    (void)data;
    for (double p = 2; p <= 64; p *= 2)
        for (double f = 0; f < 1; f += 0.25)
            CHECK(fabs(pb_karp_flatt(1 / (f + (1 - f) / p), p) - f) < 1e-12);
    CHECK(pb_karp_flatt(2.1, 2) < 0);
    CHECK(isnan(pb_karp_flatt(1, 1)) && isnan(pb_karp_flatt(NAN, 4)));
    struct pb_interval e = pb_karp_flatt_interval((struct pb_interval){1.6, 1.5, 1.7}, 2);
    CHECK(e.low < e.value && e.value < e.high);
    CHECK_NEAR(e.value, 0.25, 1e-12);
}

/* RC4's 12 jobs (sizes in bytes) and the 20 numbers of the primes example (steps of trial division by odd
   numbers), in the order in which Fluent Python hands them out; the bounds are those published for its times.
 */
static void list_bounds(const void *data) {
    static const double rc4[] = {393216, 371370, 349525, 327680, 305834, 283989,
                                 262144, 240299, 218454, 196608, 174763, 152918};
    static const double primes[] = {1,        5972899,  8654386,  28867513, 1,        28867523, 33333333,
                                    1,        33333333, 37267791, 37267800, 2,        1,        40824829,
                                    40824830, 44095854, 44095855, 3,        50000000, 1};
    static const double equal[] = {7, 7, 7}, one_long[] = {1, 1, 1, 1, 6};
    static const struct {
        const double *length;
        size_t tasks;
        uint32_t workers;
        double bound, tolerance;
    } rows[] = {
        {rc4, 12, 2, 2.00, 0.002},    {rc4, 12, 3, 3.00, 0.002},     {rc4, 12, 4, 3.85, 0.002},
        {primes, 20, 2, 1.81, 0.005}, {primes, 20, 3, 2.66, 0.005},  {primes, 20, 4, 3.34, 0.005},
        {primes, 20, 6, 4.63, 0.005}, {equal, 3, 1, 1, 1e-12},       {equal, 3, 2, 1.5, 1e-12},
        {equal, 3, 1000, 3, 1e-12},   {one_long, 5, 2, 1.25, 1e-12},
    };
    double bound;
    (void)data;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        CHECK_INT(pb_list_bound(rows[i].length, rows[i].tasks, rows[i].workers, &bound), 0);
        CHECK_NEAR(bound, rows[i].bound, rows[i].tolerance);
    }
    CHECK_INT(pb_list_bound(equal, 0, 2, &bound), 0);
    CHECK(isnan(bound));
}

/* A compute-bound cell of 2 workers and 64 tasks of 1 ms on 2 processors that can give 1.98x, and an
   I/O-bound one of 8 workers: rows state what differs. */
#define CPU(...)                                                                                             \
    {                                                                                                        \
        .workers = 2, .threads = 2, .tasks = 64, .usable = 2, .quota = INFINITY, .possible = 1.98,           \
        .cost = 1, .bound = 2, .imbalance = 1, .task_ns = 1e6, .preempted = 0, .throttled = NAN,             \
        .stolen = NAN, __VA_ARGS__                                                                           \
    }
#define IO(...)                                                                                              \
    {                                                                                                        \
        .io = true, .workers = 8, .threads = 8, .tasks = 64, .usable = 2, .quota = INFINITY,                 \
        .possible = NAN, .bound = 8, .imbalance = NAN, .cost = 1.2, .task_ns = 1e7, .throttled = NAN,        \
        .stolen = NAN, __VA_ARGS__                                                                           \
    }
#define S(value, low, high) .speedup = {value, low, high}
#define ABOUT(value)        S(value, (value)*0.995, (value)*1.005)

/* Overriding the defaults of CPU() and IO() is what these rows are for. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const struct verdict_row {
    const char *name, *outcome, *cause;
    struct pb_facts facts;
} verdicts[] = {
    {"parallel", "parallel", NULL, CPU(ABOUT(1.97), .busy = 1.97)},
    {"parallel just so", "parallel", NULL, CPU(S(1.8, 1.7821, 1.9), .busy = 1.8)},
    {"parallel spans partial", "unclear", NULL, CPU(S(1.85, 1.78, 1.9), .busy = 1.8)},
    {"superlinear", "parallel", NULL, CPU(ABOUT(2.3), .busy = 1.99, .cost = 0.87)},
    {"no interval", "parallel", NULL, CPU(S(1.8, NAN, NAN), .busy = 1.8)},
    {"against what is possible", "parallel", NULL,
     CPU(ABOUT(1.3), .possible = 1.35, .busy = 1.9, .cost = 1.46)},
    {"possible unknown", "partial", "unknown", CPU(ABOUT(1.7), .possible = NAN, .busy = 1.7)},
    {"serial row", "-", NULL, CPU(ABOUT(1.0), .workers = 1, .threads = 1, .busy = 1)},
    {"one task", "-", NULL, CPU(ABOUT(1.0), .tasks = 1, .busy = 1)},
    {"no speedup", "-", NULL, CPU(S(NAN, NAN, NAN), .busy = 1)},
    {"lock", "serialised", "lock", CPU(ABOUT(0.99), .busy = 1.0, .cost = 1.01)},
    {"lock that costs", "slower", "lock", CPU(ABOUT(0.8), .busy = 1.0, .cost = 1.25)},
    {"lock whose sleeps cost", "slower", "lock", CPU(ABOUT(0.53), .busy = 1.73, .cost = 3.3, .waited = 0.13)},
    {"lock in part, under other load", "partial", "lock",
     CPU(ABOUT(1.33), .busy = 1.34, .waited = 0.3, .preempted = 200)},
    {"lock that favours one", "partial", "lock",
     CPU(ABOUT(1.31), .imbalance = 1.5, .busy = 1.31, .waited = 0.3)},
    {"hardly waited", "partial", "shared hardware",
     CPU(ABOUT(1.24), .busy = 1.98, .cost = 1.6, .waited = 0.04)},
    {"too short to lock", "slower", "overhead",
     CPU(ABOUT(0.2), .task_ns = 90, .busy = 1.7, .cost = 8, .waited = 0.1)},
    {"displaced, not waiting", "serialised", "other load",
     CPU(ABOUT(1.05), .busy = 1, .displaced = 0.5, .preempted = 300)},
    {"one thread", "serialised", NULL, CPU(ABOUT(0.99), .threads = 1, .busy = 1.0)},
    {"narrow across a border", "serialised", "lock", CPU(S(0.905, 0.89, 0.92), .busy = 1.0)},
    {"narrow below it", "slower", "lock", CPU(S(0.895, 0.88, 0.91), .busy = 1.0)},
    {"not so narrow", "unclear", NULL, CPU(S(0.905, 0.88, 0.93), .busy = 1.0)},
    {"serialised spans slower", "unclear", NULL, CPU(S(0.92, 0.85, 0.97), .busy = 1.0)},
    {"overhead", "slower", "overhead", CPU(ABOUT(0.41), .task_ns = 900, .busy = 1.5, .cost = 3.6)},
    {"overhead in part", "partial", "overhead", CPU(ABOUT(1.3), .task_ns = 5e3, .busy = 1.95, .cost = 1.5)},
    {"overhead though in ranges", "partial", "overhead",
     CPU(ABOUT(1.75), .task_ns = 10, .busy = 1.99, .cost = 1.13)},
    {"imbalance by lengths", "partial", "imbalance", CPU(ABOUT(1.3), .bound = 1.33, .busy = 1.3)},
    {"imbalance by workers", "partial", "imbalance", CPU(ABOUT(1.31), .imbalance = 1.5, .busy = 1.31)},
    {"a worker that others displace", "partial", "other load",
     CPU(ABOUT(1.45), .possible = 1.5, .imbalance = 1.3, .busy = 1.5, .displaced = 0.25, .idle = 0.01,
         .preempted = 100)},
    {"workers that idle under other load", "partial", "imbalance",
     CPU(ABOUT(1.45), .imbalance = 1.3, .busy = 1.5, .displaced = 0.05, .idle = 0.2, .preempted = 100)},
    {"too few tasks", "partial", "imbalance",
     CPU(ABOUT(2.9), .workers = 4, .usable = 4, .possible = 3.9, .tasks = 3, .bound = 3, .busy = 2.9)},
    {"at the bound of lengths", "partial", "imbalance",
     CPU(S(1.8, 1.77, 1.8), .possible = 1.99, .bound = 1.8, .busy = 1.8)},
    {"at the bound, above the share", "partial", "imbalance",
     CPU(ABOUT(1.85), .possible = 1.99, .bound = 1.88, .busy = 1.85)},
    {"a disturbed base goes beyond the bound", "partial", "imbalance",
     CPU(S(1.79, 1.78, 2.3), .possible = 1.97, .bound = 1.8, .busy = 1.8)},
    {"more is possible than there are workers", "parallel", NULL,
     CPU(ABOUT(2.08), .possible = 2.1, .bound = 1.99, .busy = 1.99)},
    {"interval below an impossible ceiling", "parallel", NULL,
     CPU(S(2.18, 2.03, 2.33), .possible = 2.26, .busy = 1.99)},
    {"more than the bound", "parallel", NULL, CPU(ABOUT(1.95), .possible = 1.97, .bound = 1.8, .busy = 1.8)},
    {"not at the bound in all", "unclear", NULL,
     CPU(S(1.78, 1.6, 1.82), .possible = 1.99, .bound = 1.8, .busy = 1.8)},
    {"a bound that hardly limits", "parallel", NULL,
     CPU(ABOUT(1.93), .possible = 1.99, .bound = 1.94, .busy = 1.93)},
    {"shared hardware", "partial", "shared hardware", CPU(ABOUT(1.24), .busy = 1.98, .cost = 1.6)},
    {"false sharing", "slower", "shared hardware", CPU(ABOUT(0.5), .busy = 1.98, .cost = 4)},
    {"quota", "partial", "quota",
     CPU(ABOUT(1.25), .workers = 8, .possible = 1.5, .usable = 1.5, .quota = 1.5, .busy = 1.49, .cost = 1.2)},
    {"quota as told", "partial", "quota",
     CPU(ABOUT(1.25), .workers = 8, .possible = 1.5, .usable = 1.5, .quota = 1.5, .throttled = 0.3,
         .busy = 1)},
    {"all that the quota allows", "partial", "quota",
     CPU(ABOUT(1.5), .workers = 8, .possible = 1.5, .usable = 1.5, .quota = 1.5, .throttled = 0.25,
         .busy = 1.5)},
    {"quota that stops nobody", "parallel", NULL,
     CPU(ABOUT(1.5), .workers = 8, .possible = 1.5, .usable = 1.5, .quota = 1.5, .throttled = 0.04,
         .busy = 1.5)},
    {"quota that is not the cause", "partial", "oversubscribed",
     CPU(ABOUT(1.2), .workers = 8, .possible = 1.5, .usable = 1.5, .quota = 1.5, .throttled = 0, .busy = 1.49,
         .cost = 1.2)},
    {"quota of others", "parallel", NULL, CPU(ABOUT(1.97), .quota = 2, .throttled = 0.3, .busy = 1.97)},
    {"serialised by a quota", "serialised", "quota",
     CPU(ABOUT(1.0), .workers = 8, .possible = 1, .usable = 1, .quota = 1, .throttled = 0.5, .busy = 1)},
    {"unclear by quota", "unclear", "quota",
     CPU(S(1.1, 0.7, 1.4), .workers = 8, .possible = 1, .usable = 0.5, .quota = 0.5, .throttled = 0.5,
         .busy = 0.49, .preempted = 200)},
    {"oversubscribed", "partial", "oversubscribed",
     CPU(ABOUT(1.5), .workers = 8, .busy = 1.98, .cost = 1.32)},
    {"one processor", "serialised", "oversubscribed", CPU(ABOUT(1.0), .usable = 1, .possible = 1, .busy = 1)},
    {"other load", "partial", "other load", CPU(ABOUT(1.4), .busy = 1.4, .preempted = 200)},
    {"other load by steal", "partial", "other load", CPU(ABOUT(1.4), .busy = 1.4, .stolen = 0.1)},
    {"other load on the reference too", "partial", "other load",
     CPU(ABOUT(1.5), .possible = 1.52, .busy = 1.5, .preempted = 200)},
    {"other load that slows all alike", "parallel", NULL,
     CPU(ABOUT(1.97), .possible = 2, .busy = 1, .displaced = 0.5, .preempted = 300)},
    {"little steal", "partial", "unknown", CPU(ABOUT(1.4), .busy = 1.4, .stolen = 0.01)},
    {"unclear by other load", "unclear", "other load", CPU(S(1.6, 1.3, 1.9), .busy = 1.6, .preempted = 200)},
    {"serial part", "partial", "serial part", CPU(ABOUT(1.4), .busy = 1.4, .flat = true)},
    {"unknown", "partial", "unknown", CPU(ABOUT(1.4), .busy = 1.4)},
    {"nothing known", "partial", "unknown",
     CPU(S(1.4, NAN, NAN), .busy = NAN, .cost = NAN, .bound = NAN, .imbalance = NAN, .task_ns = NAN,
         .preempted = NAN, .usable = NAN, .quota = NAN)},
    {"overlapped", "overlapped", NULL, IO(ABOUT(7.9), .busy = 0.01)},
    {"overlapped on one thread", "overlapped", NULL, IO(ABOUT(7.9), .threads = 1, .busy = 0.01)},
    {"overlap explained by busy", "parallel", NULL, IO(ABOUT(1.95), .busy = 1.9)},
    {"little overlap", "partial", "unknown", IO(ABOUT(1.4), .busy = 0.1)},
    {"sleeping in I/O is no lock", "partial", "unknown", IO(ABOUT(1.4), .busy = 0.1, .waited = 0.3)},
    {"overlapped spans partial", "unclear", NULL, IO(S(1.7, 1.4, 2), .busy = 0.1)},
    {"waiting in turn", "serialised", "unknown", IO(ABOUT(1.0), .busy = 0.1)},
    {"computing in turn", "serialised", "lock", IO(ABOUT(1.05), .busy = 1.0)},
    {"keeps up", "keeps up", NULL, IO(ABOUT(1.0), .busy = 0.1, .offered = true, .kept = {0.99, 0.98, 1})},
    {"keeps up alone", "keeps up", NULL,
     IO(ABOUT(1.0), .workers = 1, .offered = true, .kept = {1, NAN, NAN})},
    {"falls behind", "falls behind", NULL,
     IO(ABOUT(1.9), .busy = 0.1, .offered = true, .kept = {0.21, 0.2, 0.22})},
    {"keeps up or not", "unclear", NULL, IO(ABOUT(1.9), .offered = true, .kept = {0.97, 0.9, 1})},
    {"one task comes", "-", NULL, IO(ABOUT(1.9), .offered = true, .kept = {NAN, NAN, NAN})},
};
#pragma GCC diagnostic pop

static void verdict(const void *data) {
    const struct verdict_row *row = data;
    struct pb_verdict v = pb_judge(&row->facts);
    CHECK_TEXT(v.outcome, row->outcome);
    if (row->cause)
        CHECK_TEXT(v.cause, row->cause);
    else
        CHECK_MSG(!v.cause, "cause is \"%s\", expected none", v.cause);
}

/* Every word that the rules can say has a row above. */
static void verdicts_complete(const void *data) {
    (void)data;
    for (size_t i = 0; pb_outcome(i) || pb_cause(i); i++) {
        bool outcome = !pb_outcome(i), cause = !pb_cause(i);
        for (size_t k = 0; k < LENGTH(verdicts); k++) {
            outcome = outcome || strcmp(verdicts[k].outcome, pb_outcome(i)) == 0;
            cause = cause || (verdicts[k].cause && strcmp(verdicts[k].cause, pb_cause(i)) == 0);
        }
        CHECK_MSG(outcome && cause, "outcome or cause %zu has no row", i);
    }
}

static void batches(const void *data) {
    static const struct {
        double speedup, possible;
        uint64_t batch;
    } rows[] = {{0.41, 1.98, 25}, {1.3, 1.98, 8}, {0.0075, 2, 1400}, {0.5, 64, 130}, {NAN, 2, 1}};
    (void)data;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct pb_facts f = {.workers = 64, .possible = rows[i].possible, .speedup.value = rows[i].speedup};
        CHECK_INT(pb_batch(&f), rows[i].batch);
    }
}

/* ---- Histograms ---- */

static struct pb_bin bin_of(uint64_t ns) {
    unsigned bucket = pb_latency_bucket(ns);
    return (struct pb_bin){pb_latency_floor(bucket), pb_latency_floor(bucket + 1) - 1, 1};
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Against the values themselves, sorted: they stretch from nanoseconds to hours, and none is exact in its bin
   above 128. One bin per value, so that merging has to add them up. */
static void histograms(const void *data) {
    enum { VALUES = 20000 };
    static const double shares[] = {0.0001, 0.01, 0.5, 0.9, 0.99, 0.999, 1};
    static uint64_t value[VALUES];
    static struct pb_bin bin[VALUES];
    struct pb_random random;
    (void)data;
    pb_random_seed(&random, 11);
    for (size_t i = 0; i < VALUES; i++) {
        value[i] = pb_random_next(&random) >> (20 + pb_random_next(&random) % 44);
        bin[i] = bin_of(value[i]);
    }
    size_t bins = pb_bins_merge(bin, VALUES), total = 0;
    CHECK(bins < 44 * PB_LATENCY_STEPS);
    for (size_t i = 0; i < bins; i++) {
        CHECK(bin[i].count > 0 && (i == 0 || bin[i - 1].most < bin[i].least));
        total += bin[i].count;
    }
    CHECK_INT(total, VALUES);
    qsort(value, VALUES, sizeof *value, by_value);
    for (size_t i = 0; i < LENGTH(shares); i++) {
        double exact = (double)value[(size_t)ceil(shares[i] * VALUES - 1e-6) - 1];
        CHECK_NEAR(pb_bins_quantile(bin, bins, shares[i]), exact, 1.0 / 128);
    }
}

/* Nearest rank, by hand. */
static void small_histograms(const void *data) {
    static const struct {
        uint64_t value[10];
        size_t values;
        double q, expected;
    } rows[] = {
        {{7}, 1, 0.5, 7},
        {{7}, 1, 0.999, 7},
        {{1, 2}, 2, 0.5, 1},
        {{3, 1, 2}, 3, 0.5, 2},
        {{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10, 0.9, 9},
        {{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10, 0.99, 10},
        {{5, 5, 5, 5, 9}, 5, 0.8, 5},
        {{64, 65}, 2, 1, 65},
        {{1000}, 1, 0.5, 1003.5}, /* its bucket: 125 * 8 to 126 * 8 - 1 */
    };
    (void)data;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct pb_bin bin[10];
        for (size_t k = 0; k < rows[i].values; k++)
            bin[k] = bin_of(rows[i].value[k]);
        size_t bins = pb_bins_merge(bin, rows[i].values);
        CHECK_NEAR(pb_bins_quantile(bin, bins, rows[i].q), rows[i].expected, 1e-12);
    }
    struct pb_bin empty[2] = {{1, 1, 0}, {5, 9, 0}};
    CHECK_INT(pb_bins_merge(empty, 2), 0);
    CHECK(isnan(pb_bins_quantile(empty, 0, 0.5)));
}

static const struct pb_case fixed[] = {
    {"histograms", histograms, NULL},
    {"small histograms", small_histograms, NULL},
    {"normal distribution", normal, NULL},
    {"coverage of intervals", coverage, NULL},
    {"no spread", no_spread, NULL},
    {"pairing by round", pairing, NULL},
    {"ratios on logarithms", ratios_on_logarithms, NULL},
    {"serial fraction", serial_fraction, NULL},
    {"list bounds", list_bounds, NULL},
    {"every verdict has a row", verdicts_complete, NULL},
    {"batches", batches, NULL},
};

/* The fixed cases, then two per reference series, then one per verdict. */
static bool cases(size_t i, struct pb_case *out) {
    size_t reference = i - LENGTH(fixed), row = reference - 2 * LENGTH(references);
    if (i < LENGTH(fixed))
        *out = fixed[i];
    else if (reference < 2 * LENGTH(references))
        *out = (struct pb_case){references[reference / 2].name, reference % 2 ? bootstraps : summaries,
                                &references[reference / 2]};
    else if (row < LENGTH(verdicts))
        *out = (struct pb_case){verdicts[row].name, verdict, &verdicts[row]};
    else
        return false;
    return true;
}

const struct pb_suite suite_stats = {"stats", NULL, cases};
