/* The thread sleeps in reading a timer. Starting and stopping set the timer, which wakes nobody; only when it
 * expires does the thread run. A tick that comes just as it is stopped finds that it does not run any more.
 */
#include "runner/ticker.h"

#include <errno.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/thread.h"

enum { FIRST_NS = 500000000, NEXT_NS = 200000000 };

static void set_timer(const struct pb_ticker *t, long first, long next) {
    const struct itimerspec when = {.it_value.tv_nsec = first, .it_interval.tv_nsec = next};
    timerfd_settime(t->timer, 0, &when, NULL);
}

static void set_runs(struct pb_ticker *t, bool runs) {
    pthread_mutex_lock(&t->lock);
    t->runs = runs;
    pthread_mutex_unlock(&t->lock);
}

static void *tick_on(void *argument) {
    struct pb_ticker *t = argument;
    for (bool ends = false; !ends;) {
        uint64_t expired;
        if (read(t->timer, &expired, sizeof expired) < 0 && errno != EINTR)
            break;
        pthread_mutex_lock(&t->lock);
        if (t->runs)
            t->tick(t->context);
        ends = t->ends;
        pthread_mutex_unlock(&t->lock);
    }
    return NULL;
}

int pb_ticker_open(struct pb_ticker *t, void (*tick)(void *context), void *context) {
    *t = (struct pb_ticker){.tick = tick, .context = context};
    t->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (t->timer < 0)
        return -errno;
    pthread_mutex_init(&t->lock, NULL);
    int rc = pb_thread_start(&t->thread, tick_on, t);
    t->open = rc == 0;
    if (rc < 0) {
        pthread_mutex_destroy(&t->lock);
        close(t->timer);
    }
    return rc;
}

void pb_ticker_start(struct pb_ticker *t) {
    if (!t->open)
        return;
    set_runs(t, true);
    set_timer(t, FIRST_NS, NEXT_NS);
}

void pb_ticker_stop(struct pb_ticker *t) {
    if (!t->open)
        return;
    set_timer(t, 0, 0);
    set_runs(t, false);
}

void pb_ticker_close(struct pb_ticker *t) {
    if (!t->open)
        return;
    pthread_mutex_lock(&t->lock);
    t->ends = true;
    pthread_mutex_unlock(&t->lock);
    set_timer(t, 1, 0);
    pthread_join(t->thread, NULL);
    pthread_mutex_destroy(&t->lock);
    close(t->timer);
    *t = (struct pb_ticker){0};
}
