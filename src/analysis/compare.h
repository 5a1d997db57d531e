/* Two result files, cell by cell: what became of each. */
#ifndef PB_ANALYSIS_COMPARE_H
#define PB_ANALYSIS_COMPARE_H

#include "results/record.h"

enum { PB_COMPARE_SAMPLES = 6 /* fewer on either side decide nothing */ };

struct pb_compare_rule {
    double threshold; /* share above 0: 0.05 */
    double error;     /* of all decisions together: 0.05 */
};

/* Fills head->comparison anew, a row for each cell of either file in the order of head's, those that only
   base has at the end; cells that neither could measure are left out. Where machine, topology or version
   differ, every row is "not comparable". Seeded from head->seed. 0 or -ENOMEM. */
int pb_compare(const struct pb_run *base, struct pb_run *head, const struct pb_compare_rule *);

#endif
