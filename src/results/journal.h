/* The journal: samples are appended to FILE.partial as they come; at the end FILE appears whole and the
 * journal goes.
 *
 * A reader sees the old FILE or the new one, never half of one; a killed driver leaves a FILE.partial that
 * pb_run_decode reads. Its first line is the record without samples, each further line one sample, or one
 * failed task, with its cell's id. */
#ifndef PB_RESULTS_JOURNAL_H
#define PB_RESULTS_JOURNAL_H

#include "base/error.h"
#include "results/record.h"

struct pb_journal {
    char *path, *partial;
    int fd;                 /* -1: closed */
    struct pb_error failed; /* code != 0: the first write that failed; later ones are not tried */
};

/* Checks that `path` can be written and creates the journal; the error names the path. An older FILE stays as
 * it is. */
int pb_journal_open(struct pb_journal *, const char *path, struct pb_error *);
int pb_journal_begin(struct pb_journal *, const struct pb_run *); /* writes the first line */
int pb_journal_sample(struct pb_journal *, const struct pb_cell *, const struct pb_sample *);
int pb_journal_failure(struct pb_journal *, const struct pb_cell *, const struct pb_failure *);
/* Writes the whole record beside FILE, syncs, renames it onto FILE, syncs the directory, removes the journal.
   On failure FILE is untouched and the journal stays. Closes the journal in any case. */
int pb_journal_commit(struct pb_journal *, const struct pb_run *, struct pb_error *);
/* Gives up without a result: removes the journal if no sample is in it. */
void pb_journal_close(struct pb_journal *);

#endif
