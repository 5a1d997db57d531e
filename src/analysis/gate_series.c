/* From the samples of a gate's row to one number for each launch.
 *
 * A block is one round: the samples of the row's three cells that carry its number. Of a launch's blocks each
 * side is summarised by itself, on logarithms, and the summaries are compared: were blocks compared first,
 * head's time would stand against the mean of two, which lies higher than one where times are skewed, as they
 * are: head would look faster than it is.
 *
 * How many of the fast repetitions tell most depends on the machine: on a quiet one two thirds, where others
 * take processors away a sixth. Control against base, which are the same, shows it: the share is taken in
 * which they agree best. Since head has no part in that, it cannot be chosen for its answer. */
#include "analysis/gate.h"

#include <errno.h>
#include <stdlib.h>

#include "stats/summary.h"

enum { BASE, HEAD, CONTROL, SIDES };

static const double shares[] = {2.0 / 3, 1.0 / 2, 1.0 / 3, 1.0 / 6};

/* The logarithm of each side's time, block by block; blocks of a launch stand together. */
struct blocks {
    double *side[SIDES];
    size_t *start; /* of each launch; one more at the end */
    uint32_t launches;
};

static void blocks_release(struct blocks *b) {
    for (int i = 0; i < SIDES; i++)
        free(b->side[i]);
    free(b->start);
}

static int blocks_init(struct blocks *b, size_t most) {
    *b = (struct blocks){.start = calloc(most + 1, sizeof *b->start)};
    int rc = b->start ? 0 : -ENOMEM;
    for (int i = 0; i < SIDES; i++) {
        b->side[i] = calloc(most, sizeof **b->side);
        rc = b->side[i] ? rc : -ENOMEM;
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

static void collect(struct blocks *b, const struct pb_gate_row *row) {
    const struct pb_cell *head = row->head;
    uint32_t base = 0, control = 0;
    size_t n = 0;
    for (uint32_t h = 0; h < head->samples; h++) {
        const struct pb_sample *sample = &head->sample[h];
        const struct pb_sample *block[SIDES] = {of_round(row->base, &base, sample->round), sample,
                                                of_round(row->control, &control, sample->round)};
        if (block[BASE] && block[CONTROL]) {
            for (int side = 0; side < SIDES; side++)
                b->side[side][n] = log((double)block[side]->makespan_ns);
            n++;
        }
        bool last = h + 1 == head->samples || sample[1].fork != sample->fork;
        if (last && n > b->start[b->launches])
            b->start[++b->launches] = n;
    }
    for (uint32_t l = 0; l < b->launches; l++)
        for (int side = 0; side < SIDES; side++)
            pb_sort(b->side[side] + b->start[l], b->start[l + 1] - b->start[l]);
}

static double told(const struct blocks *b, int side, uint32_t launch, double share) {
    size_t first = b->start[launch];
    return pb_undisturbed_mean(b->side[side] + first, b->start[launch + 1] - first, share);
}

/* How far control and base are apart, in the median of launches. */
static double disagreement(const struct blocks *b, double share, double *scratch) {
    for (uint32_t l = 0; l < b->launches; l++)
        scratch[l] = fabs(told(b, CONTROL, l, share) - told(b, BASE, l, share));
    pb_sort(scratch, b->launches);
    return pb_median(scratch, b->launches);
}

static double choose_share(const struct blocks *b, double *scratch) {
    double best = shares[0], least = disagreement(b, best, scratch);
    for (size_t i = 1; i < sizeof shares / sizeof *shares; i++) {
        double apart = disagreement(b, shares[i], scratch);
        best = apart < least ? shares[i] : best;
        least = fmin(apart, least);
    }
    return best;
}

int pb_gate_series_init(struct pb_gate_series *s, const struct pb_gate_row *row) {
    struct blocks blocks;
    size_t most = row->head->samples + 1;
    int rc = blocks_init(&blocks, most);
    *s = (struct pb_gate_series){0};
    if (rc < 0)
        return rc;
    collect(&blocks, row);
    s->change = calloc(most, sizeof *s->change);
    s->control = calloc(most, sizeof *s->control);
    rc = s->change && s->control ? 0 : -ENOMEM;
    s->launches = rc == 0 ? blocks.launches : 0;
    s->share = rc == 0 ? choose_share(&blocks, s->control) : NAN;
    for (uint32_t l = 0; l < s->launches; l++) {
        double base = told(&blocks, BASE, l, s->share), control = told(&blocks, CONTROL, l, s->share);
        s->change[l] = told(&blocks, HEAD, l, s->share) - (base + control) / 2;
        s->control[l] = control - base;
    }
    blocks_release(&blocks);
    if (rc < 0)
        pb_gate_series_release(s);
    return rc;
}

void pb_gate_series_release(struct pb_gate_series *s) {
    free(s->change);
    free(s->control);
    *s = (struct pb_gate_series){0};
}
