/* What a row is called, here alone: "thread 2", and before and behind that as much as tells it from the rows
 * that it stands among: "sha:size=4KiB thread 2 bind=core via=map runner=python3 head". Tables, sentences,
 * errors and files for other tools differ in how much they say, not in how. */
#ifndef PB_RESULTS_ROW_NAME_H
#define PB_RESULTS_ROW_NAME_H

#include "base/buffer.h"
#include "results/record.h"

/* What may be said beside executor and workers, in this order: bits of a mask. */
enum {
    PB_ROW_WORKLOAD = 1,
    PB_ROW_BINDING = 2,
    PB_ROW_VIA = 4,
    PB_ROW_RUNNER = 8,
    PB_ROW_SIDE = 16,
    PB_ROW_ROLE = 32,   /* "reference" */
    PB_ROW_SPOKEN = 64, /* as in a sentence: a program goes by its name, not by its command line */
};

/* Appends the row's name, nothing in it cleaned. Of a program that makes its workers itself the spoken name
   is "xz 4". Of rows that run one task at a time none says how many workers they have. `run` may be NULL:
   then all rows that it stands among are of the same workload. */
void pb_row_name(const struct pb_run *, const struct pb_cell *, unsigned parts, struct pb_buffer *);
/* Its executor as spoken: "thread", "xz", cut to the room. Returns out. */
const char *pb_row_executor(const struct pb_run *, const struct pb_cell *, char *out, size_t size);
/* Appends "thread 2", or "serial". */
void pb_row_brief(const char *executor, uint32_t workers, struct pb_buffer *);

/* The parts in which the row is not what it is when nothing is said: whatever other rows there are, so that
   its name is the same in each run that has it. */
unsigned pb_row_unusual(const struct pb_cell *);
/* The parts that tell it from each row of the run that `counts` (NULL: all do): the workload where these have
   several, and of the others those without which one would be called the same. */
unsigned pb_row_apart(const struct pb_run *, const struct pb_cell *, bool (*counts)(const struct pb_cell *));

/* Rows of which is spoken: all but references, which only bound what others may reach. */
bool pb_row_is_asked(const struct pb_cell *);

#endif
