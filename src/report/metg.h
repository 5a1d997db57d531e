/* The table of `bench metg`. */
#ifndef PB_REPORT_METG_H
#define PB_REPORT_METG_H

#include "report/report.h"
#include "results/metg.h"

/* `run` has the machine and the findings. 0 or -ENOMEM with an error. */
int pb_metg_write(const struct pb_run *run, const struct pb_metg *, const struct pb_report_style *,
                  struct pb_buffer *, struct pb_error *);

#endif
