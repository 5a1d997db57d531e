/* One run: a scenario in this process, and what it left behind. */
#ifndef PB_TESTS_FAULTS_RUNNER_H
#define PB_TESTS_FAULTS_RUNNER_H

#include "faults/inject.h"

/* Ends the process. */
_Noreturn void inject_run(struct inject_board *, const struct inject_scenario *, const char *executor);

#endif
