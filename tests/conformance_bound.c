/* Bounds: how many tasks may wait to begin, and how many a worker may run before it is renewed. */
#include "conformance.h"

#include <sched.h>
#include <unistd.h>

static struct trial open_bounded(const void *name, uint64_t max_pending, enum pb_when_full when_full) {
    return trial_open_with(
        name, (struct pb_executor_config){.workers = 1, .max_pending = max_pending, .when_full = when_full});
}

static void check_full(struct trial *t) {
    uint64_t x = 1;
    errno = 0;
    CHECK(pb_submit(t->e, count_up, &x, sizeof x) == NULL);
    CHECK_INT(errno, EAGAIN);
}

static void counts_pending(const void *name) {
    struct trial t = trial_open(name, 1);
    CHECK_INT(pb_executor_pending(t.e), 0);
    struct pb_future *held = trial_hold(&t), *f[3];
    CHECK_INT(pb_executor_pending(t.e), 0); /* what runs does not wait */
    for (unsigned i = 0; i < 3; i++) {
        f[i] = trial_number(&t, square, i);
        CHECK_INT(pb_executor_pending(t.e), t.is->in_caller ? 0 : i + 1);
    }
    CHECK(pb_future_cancel(f[1]) != t.is->in_caller);
    CHECK_INT(pb_executor_pending(t.e), t.is->in_caller ? 0 : 2);
    trial_let_go(&t);
    take(held);
    for (int i = 0; i < 3; i++) {
        pb_future_result(f[i], NULL, 0, PB_FOREVER);
        pb_future_release(f[i]);
    }
    CHECK_INT(pb_executor_pending(t.e), 0);
    trial_close(&t);
}

static void refuses_when_full(const void *name) {
    struct trial t = open_bounded(name, 3, PB_REFUSE);
    struct pb_future *held = trial_hold(&t), *f[3];
    for (uint64_t i = 0; i < 3; i++)
        f[i] = trial_number(&t, count_up, i);
    if (t.is->in_caller)
        pb_future_release(trial_number(&t, square, 1)); /* nothing ever waits, so it is never full */
    else
        for (int i = 0; i < 2; i++)
            check_full(&t);
    trial_let_go(&t);
    take(held);
    for (uint64_t i = 0; i < 3; i++)
        CHECK_INT(take(f[i]), i);
    CHECK_INT(take(trial_number(&t, square, 6)), 36); /* there is room again */
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[COUNT]), 3);
    trial_close(&t);
}

static void cancelling_makes_room(const void *name) {
    struct trial t = open_bounded(name, 2, PB_REFUSE);
    struct pb_future *held = trial_hold(&t), *f[2];
    for (uint64_t i = 0; i < 2; i++)
        f[i] = trial_number(&t, square, i);
    for (int round = 0; !t.is->in_caller && round < 5; round++) {
        check_full(&t);
        CHECK(pb_future_cancel(f[round % 2]));
        pb_future_release(f[round % 2]);
        f[round % 2] = trial_number(&t, square, 2);
    }
    trial_let_go(&t);
    take(held);
    for (int i = 0; i < 2; i++)
        take(f[i]);
    trial_close(&t);
}

struct blocked {
    struct trial *trial;
    pthread_t thread;
    _Atomic(pid_t) tid;
    atomic_bool returned;
    struct pb_future *f;
    int error;
};

static void *submit_and_block(void *argument) {
    struct blocked *b = argument;
    uint64_t x = 8;
    atomic_store(&b->tid, gettid());
    b->f = pb_submit(b->trial->e, count_up, &x, sizeof x);
    b->error = b->f ? 0 : errno;
    atomic_store(&b->returned, true);
    return NULL;
}

/* What the kernel says of the thread: 'S' is asleep. */
static char state_of(pid_t tid) {
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)tid);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    if (file)
        fclose(file);
    return state;
}

/* Starts a thread that submits to a full executor, and returns once it sleeps there. */
static void block(struct blocked *b, struct trial *t) {
    *b = (struct blocked){.trial = t};
    CHECK_INT(pthread_create(&b->thread, NULL, submit_and_block, b), 0);
    while (atomic_load(&b->tid) == 0 || (state_of(atomic_load(&b->tid)) != 'S' && !atomic_load(&b->returned)))
        sched_yield();
    CHECK(!atomic_load(&b->returned));
}

static void unblock(struct blocked *b) {
    pthread_join(b->thread, NULL);
    CHECK_MSG(b->f, "%s", strerror(b->error));
}

static void blocks_until_one_begins(const void *name) {
    struct trial t = open_bounded(name, 2, PB_BLOCK);
    struct pb_future *held = trial_hold(&t), *f[2];
    struct blocked b;
    for (uint64_t i = 0; i < 2; i++)
        f[i] = trial_number(&t, count_up, i);
    if (!t.is->in_caller)
        block(&b, &t);
    trial_let_go(&t);
    if (!t.is->in_caller) {
        unblock(&b);
        CHECK_INT(take(b.f), 8);
    }
    take(held);
    for (uint64_t i = 0; i < 2; i++)
        CHECK_INT(take(f[i]), i);
    trial_close(&t);
}

static void cancelling_unblocks(const void *name) {
    struct trial t = open_bounded(name, 1, PB_BLOCK);
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, square, 3);
    if (!t.is->in_caller) {
        struct blocked b;
        block(&b, &t);
        CHECK(pb_future_cancel(f));
        unblock(&b); /* while the gate is closed */
        CHECK_INT(pb_future_state(b.f), PB_PENDING);
        trial_let_go(&t);
        CHECK_INT(take(b.f), 8);
    }
    trial_let_go(&t);
    take(held);
    pb_future_release(f);
    trial_close(&t);
}

static void shutdown_unblocks(const void *name) {
    struct trial t = open_bounded(name, 1, PB_BLOCK);
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, square, 3);
    struct blocked b = {0};
    if (!t.is->in_caller)
        block(&b, &t);
    CHECK_INT(pb_executor_shutdown(t.e, PB_KILL, PB_FOREVER), 0);
    if (!t.is->in_caller) {
        pthread_join(b.thread, NULL);
        CHECK(b.f == NULL);
        CHECK_INT(b.error, ESHUTDOWN);
    }
    pb_future_release(held);
    pb_future_release(f);
    trial_close(&t);
}

static void *submit_fifty(void *argument) {
    struct trial *t = argument;
    for (uint64_t i = 0; i < 50; i++) {
        pb_future_release(trial_number(t, count_up, i));
        CHECK(pb_executor_pending(t->e) <= 4);
    }
    return NULL;
}

static void keeps_its_bound(const void *name) {
    struct trial t = trial_open_with(name, (struct pb_executor_config){.workers = 2, .max_pending = 4});
    in_threads(4, submit_fifty, &t);
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[COUNT]), 200);
    trial_close(&t);
}

static void maps_within_its_bound(const void *name) {
    struct trial t = open_bounded(name, 2, PB_BLOCK);
    struct pb_map *map;
    CHECK_INT(pb_map_open(&map, t.e, square, NULL, 0, 100, &(struct pb_map_options){.window = 50}), 0);
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t x = 0;
        CHECK_INT(pb_map_next(map, &x, sizeof x, NULL), 0);
        CHECK_INT(x, i * i);
    }
    pb_map_close(map);
    trial_close(&t);
}

/* ---- Renewal ---- */

struct seen {
    uint64_t in_lane; /* tasks that this lane has seen, this one too */
    uint64_t pid;
};

static int count_in_lane(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    struct seen seen = {.in_lane = ++*(uint64_t *)task->lane, .pid = (uint64_t)getpid()};
    return pb_return(task, &seen, sizeof seen);
}

static int count_initialized(struct pb_task *task, struct pb_error *error) {
    (void)error;
    atomic_fetch_add(&words_of(task)[INITIALIZED], 1);
    return 0;
}

static void count_finalized(struct pb_task *task) {
    atomic_fetch_add(&words_of(task)[FINALIZED], 1);
}

static struct trial open_renewing(const void *name, uint32_t workers, uint64_t most) {
    return trial_open_with(name, (struct pb_executor_config){.workers = workers,
                                                             .lane_size = 64,
                                                             .initializer = count_initialized,
                                                             .finalizer = count_finalized,
                                                             .max_tasks_per_worker = most});
}

static void renews_workers(const void *name) {
    static const uint64_t mosts[] = {1, 2, 5};
    enum { TASKS = 10 };
    for (int m = 0; m < 3; m++) {
        struct trial t = open_renewing(name, 1, mosts[m]);
        uint64_t pid = 0;
        unsigned changes = 0, needed = (unsigned)(TASKS / mosts[m]);
        for (uint64_t i = 0; i < TASKS; i++) {
            struct seen seen;
            struct pb_future *f = trial_submit(&t, count_in_lane, NULL, 0);
            CHECK_INT(pb_future_result(f, &seen, sizeof seen, PB_FOREVER), 0);
            CHECK_INT(seen.in_lane, i % mosts[m] + 1); /* a fresh lane */
            changes += seen.pid != pid;
            pid = seen.pid;
            pb_future_release(f);
        }
        CHECK_INT(changes, t.is->killable ? needed : 1);
        trial_end(&t, PB_DRAIN);
        unsigned initialized = atomic_load(&t.word[INITIALIZED]);
        CHECK_MSG(initialized == needed || initialized == needed + 1, "%u initializers", initialized);
        CHECK_INT(atomic_load(&t.word[FINALIZED]), initialized);
        trial_close(&t);
    }
}

static void renews_never_without_bound(const void *name) {
    struct trial t = open_renewing(name, 2, 0);
    for (uint64_t i = 0; i < MANY; i++)
        CHECK_INT(take(trial_number(&t, square, i)), i * i);
    uint32_t lanes = pb_executor_lanes(t.e);
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[INITIALIZED]), lanes);
    CHECK_INT(atomic_load(&t.word[FINALIZED]), lanes);
    trial_close(&t);
}

/* Nothing is lost while workers come and go. */
static void loses_nothing_by_renewal(const void *name) {
    struct trial t = open_renewing(name, 2, 7);
    struct pb_future *f[100];
    for (uint64_t i = 0; i < 100; i++)
        f[i] = trial_number(&t, square, i);
    for (uint64_t i = 0; i < 100; i++)
        CHECK_INT(take(f[i]), i * i);
    trial_end(&t, PB_DRAIN);
    CHECK(atomic_load(&t.word[INITIALIZED]) >= 100 / 7);
    CHECK_INT(atomic_load(&t.word[FINALIZED]), atomic_load(&t.word[INITIALIZED]));
    trial_close(&t);
}

static void drains_through_renewals(const void *name) {
    struct trial t = open_renewing(name, 1, 2);
    for (uint64_t i = 0; i < 20; i++)
        pb_future_release(trial_number(&t, count_up, i));
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[COUNT]), 20);
    CHECK_INT(atomic_load(&t.word[FINALIZED]), atomic_load(&t.word[INITIALIZED]));
    trial_close(&t);
}

static int status_good(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)task, (void)args;
    *digest = i;
    return 0;
}

static void counts_indices_for_renewal(const void *name) {
    struct trial t = open_renewing(name, 1, 10);
    for (int i = 0; i < 3; i++) {
        struct pb_range_result result;
        CHECK_INT(pb_for(t.e, 25, status_good, NULL, 0, &result, NULL), 0);
        CHECK_INT(result.status[0], 25);
    }
    CHECK_INT(take(trial_number(&t, square, 3)), 9);
    trial_end(&t, PB_DRAIN);
    unsigned initialized = atomic_load(&t.word[INITIALIZED]);
    CHECK_MSG(initialized == 4, "%u initializers", initialized); /* before each but the first */
    CHECK_INT(atomic_load(&t.word[FINALIZED]), 4);
    trial_close(&t);
}

const struct executor_case conformance_bound[] = {
    {"counts-pending", counts_pending},
    {"refuses-when-full", refuses_when_full},
    {"cancelling-makes-room", cancelling_makes_room},
    {"blocks-until-one-begins", blocks_until_one_begins},
    {"cancelling-unblocks", cancelling_unblocks},
    {"shutdown-unblocks", shutdown_unblocks},
    {"keeps-its-bound", keeps_its_bound},
    {"maps-within-its-bound", maps_within_its_bound},
    {"renews-workers", renews_workers},
    {"renews-never-without-bound", renews_never_without_bound},
    {"loses-nothing-by-renewal", loses_nothing_by_renewal},
    {"drains-through-renewals", drains_through_renewals},
    {"counts-indices-for-renewal", counts_indices_for_renewal},
    {0},
};
