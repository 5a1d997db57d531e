/* The word of state: a caller that submits, watches, waits, releases, and submits again; two workers, of
 * which one cancels the first future before, or lets it expire as the timing thread would. A future settles
 * once, its watch fires once or is taken back, who waits is woken, and no slot is used again while a worker
 * uses it or its watch is fired. */
#include "ground.h"

enum { FUTURES = 3 };

static struct pb_crew *crew;

static struct {
    struct pb_future *first; /* to be cancelled, or to expire */
    bool let_go;             /* the other is done with it */
    bool expires;
    struct use {
        struct pb_future *future;
        unsigned id;
    } worker[GROUND_WORKERS], firer; /* what they use just now */
    unsigned ran[FUTURES], fired[FUTURES], ended;
} now;

struct task_watch {
    struct pb_watch watch;
    unsigned id;
};

static void open(void) {
    crew = ground_open();
    checker_keep(&now, sizeof now);
}

static void before(void) {
    now.expires = checker_random(2);
    crew->depot->processors = 1 + checker_random(3); /* whether the caller spins before it sleeps */
}

/* Long enough for the caller to submit again, or not at all. */
static void dawdle(void) {
    for (unsigned steps = checker_random(2) * 60; steps; steps--)
        checker_yield();
}

static void fire(struct pb_watch *w, struct pb_future *f) {
    unsigned id = ((struct task_watch *)w)->id;
    CHECKER_ASSERT(pb_future_settled(f));
    now.firer = (struct use){f, id};
    now.fired[id]++;
    dawdle();
    now.firer = (struct use){0};
}

static void work(unsigned w) {
    while (now.ended < FUTURES) {
        struct pb_future *f = pb_queue_take(crew->depot, w, &crew->account[w].claim);
        if (!f) {
            checker_yield();
            continue;
        }
        unsigned id = ground_task(f);
        struct pb_call call = ground_call(id);
        now.worker[w] = (struct use){f, id};
        CHECKER_ASSERT(now.ran[id]++ == 0);
        dawdle();
        now.worker[w] = (struct use){0};
        pb_future_finish(f, 0, &call);
        now.ended++;
    }
}

/* What the timing thread does while the future cannot be given back, and after. */
static void expire(struct pb_future *f) {
    unsigned flags;
    uint32_t worker;
    enum pb_expiry expiry = pb_future_expire(f, &flags, &worker);
    now.ended += expiry == PB_EXPIRED_WAITING;
    now.let_go = true;
    if (expiry != PB_NOT_EXPIRED)
        pb_future_tell(f, flags);
}

static void disturb(void) {
    while (!now.first)
        checker_yield();
    dawdle();
    if (now.expires) {
        expire(now.first);
    } else {
        now.ended += pb_future_cancel(now.first);
        now.let_go = true;
    }
}

static bool is_free(const struct use *use, const struct pb_future *f, unsigned id) {
    return use->future != f || use->id == id;
}

static void settle(struct pb_future *f, struct task_watch *w, bool watched) {
    unsigned id = w->id;
    if (checker_random(2))
        CHECKER_ASSERT(pb_future_await(f, PB_FOREVER) == 0);
    bool unwatched = watched && checker_random(2) && pb_future_unwatch(f, &w->watch);
    CHECKER_ASSERT(pb_future_await(f, PB_FOREVER) == 0);
    if (pb_future_failed(f) || pb_future_cancelled(f))
        CHECKER_ASSERT(id == 0 && pb_future_cancelled(f) == !now.expires);
    else
        ground_check(f, id);
    while (watched && !unwatched && !now.fired[id])
        checker_yield();
    CHECKER_ASSERT(now.fired[id] == (watched && !unwatched));
}

static void live(void) {
    struct task_watch watch[FUTURES];
    for (unsigned id = 0; id < FUTURES; id++) {
        struct pb_future *f = ground_submit(crew, id);
        CHECKER_ASSERT(is_free(&now.firer, f, id));
        CHECKER_ASSERT(is_free(&now.worker[0], f, id) && is_free(&now.worker[1], f, id));
        watch[id] = (struct task_watch){.watch.fire = fire, .id = id};
        if (id == 0)
            now.first = f;
        int watched = checker_random(2) ? pb_future_watch(f, &watch[id].watch) : 0;
        CHECKER_ASSERT(watched >= 0);
        settle(f, &watch[id], watched);
        while (!now.let_go)
            checker_yield();
        pb_future_release(f);
    }
}

static void thread(unsigned i) {
    if (i == 0)
        live();
    else if (i == 2)
        disturb();
    if (i)
        work(i - 1);
}

const struct checker_model model_settle = {
    .name = "settle", .schedules = 20000, .open = open, .before = before, .thread = thread};
