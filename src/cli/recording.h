/* The result file of a command that measures: -o FILE. */
#ifndef PB_CLI_RECORDING_H
#define PB_CLI_RECORDING_H

#include "results/journal.h"

/* Zeroed: nothing is kept. */
struct pb_recording {
    struct pb_journal journal;
    bool open;
};

/* Before anything is measured; `path` NULL: nothing is to be kept. An exit code, 0 to go on. */
int pb_recording_open(struct pb_recording *, const char *path);
/* To be handed to who measures; NULL: nothing is kept. */
struct pb_journal *pb_recording_journal(struct pb_recording *);
/* Writes the whole result, unless a signal came before the first sample: then an old FILE holds more. An exit
   code. */
int pb_recording_finish(struct pb_recording *, const struct pb_run *);
/* Gives up, if nothing was finished. */
void pb_recording_close(struct pb_recording *);

#endif
