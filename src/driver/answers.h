/* What cells have answered: the digest of each one's first repetition, which all later ones must repeat. */
#ifndef PB_DRIVER_ANSWERS_H
#define PB_DRIVER_ANSWERS_H

#include "results/record.h"

struct pb_answers {
    uint64_t *digest; /* by cell */
    bool *known;
};

/* Of so many cells. 0 or -ENOMEM; release in any case. */
int pb_answers_init(struct pb_answers *, uint32_t cells);
void pb_answers_release(struct pb_answers *);

/* Holds a repetition to the cell's number of tasks and to what `witness` answered: the cell itself, another
   that has answered and is called `name` in messages, or NULL where nobody has. If it is wrong, so is the
   cell, with an error that says how, and false is returned. */
bool pb_answers_check(struct pb_answers *, struct pb_cell *, const struct pb_sample *,
                      const struct pb_cell *witness, const char *name);

#endif
