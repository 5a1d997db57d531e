#include "stats/holm.h"
#include "suite.h"

/* Worked out by hand from the rule: the k-th smallest of n (from 0) counts n - k times, and none less than
   one before it. */
static const struct row {
    const char *name;
    double alpha;
    size_t n;
    double p[6], adjusted[6], level[6];
    bool decided[6];
} rows[] = {
    {"none", 0.05, 0, {0}, {0}, {0}, {0}},
    {"one", 0.05, 1, {0.04}, {0.04}, {0.05}, {true}},
    {"two of four",
     0.05,
     4,
     {0.01, 0.04, 0.03, 0.005},
     {0.03, 0.06, 0.06, 0.02},
     {0.05 / 3, 0.025, 0.025, 0.0125},
     {true, false, false, true}},
    /* The third alone is below its level, but behind one that is not. */
    {"a stop holds for all behind",
     0.05,
     3,
     {0.01, 0.03, 0.04},
     {0.03, 0.06, 0.06},
     {0.05 / 3, 0.025, 0.025},
     {true, false, false}},
    {"all", 0.05, 3, {0.05, 0.025, 0.01}, {0.05, 0.05, 0.03}, {0.05, 0.025, 0.05 / 3}, {true, true, true}},
    {"above one", 0.05, 2, {0.9, 0.8}, {1, 1}, {0.025, 0.025}, {false, false}},
    {"one that is never decided", 0.05, 2, {NAN, 0.01}, {1, 0.02}, {0.05, 0.025}, {false, true}},
};

static void decide(const void *data) {
    const struct row *row = data;
    struct pb_decision decision[6] = {0};
    for (size_t i = 0; i < row->n; i++)
        decision[i].p = row->p[i];
    CHECK_INT(pb_holm(decision, row->n, row->alpha), 0);
    for (size_t i = 0; i < row->n; i++) {
        CHECK_NEAR(decision[i].adjusted, row->adjusted[i], 1e-12);
        CHECK_NEAR(decision[i].level, row->level[i], 1e-12);
        CHECK_INT(decision[i].decided, row->decided[i]);
        CHECK_INT(decision[i].decided, decision[i].adjusted <= row->alpha);
    }
}

static bool cases(size_t i, struct pb_case *out) {
    if (i >= sizeof rows / sizeof *rows)
        return false;
    *out = (struct pb_case){rows[i].name, decide, &rows[i]};
    return true;
}

const struct pb_suite suite_holm = {"holm", NULL, cases};
