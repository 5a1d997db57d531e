/* The result file of a command that measures: -o FILE, or --save, which names it (cli/save.h). */
#ifndef PB_CLI_RECORDING_H
#define PB_CLI_RECORDING_H

#include "cli/options.h"
#include "results/journal.h"

/* Zeroed: nothing is kept. */
struct pb_recording {
    struct pb_journal journal;
    bool open;
    char *saved; /* of --save: its name; NULL: none was chosen */
    bool kept;   /* the file is there */
};

/* Before anything is measured, while no runner lives: --save asks git, and tells the run its commit, or warns
   in the run that it has none. Without either option nothing is to be kept. An exit code, 0 to go on. */
int pb_recording_open(struct pb_recording *, const struct pb_options *, struct pb_run *);
/* To be handed to who measures; NULL: nothing is kept. */
struct pb_journal *pb_recording_journal(struct pb_recording *);
/* Writes the whole result, unless a signal came before the first sample: then an old FILE holds more. An exit
   code. */
int pb_recording_finish(struct pb_recording *, const struct pb_run *);
/* On standard error, where --save kept it: for when all else is said. */
void pb_recording_say(const struct pb_recording *);
/* Gives up, if nothing was finished. */
void pb_recording_close(struct pb_recording *);

#endif
