/* pb_host_read with another root than "/", for tests. */
#ifndef PB_RESULTS_HOST_H
#define PB_RESULTS_HOST_H

#include "results/record.h"

void pb_host_read_at(struct pb_host *, const char *root);

#endif
