#include "oracle.h"

#include <math.h>
#include <string.h>

#include "stats/summary.h"

double draw_exponential(struct pb_random *random) {
    return -log(1 - pb_random_unit(random));
}

/* Box and Muller's. */
double draw_normal(struct pb_random *random) {
    return sqrt(2 * draw_exponential(random)) * cos(2 * M_PI * pb_random_unit(random));
}

static double normal(struct pb_random *r) {
    return 34.1 + 0.4 * draw_normal(r);
}
static double lognormal(struct pb_random *r) {
    return exp(0.3 * draw_normal(r));
}
static double ties(struct pb_random *r) {
    return round(20 + 2 * draw_normal(r));
}
static double constant(struct pb_random *r) {
    (void)r;
    return 3;
}
/* Cauchy's, which has no mean: all outliers. */
static double heavy(struct pb_random *r) {
    return draw_normal(r) / draw_normal(r);
}
static double two_modes(struct pb_random *r) {
    return (pb_random_below(r, 3) ? 10 : 17) + 0.1 * draw_normal(r);
}
static double distant(struct pb_random *r) {
    return 1e15 + (double)pb_random_below(r, 1000);
}
static double small(struct pb_random *r) {
    return 1e-90 * draw_normal(r);
}

static const struct {
    const char *name;
    double (*draw)(struct pb_random *);
} distributions[] = {
    {"normal", normal},       {"lognormal", lognormal}, {"exponential", draw_exponential},
    {"ties", ties},           {"constant", constant},   {"heavy", heavy},
    {"two modes", two_modes}, {"distant", distant},     {"small", small},
};
static const size_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 16, 31, 64, ORACLE_LONGEST};
enum {
    DISTRIBUTIONS = sizeof distributions / sizeof *distributions,
    SIZES = sizeof sizes / sizeof *sizes,
};

bool next_series(struct oracle *o, struct series *s) {
    size_t i = s->next++;
    if (i >= DISTRIBUTIONS * SIZES)
        return false;
    s->n = sizes[i / DISTRIBUTIONS];
    snprintf(s->name, sizeof s->name, "%s %zu", distributions[i % DISTRIBUTIONS].name, s->n);
    for (size_t k = 0; k < s->n; k++)
        s->x[k] = distributions[i % DISTRIBUTIONS].draw(&o->random);
    memcpy(s->sorted, s->x, sizeof s->sorted);
    pb_sort(s->sorted, s->n);
    return true;
}

/* As Python's json reads them: NaN and Infinity are words. */
static void put_real(struct oracle *o, double value) {
    if (isnan(value))
        fputs("NaN", o->out);
    else if (isinf(value))
        fputs(value < 0 ? "-Infinity" : "Infinity", o->out);
    else
        fprintf(o->out, "%.17g", value);
}

static void put_name(struct oracle *o, const char *name) {
    fprintf(o->out, "%s\"%s\": ", o->more ? ", " : "", name);
    o->more = true;
}

static void put_reals(struct oracle *o, const char *name, const double *value, size_t n) {
    put_name(o, name);
    fputc('[', o->out);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ", " : "", o->out);
        put_real(o, value[i]);
    }
    fputc(']', o->out);
}

void begin_question(struct oracle *o, const char *of) {
    fprintf(o->out, "{\"of\": \"%s\", \"asked\": {", of);
    o->more = o->answered = false;
}

void ask(struct oracle *o, const char *name, double value) {
    put_name(o, name);
    put_real(o, value);
}

void ask_reals(struct oracle *o, const char *name, const double *value, size_t n) {
    put_reals(o, name, value, n);
}

/* The first answer ends what is asked. */
static void turn_to_answers(struct oracle *o) {
    if (o->answered)
        return;
    fputs("}, \"answered\": {", o->out);
    o->more = false;
    o->answered = true;
}

void answer(struct oracle *o, const char *name, double value) {
    turn_to_answers(o);
    ask(o, name, value);
}

void answer_reals(struct oracle *o, const char *name, const double *value, size_t n) {
    turn_to_answers(o);
    put_reals(o, name, value, n);
}

void end_question(struct oracle *o) {
    turn_to_answers(o);
    fputs("}}\n", o->out);
}
