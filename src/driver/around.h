/* What stands around the measuring of a run, whoever measures. */
#ifndef PB_DRIVER_AROUND_H
#define PB_DRIVER_AROUND_H

#include "driver/plan.h"
#include "driver/session.h"
#include "results/journal.h"

/* Before: fills run->work_rate, by a runner of this program. 0, or what starting and hearing it gives. */
int pb_calibrate_work(struct pb_run *, struct pb_children *, int64_t timeout_ns, struct pb_error *);
/* Between: adds a repetition of launch `fork`, and writes it to the journal, which remembers its failure for
   the end; NULL: there is none. If the machine was suspended since `slept_before` (pb_slept), it is dropped
   and counted. 0 or -ENOMEM. */
int pb_keep_sample(struct pb_journal *, struct pb_cell *, struct pb_sample *, uint32_t fork,
                   uint64_t slept_before);
/* After: where each worker was last seen, "0 1", and whether one was ever seen off its plan. */
void pb_note_placement(const struct pb_run *, struct pb_cell *);

#endif
