/* The parent's side of the process executor: what its two files share.
 *
 * process.c opens, hands over work and closes, on its callers' threads; process_collector.c is a thread of
 * its own that hears from workers and from the fork server. It alone touches inboxes and buries; `lock`
 * guards the rest, and no future is settled under it. */
#ifndef PB_EXECUTOR_PROCESS_POOL_H
#define PB_EXECUTOR_PROCESS_POOL_H

#include <pthread.h>

#include "executor/inbox.h"
#include "executor/process_shared.h"

enum pb_seat_state { PB_SEAT_EMPTY, PB_SEAT_STARTING, PB_SEAT_LIVE };

struct pb_seat {
    enum pb_seat_state state;
    pid_t pid;
    uint32_t starts; /* that failed in a row */
    struct pb_inbox inbox;
};

struct pb_process_pool {
    struct pb_crew *crew;
    struct pb_hive *hive;
    size_t hive_size;
    pthread_mutex_t lock;
    pthread_cond_t event; /* a seat changed, or the server is gone */
    pthread_t collector;
    bool collecting;
    pid_t server;
    int socket, doorbell, alive; /* alive: a pipe that ends when the server and all workers have */
    struct pb_seat *seat;
    bool opened, closing;
    bool broken;                /* nothing will ever run */
    struct pb_error failure;    /* the first initializer's or fork's that failed */
    struct pb_error range_loss; /* who died in the range */
};

/* With the lock held: keeps the first failure. */
void pb_process_fail(struct pb_process_pool *, const struct pb_error *);
/* With the lock held. What cannot be told would be waited for: without its link the server is as good as
 * gone. */
void pb_process_tell(struct pb_process_pool *, enum pb_server_word, uint32_t worker, pid_t);
bool pb_process_any(const struct pb_process_pool *, enum pb_seat_state);
bool pb_process_any_worker(const struct pb_process_pool *);
/* The future with that index, if it was this worker that took it; or NULL. */
struct pb_future *pb_process_future(const struct pb_process_pool *, uint32_t index, uint32_t worker);
/* Nothing can run any more: fails what waits. */
void pb_process_break_down(struct pb_process_pool *, const char *why);
/* Starts the collector; it ends when the server's socket does. */
int pb_process_collect(struct pb_process_pool *);

#endif
