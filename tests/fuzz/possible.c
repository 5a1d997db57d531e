/* Which computed figures can be at all. NAN is: not known. */
#include "reader.h"

#include <stdio.h>
#include <string.h>

#include "stats/verdict.h"

/* Known figures lie from `least` to `most`, and are finite. */
struct figure {
    const char *name;
    double value, least, most;
};

static bool is_word(const char *(*list)(size_t), const char *word) {
    for (size_t i = 0; list(i); i++)
        if (strcmp(list(i), word) == 0)
            return true;
    return false;
}

/* An interval is about its value, or there is none. */
static bool estimate_is_possible(const struct pb_estimate *e) {
    if (isnan(e->value) || isnan(e->low) || isnan(e->high))
        return isnan(e->low) && isnan(e->high) ? isnan(e->value) || isfinite(e->value) : false;
    return isfinite(e->low) && isfinite(e->high) && e->low <= e->value && e->value <= e->high;
}

static bool estimates_are_possible(const struct pb_cell *c, char *why, size_t room) {
    const struct pb_summary *s = &c->summary;
    const struct {
        const char *name;
        const struct pb_estimate *e;
        double least;
    } rows[] = {{"time", &s->time, 1},
                {"speedup", &s->speedup, 0},
                {"possible", &s->possible, 0},
                {"throughput", &s->throughput, 0},
                {"kept", &s->kept, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct pb_estimate *e = rows[i].e;
        if (estimate_is_possible(e) && !(e->value < rows[i].least))
            continue;
        snprintf(why, room, "cell %u: %s is %g (%g to %g)", c->id, rows[i].name, e->value, e->low, e->high);
        return false;
    }
    return true;
}

bool law_is_possible(const struct pb_scaling_law *l, char *why, size_t room) {
    const struct pb_estimate *p = &l->peak, *all[] = {&l->one, &l->a, &l->b, &l->throughput, &l->speedup};
    bool good = !l->law == !l->why ? false : p->low <= p->value && p->value <= p->high && !(p->low < 1);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        good = good && estimate_is_possible(all[i]) && !(all[i]->value < 0);
    if (!good)
        snprintf(why, room, "law of cell %u: an estimate that cannot be", l->cell);
    return good;
}

bool cell_is_possible(const struct pb_cell *c, char *why, size_t room) {
    const struct pb_summary *s = &c->summary;
    const double largest = 1e300, rounding = 1 + 1e-9;
    const struct figure figures[] = {
        {"busy", s->busy, 0, largest},
        {"cost", s->cost, 0, largest},
        {"efficiency", s->efficiency, 0, largest},
        {"bound", s->bound, 1 / rounding, c->workers * rounding},
        {"imbalance", s->imbalance, 1 / rounding, UINT32_MAX},
        {"p50", s->p50, 0, 0x1p64},
        {"p99", s->p99, isnan(s->p50) ? 0 : s->p50, 0x1p64},
        {"p999", s->p999, isnan(s->p99) ? 0 : s->p99, 0x1p64},
        {"rate", s->rate, 0, largest},
        {"serial fraction", s->serial_fraction, -1, largest},
    };
    if (!estimates_are_possible(c, why, room))
        return false;
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        const struct figure *f = &figures[i];
        if (isnan(f->value) || (f->value >= f->least && f->value <= f->most))
            continue;
        snprintf(why, room, "cell %u: %s is %g, not from %g to %g", c->id, f->name, f->value, f->least,
                 f->most);
        return false;
    }
    if ((s->outcome && !is_word(pb_outcome, s->outcome)) || (s->cause && !is_word(pb_cause, s->cause))) {
        snprintf(why, room, "cell %u: its outcome or cause is no known word", c->id);
        return false;
    }
    return true;
}
