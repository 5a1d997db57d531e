/* Waiting for many futures: one watch in each, all of them telling one gathering.
 *
 * The gathering's lock guards its queue of watches that were fired. Workers take it to fire one, so nobody
 * begins or ends blocking (help.h) with it held. A watch that cannot be taken back is
 * being fired just then, by a thread that is about to need the gathering: leaving waits until it has arrived.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wait.h"
#include "future/future.h"
#include "future/help.h"

struct seat {
    struct pb_watch watch;
    struct gathering *gathering;
    struct pb_future *future;
    struct seat *next; /* in the queue of arrivals */
    bool waiting;      /* its watch is in the future, or being fired */
};

struct gathering {
    pthread_mutex_t lock;
    pthread_cond_t arrival;
    struct seat *first, **last; /* arrivals not yet taken */
    size_t arrived, failed;     /* in all */
    size_t seats;
    struct seat seat[];
};

static void enqueue(struct gathering *g, struct seat *s) {
    s->next = NULL;
    *g->last = s;
    g->last = &s->next;
    g->arrived++;
    g->failed += pb_future_failed(s->future);
}

static void fire(struct pb_watch *w, struct pb_future *f) {
    struct seat *s = (struct seat *)(void *)w;
    struct gathering *g = s->gathering;
    (void)f;
    pthread_mutex_lock(&g->lock);
    s->waiting = false;
    enqueue(g, s);
    pthread_cond_signal(&g->arrival);
    pthread_mutex_unlock(&g->lock);
}

static int by_address(const void *a, const void *b) {
    const struct pb_future *x = *(struct pb_future *const *)a, *y = *(struct pb_future *const *)b;
    return x < y ? -1 : x > y;
}

/* Marks the first appearance of each future in the list; NULL when memory runs out. */
static bool *first_appearances(struct pb_future *const *futures, size_t count) {
    struct pb_future **sorted = malloc((count + 1) * sizeof *sorted);
    bool *seen = calloc(count + 1, sizeof *seen), *first = calloc(count + 1, sizeof *first);
    if (!sorted || !seen || !first) {
        free(first);
        first = NULL;
    } else {
        if (count)
            memcpy(sorted, futures, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, by_address);
        for (size_t i = 0; i < count; i++) {
            struct pb_future **at = bsearch(&futures[i], sorted, count, sizeof *sorted, by_address);
            while (at > sorted && at[-1] == futures[i])
                at--;
            first[i] = !seen[at - sorted];
            seen[at - sorted] = true;
        }
    }
    free(sorted);
    free(seen);
    return first;
}

typedef bool condition(const struct gathering *, enum pb_wait_for);

/* With the lock held, which it gives up: sleeps until one more has arrived, unless what is waited for is met
 * before it sleeps. */
static void sleep_for_arrival(struct gathering *g, condition *met, enum pb_wait_for what, uint64_t deadline) {
    pthread_mutex_unlock(&g->lock);
    pb_block_begin();
    pthread_mutex_lock(&g->lock);
    if (!met(g, what))
        pb_cond_wait(&g->arrival, &g->lock, deadline);
    pthread_mutex_unlock(&g->lock);
    pb_block_end();
    pthread_mutex_lock(&g->lock);
}

/* Until the watch that is being fired has arrived. */
static void await_seat(struct gathering *g, const struct seat *s) {
    pb_block_begin();
    pthread_mutex_lock(&g->lock);
    while (s->waiting)
        pthread_cond_wait(&g->arrival, &g->lock);
    pthread_mutex_unlock(&g->lock);
    pb_block_end();
}

static void leave(struct gathering *g) {
    pthread_mutex_lock(&g->lock);
    for (size_t i = 0; i < g->seats; i++) {
        struct seat *s = &g->seat[i];
        if (!s->waiting)
            continue;
        pthread_mutex_unlock(&g->lock);
        if (!pb_future_unwatch(s->future, &s->watch))
            await_seat(g, s);
        pthread_mutex_lock(&g->lock);
    }
    pthread_mutex_unlock(&g->lock);
    pthread_cond_destroy(&g->arrival);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

/* Seats each future once; those already settled arrive at once, in the order of the list. */
static struct gathering *gather(struct pb_future *const *futures, size_t count) {
    struct gathering *g = calloc(1, sizeof *g + count * sizeof *g->seat);
    bool *first = g ? first_appearances(futures, count) : NULL;
    if (!first) {
        free(g);
        return NULL;
    }
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->arrival, NULL);
    g->last = &g->first;
    for (size_t i = 0; i < count; i++)
        if (first[i])
            g->seat[g->seats++] = (struct seat){.watch.fire = fire, .gathering = g, .future = futures[i]};
    free(first);
    for (size_t i = 0; i < g->seats; i++)
        if (pb_future_settled(g->seat[i].future))
            enqueue(g, &g->seat[i]); /* no other thread knows the gathering yet */
        else
            g->seat[i].waiting = true;
    for (size_t i = 0; i < g->seats; i++) {
        struct seat *s = &g->seat[i];
        int rc = s->waiting ? pb_future_watch(s->future, &s->watch) : 1;
        if (rc == 0)
            fire(&s->watch, s->future);
        if (rc < 0) {
            for (size_t k = i; k < g->seats; k++)
                g->seat[k].waiting = false;
            leave(g);
            return NULL;
        }
    }
    return g;
}

static bool is_met(const struct gathering *g, enum pb_wait_for what) {
    bool all = g->arrived == g->seats;
    return all || (what == PB_FIRST_COMPLETED && g->arrived) || (what == PB_FIRST_FAILED && g->failed);
}

static bool has_arrival(const struct gathering *g, enum pb_wait_for what) {
    (void)what;
    return g->first != NULL;
}

/* In a worker process, some of them belong to executors that another process opened. */
static bool is_barred(const struct gathering *g) {
    const struct pb_helper *h = pb_helper_here;
    for (size_t i = 0; h && !h->run_one && i < g->seats; i++)
        if (g->seat[i].waiting && pb_depot_is_foreign(pb_depot_of(g->seat[i].future)))
            return true;
    return false;
}

/* With the lock held. A worker runs pending tasks of its own executor meanwhile: what is waited for may be
 * among them. */
static int await(struct gathering *g, condition *met, enum pb_wait_for what, uint64_t deadline) {
    struct pb_helper *h = pb_helper_here;
    while (!met(g, what)) {
        if (pb_remaining(deadline) == 0)
            return -ETIMEDOUT;
        if (is_barred(g))
            return -EDEADLK;
        bool helped = false;
        if (h && h->run_one) {
            pthread_mutex_unlock(&g->lock);
            helped = h->run_one(h);
            pthread_mutex_lock(&g->lock);
        }
        if (!helped && !met(g, what))
            sleep_for_arrival(g, met, what, deadline);
    }
    return 0;
}

static int wait_for_some(struct pb_future *const *futures, size_t count, enum pb_wait_for what,
                         uint64_t deadline) {
    struct gathering *g = gather(futures, count);
    if (!g)
        return -ENOMEM;
    pthread_mutex_lock(&g->lock);
    int rc = await(g, is_met, what, deadline);
    pthread_mutex_unlock(&g->lock);
    leave(g);
    return rc;
}

/* The last one first: by the time that it is done most others are, and nobody was woken for them. */
static int wait_for_all(struct pb_future *const *futures, size_t count, uint64_t deadline) {
    for (size_t i = count; i-- > 0;) {
        uint64_t left = pb_remaining(deadline);
        int rc = pb_future_settled(futures[i])
                     ? 0
                     : pb_future_await(futures[i], left > INT64_MAX ? PB_FOREVER : (int64_t)left);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int pb_wait(struct pb_future *const *futures, size_t count, enum pb_wait_for what, int64_t timeout_ns,
            size_t *done) {
    uint64_t deadline = pb_deadline(timeout_ns);
    int rc = what == PB_ALL_COMPLETED ? wait_for_all(futures, count, deadline)
                                      : wait_for_some(futures, count, what, deadline);
    if (done) {
        *done = 0;
        for (size_t i = 0; i < count; i++)
            *done += pb_future_settled(futures[i]);
    }
    return rc;
}

struct pb_as_completed {
    struct gathering *gathering;
    uint64_t deadline;
    size_t taken;
};

int pb_as_completed_open(struct pb_as_completed **out, struct pb_future *const *futures, size_t count,
                         int64_t timeout_ns) {
    struct pb_as_completed *it = malloc(sizeof *it);
    *out = NULL;
    if (!it)
        return -ENOMEM;
    *it = (struct pb_as_completed){.gathering = gather(futures, count), .deadline = pb_deadline(timeout_ns)};
    if (!it->gathering) {
        free(it);
        return -ENOMEM;
    }
    *out = it;
    return 0;
}

int pb_as_completed_next(struct pb_as_completed *it, struct pb_future **out) {
    struct gathering *g = it->gathering;
    int rc;
    if (it->taken == g->seats)
        return -ENOENT;
    pthread_mutex_lock(&g->lock);
    rc = await(g, has_arrival, PB_FIRST_COMPLETED, it->deadline);
    struct seat *s = g->first;
    if (s) {
        g->first = s->next;
        if (!g->first)
            g->last = &g->first;
    }
    pthread_mutex_unlock(&g->lock);
    if (!s)
        return rc;
    it->taken++;
    *out = s->future;
    return 0;
}

void pb_as_completed_close(struct pb_as_completed *it) {
    if (!it)
        return;
    leave(it->gathering);
    free(it);
}
