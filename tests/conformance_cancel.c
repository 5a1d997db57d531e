/* The states of a future, and cancelling: only what has not begun, and always then. */
#include "conformance.h"

static void goes_through_states(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *first = trial_hold(&t), *second = trial_number(&t, square, 3);
    if (!t.is->in_caller) {
        CHECK_INT(pb_future_state(first), PB_RUNNING);
        CHECK(pb_future_running(first) && !pb_future_done(first) && !pb_future_cancelled(first));
        CHECK_INT(pb_future_state(second), PB_PENDING);
        CHECK(!pb_future_running(second) && !pb_future_done(second) && !pb_future_cancelled(second));
    }
    trial_let_go(&t);
    await_state(second, PB_FINISHED);
    CHECK_INT(pb_future_state(first), PB_FINISHED);
    CHECK(!pb_future_running(first) && pb_future_done(first) && !pb_future_cancelled(first));
    CHECK_INT(take(first), 77);
    CHECK_INT(take(second), 9);
    trial_close(&t);
}

static void finishes_failures_too(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_number(&t, fail_with, 4);
    await_state(f, PB_FINISHED);
    CHECK(!pb_future_running(f) && pb_future_done(f) && !pb_future_cancelled(f));
    take_code(f, 4);
    trial_close(&t);
}

static void cancels_pending(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, count_up, 1);
    uint64_t x = 42;
    if (t.is->in_caller) {
        CHECK(!pb_future_cancel(f)); /* it is done already */
        CHECK_INT(take(f), 1);
    } else {
        CHECK(pb_future_cancel(f));
        CHECK(pb_future_cancel(f)); /* as it was */
        CHECK_INT(pb_future_state(f), PB_CANCELLED);
        CHECK(!pb_future_running(f) && pb_future_done(f) && pb_future_cancelled(f));
        CHECK_INT(pb_future_result(f, &x, sizeof x, 0), -ECANCELED);
        CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), -ECANCELED);
        CHECK_INT(x, 42);
        CHECK_INT(pb_future_size(f), 0);
        CHECK_TEXT(pb_future_message(f), "");
        pb_future_release(f);
    }
    trial_let_go(&t);
    CHECK_INT(take(held), 77);
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[COUNT]), t.is->in_caller);
    trial_close(&t);
}

static void cancels_nothing_that_runs(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t);
    CHECK(!pb_future_cancel(held));
    CHECK_INT(pb_future_state(held), t.is->in_caller ? PB_FINISHED : PB_RUNNING);
    trial_let_go(&t);
    CHECK_INT(take(held), 77);
    trial_close(&t);
}

static void cancels_nothing_that_is_done(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *good = trial_number(&t, square, 5), *bad = trial_number(&t, fail_with, 5);
    CHECK_INT(pb_future_result(good, NULL, 0, PB_FOREVER), 0);
    CHECK_INT(pb_future_result(bad, NULL, 0, PB_FOREVER), 5);
    CHECK(!pb_future_cancel(good));
    CHECK(!pb_future_cancel(bad));
    CHECK_INT(take(good), 25);
    take_code(bad, 5);
    trial_close(&t);
}

static void cancels_within_the_queue(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f[9];
    unsigned cancelled = 0;
    for (uint64_t i = 0; i < 9; i++)
        f[i] = trial_number(&t, count_up, i);
    for (int i = 0; i < 9; i += 4) /* the first, one between, the last */
        cancelled += pb_future_cancel(f[i]);
    CHECK_INT(cancelled, t.is->in_caller ? 0 : 3);
    trial_let_go(&t);
    for (uint64_t i = 0; i < 9; i++)
        if (i % 4 == 0 && cancelled)
            take_code(f[i], -ECANCELED);
        else
            CHECK_INT(take(f[i]), i);
    take(held);
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[COUNT]), 9 - cancelled);
    trial_close(&t);
}

static void cancels_the_whole_queue(const void *name) {
    enum { TASKS = 500 };
    struct trial t = trial_open(name, 1);
    static struct pb_future *f[TASKS];
    struct pb_future *held = trial_hold(&t);
    for (uint64_t i = 0; i < TASKS; i++)
        f[i] = trial_number(&t, count_up, i);
    for (int i = 0; i < TASKS; i++) {
        CHECK(pb_future_cancel(f[i]) != t.is->in_caller);
        pb_future_release(f[i]); /* while it stands in the queue */
    }
    trial_let_go(&t);
    take(held);
    CHECK_INT(take(trial_number(&t, square, 6)), 36);
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[COUNT]), t.is->in_caller ? TASKS : 0);
    trial_close(&t);
}

static void *wait_for_cancelled(void *f) {
    int rc = pb_future_result(f, NULL, 0, PB_FOREVER);
    return rc == -ECANCELED ? NULL : f;
}

static void *wait_for_all_of_one(void *f) {
    struct pb_future *one = f;
    return pb_wait(&one, 1, PB_ALL_COMPLETED, PB_FOREVER, NULL) == 0 ? NULL : f;
}

/* Several wait, in both ways, when the future is cancelled: each is woken. */
static void wakes_waiters(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, square, 2);
    pthread_t thread[4];
    if (!t.is->in_caller) {
        for (int i = 0; i < 4; i++)
            CHECK_INT(pthread_create(&thread[i], NULL, i % 2 ? wait_for_cancelled : wait_for_all_of_one, f),
                      0);
        CHECK_INT(pb_future_result(f, NULL, 0, MOMENT), -ETIMEDOUT); /* they may wait by now, or wait later */
        CHECK(pb_future_cancel(f));
        for (int i = 0; i < 4; i++) {
            void *wrong;
            pthread_join(thread[i], &wrong);
            CHECK(wrong == NULL);
        }
    }
    pb_future_release(f);
    trial_let_go(&t);
    take(held);
    trial_close(&t);
}

static void *cancel(void *f) {
    return pb_future_cancel(f) ? NULL : f;
}

static void cancels_from_another_thread(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, square, 2);
    pthread_t thread[3];
    for (int i = 0; i < 3; i++)
        CHECK_INT(pthread_create(&thread[i], NULL, cancel, f), 0);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), t.is->in_caller ? 0 : -ECANCELED);
    for (int i = 0; i < 3; i++) {
        void *failed;
        pthread_join(thread[i], &failed);
        CHECK((failed == NULL) != t.is->in_caller); /* all of them are told that it will not run */
    }
    pb_future_release(f);
    trial_let_go(&t);
    take(held);
    trial_close(&t);
}

/* Cancelling what may begin just then: either it will not run, or it does. */
static void races_with_workers(const void *name) {
    enum { TASKS = 300 };
    struct trial t = trial_open(name, 2);
    static struct pb_future *f[TASKS];
    unsigned cancelled = 0;
    for (uint64_t i = 0; i < TASKS; i++) {
        f[i] = trial_number(&t, count_up, i);
        cancelled += pb_future_cancel(f[i / 2]) && i % 2;
    }
    cancelled = 0;
    for (uint64_t i = 0; i < TASKS; i++) {
        uint64_t x;
        int rc = pb_future_result(f[i], &x, sizeof x, PB_FOREVER);
        CHECK(rc == 0 || rc == -ECANCELED);
        CHECK(rc != 0 || x == i);
        cancelled += rc == -ECANCELED;
        pb_future_release(f[i]);
    }
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[COUNT]), TASKS - cancelled);
    trial_close(&t);
}

static void cancels_after_close(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = trial_number(&t, square, 8);
    trial_end(&t, PB_DRAIN);
    CHECK(!pb_future_cancel(f));
    CHECK_INT(take(f), 64);
    trial_close(&t);
}

const struct executor_case conformance_cancel[] = {
    {"goes-through-states", goes_through_states},
    {"finishes-failures-too", finishes_failures_too},
    {"cancels-pending", cancels_pending},
    {"cancels-nothing-that-runs", cancels_nothing_that_runs},
    {"cancels-nothing-that-is-done", cancels_nothing_that_is_done},
    {"cancels-within-the-queue", cancels_within_the_queue},
    {"cancels-the-whole-queue", cancels_the_whole_queue},
    {"wakes-waiters", wakes_waiters},
    {"cancels-from-another-thread", cancels_from_another_thread},
    {"races-with-workers", races_with_workers},
    {"cancels-after-close", cancels_after_close},
    {0},
};
