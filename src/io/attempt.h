/* Operations attempted without waiting, for an engine that learns only when to attempt again. */
#ifndef PB_IO_ATTEMPT_H
#define PB_IO_ATTEMPT_H

#include "io/engine.h"

/* Beside the result of the operation: */
#define PB_ATTEMPT_LATER (PB_OP_ARMED + 1) /* it would wait for pb_attempt_events of its descriptor */
#define PB_ATTEMPT_FILES                                                                                     \
    (PB_OP_ARMED + 2) /* it may wait for a disk: not to be done by a thread in a hurry                       \
                       */

/* Never waits, also where the descriptor is a blocking one. One that asks not to be waited for, by O_NONBLOCK
 * or MSG_DONTWAIT, is -EAGAIN. */
ssize_t pb_attempt(struct pb_op *);
/* It will not be attempted again, though it said LATER. */
void pb_attempt_abandon(struct pb_op *);
/* As poll has them; 0: it never says LATER. */
short pb_attempt_events(const struct pb_op *);

#endif
