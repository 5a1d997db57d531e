/* The lock, step by step as in take_gil and drop_gil of CPython's Python/ceval_gil.c.
 *
 * A thread that finds it taken sleeps on `change` for one interval. If that passes, the lock is still taken
 * and it was not handed over meanwhile, the thread asks for it; else it sleeps for a fresh interval. The
 * holder looks at the request only at its checkpoints, which cost one load of a word that nobody writes until
 * somebody asks. It then drops the lock, which wakes one waiter, whichever the kernel picks: there is no
 * queue, the one that asked has no claim, and a thread that comes just then may be first.
 *
 * Forced switching: who drops the lock while it is asked for, at a checkpoint or for a call that blocks,
 * sleeps once on `switched` until another has taken it. Otherwise the dropper, which is awake and on a
 * processor, would take it straight back, ever again.
 *
 * Invariants:
 *   - `locked` and `switch_number` change with `mutex` held; `last_holder` becomes another with both mutexes
 *     held, so that a dropper that holds `switch_mutex` and finds itself there has not missed the signal.
 *   - Where both mutexes are held, `mutex` was locked first. No other lock is taken with either.
 *   - `drop_request` is set by a thread that waits, with `mutex` held, and cleared with each take. So where
 *     it is set, somebody waits, is signalled by the drop, and ends the dropper's sleep. */
#include "io/gil.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/wait.h"

struct pb_gil {
    uint64_t interval_ns;
    pthread_mutex_t mutex;
    pthread_cond_t change; /* of `locked`, to false */
    bool locked;
    uint64_t switch_number;
    pthread_mutex_t switch_mutex;
    pthread_cond_t switched;
    _Atomic(struct pb_gil_holder *) last_holder;
    _Alignas(64) atomic_bool drop_request;
};

struct pb_gil *pb_gil_new(uint64_t interval_ns) {
    struct pb_gil *g = aligned_alloc(_Alignof(struct pb_gil), sizeof *g);
    if (!g)
        return NULL;
    *g = (struct pb_gil){.interval_ns = interval_ns};
    pthread_mutex_init(&g->mutex, NULL);
    pthread_cond_init(&g->change, NULL);
    pthread_mutex_init(&g->switch_mutex, NULL);
    pthread_cond_init(&g->switched, NULL);
    return g;
}

void pb_gil_free(struct pb_gil *g) {
    if (!g)
        return;
    pthread_cond_destroy(&g->switched);
    pthread_mutex_destroy(&g->switch_mutex);
    pthread_cond_destroy(&g->change);
    pthread_mutex_destroy(&g->mutex);
    free(g);
}

static void count(struct pb_gil_holder *h, enum pb_gil_count what, uint64_t amount) {
    if (h->count)
        atomic_store_explicit(&h->count[what],
                              atomic_load_explicit(&h->count[what], memory_order_relaxed) + amount,
                              memory_order_relaxed);
}

static bool is_asked(const struct pb_gil *g) {
    return atomic_load_explicit(&g->drop_request, memory_order_relaxed);
}

static void ask(struct pb_gil *g, bool request) {
    atomic_store_explicit(&g->drop_request, request, memory_order_relaxed);
}

/* With the mutex held: until nobody has the lock. */
static void await_drop(struct pb_gil *g) {
    while (g->locked) {
        uint64_t seen = g->switch_number;
        bool timed_out = pb_cond_wait(&g->change, &g->mutex, pb_deadline((int64_t)g->interval_ns)) < 0;
        if (timed_out && g->locked && g->switch_number == seen)
            ask(g, true);
    }
}

/* With the mutex held: the lock is this thread's from here on. */
static void become_holder(struct pb_gil *g, struct pb_gil_holder *h) {
    pthread_mutex_lock(&g->switch_mutex);
    struct pb_gil_holder *last = atomic_load_explicit(&g->last_holder, memory_order_relaxed);
    g->locked = true;
    if (last != h) {
        atomic_store_explicit(&g->last_holder, h, memory_order_relaxed);
        g->switch_number++;
        if (last)
            count(h, PB_GIL_SWITCHES, 1);
    }
    pthread_cond_signal(&g->switched);
    pthread_mutex_unlock(&g->switch_mutex);
}

void pb_gil_take(struct pb_gil_holder *h) {
    struct pb_gil *g = h->gil;
    uint64_t began = 0;
    pthread_mutex_lock(&g->mutex);
    if (g->locked) {
        began = pb_now();
        await_drop(g);
        count(h, PB_GIL_WAIT_NS, pb_now() - began);
    }
    become_holder(g, h);
    if (is_asked(g))
        ask(g, false); /* it was meant for who had the lock before */
    pthread_mutex_unlock(&g->mutex);
    h->holds = true;
    if (began)
        pb_wait_end_gil(h->waits, began);
}

static void await_switch(struct pb_gil *g, struct pb_gil_holder *h) {
    uint64_t began = pb_wait_begin(h->waits);
    pthread_mutex_lock(&g->switch_mutex);
    if (atomic_load_explicit(&g->last_holder, memory_order_relaxed) == h) {
        ask(g, false);
        pthread_cond_wait(&g->switched, &g->switch_mutex); /* once, whoever wakes it */
    }
    pthread_mutex_unlock(&g->switch_mutex);
    pb_wait_end_gil(h->waits, began);
}

void pb_gil_drop(struct pb_gil_holder *h) {
    struct pb_gil *g = h->gil;
    h->holds = false;
    atomic_store_explicit(&g->last_holder, h, memory_order_relaxed);
    pthread_mutex_lock(&g->mutex);
    g->locked = false;
    pthread_cond_signal(&g->change);
    pthread_mutex_unlock(&g->mutex);
    if (is_asked(g))
        await_switch(g, h);
}

void pb_gil_checkpoint(struct pb_gil_holder *h) {
    if (!is_asked(h->gil) || !h->holds)
        return;
    count(h, PB_GIL_FORCED, 1);
    pb_gil_drop(h);
    pb_gil_take(h);
}

void pb_gil_leave(struct pb_gil_holder *h) {
    if (h->away++ == 0)
        pb_gil_drop(h);
}

void pb_gil_return(struct pb_gil_holder *h) {
    if (--h->away == 0)
        pb_gil_take(h);
}
