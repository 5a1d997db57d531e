/* The search for METG: which lengths of task to measure. */
#ifndef PB_DRIVER_METG_H
#define PB_DRIVER_METG_H

#include "driver/driver.h"
#include "results/metg.h"

/* Measures METG(50 %) of every executor, width and binding of the request, all of them in the same rounds,
   with tasks of 5 ns to 1 ms. `frame` is a run without cells, of whose machine, limits and seed use is made.
   Rows that fail say so, and the others go on. request->rounds is of the last step, 0 for its default.
   -EINTR: a signal came, and what was found until then stands in `out`, which is to be released in any
   case. */
int pb_metg_measure(const struct pb_run *frame, const struct pb_request *, const struct pb_sources *,
                    const struct pb_descriptions *, pb_progress_fn *, void *context, struct pb_metg *out,
                    struct pb_error *);

#endif
