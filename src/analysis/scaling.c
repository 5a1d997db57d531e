/* Each row of a curve gets its speedups; then curves that come to the same width share a finding. */
#include "analysis/scaling.h"

#include "analysis/capacity.h"
#include "analysis/curve_law.h"
#include "analysis/curves.h"
#include "analysis/facts.h"
#include "analysis/series.h"
#include "analysis/use.h"
#include "analysis/widths.h"

/* ---- Speedups ---- */

enum estimated { OVER_SERIAL, OVER_ONE, GAIN };

static int compare(const struct pb_run *run, const struct pb_cell *cell, const struct pb_cell *base,
                   enum estimated what, struct pb_estimate *out) {
    if (!base || !pb_cell_sound(base) || !base->samples)
        return 0;
    if (base == cell) {
        *out = (struct pb_estimate){1, NAN, NAN, cell->samples};
        return 0;
    }
    uint64_t seed = pb_mix((uint64_t)cell->id << 8 | (0x10 + what), run->seed);
    return pb_cell_ratio(cell, base, pb_metric_tasks, seed, out);
}

static void find_fraction(const struct pb_curve *curve, struct pb_curve_row *row) {
    struct pb_estimate s = row->over_one;
    if (curve->weak || row->cell->workers < 2)
        return;
    struct pb_interval e =
        pb_karp_flatt_interval((struct pb_interval){s.value, s.low, s.high}, row->cell->workers);
    row->serial_fraction = (struct pb_estimate){e.value, e.low, e.high, s.samples};
}

static int fill_rows(const struct pb_run *run, struct pb_curve *curve) {
    const struct pb_cell *one = curve->row[0].cell->workers == 1 ? curve->row[0].cell : NULL;
    int rc = 0;
    for (uint32_t i = 0; i < curve->rows && rc == 0; i++) {
        struct pb_curve_row *row = &curve->row[i];
        if (!pb_cell_sound(row->cell) || !row->cell->samples)
            continue;
        rc = compare(run, row->cell, curve->serial, OVER_SERIAL, &row->over_serial);
        rc = rc ? rc : compare(run, row->cell, one, OVER_ONE, &row->over_one);
        find_fraction(curve, row);
    }
    return rc;
}

/* More workers than processors are no advice, though chance may favour them. */
static bool may_use(const struct pb_run *run, const struct pb_cell *cell) {
    bool fits = cell->bound == PB_IO || !(cell->workers > pb_capacity_of(run, cell).usable);
    return pb_cell_sound(cell) && cell->samples && (fits || cell->workers == 1);
}

static void find_use(const struct pb_run *run, struct pb_curve *curve) {
    for (uint32_t i = 0; i < curve->rows; i++) {
        const struct pb_cell *cell = curve->row[i].cell;
        if (may_use(run, cell) &&
            (!curve->best || cell->summary.throughput.value > curve->best->summary.throughput.value))
            curve->best = cell;
    }
    for (uint32_t i = curve->rows; curve->best && i-- > 0;) {
        const struct pb_cell *cell = curve->row[i].cell;
        if (may_use(run, cell) &&
            cell->summary.throughput.value >= PB_ENOUGH_RATE * curve->best->summary.throughput.value)
            curve->use = cell;
    }
}

/* Against the next narrower row. */
static int find_vague(const struct pb_run *run, struct pb_curve *curve) {
    struct pb_estimate gain = {NAN, NAN, NAN, 0};
    const struct pb_cell *narrower = NULL;
    for (uint32_t i = 0; curve->use && i < curve->rows && curve->row[i].cell != curve->use; i++)
        narrower = may_use(run, curve->row[i].cell) ? curve->row[i].cell : narrower;
    int rc = narrower ? compare(run, curve->use, narrower, GAIN, &gain) : 0;
    curve->vague = narrower && !(gain.low > 1);
    return rc;
}

int pb_scaling_init(struct pb_scaling *s, struct pb_run *run) {
    int rc = pb_curves_init(s, run);
    for (uint32_t i = 0; rc == 0 && i < s->curves; i++) {
        struct pb_curve *curve = &s->curve[i];
        curve->law = pb_law_of(run, curve);
        rc = fill_rows(run, curve);
        find_use(run, curve);
        rc = rc ? rc : find_vague(run, curve);
    }
    return rc ? rc : pb_find_use(run, s);
}
