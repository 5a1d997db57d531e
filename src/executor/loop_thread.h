/* What the files of the executor loop share.
 *
 * loop.c opens, hands over work and closes, on its callers' threads; loop_thread.c is a loop, on a thread of
 * its own; loop_lane.c is what runs in a lane's coroutine. A loop's lanes and its reactor are touched by its
 * thread alone, but for the reactor's bell, which is rung through pb_loop_wake. */
#ifndef PB_EXECUTOR_LOOP_THREAD_H
#define PB_EXECUTOR_LOOP_THREAD_H

#include <pthread.h>

#include "executor/worker.h"
#include "io/reactor.h"

enum { PB_LOOPS_MAX = 64 };

/* What a loop is about, for who has something for it. Of a hungry one a lane is idle. */
enum pb_loop_sleep { PB_LOOP_AWAKE, PB_LOOP_HUNGRY, PB_LOOP_FULL };

struct pb_loop_lane {
    struct pb_task task; /* its verbs: the coroutine, or NULL while it is idle */
    struct pb_helper helper;
    struct pb_loop *loop;
    struct pb_loop_lane *next; /* idle */
    struct pb_future *future;  /* that it runs, or NULL: part of a range */
    uint64_t ran;              /* tasks since its memory was fresh */
    uint32_t depth;            /* tasks within its task */
    bool entered;              /* the initializer was content */
    bool cancelled;
};

struct pb_loop {
    _Alignas(64) atomic_uint sleep; /* enum pb_loop_sleep */
    atomic_uint wakers;             /* that may ring the bell just now */
    atomic_uint expired;            /* a task that it runs has */

    _Alignas(64) struct pb_loop_pool *pool;
    uint32_t index, first_lane, lanes;
    pthread_t thread;
    struct pb_worker worker; /* which has no lane of its own */
    struct pb_reactor *reactor;
    struct pb_loop_lane *lane, *idle;
    unsigned char *memory; /* of all lanes */
    size_t lane_bytes;     /* of each */
    bool works;            /* its account is open */
    bool stopped;          /* what runs is cancelled, and what begins */
    struct pb_error failure;

    unsigned joined; /* number of the range that it joined last */
    struct pb_range *range;
    uint32_t in_range; /* lanes */
    struct pb_range_result tally;
};

/* The loops lie in the executor's own memory: who comes late with a task finds them until it is freed. */
struct pb_loop_pool {
    struct pb_crew *crew;
    enum pb_engine engine;
    pthread_mutex_t lock; /* guards what follows, and what the range came to */
    pthread_cond_t event; /* a loop entered, left the range, or ended */
    uint32_t started, entered, ended;
    struct pb_error failure; /* the first loop's that could not begin */
    struct pb_range *range;
    atomic_uint number; /* of the range; read without the lock */
    atomic_uint within; /* loops that have not left it; likewise */
    struct pb_loop loop[PB_LOOPS_MAX];
};

/* From any thread: the loop looks what there is to do. A `hungry_only` call spares one whose lanes are all
 * taken. True if it was woken. */
bool pb_loop_wake(struct pb_loop *, bool hungry_only);

/* The thread; its argument is a struct pb_loop with pool, index and lanes. */
void *pb_loop_main(void *loop);

/* What runs in a coroutine; the argument is the lane. */
void pb_loop_enter_lane(void *lane);
void pb_loop_leave_lane(void *lane);
void pb_loop_run_future(void *lane);
void pb_loop_run_range(void *lane);

/* The next future in the queue, or NULL. */
struct pb_future *pb_loop_take(struct pb_loop *);
/* For the lane's helper. */
bool pb_loop_help(struct pb_helper *);

#endif
