/* A record may be anybody's: a width may stand twice in it, or be none. */
#include "analysis/curves.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/borders.h"
#include "analysis/facts.h"
#include "base/name.h"

static bool is_row(const struct pb_cell *cell) {
    return cell->role != PB_ROLE_REFERENCE && !pb_is_serial(pb_text(cell->executor));
}

static int by_width(const void *a, const void *b) {
    const struct pb_cell *x = ((const struct pb_curve_row *)a)->cell,
                         *y = ((const struct pb_curve_row *)b)->cell;
    return x->workers == y->workers ? (x->id > y->id) - (x->id < y->id) : x->workers > y->workers ? 1 : -1;
}

static const struct pb_cell *find_serial(const struct pb_run *run, const struct pb_cell *cell) {
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *other = &run->cell[i];
        if (other->role != PB_ROLE_REFERENCE && pb_is_serial(pb_text(other->executor)) && other->samples &&
            pb_cell_sound(other) && strcmp(pb_text(other->workload), pb_text(cell->workload)) == 0)
            return other;
    }
    return NULL;
}

static bool belongs(const struct pb_run *run, uint32_t first, uint32_t i, const bool *taken) {
    return !taken[i] && is_row(&run->cell[i]) && pb_same_but_width(&run->cell[first], &run->cell[i]);
}

/* All cells that differ from cell `first` in nothing but width. */
static int take_rows(const struct pb_run *run, uint32_t first, bool *taken, struct pb_curve *curve) {
    static const struct pb_estimate unknown = {NAN, NAN, NAN, 0};
    uint32_t rows = 0;
    for (uint32_t i = first; i < run->cells; i++)
        rows += belongs(run, first, i, taken);
    curve->row = calloc(rows, sizeof *curve->row);
    if (!curve->row)
        return -ENOMEM;
    for (uint32_t i = first; i < run->cells; i++) {
        const struct pb_cell *cell = &run->cell[i];
        if (!belongs(run, first, i, taken))
            continue;
        taken[i] = true;
        curve->row[curve->rows++] = (struct pb_curve_row){cell, unknown, unknown, unknown, NULL};
        curve->weak |= pb_cell_sound(cell) && cell->tasks != run->cell[first].tasks;
    }
    qsort(curve->row, curve->rows, sizeof *curve->row, by_width);
    curve->serial = find_serial(run, &run->cell[first]);
    return 0;
}

static int leave_out(const struct pb_run *run, struct pb_curve *curve) {
    int rc = 0;
    for (uint32_t i = 0; i < curve->rows && rc == 0; i++) {
        struct pb_curve_row *row = &curve->row[i];
        struct pb_buffer why = {0};
        if (!pb_cell_sound(row->cell) || !row->cell->samples)
            pb_buffer_text(&why, "it was not measured");
        else if (row->cell->workers == 0 || (i && row[-1].cell->workers == row->cell->workers))
            pb_buffer_text(&why, "no width of its own");
        else
            pb_border(run, curve->row[0].cell, row->cell, &why);
        if (why.size)
            rc = pb_set_text(&row->left_out, pb_buffer_string(&why));
        rc = why.failed ? -ENOMEM : rc;
        pb_buffer_release(&why);
    }
    return rc;
}

int pb_curves_init(struct pb_scaling *s, const struct pb_run *run) {
    bool *taken = calloc(run->cells + 1, sizeof *taken);
    *s = (struct pb_scaling){.curve = calloc(run->cells + 1, sizeof *s->curve)};
    int rc = taken && s->curve ? 0 : -ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < run->cells; i++) {
        if (taken[i] || !is_row(&run->cell[i]))
            continue;
        struct pb_curve *curve = &s->curve[s->curves++];
        rc = take_rows(run, i, taken, curve);
        rc = rc ? rc : leave_out(run, curve);
    }
    free(taken);
    return rc;
}
