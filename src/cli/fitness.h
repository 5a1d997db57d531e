/* Is this machine fit to be measured now? Said before measuring, kept in the record. */
#ifndef PB_CLI_FITNESS_H
#define PB_CLI_FITNESS_H

#include "results/record.h"

/* Adds a warning "what: why: what to do" for each thing that disturbs: load, quota, governor, steal, and
   variables of the environment that runners do not get. `steal` is the share of processor time that the host
   of a virtual machine kept, NAN if unknown. 0 or -ENOMEM. */
int pb_fitness_check(struct pb_run *, double steal);

/* That share since the machine booted, from the first line of `path` (/proc/stat: proc(5)); NAN if unknown.
 */
double pb_steal_read(const char *path);

#endif
