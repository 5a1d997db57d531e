/* What a trace holds of one repetition, as its sample tells it. */
#ifndef PB_RUNNER_SPANS_H
#define PB_RUNNER_SPANS_H

#include "base/trace.h"
#include "runner/protocol.h"

/* The spans of all tracks, from `began` on, cut to what lies between the two moments, worker by worker in
   order of their begins. 0 or -ENOMEM. */
int pb_spans_take(const struct pb_trace *, uint64_t began, uint64_t ended, struct pb_wire_sample *,
                  struct pb_error *);
/* How long each of so many tasks took. None are told if one has no span, for want of room. 0 or -ENOMEM. */
int pb_spans_times(const struct pb_trace *, uint64_t tasks, struct pb_wire_sample *, struct pb_error *);

#endif
