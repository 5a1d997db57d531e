/* What stands below the rows of `bench scale`: each curve's law and prediction, and what it leaves out. */
#ifndef PB_REPORT_LAWS_H
#define PB_REPORT_LAWS_H

#include "report/report.h"
#include "results/scaling.h"

/* Of the curves of one workload. */
void pb_laws_write(const struct pb_curve *, uint32_t curves, const struct pb_report_style *, size_t width,
                   struct pb_buffer *);

#endif
