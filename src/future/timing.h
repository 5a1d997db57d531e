/* Deadlines of futures: a heap of those that have one, and a thread that sleeps until the earliest.
 *
 * The thread starts with the first deadline. A future leaves the heap when its slot is given back, so the
 * heap is never larger than the number of futures that are held. */
#ifndef PB_FUTURE_TIMING_H
#define PB_FUTURE_TIMING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pb_future;

struct pb_timing {
    pthread_mutex_t lock; /* guards all below, and the place of every future in the heap */
    pthread_cond_t change;
    struct pb_future **heap; /* [1 .. count], the earliest deadline first */
    size_t count, promised, room;
    pthread_t thread;
    bool running, ending;
    /* Called without the lock after a future has expired that `worker` still runs (true), or one that nobody
     * runs; and when one was settled before, but whoever did it has not told. */
    void (*expired)(void *context, bool runs, uint32_t worker);
    void *context;
};

void pb_timing_init(struct pb_timing *, void (*expired)(void *context, bool runs, uint32_t worker),
                    void *context);
/* Ends the thread: nothing expires any more. */
void pb_timing_end(struct pb_timing *);
void pb_timing_release(struct pb_timing *);

/* Makes room for one more and starts the thread: what can fail comes before the future is queued. 0 or
   -errno; -ESHUTDOWN after the end. */
int pb_timing_prepare(struct pb_timing *);
void pb_timing_unprepare(struct pb_timing *); /* it was not queued after all */
/* The future has an extra with a deadline, and is held. */
void pb_timing_add(struct pb_timing *, struct pb_future *);
/* Takes it out of the heap, if it is there. */
void pb_timing_forget(struct pb_timing *, struct pb_future *);

#endif
