/* Where a verb that waits can be ended: by its task's deadline, and when the executor is closed by force. */
#include "verbs.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

static bool can_cancel(const struct way *way) {
    return way->cancels;
}

/* The verb is -ECANCELED, and so is each after it. */
static void expect_cancelled(const struct scene *s) {
    CHECK_MSG(atomic_load(&s->result) == -ECANCELED, "%s is %ld", s->waiting->name, atomic_load(&s->result));
    CHECK_MSG(atomic_load(&s->after) == -ECANCELED, "sleep after %s is %ld", s->waiting->name,
              atomic_load(&s->after));
}

static void sleep_well(struct pb_task *task, void *argument) {
    (void)argument;
    CHECK_INT(pb_sleep(task, 1000), 0);
}

/* The task ends, and the next one in its place is another: nothing of the old one reaches it. */
static void by_deadline(const struct way *way, const void *data) {
    (void)data;
    struct pb_executor *e = way_open(way, 1);
    for (const struct waiting *w = verbs_waiting; w->name; w++) {
        struct scene scene;
        if (w->alone)
            continue;
        scene_set(&scene, w);
        struct pb_future *f = way_submit_within(e, scene_task, &scene, 20 * MILLISECOND);
        CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), -ETIMEDOUT);
        pb_future_release(f);
        if (!atomic_load(&scene.thread_id)) { /* so busy a machine that it had not even begun */
            scene_clear(&scene);
            w--;
            continue;
        }
        scene_await(&scene.over);
        expect_cancelled(&scene);
        way_finish(way_submit(e, sleep_well, NULL));
        scene_clear(&scene);
    }
    way_close(e);
}

static void by_force(const struct way *way, const void *data) {
    (void)data;
    for (const struct waiting *w = verbs_waiting; w->name; w++) {
        struct scene scene[3];
        struct pb_future *f[3];
        if (w->alone)
            continue;
        struct pb_executor *e = way_open(way, 3);
        for (int k = 0; k < 3; k++) {
            scene_set(&scene[k], w);
            f[k] = way_submit(e, scene_task, &scene[k]);
        }
        for (int k = 0; k < 3; k++)
            while (!atomic_load(&scene[k].thread_id))
                sched_yield();
        CHECK_INT(pb_executor_close(e, PB_KILL, PB_FOREVER), 0);
        for (int k = 0; k < 3; k++) {
            CHECK(atomic_load(&scene[k].over)); /* no task is left when it returns */
            expect_cancelled(&scene[k]);
            CHECK(pb_future_done(f[k]));
            pb_future_release(f[k]);
            scene_clear(&scene[k]);
        }
    }
}

struct rest {
    int fd[2];
    atomic_uint begun, over;
    long slept, closed, opened;
};

/* Cancelled while asleep for an hour: it ends at once, opens nothing more, and gives up what it has. */
static void rest(struct pb_task *task, void *argument) {
    struct rest *r = argument;
    atomic_store(&r->begun, 1);
    r->slept = pb_sleep(task, INT64_C(3600) * SECOND);
    r->opened = pb_open(task, "/dev/null", O_RDONLY, 0);
    r->closed = pb_close(task, r->fd[0]);
    atomic_store(&r->over, 1);
}

static void gives_up_what_it_has(const struct way *way, const void *data) {
    struct rest r = {0};
    (void)data;
    CHECK(pipe(r.fd) == 0);
    struct pb_executor *e = way_open(way, 1);
    struct pb_future *f = way_submit(e, rest, &r);
    scene_await(&r.begun);
    CHECK_INT(pb_executor_close(e, PB_KILL, PB_FOREVER), 0);
    CHECK(atomic_load(&r.over));
    CHECK_INT(r.slept, -ECANCELED);
    CHECK_INT(r.opened, -ECANCELED);
    CHECK_INT(r.closed, -ECANCELED);
    CHECK(fcntl(r.fd[0], F_GETFD) == -1 && errno == EBADF);
    pb_future_release(f);
    close(r.fd[1]);
}

const struct verbs_case verbs_cancels[] = {
    {.name = "cancelled-by-deadline", .run = by_deadline, .applies = can_cancel},
    {.name = "cancelled-by-force", .run = by_force, .applies = can_cancel},
    {.name = "cancelled-gives-up", .run = gives_up_what_it_has, .applies = can_cancel},
    {0},
};
