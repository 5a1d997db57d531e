/* What `bench doctor` found, as text. */
#ifndef PB_REPORT_DOCTOR_H
#define PB_REPORT_DOCTOR_H

#include "report/report.h"
#include "results/doctor.h"

/* Appends it: the machine, what disturbs it, tables of what was measured, and what follows. The run tells of
   machine and command. 0 or -ENOMEM. */
int pb_doctor_write(const struct pb_run *, const struct pb_doctor *, const struct pb_report_style *,
                    struct pb_buffer *, struct pb_error *);

#endif
