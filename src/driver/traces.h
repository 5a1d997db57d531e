/* One further repetition of each cell, traced: what its workers did, span by span. It is no sample. */
#ifndef PB_DRIVER_TRACES_H
#define PB_DRIVER_TRACES_H

#include "driver/session.h"

/* Opens each cell that was measured anew, in the session that is at its id, and fills its spans; references
   are left out. A cell that cannot be traced keeps its samples and gets a note. 0 or -EINTR. */
int pb_take_traces(struct pb_run *, struct pb_session *, int64_t timeout_ns);

#endif
