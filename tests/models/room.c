/* Submitting to a full queue: who submits sleeps until there is room, and workers that take or callers that
 * cancel make room. The submitter's side is core.c itself. */
#include "executor/core.c"

#include "executor/team.h"
#include "ground.h"

enum { FUTURES = 3 };

static struct pb_executor executor;
static struct pb_member member[GROUND_WORKERS];

static void run(struct pb_member *m, struct pb_future *f) {
    struct pb_call call = ground_call(0);
    (void)m;
    pb_future_finish(f, 0, &call);
}

static void notify(void *self) {
    (void)self;
    pb_team_notify(executor.crew);
}

static void open(void) {
    static const struct pb_executor_ops ops = {.notify = notify};
    executor.ops = &ops;
    executor.crew = ground_open();
    executor.crew->config.when_full = PB_BLOCK;
    for (uint32_t i = 0; i < GROUND_WORKERS; i++) {
        member[i] = (struct pb_member){.run = run};
        member[i].worker = (struct pb_worker){
            .crew = executor.crew, .account = &executor.crew->account[i], .task.worker = i};
    }
    checker_keep(member, sizeof member);
}

static void before(void) {
    executor.crew->depot->max_pending = 1;
    executor.crew->depot->processors = 1 + checker_random(3);
}

static int nothing(struct pb_task *task, const void *args, size_t size) {
    (void)task, (void)args, (void)size;
    return 0;
}

static void live(void) {
    struct pb_future *held[FUTURES];
    for (unsigned id = 0; id < FUTURES; id++) {
        held[id] = pb_submit(&executor, nothing, NULL, 0);
        CHECKER_ASSERT(held[id] != NULL);
    }
    for (unsigned id = 0; id < FUTURES; id++)
        CHECKER_ASSERT(pb_future_await(held[id], PB_FOREVER) == 0);
    pb_team_close(executor.crew);
}

static void thread(unsigned i) {
    if (i)
        pb_team_serve(&member[i - 1]);
    else
        live();
}

const struct checker_model model_room = {
    .name = "room", .schedules = 20000, .open = open, .before = before, .thread = thread};
