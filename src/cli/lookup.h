/* What runners know of the things that a request names. */
#ifndef PB_CLI_LOOKUP_H
#define PB_CLI_LOOKUP_H

#include "driver/driver.h"

/* Describes all there is, and besides each item of the request that is more than a name: with parameters, or
   the path of a plug-in. -EINVAL for an item that a runner refuses; the error is the runner's own. */
int pb_lookup(struct pb_descriptions *, const struct pb_request *, struct pb_error *);

#endif
