#include "future/timing.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "base/point.h"
#include "base/wait.h"
#include "future/future.h"

void pb_timing_init(struct pb_timing *t, void (*expired)(void *, bool, uint32_t), void *context) {
    *t = (struct pb_timing){.expired = expired, .context = context};
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->change, NULL);
}

void pb_timing_release(struct pb_timing *t) {
    free(t->heap);
    pthread_cond_destroy(&t->change);
    pthread_mutex_destroy(&t->lock);
}

/* ---- The heap ---- */

static void put(struct pb_timing *t, size_t place, struct pb_future *f) {
    t->heap[place] = f;
    f->extra->place = place;
}

static bool is_earlier(const struct pb_future *a, const struct pb_future *b) {
    return a->extra->deadline < b->extra->deadline;
}

/* Puts `f` where it belongs, on the way up or down from a place that is free. */
static void settle_in(struct pb_timing *t, size_t place, struct pb_future *f) {
    for (; place > 1 && is_earlier(f, t->heap[place / 2]); place /= 2)
        put(t, place, t->heap[place / 2]);
    for (size_t child; (child = 2 * place) <= t->count; place = child) {
        if (child < t->count && is_earlier(t->heap[child + 1], t->heap[child]))
            child++;
        if (!is_earlier(t->heap[child], f))
            break;
        put(t, place, t->heap[child]);
    }
    put(t, place, f);
}

static void take_out(struct pb_timing *t, struct pb_future *f) {
    size_t place = f->extra->place;
    struct pb_future *last = t->heap[t->count--];
    f->extra->place = 0;
    if (last != f)
        settle_in(t, place, last);
}

/* ---- The thread ---- */

/* With the lock held, which it gives up while it tells. */
static void expire_first(struct pb_timing *t) {
    struct pb_future *f = t->heap[1];
    unsigned flags;
    take_out(t, f);
    /* Its caller cannot give the slot back meanwhile: forgetting it takes this lock. */
    uint32_t worker;
    enum pb_expiry expiry = pb_future_expire(f, &flags, &worker);
    PB_POINT(parent_expired);
    pthread_mutex_unlock(&t->lock);
    if (expiry != PB_NOT_EXPIRED) {
        if (t->expired)
            t->expired(t->context, expiry == PB_EXPIRED_RUNNING, worker);
        pb_future_tell(f, flags);
    }
    pthread_mutex_lock(&t->lock);
}

static void *timing_main(void *self) {
    struct pb_timing *t = self;
    pthread_mutex_lock(&t->lock);
    while (!t->ending) {
        if (!t->count)
            pthread_cond_wait(&t->change, &t->lock);
        else if (pb_remaining(t->heap[1]->extra->deadline))
            pb_cond_wait(&t->change, &t->lock, t->heap[1]->extra->deadline);
        else
            expire_first(t);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

static int start(struct pb_timing *t) {
    int rc = pb_thread_start(&t->thread, timing_main, t);
    t->running = rc == 0;
    return rc;
}

int pb_timing_prepare(struct pb_timing *t) {
    pthread_mutex_lock(&t->lock);
    int rc = t->ending ? -ESHUTDOWN : 0;
    if (t->count + t->promised + 2 > t->room) {
        size_t room = t->room ? 2 * t->room : 64;
        struct pb_future **grown = realloc(t->heap, room * sizeof *grown);
        if (grown) {
            t->heap = grown;
            t->room = room;
        } else {
            rc = -ENOMEM;
        }
    }
    if (rc == 0 && !t->running)
        rc = start(t);
    t->promised += rc == 0;
    pthread_mutex_unlock(&t->lock);
    return rc;
}

void pb_timing_unprepare(struct pb_timing *t) {
    pthread_mutex_lock(&t->lock);
    t->promised--;
    pthread_mutex_unlock(&t->lock);
}

void pb_timing_add(struct pb_timing *t, struct pb_future *f) {
    pthread_mutex_lock(&t->lock);
    t->promised--;
    settle_in(t, ++t->count, f);
    if (f->extra->place == 1)
        pthread_cond_signal(&t->change);
    pthread_mutex_unlock(&t->lock);
}

void pb_timing_forget(struct pb_timing *t, struct pb_future *f) {
    pthread_mutex_lock(&t->lock);
    if (f->extra->place)
        take_out(t, f);
    pthread_mutex_unlock(&t->lock);
}

void pb_timing_end(struct pb_timing *t) {
    pthread_mutex_lock(&t->lock);
    t->ending = true;
    pthread_cond_signal(&t->change);
    pthread_mutex_unlock(&t->lock);
    if (t->running)
        pthread_join(t->thread, NULL);
    t->running = false;
}
