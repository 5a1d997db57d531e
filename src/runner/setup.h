/* A workload that is set up in this process: found, its parameters read, its state made. Once in a runner; in
 * a launched one once in each rank. */
#ifndef PB_RUNNER_SETUP_H
#define PB_RUNNER_SETUP_H

#include "base/param.h"
#include "runner/find.h"
#include "runner/work.h"

struct pb_setup {
    struct pb_found found;
    struct pb_param_set params;
    struct pb_work *work; /* workload and state, in shared memory */
    bool done;
    struct pb_message note; /* that the workload's setup left */
};

/* For at most so many workers, the first of which is number `first`. `item` as the user wrote it. On failure
 * it is to be closed all the same. */
int pb_setup_open(struct pb_setup *, const char *item, double work_rate, uint32_t first, uint32_t workers,
                  struct pb_error *);
void pb_setup_close(struct pb_setup *);

#endif
