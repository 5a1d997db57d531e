/* Waiting inside a task. The thread that runs tasks says so while it does; a wait on that thread for the
 * executor's own futures then runs other pending tasks instead of blocking, or fails where that is not
 * possible. */
#ifndef PB_FUTURE_HELP_H
#define PB_FUTURE_HELP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct pb_depot;
struct pb_task;

struct pb_helper {
    const struct pb_depot *depot; /* of the executor whose worker this thread is */
    /* Runs one pending task; false: there is none. NULL: this is a worker process, which cannot. */
    bool (*run_one)(struct pb_helper *);
    struct pb_task *task; /* the worker's */
    /* Called before and after the thread blocks for something that another may have to do first: a worker
       that holds a lock which others need gives it up meanwhile. NULL: there is none. */
    void (*blocks)(struct pb_helper *, bool begins);
};

extern _Thread_local struct pb_helper *pb_helper_here; /* NULL outside of workers */

/* Around whatever blocks a thread that may be a worker: futexes and conditions of the library's own. What is
 * given up is taken again at the end, which may wait for another worker: so with no lock held that a worker
 * takes while it works. They may nest. */
static inline void pb_block_begin(void) {
    if (pb_helper_here && pb_helper_here->blocks)
        pb_helper_here->blocks(pb_helper_here, true);
}
static inline void pb_block_end(void) {
    if (pb_helper_here && pb_helper_here->blocks)
        pb_helper_here->blocks(pb_helper_here, false);
}

/* Locks a mutex whose holder may wait for workers while it has it. */
static inline void pb_block_lock(pthread_mutex_t *lock) {
    pb_block_begin();
    pthread_mutex_lock(lock);
    pb_block_end();
}

/* The calling thread's helper for futures of this depot, or NULL. */
static inline struct pb_helper *pb_helper_for(const struct pb_depot *d) {
    struct pb_helper *h = pb_helper_here;
    return h && h->depot == d ? h : NULL;
}

#endif
