/* A loop: starts lanes for what there is to do, lets the reactor run what is ready, and so on.
 *
 * Before each turn, in which it may sleep, it says so in `sleep`, then looks once more for work; who brings
 * work looks at `sleep` after. The first coroutine that the turn runs takes it back: then the loop is awake
 * and will look by itself. So nobody pays for waking a loop that works.
 *
 * Who rings the bell is counted in `wakers` from before it looks at `sleep`; the loop that ends says that it
 * is awake for good and waits until nobody is left, or the bell would be rung after it is gone. */
#include "executor/loop_thread.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/error.h"

enum {
    STARTS_A_TURN = 128, /* lanes that are started before others run on */
    LINE = 64,           /* bytes: lanes share no cache line, though one thread has them all */
};

/* ---- Sleep ---- */

bool pb_loop_wake(struct pb_loop *l, bool hungry_only) {
    unsigned least = hungry_only ? PB_LOOP_HUNGRY : PB_LOOP_FULL;
    unsigned now = atomic_load(&l->sleep);
    if (now == PB_LOOP_AWAKE || now > least)
        return false;
    atomic_fetch_add(&l->wakers, 1);
    now = atomic_load(&l->sleep);
    bool woken = now != PB_LOOP_AWAKE && now <= least && atomic_exchange(&l->sleep, PB_LOOP_AWAKE);
    if (woken)
        pb_reactor_wake(l->reactor);
    atomic_fetch_sub(&l->wakers, 1);
    return woken;
}

static void resumes(void *context, void *argument) {
    struct pb_loop *l = context;
    struct pb_loop_lane *lane = argument;
    pb_helper_here = &lane->helper;
    if (atomic_load_explicit(&l->sleep, memory_order_relaxed) != PB_LOOP_AWAKE)
        atomic_store_explicit(&l->sleep, PB_LOOP_AWAKE, memory_order_relaxed);
}

static bool is_closing(const struct pb_loop *l) {
    return atomic_load(&l->worker.crew->closing);
}

static bool may_join(const struct pb_loop *l) {
    return atomic_load(&l->pool->number) != l->joined;
}

/* Something that the loop would do before its next turn. */
static bool is_ready(const struct pb_loop *l) {
    const struct pb_crew *crew = l->worker.crew;
    return may_join(l) || atomic_load(&l->expired) || (!l->stopped && atomic_load(&crew->stop)) ||
           (l->idle && (!pb_queue_empty(crew->depot) || (l->range && !pb_range_exhausted(l->range)))) ||
           (l->range && !l->in_range && pb_range_exhausted(l->range)) ||
           (is_closing(l) && !pb_reactor_under_way(l->reactor));
}

static void turn(struct pb_loop *l) {
    if (l->works && !pb_reactor_under_way(l->reactor)) {
        pb_worker_end(&l->worker);
        l->works = false;
    }
    atomic_store(&l->sleep, l->idle ? PB_LOOP_HUNGRY : PB_LOOP_FULL);
    pb_spin_fence(&l->worker.crew->depot->lock); /* who queued a task before is seen, who will sees us */
    pb_reactor_turn(l->reactor, is_ready(l) ? 0 : UINT64_MAX);
    atomic_store_explicit(&l->sleep, PB_LOOP_AWAKE, memory_order_relaxed);
    pb_helper_here = NULL;
}

/* ---- Lanes ---- */

static void start(struct pb_loop_lane *lane, void (*entry)(void *)) {
    lane->task.verbs = pb_reactor_start(lane->loop->reactor, entry, lane);
}

/* Runs `entry` in a coroutine of each lane, and returns when all have ended, or one has failed. */
static void in_each_lane(struct pb_loop *l, void (*entry)(void *)) {
    uint32_t next = 0;
    do {
        for (uint32_t k = 0; k < STARTS_A_TURN && next < l->lanes && l->failure.code == 0; k++)
            start(&l->lane[next++], entry);
        pb_reactor_turn(l->reactor, UINT64_MAX);
        pb_helper_here = NULL;
    } while (pb_reactor_under_way(l->reactor) || (next < l->lanes && l->failure.code == 0));
}

/* An idle lane begins something. */
static void begin(struct pb_loop *l, struct pb_future *f, void (*entry)(void *)) {
    struct pb_loop_lane *lane = l->idle;
    l->idle = lane->next;
    if (!l->works)
        pb_worker_begin(&l->worker);
    l->works = true;
    lane->future = f;
    start(lane, entry);
    if (l->stopped)
        pb_coroutine_cancel(lane->task.verbs);
}

static bool is_expired(const struct pb_future *f) {
    return pb_phase(atomic_load_explicit(&f->state, memory_order_acquire)) == PB_EXPIRED;
}

static void cancel_lanes(struct pb_loop *l) {
    for (uint32_t i = 0; i < l->lanes; i++) {
        struct pb_loop_lane *lane = &l->lane[i];
        bool late = lane->future && !lane->depth && is_expired(lane->future);
        if (!lane->task.verbs || lane->cancelled || !(l->stopped || late))
            continue;
        lane->cancelled = true;
        pb_coroutine_cancel(lane->task.verbs);
    }
}

/* What was told from other threads. */
static void obey(struct pb_loop *l) {
    bool stop = !l->stopped && atomic_load(&l->worker.crew->stop);
    bool expired = atomic_load_explicit(&l->expired, memory_order_relaxed) && atomic_exchange(&l->expired, 0);
    l->stopped |= stop;
    if (stop || expired)
        cancel_lanes(l);
}

/* ---- Work ---- */

static void join_range(struct pb_loop *l) {
    struct pb_loop_pool *p = l->pool;
    pthread_mutex_lock(&p->lock);
    l->joined = atomic_load(&p->number);
    l->range = p->range;
    pthread_mutex_unlock(&p->lock);
    l->tally = (struct pb_range_result){0};
}

/* Its caller may go on, and the range be gone, as soon as the last loop has left. */
static void leave_range(struct pb_loop *l) {
    struct pb_loop_pool *p = l->pool;
    pthread_mutex_lock(&p->lock);
    pb_tally_add(&l->range->total, &l->tally);
    if (atomic_fetch_sub(&p->within, 1) == 1)
        pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
    l->range = NULL;
}

static void start_range(struct pb_loop *l) {
    uint64_t left = pb_range_left(l->range);
    for (uint64_t k = 0; k < STARTS_A_TURN && k < left && l->idle; k++) {
        l->in_range++;
        begin(l, NULL, pb_loop_run_range);
    }
}

static void start_futures(struct pb_loop *l) {
    struct pb_future *f;
    for (int k = 0; k < STARTS_A_TURN && l->idle && (f = pb_loop_take(l)); k++)
        begin(l, f, pb_loop_run_future);
}

static void serve(struct pb_loop *l) {
    for (;;) {
        obey(l);
        if (!l->range && may_join(l))
            join_range(l);
        if (l->range)
            start_range(l);
        start_futures(l);
        if (l->range && !l->in_range && pb_range_exhausted(l->range))
            leave_range(l);
        else if (is_closing(l) && !pb_reactor_under_way(l->reactor) && !l->range && !may_join(l) &&
                 pb_queue_empty(l->worker.crew->depot))
            break;
        else
            turn(l);
    }
}

/* ---- Life ---- */

static int make_lanes(struct pb_loop *l, struct pb_error *error) {
    struct pb_crew *crew = l->worker.crew;
    l->lane = calloc(l->lanes, sizeof *l->lane);
    l->lane_bytes = (crew->config.lane_size + LINE - 1) / LINE * LINE;
    if (l->lane_bytes && l->lane_bytes <= SIZE_MAX / l->lanes) {
        /* Zeroed, and each page taken when its lane is first used, by this thread. */
        void *memory = mmap(NULL, l->lanes * l->lane_bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        l->memory = memory == MAP_FAILED ? NULL : memory;
    }
    if (!l->lane || (l->lane_bytes && !l->memory))
        return pb_error_set(error, -ENOMEM,
                            "executor loop: no memory for %u lanes of %zu bytes: ask for fewer", l->lanes,
                            crew->config.lane_size);
    for (uint32_t i = l->lanes; i-- > 0;) {
        struct pb_loop_lane *lane = &l->lane[i];
        *lane = (struct pb_loop_lane){.loop = l, .next = l->idle};
        lane->helper = (struct pb_helper){.depot = crew->depot, .run_one = pb_loop_help, .task = &lane->task};
        pb_lane_init(&lane->task, crew, l->index, l->first_lane + i, &pb_io_suspend,
                     l->memory ? l->memory + i * l->lane_bytes : NULL);
        l->idle = lane;
    }
    return 0;
}

static int make_reactor(struct pb_loop *l, struct pb_error *error) {
    const struct pb_reactor_config config = {.engine = l->pool->engine,
                                             .coroutines = l->lanes,
                                             .stack_size = l->worker.crew->config.stack_size,
                                             .resumes = resumes,
                                             .context = l,
                                             .waits = &l->worker.account->waits};
    struct pb_error why = {0};
    int rc = pb_reactor_open(&l->reactor, &config, &why);
    return rc < 0 ? pb_error_set(error, rc, "executor loop: %s", why.text) : 0;
}

static int enter(struct pb_loop *l) {
    struct pb_crew *crew = l->pool->crew;
    pb_worker_start(&l->worker, crew, l->index);
    l->joined = atomic_load(&l->pool->number);
    int rc = make_lanes(l, &l->failure);
    if (rc == 0)
        rc = make_reactor(l, &l->failure);
    if (rc == 0 && crew->config.initializer)
        in_each_lane(l, pb_loop_enter_lane);
    else
        for (uint32_t i = 0; rc == 0 && i < l->lanes; i++)
            l->lane[i].entered = true;
    return l->failure.code;
}

static void leave(struct pb_loop *l) {
    atomic_store(&l->sleep, PB_LOOP_AWAKE);
    l->failure.code = 0; /* it was told; every lane that was entered is left */
    if (l->reactor && l->worker.crew->config.finalizer)
        in_each_lane(l, pb_loop_leave_lane);
    while (atomic_load(&l->wakers))
        sched_yield();
    if (l->reactor)
        pb_reactor_close(l->reactor);
    if (l->memory)
        munmap(l->memory, l->lanes * l->lane_bytes);
    free(l->lane);
}

/* A range that was opened since will have this loop no more. */
static void end(struct pb_loop *l) {
    struct pb_loop_pool *p = l->pool;
    pthread_mutex_lock(&p->lock);
    if (may_join(l))
        atomic_fetch_sub(&p->within, 1);
    p->ended++;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

void *pb_loop_main(void *argument) {
    struct pb_loop *l = argument;
    struct pb_loop_pool *p = l->pool;
    int rc = enter(l);
    pthread_mutex_lock(&p->lock);
    p->entered++;
    if (rc < 0 && p->failure.code == 0)
        p->failure = l->failure;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
    if (rc == 0)
        serve(l);
    if (l->works)
        pb_worker_end(&l->worker);
    leave(l);
    end(l);
    return NULL;
}
