/* Records such as nobody would want: names that attack what reads them, nothing in them, nothing known. */
#ifndef PB_TESTS_ODD_RUNS_H
#define PB_TESTS_ODD_RUNS_H

#include "results/record.h"

/* Fills a run; the caller releases it. */
struct odd_run {
    const char *name;
    void (*init)(struct pb_run *);
};
/* Ends with a nameless row. */
extern const struct odd_run odd_runs[];

const struct odd_run *odd_run(const char *name);

#endif
