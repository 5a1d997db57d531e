/* What a run found, in sentences. */
#ifndef PB_ANALYSIS_FINDINGS_H
#define PB_ANALYSIS_FINDINGS_H

#include "results/record.h"

enum { PB_FINDINGS_MAX = 4 };

/* Adds at most PB_FINDINGS_MAX findings, the most important first; the summaries must stand. 0 or -ENOMEM. */
int pb_find(struct pb_run *);

#endif
