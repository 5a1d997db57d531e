/* Runs that are made up, so that their truth is known: repetitions scatter by some per cent about what the
 * row takes, the same in all runs but for the seed of the scatter. */
#ifndef PB_TESTS_MADE_RUN_H
#define PB_TESTS_MADE_RUN_H

#include "results/record.h"

enum { MADE_SHA, MADE_THREAD, MADE_LOOP, MADE_SPIN, MADE_ROWS };

/* How a run is made; zeros are what most cases take. */
struct made {
    uint64_t seed;
    uint32_t rounds;          /* 0: 20 */
    uint32_t forks;           /* 0: one launch; else rounds are spread over so many */
    double factor[MADE_ROWS]; /* of the row's time; 0: 1 */
    double mood;              /* of all that computes; 0: 1 */
    double rate;              /* iterations of spin per microsecond; 0: 500 */
    double scatter;           /* 0: 1 % */
    bool lone;                /* without the reference */
};

void made_run_init(struct pb_run *, const struct made *);
/* As if it had been measured on another processor. */
void made_run_elsewhere(struct pb_run *);

/* No line of the text has more columns. */
void check_columns(const char *text, size_t most);

#endif
