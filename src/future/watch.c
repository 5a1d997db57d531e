/* Watches: what is to be told when a future settles.
 *
 * Settling writes the state, then looks at the list; watching writes the list, then looks at the state. One
 * of the two sees the other, and whichever takes the watch out of the list, under the lock, is the one that
 * fires or keeps it. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "future/future.h"

static void lock(struct pb_future *f) {
    while (atomic_exchange_explicit(&f->watch_lock, 1, memory_order_acquire))
        sched_yield();
}

static void unlock(struct pb_future *f) {
    atomic_store_explicit(&f->watch_lock, 0, memory_order_release);
}

static void append(struct pb_future *f, struct pb_watch *w) {
    struct pb_watch *last = atomic_load(&f->watches);
    w->next = NULL;
    if (!last) {
        atomic_store(&f->watches, w);
        return;
    }
    while (last->next)
        last = last->next;
    last->next = w;
}

/* True if it was in the list. */
static bool unlink_watch(struct pb_future *f, struct pb_watch *w) {
    struct pb_watch *at = atomic_load(&f->watches);
    if (at == w) {
        atomic_store(&f->watches, w->next);
        return true;
    }
    while (at && at->next != w)
        at = at->next;
    if (at)
        at->next = w->next;
    return at != NULL;
}

bool pb_future_watch(struct pb_future *f, struct pb_watch *w) {
    lock(f);
    append(f, w);
    unlock(f);
    return !pb_future_settled(f) || !pb_future_unwatch(f, w);
}

bool pb_future_unwatch(struct pb_future *f, struct pb_watch *w) {
    lock(f);
    bool taken = unlink_watch(f, w);
    unlock(f);
    return taken;
}

void pb_future_fire(struct pb_future *f) {
    for (;;) {
        lock(f);
        struct pb_watch *first = atomic_load(&f->watches);
        if (first)
            atomic_store(&f->watches, first->next);
        unlock(f);
        if (!first)
            return;
        first->fire(first, f);
    }
}

struct callback {
    struct pb_watch watch;
    void (*function)(struct pb_future *, void *);
    void *context;
};

static void fire_callback(struct pb_watch *w, struct pb_future *f) {
    struct callback *c = (struct callback *)(void *)w;
    c->function(f, c->context);
    free(c);
}

int pb_future_add_callback(struct pb_future *f, void (*function)(struct pb_future *, void *), void *context) {
    struct callback *c = malloc(sizeof *c);
    if (!c)
        return -ENOMEM;
    *c = (struct callback){.watch.fire = fire_callback, .function = function, .context = context};
    if (!pb_future_watch(f, &c->watch))
        fire_callback(&c->watch, f);
    return 0;
}
