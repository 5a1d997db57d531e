/* Watches: what is to be told when a future settles.
 *
 * The list is edited under the depot's lock. Who adds a watch sets WATCHED in the state after it is in the
 * list; who settles the future looks at that flag in the same step. One of the two sees the other, and
 * whichever takes the watch out of the list is the one that fires or keeps it. */
#include <errno.h>
#include <stdlib.h>

#include "future/future.h"

static int append(struct pb_future *f, struct pb_watch *w) {
    struct pb_extra *extra = pb_future_extra(f);
    if (!extra)
        return -ENOMEM;
    struct pb_watch **last = &extra->watches;
    while (*last)
        last = &(*last)->next;
    w->next = NULL;
    *last = w;
    return 0;
}

int pb_future_watch(struct pb_future *f, struct pb_watch *w) {
    struct pb_depot *d = pb_depot_of(f);
    pb_spin_lock(&d->lock);
    int rc = append(f, w);
    pb_spin_unlock(&d->lock);
    if (rc < 0)
        return rc;
    unsigned state = atomic_fetch_or(&f->state, PB_WATCHED);
    return pb_is_settled(state) && pb_future_unwatch(f, w) ? 0 : 1;
}

bool pb_future_unwatch(struct pb_future *f, struct pb_watch *w) {
    struct pb_depot *d = pb_depot_of(f);
    pb_spin_lock(&d->lock);
    struct pb_watch **at = &f->extra->watches;
    while (*at && *at != w)
        at = &(*at)->next;
    bool taken = *at != NULL;
    if (taken)
        *at = w->next;
    pb_spin_unlock(&d->lock);
    return taken;
}

static struct pb_watch *take_first(struct pb_future *f) {
    struct pb_depot *d = pb_depot_of(f);
    pb_spin_lock(&d->lock);
    struct pb_watch *first = f->extra ? f->extra->watches : NULL;
    if (first)
        f->extra->watches = first->next;
    pb_spin_unlock(&d->lock);
    return first;
}

void pb_future_announce(struct pb_future *f) {
    if (!(atomic_load(&f->state) & PB_FIRING))
        return;
    for (struct pb_watch *w; (w = take_first(f));)
        w->fire(w, f);
    atomic_fetch_and_explicit(&f->state, ~(unsigned)PB_FIRING, memory_order_acq_rel);
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
    int rc = pb_future_watch(f, &c->watch);
    if (rc < 0)
        free(c);
    if (rc == 0)
        fire_callback(&c->watch, f);
    return rc < 0 ? rc : 0;
}
