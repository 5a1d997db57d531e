/* The queue and the depot: one home that submits, cancels, releases and submits again into the same slots,
 * and two workers that take and finish, and may be killed before any of their steps. The home settles what a
 * dead worker claimed as the process executor's collector does. Every future settles exactly once, and no
 * task runs twice. */
#include <errno.h>

#include "ground.h"

enum { FUTURES = 4, HELD = 2 };

static struct pb_crew *crew;
static bool ran[FUTURES], cancelled[FUTURES], buried[CHECKER_THREADS], over;

static void open(void) {
    crew = ground_open();
    checker_keep(ran, sizeof ran);
    checker_keep(cancelled, sizeof cancelled);
    checker_keep(buried, sizeof buried);
    checker_keep(&over, sizeof over);
}

static void run(struct pb_future *f) {
    unsigned id = ground_task(f);
    CHECKER_ASSERT(id < FUTURES && !ran[id] && !cancelled[id]);
    ran[id] = true;
    struct pb_call call = ground_call(id);
    CHECKER_ASSERT(pb_future_finish_small(f, 0, &call) == 0);
}

static void work(unsigned i) {
    atomic_uint *claim = &crew->account[i - 1].claim;
    checker_mortal(true);
    while (!over) {
        struct pb_future *f = pb_queue_take(crew->depot, i - 1, claim);
        if (f)
            run(f);
        else
            checker_yield();
    }
}

/* settle_claim of process.c. */
static void bury(unsigned i) {
    uint32_t claim = atomic_load(&crew->account[i - 1].claim);
    struct pb_future *f = claim ? pb_depot_slot(crew->depot, claim) : NULL;
    buried[i] = true;
    if (!f || atomic_load(&f->state) >> PB_WORKER_SHIFT != i)
        return;
    if (pb_phase(atomic_load(&f->state)) == PB_RUNNING)
        pb_future_lose(f, -EOWNERDEAD, "worker %u died", i - 1);
}

static void tend(void) {
    for (unsigned i = 1; i < CHECKER_THREADS; i++)
        if (checker_has_died(i) && !buried[i])
            bury(i);
    if (buried[1] && buried[2]) {
        atomic_uint *claim = &crew->account[0].claim;
        struct pb_future *f = pb_queue_take(crew->depot, PB_WORKERS_MAX, claim);
        if (f)
            run(f);
    }
    checker_yield();
}

static void settle(struct pb_future *f, unsigned id) {
    while (!pb_future_settled(f))
        tend();
    if (pb_future_cancelled(f))
        CHECKER_ASSERT(cancelled[id] && !ran[id]);
    else if (pb_future_failed(f))
        CHECKER_ASSERT(f->code == -EOWNERDEAD && (buried[1] || buried[2]));
    else
        ground_check(f, id);
    pb_future_release(f);
}

static void live(void) {
    struct pb_future *held[FUTURES];
    for (unsigned id = 0; id < FUTURES; id++) {
        held[id] = ground_submit(crew, id);
        if (!checker_random(3))
            cancelled[id] = pb_future_cancel(held[id]);
        if (id >= HELD)
            settle(held[id - HELD], id - HELD);
    }
    for (unsigned id = FUTURES - HELD; id < FUTURES; id++)
        settle(held[id], id);
    over = true;
}

static void thread(unsigned i) {
    if (i)
        work(i);
    else
        live();
}

const struct checker_model model_queue = {
    .name = "queue", .schedules = 20000, .open = open, .thread = thread};

/* For --break passed: a slot is used again although the head is not beyond it. */
bool __real_pb_queue_passed(struct pb_queue *, const struct pb_future *);
bool __wrap_pb_queue_passed(struct pb_queue *, const struct pb_future *);
bool __wrap_pb_queue_passed(struct pb_queue *q, const struct pb_future *f) {
    return checker_breaks("passed") || __real_pb_queue_passed(q, f);
}
