/* Runs of the program on files that are compiled for them, as the suites of those share them. */
#ifndef PB_TESTS_CFILE_H
#define PB_TESTS_CFILE_H

#include "program.h"

#define EXAMPLES PB_SOURCE_DIR "/docs/examples/workloads/"

enum { CFILE_TASKS = 5 };
/* Options of a run that says in a record which answers the first CFILE_TASKS tasks gave. */
#define BRIEFLY "-n 2 -b none --rounds 1 --tasks 5 --format json"

/* One run's directories. */
struct cfile_place {
    char files[64], tmp[64]; /* of sources; TMPDIR, which must be empty in the end */
};
void cfile_place_init(struct cfile_place *);
void cfile_place_release(const struct cfile_place *);
void cfile_write(const struct cfile_place *, const char *name, const char *text);
/* The text with the directory of the sources in place of each @, and the name of the compiler that built us
   in place of each %; to be freed. */
char *cfile_text(const struct cfile_place *, const char *text);

/* bench -q -w ITEM OPTIONS, the item one word, with the compiler given ("" for the usual one); both as
   cfile_text has them. */
void cfile_begin(struct program *, const struct cfile_place *, const char *item, const char *options,
                 const char *compiler);
/* All rows of the workload are done, and their digest is that of the task; how many there are. */
uint32_t cfile_check_rows(const struct pb_run *, const char *workload, uint64_t (*task)(uint64_t i));
/* What task i of EXAMPLES "collatz.*" answers, by its definition. */
uint64_t cfile_collatz(uint64_t i, uint64_t numbers);

#endif
