/* Many decisions at once, with one error for all of them (Holm 1979, A simple sequentially rejective multiple
 * test procedure). */
#ifndef PB_STATS_HOLM_H
#define PB_STATS_HOLM_H

#include <stdbool.h>
#include <stddef.h>

struct pb_decision {
    double p;        /* in: the level at which this one alone would just be decided; NAN: it never is */
    double adjusted; /* out: the error of all at which it would just be decided, at most 1 */
    double level;    /* out: its own level, alpha / (n - k) for the k-th smallest p from 0; those behind the
                        first that is not decided share that one's. 1 - level is its interval's confidence */
    bool decided;    /* out */
};

/* Decides all so that with probability 1 - alpha at least none of them is wrong. The order stays. 0 or
   -ENOMEM. */
int pb_holm(struct pb_decision *, size_t n, double alpha);

#endif
