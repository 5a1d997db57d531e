/* The table of `bench scale`: every width against both baselines, and the law of each curve. */
#ifndef PB_REPORT_SCALING_H
#define PB_REPORT_SCALING_H

#include "report/report.h"
#include "results/scaling.h"

/* 0 or -ENOMEM with an error. */
int pb_scaling_write(const struct pb_run *, const struct pb_scaling *, const struct pb_report_style *,
                     struct pb_buffer *, struct pb_error *);

#endif
