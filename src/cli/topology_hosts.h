/* The other way of `bench topology`: of hosts that a launcher reaches. */
#ifndef PB_CLI_TOPOLOGY_HOSTS_H
#define PB_CLI_TOPOLOGY_HOSTS_H

#include "cli/options.h"

int pb_topology_of_hosts(const struct pb_options *); /* the exit code */

#endif
