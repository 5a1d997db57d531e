/* Sleeping and waking: workers that serve the queue and sleep when it is empty, and a caller that submits,
 * waits, releases, and submits again. No pending task and sleeping worker remain: with them all threads would
 * sleep, which ends a schedule. The caller sleeps too, on the futures. */
#include "executor/team.h"
#include "ground.h"

enum { FUTURES = 3 };

static struct pb_crew *crew;
static struct pb_member member[GROUND_WORKERS];
static unsigned ran[FUTURES];

static void run(struct pb_member *m, struct pb_future *f) {
    unsigned id = ground_task(f);
    struct pb_call call = ground_call(id);
    (void)m;
    CHECKER_ASSERT(id < FUTURES && ran[id]++ == 0);
    pb_future_finish(f, 0, &call);
}

static void open(void) {
    crew = ground_open();
    for (uint32_t i = 0; i < GROUND_WORKERS; i++) {
        member[i] = (struct pb_member){.run = run};
        member[i].worker = (struct pb_worker){.crew = crew, .account = &crew->account[i], .task.worker = i};
    }
    checker_keep(member, sizeof member);
    checker_keep(ran, sizeof ran);
}

/* Whether workers and caller look for a while before they sleep, and whether one is a sentinel, varies. */
static void before(void) {
    crew->spins = checker_random(2);
    crew->depot->processors = 1 + checker_random(3);
    for (uint32_t i = 0; i < GROUND_WORKERS; i++)
        member[i].rush = !checker_random(4);
}

static void settle(struct pb_future *f, unsigned id) {
    CHECKER_ASSERT(pb_future_await(f, PB_FOREVER) == 0);
    ground_check(f, id);
    pb_future_release(f);
}

static void live(void) {
    struct pb_future *held[FUTURES];
    unsigned settled = 0;
    for (unsigned id = 0; id < FUTURES; id++) {
        held[id] = ground_submit(crew, id);
        if (!checker_breaks("notify"))
            pb_team_notify(crew);
        for (; settled < id && checker_random(2); settled++)
            settle(held[settled], settled);
    }
    for (; settled < FUTURES; settled++)
        settle(held[settled], settled);
    pb_team_close(crew);
}

static void thread(unsigned i) {
    if (i)
        pb_team_serve(&member[i - 1]);
    else
        live();
}

const struct checker_model model_sleep = {
    .name = "sleep", .schedules = 20000, .open = open, .before = before, .thread = thread};
