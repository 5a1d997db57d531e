/* What must hold of the result reader, whatever the bytes: for the fuzz target and for the suite that replays
 * its corpus. */
#ifndef PB_TESTS_FUZZ_READER_H
#define PB_TESTS_FUZZ_READER_H

#include "results/fields.h"
#include "results/record.h"

/* Reads the bytes as a result file or journal. What is refused must be refused with a file's name and a
 * place. What is accepted must be written so that it reads back as the same record, as a file and as a
 * journal; its analysis must give figures that are possible, and the same ones again; and every format must
 * be able to write it. False, with what does not hold in `why`. */
bool reader_holds(const char *text, size_t size, char *why, size_t room);

/* Compares two structs member by member, by the rows of their table, and names in `where` the first that
 * differs. Unknown numbers are the same. */
bool same_object(const struct pb_object *, const void *a, const void *b, char *where, size_t room);

/* Whether the computed figures of a cell, or of a law, are ones that can be; else what is not in `why`. */
bool cell_is_possible(const struct pb_cell *, char *why, size_t room);
bool law_is_possible(const struct pb_scaling_law *, char *why, size_t room);

#endif
