/* A worker's loop: a range, else a task, else idle. Idle is: a glance, a search, sleep (see lot.h).
 *
 * A range is open while the share's number is odd. A worker says that it joins by writing that number, then
 * looks whether it is still the number; who closes the range writes the next number, then looks who has
 * joined. So nobody works on a range that its caller thinks is done. */
#include "executor/team.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/futex.h"
#include "base/point.h"
#include "base/spin.h"
#include "future/lot.h"

enum {
    GLANCES = 32,      /* pauses, about 1 us: the next task of a stream of tiny ones comes sooner */
    SEARCH_NS = 40000, /* about a sleep and a wake on a virtual machine, 25 us each way */
    SEARCHES_A_LOOK = 32,
};

/* ---- Ranges ---- */

static unsigned open_range(const struct pb_member *m) {
    unsigned number = atomic_load_explicit(&m->worker.crew->share.number, memory_order_acquire);
    return number % 2 && number != m->last_range ? number : 0;
}

static bool is_exhausted(const struct pb_share *s) {
    return pb_range_exhausted(&s->range);
}

void pb_team_left_range(struct pb_crew *crew) {
    atomic_fetch_add(&crew->share.leavings, 1);
    if (atomic_load(&crew->share.awaited))
        pb_futex_wake(&crew->share.leavings, UINT_MAX, crew->depot->shared);
}

static void join_range(struct pb_member *m, unsigned number) {
    struct pb_worker *w = &m->worker;
    struct pb_share *share = &w->crew->share;
    struct pb_account *a = w->account;
    m->last_range = number;
    a->tally = (struct pb_range_result){0};
    PB_POINT(worker_before_join);
    atomic_store(&a->joined, number);
    PB_POINT(worker_joined);
    if (atomic_load(&share->number) == number) {
        struct pb_range_result tally = {0};
        pb_range_run(&share->range, &w->task, &a->current, &tally);
        PB_POINT(worker_range_ran);
        a->tally = tally;
        pb_worker_count(w, tally.tasks);
        pb_worker_end(w);
        pb_worker_begin(w);
    }
    atomic_store(&a->left, number);
    PB_POINT(worker_left);
    pb_team_left_range(w->crew);
}

static bool all_left(const struct pb_crew *crew, unsigned number) {
    for (uint32_t i = 0; i < crew->workers; i++) {
        const struct pb_account *a = &crew->account[i];
        if (atomic_load(&a->joined) == number && atomic_load(&a->left) != number)
            return false;
    }
    return true;
}

struct leaving {
    const struct pb_crew *crew;
    unsigned number;
};

static bool is_over(const void *context) {
    const struct leaving *l = context;
    return is_exhausted(&l->crew->share) && all_left(l->crew, l->number);
}

/* Waits until it is closed and all have left. */
static void await_range(struct pb_crew *crew, unsigned number, bool (*lost)(void *), void *context) {
    struct pb_share *share = &crew->share;
    bool closed = false;
    pb_spin_until(crew->depot, is_over, &(struct leaving){crew, number});
    atomic_store(&share->awaited, 1);
    for (;;) {
        unsigned seen = atomic_load(&share->leavings);
        if (!closed && (is_exhausted(share) || lost(context)) && all_left(crew, number)) {
            atomic_store(&share->number, number + 1);
            closed = true;
        }
        if (closed && all_left(crew, number))
            break;
        pb_futex_wait(&share->leavings, seen, UINT64_MAX, crew->depot->shared);
    }
    atomic_store(&share->awaited, 0);
}

int pb_team_for(struct pb_crew *crew, struct pb_range *range, bool (*lost)(void *), void *context) {
    struct pb_share *share = &crew->share;
    unsigned number = atomic_load(&share->number) + 1;
    share->range = *range;
    share->range.cursor = &share->range.own_cursor;
    atomic_store(&share->range.own_cursor, range->begin);
    PB_POINT(parent_before_range);
    atomic_store(&share->number, number);
    pb_lot_wake_all(&crew->depot->lot, crew->depot->shared);
    PB_POINT(parent_range_open);
    pb_block_begin();
    await_range(crew, number, lost, context);
    pb_block_end();
    for (uint32_t i = 0; i < crew->workers; i++)
        if (atomic_load(&crew->account[i].joined) == number)
            pb_tally_add(&range->total, &crew->account[i].tally);
    return range->total.tasks == range->n - range->begin
               ? 0
               : pb_error_set(&range->error, -ESHUTDOWN, "pb_for: its executor was shut down meanwhile");
}

/* ---- Tasks ---- */

void pb_team_notify(struct pb_crew *crew) {
    if (pb_lot_wants_wake(&crew->depot->lot, crew->workers))
        pb_lot_wake_one(&crew->depot->lot, crew->depot->shared);
}

static struct pb_future *take(struct pb_member *m) {
    struct pb_crew *crew = m->worker.crew;
    PB_POINT(worker_before_take);
    struct pb_future *f = pb_queue_take(crew->depot, m->worker.index, &m->worker.account->claim);
    if (f) {
        PB_POINT(worker_took);
        pb_depot_make_room(crew->depot);
    }
    return f;
}

bool pb_team_help(struct pb_helper *h) {
    struct pb_member *m = (struct pb_member *)((char *)h - offsetof(struct pb_member, helper));
    struct pb_future *f = take(m);
    if (f)
        m->run(m, f);
    return f != NULL;
}

/* ---- Idle ---- */

static bool is_ready(void *context) {
    const struct pb_member *m = context;
    const struct pb_crew *crew = m->worker.crew;
    return !pb_queue_empty(crew->depot) || open_range(m) ||
           atomic_load_explicit(&crew->closing, memory_order_acquire);
}

/* For one who has just said in the lot what it does, and looks whether it must do something else: a task that
 * it does not see was queued by somebody who will see the lot. */
static bool is_ready_after_all(void *context) {
    const struct pb_member *m = context;
    pb_spin_fence(&m->worker.crew->depot->lock);
    return is_ready(context);
}

static unsigned moved(void *context) {
    const struct pb_member *m = context;
    return atomic_load_explicit(&m->worker.crew->depot->queue.pushed, memory_order_relaxed);
}

/* Whoever waits for this worker shares its processor: it had better sleep, and be woken on an idle one. */
static bool is_in_the_way(const struct pb_member *m) {
    return atomic_load_explicit(&m->worker.crew->depot->waiter_cpu, memory_order_relaxed) == sched_getcpu();
}

/* Whoever would bring work may share this processor: it is offered now and then. */
static bool look_until(struct pb_member *m, uint64_t duration) {
    for (uint64_t end = pb_now() + duration; pb_now() < end && !is_in_the_way(m); sched_yield())
        for (int k = 0; k < SEARCHES_A_LOOK; k++) {
            if (is_ready(m))
                return true;
            pb_pause();
        }
    return false;
}

static bool search(struct pb_member *m) {
    atomic_uint *lot = &m->worker.crew->depot->lot;
    if (!pb_lot_search(lot))
        return false;
    PB_POINT(worker_searching);
    bool found = look_until(m, SEARCH_NS);
    pb_lot_found(lot);
    return found;
}

static bool glance(struct pb_member *m) {
    for (int k = 0; k < GLANCES; k++) {
        if (is_ready(m))
            return true;
        pb_pause();
    }
    return false;
}

/* Looking on is worth a processor only where one is free besides those of the other workers and the caller.
 */
static bool may_look(const struct pb_crew *crew) {
    return crew->spins && crew->workers - pb_lot_asleep(&crew->depot->lot) < crew->depot->processors;
}

static void look_or_sleep(struct pb_member *m) {
    struct pb_crew *crew = m->worker.crew;
    const struct pb_lot_work work = {is_ready_after_all, moved, m};
    if (may_look(crew) && glance(m))
        return;
    pb_worker_end(&m->worker);
    while (!(may_look(crew) && search(m)) && !is_ready(m)) {
        PB_POINT(worker_before_sleep);
        bool woken = pb_lot_sleep(&crew->depot->lot, crew->depot->shared, &m->rush, &work);
        PB_POINT(worker_woken);
        if (woken && !is_ready(m))
            m->rush = true;
    }
    pb_worker_begin(&m->worker);
}

/* Returns when there may be something to do. Another may have done it by the time that what a worker gives up
 * while it is idle is taken again. */
static void idle(struct pb_member *m) {
    pb_block_begin();
    look_or_sleep(m);
    pb_block_end();
}

/* Who found work after it was idle may have been counted on for more than it takes. */
static void call_another(struct pb_crew *crew) {
    pb_spin_fence(&crew->depot->lock);
    if (!pb_queue_empty(crew->depot))
        pb_team_notify(crew);
}

void pb_team_serve(struct pb_member *m) {
    struct pb_crew *crew = m->worker.crew;
    bool was_idle = true;
    m->last_range = atomic_load(&m->worker.account->left);
    pb_worker_begin(&m->worker);
    for (unsigned number; !pb_worker_is_spent(&m->worker) || m->renew(m);) {
        struct pb_future *f;
        if ((number = open_range(m))) {
            join_range(m, number);
            was_idle = false;
        } else if ((f = take(m))) {
            if (was_idle)
                call_another(crew);
            was_idle = false;
            m->run(m, f);
        } else if (atomic_load_explicit(&crew->closing, memory_order_acquire) &&
                   pb_queue_empty(crew->depot)) {
            break;
        } else {
            idle(m);
            was_idle = true;
        }
    }
    pb_worker_end(&m->worker);
}

void pb_team_close(struct pb_crew *crew) {
    atomic_store(&crew->closing, 1);
    pb_lot_wake_all(&crew->depot->lot, crew->depot->shared);
}
