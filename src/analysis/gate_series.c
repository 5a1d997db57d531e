/* From the samples of a gate's row to one number for each launch.
 *
 * A block is two rounds: base and head, then control and head again, in any order. Of a launch's blocks head
 * is held against base and control in one of several ways:
 *
 * - paired: the differences within blocks, the midmean of all. What is slow for longer than a block, as a
 *   machine's moods are, cancels; it is the most exact way where few repetitions are disturbed.
 * - fast: each series by itself, by the mean of its fast repetitions, from a half to a sixth of them. Where
 *   others take processors away, hardly a pair is without disturbance.
 *
 * All are on logarithms, and in all of them a change of roles between head's two series and the other two
 * turns the answer's sign and nothing else: times are skewed, and were head held against the mean of the
 * two, it would look faster than it is.
 *
 * Control against base and head against itself, which are the same, show what suits the machine: another way
 * than the first is taken if equals agree clearly better in it. How head does against base has no part in
 * that, so that no way is chosen for its answer. */
#include "analysis/gate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stats/summary.h"

enum { BASE, CONTROL, HEAD, HEAD_AGAIN, SERIES };

/* Shares of fast repetitions. */
#define PAIRED 0.0
static const double ways[] = {PAIRED, 1.0 / 2, 1.0 / 3, 1.0 / 6};

#define CLEARLY 0.8

/* The logarithm of each series' time, block by block; blocks of a launch stand together. */
struct blocks {
    double *series[SERIES];
    size_t *start; /* of each launch; one more at the end */
    uint32_t launches;
    double *scratch; /* for four numbers of each block of a launch */
};

static void blocks_release(struct blocks *b) {
    for (int i = 0; i < SERIES; i++)
        free(b->series[i]);
    free(b->start);
    free(b->scratch);
}

static int blocks_init(struct blocks *b, size_t most) {
    *b = (struct blocks){.start = calloc(most + 1, sizeof *b->start),
                         .scratch = calloc(most, 4 * sizeof(double))};
    int rc = b->start && b->scratch ? 0 : -ENOMEM;
    for (int i = 0; i < SERIES; i++) {
        b->series[i] = calloc(most, sizeof(double));
        rc = b->series[i] ? rc : -ENOMEM;
    }
    if (rc < 0)
        blocks_release(b);
    return rc;
}

static const struct pb_sample *of_round(const struct pb_cell *cell, uint32_t *from, uint32_t round) {
    while (*from < cell->samples && cell->sample[*from].round < round)
        ++*from;
    bool found = *from < cell->samples && cell->sample[*from].round == round;
    return found ? &cell->sample[*from] : NULL;
}

static double measured(const struct pb_sample *s, enum pb_gate_measure by) {
    return log(by == PB_GATE_MAKESPAN ? (double)s->makespan_ns : s->undisturbed_ns);
}

/* A base's sample begins a block; it counts if all others are there. */
static void collect(struct blocks *b, const struct pb_gate_row *row, enum pb_gate_measure by) {
    const struct pb_cell *base = row->base;
    uint32_t head = 0, control = 0;
    size_t n = 0;
    for (uint32_t i = 0; i < base->samples; i++) {
        const struct pb_sample *first = &base->sample[i], *block[SERIES] = {first};
        block[HEAD] = of_round(row->head, &head, first->round);
        block[HEAD_AGAIN] = of_round(row->head, &head, first->round + 1);
        block[CONTROL] = of_round(row->control, &control, first->round + 1);
        bool whole = block[CONTROL] && block[HEAD] && block[HEAD_AGAIN];
        for (int s = 0; whole && s < SERIES; s++)
            b->series[s][n] = measured(block[s], by);
        n += whole;
        bool last = i + 1 == base->samples || first[1].fork != first->fork;
        if (last && n > b->start[b->launches])
            b->start[++b->launches] = n;
    }
}

/* ---- What a launch says ---- */

/* a - b, or the mean over all pairs of several. */
struct contrast {
    uint8_t count, a[4], b[4];
};

static const struct contrast change = {
    4, {HEAD, HEAD_AGAIN, HEAD, HEAD_AGAIN}, {BASE, CONTROL, CONTROL, BASE}};
static const struct contrast control = {1, {CONTROL}, {BASE}};
static const struct contrast head_again = {1, {HEAD_AGAIN}, {HEAD}};

static double paired(const struct blocks *b, const struct contrast *c, size_t first, size_t n) {
    size_t m = 0;
    for (uint8_t k = 0; k < c->count; k++)
        for (size_t i = 0; i < n; i++)
            b->scratch[m++] = b->series[c->a[k]][first + i] - b->series[c->b[k]][first + i];
    pb_sort(b->scratch, m);
    return pb_midmean(b->scratch, m);
}

static double fast(const struct blocks *b, int series, size_t first, size_t n, double share) {
    memcpy(b->scratch, b->series[series] + first, n * sizeof *b->scratch);
    pb_sort(b->scratch, n);
    return pb_undisturbed_mean(b->scratch, n, share);
}

static double says(const struct blocks *b, const struct contrast *c, uint32_t launch, double way) {
    size_t first = b->start[launch], n = b->start[launch + 1] - first;
    double sum = 0;
    if (way == PAIRED)
        return paired(b, c, first, n);
    for (uint8_t k = 0; k < c->count; k++)
        sum += fast(b, c->a[k], first, n, way) - fast(b, c->b[k], first, n, way);
    return sum / c->count;
}

/* How far equals are apart: in the mean, without the launches that are worst. `apart` has room for two
 * numbers of each launch. */
static double disagreement(const struct blocks *b, double way, double *apart) {
    for (uint32_t l = 0; l < b->launches; l++) {
        apart[2 * l] = fabs(says(b, &control, l, way));
        apart[2 * l + 1] = fabs(says(b, &head_again, l, way));
    }
    pb_sort(apart, 2 * b->launches);
    return pb_undisturbed_mean(apart, 2 * b->launches, 0.75);
}

static double choose_way(const struct blocks *b, double *apart) {
    double best = ways[0], least = CLEARLY * disagreement(b, best, apart);
    for (size_t i = 1; i < sizeof ways / sizeof *ways; i++) {
        double now = disagreement(b, ways[i], apart);
        best = now < least ? ways[i] : best;
        least = fmin(now, least);
    }
    return best;
}

/* One measure; `change` and `control` have room for two numbers of each launch. */
static int say_all(struct pb_gate_series *s, const struct pb_gate_row *row, enum pb_gate_measure by) {
    struct blocks blocks;
    size_t most = row->base->samples + 1;
    int rc = blocks_init(&blocks, most);
    if (rc < 0)
        return rc;
    collect(&blocks, row, by);
    s->change[by] = calloc(most, sizeof **s->change);
    s->control[by] = calloc(most, 2 * sizeof **s->control);
    rc = s->change[by] && s->control[by] ? 0 : -ENOMEM;
    s->launches = rc == 0 ? blocks.launches : 0;
    double way = rc == 0 ? choose_way(&blocks, s->control[by]) : PAIRED;
    for (uint32_t l = 0; l < s->launches; l++) {
        s->change[by][l] = says(&blocks, &change, l, way);
        s->control[by][l] = says(&blocks, &control, l, way);
    }
    blocks_release(&blocks);
    return rc;
}

/* All samples of a row have it, or none has. */
static bool has_undisturbed(const struct pb_gate_row *row) {
    const struct pb_cell *cells[] = {row->base, row->head, row->control};
    bool all = true;
    for (size_t i = 0; i < 3; i++)
        for (uint32_t k = 0; k < cells[i]->samples; k++)
            all &= cells[i]->sample[k].undisturbed_ns > 0;
    return all && row->base->samples;
}

int pb_gate_series_init(struct pb_gate_series *s, const struct pb_gate_row *row) {
    *s = (struct pb_gate_series){.measures = has_undisturbed(row) ? 2 : 1};
    int rc = say_all(s, row, PB_GATE_MAKESPAN);
    if (rc == 0 && s->measures > 1)
        rc = say_all(s, row, PB_GATE_UNDISTURBED);
    if (rc < 0)
        pb_gate_series_release(s);
    return rc;
}

void pb_gate_series_release(struct pb_gate_series *s) {
    for (int i = 0; i < PB_GATE_MEASURES; i++) {
        free(s->change[i]);
        free(s->control[i]);
    }
    *s = (struct pb_gate_series){0};
}

double pb_gate_undisturbed(const double *ns, const double *usual, uint64_t tasks, double *scratch) {
    double sum = 0;
    for (uint64_t i = 0; i < tasks; i++) {
        scratch[i] = log(ns[i] / usual[i]);
        sum += usual[i];
    }
    pb_sort(scratch, tasks);
    return sum * exp(pb_undisturbed_mean(scratch, tasks, 0.5));
}
