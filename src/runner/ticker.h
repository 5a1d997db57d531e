/* Something to be done now and then while a repetition is long, by a thread that short ones never wake. */
#ifndef PB_RUNNER_TICKER_H
#define PB_RUNNER_TICKER_H

#include <pthread.h>
#include <stdbool.h>

struct pb_ticker {
    void (*tick)(void *context);
    void *context;
    bool open;
    int timer; /* a timerfd, which the thread reads */
    pthread_t thread;
    pthread_mutex_t lock; /* held during a tick, and to change what follows */
    bool runs, ends;
};

/* Starts the thread, which calls tick(context); to be called after worker processes were forked. 0 or -errno:
   then starting and stopping it do nothing. */
int pb_ticker_open(struct pb_ticker *, void (*tick)(void *context), void *context);
/* From here on there is a tick after half a second, and then five a second ... */
void pb_ticker_start(struct pb_ticker *);
/* ... until here: none is under way when it returns. */
void pb_ticker_stop(struct pb_ticker *);
/* One that is zeroed is let be. */
void pb_ticker_close(struct pb_ticker *);

#endif
