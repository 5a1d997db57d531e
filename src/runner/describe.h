/* What this program has: answers to `describe`. */
#ifndef PB_RUNNER_DESCRIBE_H
#define PB_RUNNER_DESCRIBE_H

#include "runner/protocol.h"

/* Describes the named workloads and executors, or with both lists empty all there are. An unknown name or a
   bad parameter is an error; what is absent is described with its reason. */
int pb_runner_describe(const struct pb_wire_describe *, struct pb_descriptions *, struct pb_error *);

#endif
