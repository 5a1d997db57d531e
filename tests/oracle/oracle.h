/* Functions of src/stats beside what numpy and SciPy say of the same numbers.
 *
 * A function is added in two places: here a row of the table in rows.c, whose function writes some questions
 * with our answers, and in check.py a function of the same name, whose parameters are called as what is asked
 * and which returns what it answers itself:
 *
 *     static void mad(struct oracle *o) {                    def mad(x):
 *         for (struct series s = {0}; next_series(o, &s);) {     return {"mad": np.median(abs(x -
 * np.median(x)))} double value; pb_mad(s.sorted, s.n, &value); begin_question(o, s.name); ask_reals(o, "x",
 * s.x, s.n); answer(o, "mad", value); end_question(o);
 *         }
 *     }
 *
 * Each row is a case of suite oracle/. Answers must be the same to 1e-9 unless check.py says otherwise
 * (`within`); of what cannot be told (NAN) both must say so. */
#ifndef PB_TESTS_ORACLE_H
#define PB_TESTS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/random.h"

enum { ORACLE_LONGEST = 100 };

struct oracle {
    FILE *out;
    struct pb_random random; /* seeded with the row's name: questions are the same every time */
    bool more, answered;     /* a member stands before the next; what follows are answers */
};

struct oracle_row {
    const char *name; /* check.py has a function called so */
    void (*write)(struct oracle *);
};
extern const struct oracle_row oracle_rows[]; /* ends with a nameless one */

/* A series at random: each distribution in each size. */
struct series {
    size_t n;
    char name[64]; /* "ties 31" */
    double x[ORACLE_LONGEST], sorted[ORACLE_LONGEST];
    size_t next;
};
bool next_series(struct oracle *, struct series *); /* begin with a zeroed one */

/* One question, and what we answer. In this order: begin_question, any ask, any answer, end_question. */
void begin_question(struct oracle *, const char *of);
void ask(struct oracle *, const char *name, double value);
void ask_reals(struct oracle *, const char *name, const double *value, size_t n);
void answer(struct oracle *, const char *name, double value);
void answer_reals(struct oracle *, const char *name, const double *value, size_t n);
void end_question(struct oracle *);

double draw_normal(struct pb_random *);
double draw_exponential(struct pb_random *);

#endif
