/* Hosts in words. */
#ifndef PB_REPORT_HOSTS_H
#define PB_REPORT_HOSTS_H

#include "base/buffer.h"
#include "results/record.h"

/* "node1: ranks 0 2, worker 1": above the picture of a host. */
void pb_host_title(const struct pb_ranks_host *, struct pb_buffer *);
/* "on 2 hosts: node1 (workers 0 2), node2 (worker 1); its base was measured on login1"; nothing of a cell
 * that was where the run's other cells were, or on no host that is known. */
void pb_hosts_say(const struct pb_run *, const struct pb_cell *, struct pb_buffer *);

#endif
