/* Where a repetition's time went, worker by worker: what the executor's accounts gained meanwhile. */
#ifndef PB_RUNNER_ACCOUNT_H
#define PB_RUNNER_ACCOUNT_H

#include "parbench/executor.h"
#include "results/sample.h"

/* Reads the accounts of `count` workers. */
void pb_accounts_read(const struct pb_executor *, struct pb_worker_info *, uint32_t count);

/* What one worker gained in a makespan from `began` to `ended` (pb_now), by its accounts of before and after.
 */
void pb_account_gain(const struct pb_worker_info *before, const struct pb_worker_info *after, uint64_t began,
                     uint64_t ended, struct pb_worker_sample *);

/* Fills sample->worker, which becomes the caller's, and sample->workers: 0 if there is no memory, or nothing
 * is known of them, since tasks make them. */
void pb_accounts_gain(const struct pb_executor *, const struct pb_worker_info *before, uint32_t count,
                      uint64_t began, uint64_t ended, struct pb_sample *sample);

/* Programs that its tasks ran used so much CPU time: the worker computed through them, and did not just wait.
 */
void pb_account_charge(struct pb_worker_sample *, uint64_t cpu_ns);

#endif
