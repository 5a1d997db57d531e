/* The runner: one cell in one process. It speaks the protocol (protocol.h) over its standard input and
 * output. */
#ifndef PB_RUNNER_RUNNER_H
#define PB_RUNNER_RUNNER_H

/* Serves requests until `close` or the end of input; returns the process's exit code. The word that makes the
   program a runner, where it stands alone on the command line, is PB_RUNNER_WORD. */
#define PB_RUNNER_WORD "--runner"
int pb_runner_main(void);

#endif
