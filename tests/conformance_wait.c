/* Waiting for many futures, of whichever executors. */
#include "conformance.h"

static void waits_for_none(const void *name) {
    struct trial t = trial_open(name, 1);
    for (enum pb_wait_for what = PB_FIRST_COMPLETED; what <= PB_ALL_COMPLETED; what++) {
        size_t done = 9;
        CHECK_INT(pb_wait(NULL, 0, what, PB_FOREVER, &done), 0);
        CHECK_INT(done, 0);
    }
    trial_close(&t);
}

static void waits_for_all(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *f[40];
    size_t done = 0;
    for (uint64_t i = 0; i < 40; i++)
        f[i] = trial_number(&t, fail_with, i % 5 == 4);
    CHECK_INT(pb_wait(f, 40, PB_ALL_COMPLETED, PB_FOREVER, &done), 0);
    CHECK_INT(done, 40);
    for (int i = 0; i < 40; i++) {
        CHECK_INT(pb_future_state(f[i]), PB_FINISHED);
        take_code(f[i], i % 5 == 4);
    }
    trial_close(&t);
}

static void waits_for_many(const void *name) {
    enum { TASKS = 1000 };
    struct trial t = trial_open(name, 2);
    static struct pb_future *f[TASKS];
    size_t done = 0;
    for (uint64_t i = 0; i < TASKS; i++)
        f[i] = trial_number(&t, square, i);
    CHECK_INT(pb_wait(f, TASKS, PB_ALL_COMPLETED, PB_FOREVER, &done), 0);
    CHECK_INT(done, TASKS);
    for (uint64_t i = 0; i < TASKS; i++)
        CHECK_INT(take(f[i]), i * i);
    trial_close(&t);
}

static void needs_no_time_for_the_done(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f[3];
    for (uint64_t i = 0; i < 3; i++) {
        f[i] = trial_number(&t, fail_with, i == 2);
        await_state(f[i], PB_FINISHED);
    }
    for (enum pb_wait_for what = PB_FIRST_COMPLETED; what <= PB_ALL_COMPLETED; what++) {
        size_t done = 0;
        CHECK_INT(pb_wait(f, 3, what, 0, &done), 0);
        CHECK_INT(done, 3);
    }
    CHECK_INT(pb_wait(f, 3, PB_ALL_COMPLETED, 0, NULL), 0);
    for (int i = 0; i < 3; i++)
        pb_future_release(f[i]);
    trial_close(&t);
}

static void waits_for_first(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *f[] = {trial_hold(&t), trial_number(&t, square, 2), trial_number(&t, square, 3)};
    size_t done = 0;
    CHECK_INT(pb_wait(f, 3, PB_FIRST_COMPLETED, PB_FOREVER, &done), 0);
    if (t.is->in_caller)
        CHECK_INT(done, 3);
    else
        CHECK(done >= 1 && done <= 2);
    trial_let_go(&t);
    CHECK_INT(pb_wait(f, 3, PB_ALL_COMPLETED, PB_FOREVER, &done), 0);
    for (int i = 0; i < 3; i++)
        pb_future_release(f[i]);
    trial_close(&t);
}

static void waits_for_first_failed(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *f[] = {trial_hold(&t), trial_number(&t, fail_with, 0), trial_number(&t, fail_with, 9),
                             trial_number(&t, fail_with, 0)};
    size_t done = 0;
    CHECK_INT(pb_wait(f, 4, PB_FIRST_FAILED, PB_FOREVER, &done), 0);
    CHECK_INT(pb_future_result(f[2], NULL, 0, 0), 9);
    CHECK(done >= 1 && done <= (t.is->in_caller ? 4 : 3));
    CHECK_INT(pb_wait(f, 2, PB_FIRST_FAILED, MOMENT, NULL), t.is->in_caller ? 0 : -ETIMEDOUT);
    trial_let_go(&t);
    CHECK_INT(pb_wait(f, 2, PB_FIRST_FAILED, PB_FOREVER, &done), 0); /* none has failed: until all are done */
    CHECK_INT(done, 2);
    CHECK_INT(pb_wait(f, 4, PB_ALL_COMPLETED, PB_FOREVER, NULL), 0);
    for (int i = 0; i < 4; i++)
        pb_future_release(f[i]);
    trial_close(&t);
}

static void times_out_and_counts(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *f[] = {trial_hold(&t), trial_number(&t, square, 2), trial_number(&t, square, 3)};
    size_t done = 9;
    int code = t.is->in_caller ? 0 : -ETIMEDOUT;
    CHECK_INT(pb_wait(f, 1, PB_FIRST_COMPLETED, 0, &done), code);
    CHECK_INT(done, t.is->in_caller);
    CHECK_INT(pb_wait(f + 1, 2, PB_ALL_COMPLETED, PB_FOREVER, &done), 0);
    CHECK_INT(done, 2);
    CHECK_INT(pb_wait(f, 3, PB_ALL_COMPLETED, MOMENT, &done), code);
    CHECK_INT(done, t.is->in_caller ? 3 : 2);
    CHECK_INT(pb_wait(f, 3, PB_ALL_COMPLETED, MOMENT, NULL), code);
    trial_let_go(&t);
    for (int i = 0; i < 3; i++)
        take(f[i]);
    trial_close(&t);
}

static void takes_duplicates(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, square, 4);
    struct pb_future *list[] = {held, f, held, f, f};
    size_t done = 0;
    CHECK_INT(pb_wait(list, 5, PB_FIRST_COMPLETED, PB_FOREVER, &done), 0);
    CHECK(done > 0);
    CHECK_INT(pb_wait(list, 5, PB_ALL_COMPLETED, MOMENT, NULL), t.is->in_caller ? 0 : -ETIMEDOUT);
    trial_let_go(&t);
    CHECK_INT(pb_wait(list, 5, PB_ALL_COMPLETED, PB_FOREVER, NULL), 0);
    CHECK(pb_future_done(held) && pb_future_done(f));
    pb_future_release(held);
    pb_future_release(f);
    trial_close(&t);
}

static void counts_cancelled_as_done(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f[] = {trial_hold(&t), trial_number(&t, square, 2), trial_number(&t, square, 3)};
    size_t done = 0;
    CHECK(pb_future_cancel(f[1]) != t.is->in_caller);
    CHECK_INT(pb_wait(f, 3, PB_FIRST_COMPLETED, 0, &done), 0);
    CHECK_INT(done, t.is->in_caller ? 3 : 1);
    trial_let_go(&t);
    CHECK_INT(pb_wait(f, 3, PB_ALL_COMPLETED, PB_FOREVER, &done), 0);
    CHECK_INT(done, 3);
    for (int i = 0; i < 3; i++)
        pb_future_release(f[i]);
    trial_close(&t);
}

/* The executor under test beside threads and serial; which of them ends when, the gates say. */
static void waits_for_several_executors(const void *name) {
    struct trial t = trial_open(name, 1), threads = trial_open("thread", 1), serial = trial_open("serial", 1);
    struct pb_future *f[] = {trial_hold(&t), trial_hold(&threads)};
    struct pb_future *all[] = {f[0], f[1], trial_number(&serial, square, 7)};
    size_t done = 0;
    CHECK_INT(pb_wait(all, 3, PB_FIRST_COMPLETED, PB_FOREVER, &done), 0);
    CHECK_INT(done, t.is->in_caller ? 2 : 1);
    trial_let_go(&threads);
    CHECK_INT(pb_future_result(f[1], NULL, 0, PB_FOREVER), 0);
    CHECK_INT(pb_wait(all, 3, PB_ALL_COMPLETED, MOMENT, &done), t.is->in_caller ? 0 : -ETIMEDOUT);
    CHECK_INT(done, t.is->in_caller ? 3 : 2);
    trial_let_go(&t);
    CHECK_INT(pb_wait(all, 3, PB_ALL_COMPLETED, PB_FOREVER, &done), 0);
    CHECK_INT(done, 3);
    for (int i = 0; i < 3; i++)
        pb_future_release(all[i]);
    trial_close(&serial);
    trial_close(&threads);
    trial_close(&t);
}

static void *wait_all_twenty(void *futures) {
    size_t done = 0;
    CHECK_INT(pb_wait(futures, 20, PB_ALL_COMPLETED, PB_FOREVER, &done), 0);
    CHECK_INT(done, 20);
    return NULL;
}

static void waits_from_threads_at_once(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *f[20];
    for (uint64_t i = 0; i < 20; i++)
        f[i] = trial_number(&t, square, i);
    in_threads(4, wait_all_twenty, f);
    for (int i = 0; i < 20; i++)
        pb_future_release(f[i]);
    trial_close(&t);
}

static void waits_after_close(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f[] = {trial_number(&t, square, 1), trial_number(&t, square, 2)};
    size_t done = 0;
    trial_end(&t, PB_DRAIN);
    CHECK_INT(pb_wait(f, 2, PB_ALL_COMPLETED, 0, &done), 0);
    CHECK_INT(done, 2);
    for (int i = 0; i < 2; i++)
        pb_future_release(f[i]);
    trial_close(&t);
}

const struct executor_case conformance_wait[] = {
    {"waits-for-none", waits_for_none},
    {"waits-for-all", waits_for_all},
    {"waits-for-many", waits_for_many},
    {"needs-no-time-for-the-done", needs_no_time_for_the_done},
    {"waits-for-first", waits_for_first},
    {"waits-for-first-failed", waits_for_first_failed},
    {"times-out-and-counts", times_out_and_counts},
    {"takes-duplicates", takes_duplicates},
    {"counts-cancelled-as-done", counts_cancelled_as_done},
    {"waits-for-several-executors", waits_for_several_executors},
    {"waits-from-threads-at-once", waits_from_threads_at_once},
    {"waits-after-close", waits_after_close},
    {0},
};
