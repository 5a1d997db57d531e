/* One sentence for each kind of doubt: what was seen, in which rows, and what it means. */
#include "analysis/facts.h"
#include "analysis/groups.h"
#include "analysis/trust.h"

#include "base/units.h"
#include "results/row_name.h"

#include <errno.h>
#include <stdlib.h>

/* Says what of the row; false where there is nothing of this kind. */
typedef bool say_fn(struct pb_buffer *, const struct pb_cell *, const struct pb_trust *);

static bool say_suspended(struct pb_buffer *out, const struct pb_cell *cell, const struct pb_trust *t) {
    (void)t;
    if (cell->suspended)
        pb_buffer_printf(out, "%u repetition%s", cell->suspended, cell->suspended == 1 ? "" : "s");
    return cell->suspended > 0;
}

static bool say_outliers(struct pb_buffer *out, const struct pb_cell *cell, const struct pb_trust *t) {
    uint32_t count = t->mild + t->severe;
    (void)cell;
    if (!count)
        return false;
    pb_buffer_printf(out, "%u of %u", count, t->samples);
    const char *before = " (";
    for (int c = 0; c < PB_CULPRITS; c++)
        if (t->culprit[c]) {
            pb_buffer_printf(out, "%s%s", before, pb_culprit_name((enum pb_culprit)c));
            if (t->culprit[c] != count)
                pb_buffer_printf(out, " %u", t->culprit[c]);
            before = ", ";
        }
    pb_buffer_text(out, ")");
    return true;
}

static bool say_drift(struct pb_buffer *out, const struct pb_cell *cell, const struct pb_trust *t) {
    (void)cell;
    if (t->drifts)
        pb_buffer_printf(out, "%+.1f %%", 100 * t->drift);
    return t->drifts;
}

static bool say_dependence(struct pb_buffer *out, const struct pb_cell *cell, const struct pb_trust *t) {
    (void)cell;
    if (t->depends)
        pb_buffer_printf(out, "%.2f", t->lag1);
    return t->depends;
}

static bool say_modes(struct pb_buffer *out, const struct pb_cell *cell, const struct pb_trust *t) {
    char low[32], high[32];
    (void)cell;
    if (t->two_modes)
        pb_buffer_printf(out, "%s, and %.0f %% at %s", pb_format_time(t->low, low, sizeof low),
                         100 * t->high_share, pb_format_time(t->high, high, sizeof high));
    return t->two_modes;
}

/* A doubt is grave that may have made a verdict unclear; of dropped samples the user is told in any case. */
static const struct kind {
    const char *before, *after;
    say_fn *say;
    bool grave;
} kinds[] = {
    {"Dropped, since the machine was suspended meanwhile: ", "", say_suspended, true},
    {"Outliers, and what was far above usual in the same repetition: ", "; none is left out", say_outliers,
     false},
    {"Drift from the first round to the last: ", "; ratios are paired by round, which cancels it", say_drift,
     false},
    {"Rounds depend on the one before (lag-1 autocorrelation): ", "; intervals of their times are too narrow",
     say_dependence, false},
    {"Two modes, between which a median may jump: ", "", say_modes, false},
};

/* References only bound what others may reach. */
static bool is_told(const struct pb_cell *cell) {
    bool shown = cell->samples && cell->role != PB_ROLE_REFERENCE;
    return pb_cell_sound(cell) && (shown || cell->suspended);
}

static int add(struct pb_run *run, const struct kind *kind, const struct pb_trust *trust) {
    struct pb_buffer line = {0};
    uint32_t rows = 0;
    bool grave = kind->grave;
    pb_buffer_text(&line, kind->before);
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *cell = &run->cell[i];
        struct pb_buffer what = {0};
        if (is_told(cell) && kind->say(&what, cell, &trust[i])) {
            pb_buffer_text(&line, rows++ ? "; " : "");
            pb_row_name(run, cell, PB_ROW_SPOKEN | pb_row_apart(run, cell, pb_row_is_asked), &line);
            pb_buffer_printf(&line, ": %s", pb_buffer_string(&what));
            grave |= pb_turned_out(cell, "unclear");
        }
        line.failed |= what.failed;
        pb_buffer_release(&what);
    }
    pb_buffer_printf(&line, "%s.", kind->after);
    int rc = line.failed ? -ENOMEM : rows ? pb_run_add_doubt(run, pb_buffer_string(&line), grave) : 0;
    pb_buffer_release(&line);
    return rc;
}

int pb_doubt(struct pb_run *run) {
    struct pb_trust *trust = calloc(run->cells + 1, sizeof *trust);
    int rc = trust ? 0 : -ENOMEM;
    for (uint32_t i = 0; i < run->cells && rc == 0; i++)
        if (is_told(&run->cell[i]))
            rc = pb_cell_trust(&run->cell[i], &trust[i]);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && rc == 0; k++)
        rc = add(run, &kinds[k], trust);
    free(trust);
    return rc;
}
