/* N / X(N) = (1 + a (N - 1) + b N (N - 1)) / g is linear in 1/g, a/g and b/g. Relative deviations of X are
 * those of N / X, so each width is weighted by its own value: what is fitted to it becomes 1 everywhere.
 *
 * With only two parameters that may not be negative, the best admissible fit is the best of the at most four
 * unconstrained ones with some of them left out. */
#include "stats/usl.h"

#include <math.h>
#include <stdbool.h>

enum { TERMS = 3 };

static double denominator(struct pb_usl law, double n) {
    return 1 + law.a * (n - 1) + law.b * n * (n - 1);
}

double pb_usl_speedup(struct pb_usl law, double workers) {
    return workers / denominator(law, workers);
}

double pb_usl_throughput(struct pb_usl law, double workers) {
    return law.g * pb_usl_speedup(law, workers);
}

double pb_usl_peak(struct pb_usl law) {
    if (law.a >= 1)
        return 1;
    return law.b > 0 ? fmax(sqrt((1 - law.a) / law.b), 1) : INFINITY;
}

/* The terms of N / X, each over its value at that width. */
static void terms(const struct pb_usl_means *m, size_t i, double out[TERMS]) {
    double n = m->n[i], value = n / exp(m->log_x[i]);
    out[0] = 1 / value;
    out[1] = (n - 1) / value;
    out[2] = n * (n - 1) / value;
}

/* Gaussian elimination of `count` equations; false if they do not determine their unknowns. The matrix is
   symmetric, positive and has ones on its diagonal, so no pivot needs to be sought. */
static bool solve(double matrix[TERMS][TERMS + 1], int count, double *out) {
    for (int k = 0; k < count; k++) {
        if (!(matrix[k][k] > 1e-12))
            return false;
        for (int i = k + 1; i < count; i++) {
            double factor = matrix[i][k] / matrix[k][k];
            for (int j = k; j <= count; j++)
                matrix[i][j] -= factor * matrix[k][j];
        }
    }
    for (int k = count - 1; k >= 0; k--) {
        out[k] = matrix[k][count];
        for (int j = k + 1; j < count; j++)
            out[k] -= matrix[k][j] * out[j];
        out[k] /= matrix[k][k];
    }
    return true;
}

/* Least squares with the terms of the list alone; the others' coefficients are 0. */
static bool fit_terms(const struct pb_usl_means *m, const int *term, int count, double out[TERMS]) {
    double matrix[TERMS][TERMS + 1] = {{0}}, scale[TERMS], found[TERMS], t[TERMS];
    for (size_t w = 0; w < m->widths; w++) {
        terms(m, w, t);
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++)
                matrix[i][j] += t[term[i]] * t[term[j]];
            matrix[i][count] += t[term[i]];
        }
    }
    for (int i = 0; i < count; i++)
        scale[i] = sqrt(matrix[i][i]);
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++)
            matrix[i][j] /= scale[i] * scale[j];
        matrix[i][count] /= scale[i];
    }
    if (!solve(matrix, count, found))
        return false;
    for (int i = 0; i < TERMS; i++)
        out[i] = 0;
    for (int i = 0; i < count; i++)
        out[term[i]] = found[i] / scale[i];
    return true;
}

/* Of the widths' means from the curve. */
static double squares_between(const struct pb_usl_means *m, const double coefficient[TERMS]) {
    double sum = 0, t[TERMS];
    for (size_t w = 0; w < m->widths; w++) {
        terms(m, w, t);
        double off = t[0] * coefficient[0] + t[1] * coefficient[1] + t[2] * coefficient[2] - 1;
        sum += off * off;
    }
    return sum;
}

double pb_usl_fit(const struct pb_usl_means *m, enum pb_law law, struct pb_usl *out) {
    static const struct {
        int term[TERMS], count;
    } subset[] = {{{0}, 1}, {{0, 1}, 2}, {{0, 2}, 2}, {{0, 1, 2}, 3}};
    size_t subsets = law == PB_LAW_USL ? 4 : 2;
    double least = INFINITY;
    for (size_t i = 0; i < subsets; i++) {
        double c[TERMS];
        if (!fit_terms(m, subset[i].term, subset[i].count, c) || c[0] <= 0 || c[1] < 0 || c[2] < 0)
            continue;
        double squares = squares_between(m, c);
        if (squares < least) {
            least = squares;
            *out = (struct pb_usl){1 / c[0], c[1] / c[0], c[2] / c[0]};
        }
    }
    return m->within + least * (double)m->rounds;
}

/* Samples that differ by less than this share of themselves are the same: rounding. */
static const double exact = 1e-9;

double pb_usl_aicc(const struct pb_usl_means *m, enum pb_law law, double squares) {
    double parameters = law == PB_LAW_USL ? 4 : 3; /* with the variance */
    double n = (double)(m->widths * m->rounds) - (double)(m->rounds - 1);
    double variance = fmax(squares / n, exact * exact);
    return n * log(variance) + 2 * parameters + 2 * parameters * (parameters + 1) / (n - parameters - 1);
}

enum pb_law pb_usl_choose(const struct pb_usl_means *m, struct pb_usl *out) {
    struct pb_usl usl;
    if (m->widths < PB_AMDAHL_WIDTHS)
        return PB_LAW_NONE;
    double squares = pb_usl_fit(m, PB_LAW_AMDAHL, out);
    if (m->widths < PB_USL_WIDTHS)
        return PB_LAW_AMDAHL;
    double usl_squares = pb_usl_fit(m, PB_LAW_USL, &usl);
    if (pb_usl_aicc(m, PB_LAW_USL, usl_squares) >= pb_usl_aicc(m, PB_LAW_AMDAHL, squares))
        return PB_LAW_AMDAHL;
    *out = usl;
    return PB_LAW_USL;
}
