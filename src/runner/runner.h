/* The runner: one cell in one process. It speaks the protocol (protocol.h) over its standard input and
 * output. */
#ifndef PB_RUNNER_RUNNER_H
#define PB_RUNNER_RUNNER_H

#include <stdbool.h>

/* Serves requests until `close` or the end of input; returns the process's exit code. The word that makes the
   program a runner, where it stands alone on the command line, is PB_RUNNER_WORD. With PB_RUNNER_RANKS behind
   it a launcher has started several of it: rank 0 is the runner, the others are its ranks. */
#define PB_RUNNER_WORD  "--runner"
#define PB_RUNNER_RANKS "ranks"
int pb_runner_main(bool ranks);

#endif
