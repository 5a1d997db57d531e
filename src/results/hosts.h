/* The hosts that a launched runner's ranks are on (docs/runner-protocol.md, `host`): said once it is ready,
 * kept in the record. A rank is a process that the launcher started; rank 0 is the runner itself. */
#ifndef PB_RESULTS_HOSTS_H
#define PB_RESULTS_HOSTS_H

#include "base/buffer.h"
#include "base/error.h"
#include "topology/limits.h"
#include "topology/machine.h"

/* Owns all that it points to, each in memory of its own. */
struct pb_ranks_host {
    char *name;
    uint32_t *rank; /* ascending */
    uint32_t *pid;  /* of each of them: as many */
    uint32_t ranks, pids;
    uint32_t *worker; /* numbers of the workers that are here; none is on two hosts */
    char **planned;   /* each one's processors there: "0", "0,4"; "" unbound: as many */
    uint32_t workers, plans;
    char *effective, *reason; /* policy as applied there, and why it is that one */
    char *achieved;           /* where its workers really ran, as in a cell; NULL until known; never spoken */
    struct pb_machine machine;
    struct pb_limits limits;
};

void pb_hosts_release(struct pb_ranks_host *, uint32_t count); /* and the array itself */

/* The host that a worker is on, and its place among those there; NULL: it is on none. */
const struct pb_ranks_host *pb_hosts_find(const struct pb_ranks_host *, uint32_t count, uint32_t worker,
                                          uint32_t *at);

/* Appends the hosts as a JSON array on one line. 0 or -ENOMEM. */
int pb_hosts_encode(const struct pb_ranks_host *, uint32_t count, struct pb_buffer *);
/* Reads that back into a new array. -EINVAL: it is none, the error says where and why; nothing is then to be
 * released. */
int pb_hosts_decode(struct pb_ranks_host **, uint32_t *count, const char *text, size_t size,
                    struct pb_error *);

#endif
