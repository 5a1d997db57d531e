/* A cell whose workers are ranks: each rank sets the workload up for itself, is placed by its own host's
 * topology, and tells after a repetition what its tasks told it, and what it used.
 *
 * What runs in the other ranks is called through ranks/ranks.h; this file's functions are for rank 0. */
#ifndef PB_RUNNER_RANKS_H
#define PB_RUNNER_RANKS_H

#include "ranks/deal.h"
#include "results/hosts.h"
#include "runner/protocol.h"
#include "runner/setup.h"
#include "runner/usage.h"

struct pb_cell_ranks {
    struct pb_ranks *ranks; /* NULL: its workers are not ranks */
    struct pb_part *part;   /* who has which workers */
    uint32_t parts;
    uint32_t *rank; /* of each part */
    struct pb_ranks_host *host;
    uint32_t hosts;
    struct pb_buffer setup;    /* what a rank needs to set the workload up */
    struct pb_cpuset *binding; /* one for each worker; NULL: none is bound */
    uint32_t bindings;
};

/* Deals the workers to the ranks, asks the hosts for their topologies and places the workers there by the
   policy. `inner` and `ranks`: see the executor's parameters. */
int pb_cell_ranks_open(struct pb_cell_ranks *, const struct pb_wire_open *, const char *options,
                       struct pb_error *);
void pb_cell_ranks_close(struct pb_cell_ranks *);
/* Adds the pids of ranks that share a machine with rank 0, itself among them. */
void pb_cell_ranks_pids(const struct pb_cell_ranks *, struct pb_wire_list *);

/* That worker is a process of its own, which its rank has forked. */
bool pb_cell_ranks_forked(const struct pb_cell_ranks *, const struct pb_executor *, uint32_t worker);

/* For the executor's config: in each rank. */
int pb_rank_state_open(void **state, uint32_t first, uint32_t workers, const void *args, size_t size,
                       struct pb_error *);
void pb_rank_state_close(void *state);

/* Around a repetition, untimed: begins it in every rank. What `end` brings home of meters goes into those of
   `work`, what the workload's `end` returned is added up in *end_value; usage and CPU time are what the ranks
   gained between. */
struct pb_ranks_used {
    struct pb_usage usage; /* peak_bytes: their sum, now */
    uint64_t cpu_ns;
};
int pb_cell_ranks_begin(struct pb_cell_ranks *, const struct pb_repetition *, struct pb_error *);
int pb_cell_ranks_end(struct pb_cell_ranks *, struct pb_work *, uint64_t *end_value, struct pb_ranks_used *,
                      struct pb_error *);

#endif
