/* A lane: the coroutine in which tasks run, one at a time. It ends with its task, so that whatever else is
 * ready has its turn before the next. */
#include "executor/loop_thread.h"

/* How long a loop with nothing else to do lets a task wait before it looks again whether what it waits for
 * has happened: nobody wakes the loop for that. */
enum { PATIENCE_NS = 1000000 };

static void go_idle(struct pb_loop_lane *lane) {
    struct pb_loop *l = lane->loop;
    lane->task.verbs = NULL;
    lane->cancelled = false;
    lane->next = l->idle;
    l->idle = lane;
}

void pb_loop_enter_lane(void *argument) {
    struct pb_loop_lane *lane = argument;
    struct pb_loop *l = lane->loop;
    struct pb_error error = {0};
    int rc = pb_lane_enter(&lane->task, l->worker.crew, &error);
    lane->entered = rc == 0;
    lane->task.verbs = NULL;
    if (rc < 0 && l->failure.code == 0) {
        l->failure = error;
        l->failure.code = rc;
    }
}

void pb_loop_leave_lane(void *argument) {
    struct pb_loop_lane *lane = argument;
    if (lane->entered)
        pb_lane_leave(&lane->task, lane->loop->worker.crew);
    lane->task.verbs = NULL;
}

static void renew(struct pb_loop_lane *lane) {
    struct pb_crew *crew = lane->loop->worker.crew;
    uint64_t most = crew->config.max_tasks_per_worker;
    if (!most || lane->ran < most)
        return;
    lane->ran = 0;
    pb_lane_renew(&lane->task, crew, lane->loop->index, lane->loop->lane_bytes);
}

static void count(struct pb_loop_lane *lane, uint64_t tasks) {
    lane->ran += tasks;
    pb_worker_count(&lane->loop->worker, tasks);
}

static void run(struct pb_loop_lane *lane, struct pb_future *f) {
    struct pb_call call;
    int code = pb_lane_call(&lane->task, f, &call);
    if (lane->depth == 0)
        lane->future = NULL; /* its slot may be another's once it is finished */
    count(lane, 1 + (uint64_t)call.more);
    pb_future_finish(f, code, &call);
}

void pb_loop_run_future(void *argument) {
    struct pb_loop_lane *lane = argument;
    renew(lane);
    run(lane, lane->future);
    go_idle(lane);
}

void pb_loop_run_range(void *argument) {
    struct pb_loop_lane *lane = argument;
    struct pb_loop *l = lane->loop;
    struct pb_range_result tally = {0};
    renew(lane);
    pb_range_run(l->range, &lane->task, NULL, &tally);
    count(lane, tally.tasks);
    pb_tally_add(&l->tally, &tally);
    l->in_range--;
    go_idle(lane);
}

/* ---- Waiting inside a task ---- */

struct pb_future *pb_loop_take(struct pb_loop *l) {
    struct pb_depot *depot = l->worker.crew->depot;
    struct pb_future *f = pb_queue_take(depot, l->index, &l->worker.account->claim);
    if (f)
        pb_depot_make_room(depot);
    return f;
}

/* The loop goes on and looks again later. With every lane taken, perhaps all of them by tasks that wait, the
 * task that is waited for might never begin: it does here, on this one's stack. Deadlines do not reach into
 * such a nest, since cancelling one of its tasks would cancel all; afterwards they are looked at. */
bool pb_loop_help(struct pb_helper *h) {
    struct pb_loop_lane *lane =
        (struct pb_loop_lane *)(void *)((char *)h - offsetof(struct pb_loop_lane, helper));
    struct pb_loop *l = lane->loop;
    struct pb_future *f = l->idle ? NULL : pb_loop_take(l);
    if (f) {
        lane->depth++;
        run(lane, f);
        lane->depth--;
        atomic_store(&l->expired, 1);
    } else {
        pb_coroutine_yield(lane->task.verbs, PATIENCE_NS);
    }
    return true;
}
