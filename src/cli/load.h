/* Result files as commands take them: finished ones, and journals of runs that were cut off. */
#ifndef PB_CLI_LOAD_H
#define PB_CLI_LOAD_H

#include "base/error.h"
#include "results/record.h"

/* Reads FILE or FILE.partial. A journal holds samples alone: what follows from them is computed here
   (pb_analyse); what a finished file computed stays as it is. 0, or -errno with "FILE: why: what to do", or
   "FILE:line:column: ..." where it is not such a file; then nothing is to be released. */
int pb_load_run(struct pb_run *, const char *path, struct pb_error *);

/* The exit code of such a failure: what the user can put right by naming another file, or not. */
int pb_load_exit(int code);

#endif
