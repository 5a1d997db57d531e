/* How a command that measured ends. */
#ifndef PB_CLI_EXIT_CODE_H
#define PB_CLI_EXIT_CODE_H

#include "report/report.h"

/* Complains; the exit code that follows: of usage, where typing something else puts it right, or of what the
   machine denies. */
int pb_complain_of(const struct pb_error *);

/* Where several apply: signal, 4, 5, then what reporting said. Complains of every cell that failed or was
   wrong. A refused row is no failure, but a run of nothing else could not run. */
int pb_exit_code(const struct pb_run *, const struct pb_report_style *, int reported);

#endif
