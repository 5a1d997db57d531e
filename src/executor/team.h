/* What thread-like and process-like executors share: workers that serve one queue and one range, and sleep
 * when there is neither. All of it lies in the crew, so a worker may be a thread or a process. */
#ifndef PB_EXECUTOR_TEAM_H
#define PB_EXECUTOR_TEAM_H

#include "executor/worker.h"

struct pb_member {
    struct pb_worker worker;
    struct pb_helper helper;
    unsigned last_range; /* number of the last range it joined */
    bool rush;           /* it was woken for nothing: another took the task meanwhile */
    /* Runs a future that was taken. */
    void (*run)(struct pb_member *, struct pb_future *);
    /* Between tasks, when it is spent; false: it must leave. */
    bool (*renew)(struct pb_member *);
};

/* In a worker that has entered: works until the crew is closing and nothing is pending, or renew says so. */
void pb_team_serve(struct pb_member *);

/* For member.helper: runs one pending task. */
bool pb_team_help(struct pb_helper *);

/* After a future was queued. */
void pb_team_notify(struct pb_crew *);
/* Shares a range out and waits until all is done that will be done; -ESHUTDOWN with range->error if that is
   not all of it. `lost` tells whether no worker will ever come to it; it may be asked until the executor is
   freed. */
int pb_team_for(struct pb_crew *, struct pb_range *, bool (*lost)(void *context), void *context);
/* A worker left the range, or died: whoever waits for it looks again. */
void pb_team_left_range(struct pb_crew *);
/* Workers leave when the queue is empty. */
void pb_team_close(struct pb_crew *);

#endif
