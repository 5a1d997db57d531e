/* Which rank has which workers. Pure: from what the ranks are told of, to parts. */
#ifndef PB_RANKS_DEAL_H
#define PB_RANKS_DEAL_H

#include "ranks/ranks.h"

struct pb_part {
    uint32_t rank;
    uint32_t first, workers; /* it has the workers first .. first + workers - 1 */
};

/* Deals `workers` to the ranks but 0, in their order; *parts of them, which the caller frees. Alone
   (`together` false) each worker has a rank of its own. Together: a rank has many, and `ranks` says how many
   ranks share them evenly; 0: one on each host, with as many workers as ranks among the first `workers` were
   started there, or, if fewer were started, evenly. -EINVAL: too few ranks were started. */
int pb_ranks_deal(const struct pb_ranks *, uint32_t workers, bool together, uint32_t ranks,
                  struct pb_part **out, uint32_t *parts, struct pb_error *);

#endif
