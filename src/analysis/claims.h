/* The first sentence of a finding: which rows, and what became of them. */
#ifndef PB_ANALYSIS_CLAIMS_H
#define PB_ANALYSIS_CLAIMS_H

#include "analysis/groups.h"
#include "base/buffer.h"

/* What a group's figures range over, over all its workloads. */
struct pb_group_range {
    double low, high;
    const struct pb_cell *worst; /* the least of what was possible for it */
};
struct pb_group_range pb_group_range(const struct pb_group *);

/* "sha and primes: ", where the run has several workloads. Programs' rows are called by their names as it is.
 */
void pb_claim_prefix(struct pb_buffer *, const struct pb_run *, const struct pb_group *);

/* "Threads use both processors (1.97x of a possible 1.98x)." */
void pb_claim_parallel(struct pb_buffer *, const struct pb_run *, const struct pb_group *,
                       struct pb_group_range);
/* "sleep: 8 tasks at once overlap under thread and loop (7.9x)." */
void pb_claim_overlapped(struct pb_buffer *, const struct pb_run *, const struct pb_group *,
                         struct pb_group_range);
/* "process 2: slower (0.41x), overhead." */
void pb_claim_shortfall(struct pb_buffer *, const struct pb_run *, const struct pb_group *,
                        struct pb_group_range);
/* "request:rate=800: thread 4/8 and process 8 keep up with the 800 tasks that come in a second." Or fall
   behind, or it is unclear. Returns the row that keeps up with the least. */
const struct pb_cell *pb_claim_offered(struct pb_buffer *, const struct pb_run *, const struct pb_group *);

#endif
