/* Deadlines: a task that has not ended by then fails, whether it waits or runs. */
#include "conformance.h"

#include <sched.h>

enum { SOON = 20 * MOMENT };

static struct pb_future *submit_within(struct trial *t, pb_function *function, uint64_t argument,
                                       int64_t timeout_ns) {
    struct pb_future *f = pb_submit_within(t->e, function, &argument, sizeof argument, timeout_ns);
    CHECK_MSG(f, "%s", strerror(errno));
    return f;
}

/* The message names the deadline: so many milliseconds. */
static void expect_expired(struct pb_future *f, int ms) {
    struct pb_error error = {0};
    char text[32];
    snprintf(text, sizeof text, " %d ms", ms);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), -ETIMEDOUT);
    CHECK_INT(pb_future_state(f), PB_FINISHED);
    CHECK_HAS(pb_future_message(f), text);
    CHECK_INT(pb_future_error(f, &error, 0), 0);
    CHECK_INT(error.code, -ETIMEDOUT);
    CHECK_HAS(error.text, text);
}

static void ends_in_time(const void *name) {
    static const int64_t timeouts[] = {30LL * SECOND, PB_FOREVER, PB_FOREVER - 1};
    struct trial t = trial_open(name, 2);
    for (int k = 0; k < 3; k++)
        for (uint64_t i = 0; i < 20; i++)
            CHECK_INT(take(submit_within(&t, square, i, timeouts[k])), i * i);
    take_code(submit_within(&t, fail_with, 9, 30LL * SECOND), 9);
    trial_close(&t);
}

/* Its deadline comes after its end, and passes. */
static void expires_not_when_done(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *held = trial_hold(&t), *f;
    do { /* until one is done in time, which on a busy machine may take several */
        f = submit_within(&t, square, 3, SOON);
        if (pb_future_result(f, NULL, 0, PB_FOREVER) == 0)
            break;
        pb_future_release(f);
    } while (true);
    CHECK_INT(pb_future_result(held, NULL, 0, 2LL * SOON), t.is->in_caller ? 0 : -ETIMEDOUT);
    CHECK_INT(take(f), 9);
    trial_let_go(&t);
    take(held);
    trial_close(&t);
}

static void expires_while_pending(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f[5];
    for (uint64_t i = 0; i < 5; i++)
        f[i] = t.is->in_caller ? submit_within(&t, count_up, i, 30LL * SECOND)
                               : submit_within(&t, count_up, i, MOMENT * (int64_t)(5 - i));
    for (uint64_t i = 0; i < 5; i++) {
        if (t.is->in_caller) {
            CHECK_INT(take(f[i]), i);
            continue;
        }
        expect_expired(f[i], 5 - (int)i); /* while the gate is closed */
        CHECK(!pb_future_cancel(f[i]));
        pb_future_release(f[i]);
    }
    trial_let_go(&t);
    CHECK_INT(take(held), 77); /* which has no deadline of its own */
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[COUNT]), t.is->in_caller ? 5 : 0);
    trial_close(&t);
}

/* Stops when it should; gives up by itself after 20 s, so that a stop that never comes is no hang. */
static int wait_for_stop(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    atomic_fetch_add(&words_of(task)[BEGUN], 1);
    for (int i = 0; i < 1000000 && !pb_should_stop(task); i++)
        breathe(task);
    atomic_store(&words_of(task)[COUNT], pb_should_stop(task));
    return pb_return(task, "late", 4);
}

static void expires_while_running(const void *name) {
    struct trial t = trial_open(name, 1);
    for (int i = 0; i < 3; i++) {
        struct pb_future *f = submit_within(&t, wait_for_stop, 0, SOON);
        expect_expired(f, 20);
        CHECK_INT(pb_future_size(f), 0);
        pb_future_release(f);
        CHECK_INT(take(trial_number(&t, square, 7)), 49); /* on the same worker, or its successor */
    }
    trial_end(&t, PB_DRAIN);
    if (!t.is->killable)
        CHECK_INT(atomic_load(&t.word[COUNT]), 1); /* it was told to stop */
    trial_close(&t);
}

/* A task that does not look: the future fails at its deadline, the worker is free once the task returns. */
static void fails_the_stubborn(const void *name) {
    struct trial t = trial_open(name, 1);
    if (t.is->in_caller) /* whoever submits it runs it: it must end by itself */
        trial_let_go(&t);
    struct pb_future *f = submit_within(&t, wait_stubbornly, 5, t.is->in_caller ? 30LL * SECOND : SOON);
    if (t.is->in_caller)
        CHECK_INT(pb_future_result(f, NULL, 0, 0), 0);
    else
        expect_expired(f, 20); /* while the gate is closed */
    pb_future_release(f);
    trial_let_go(&t);
    CHECK_INT(take(trial_number(&t, square, 8)), 64);
    trial_close(&t);
}

/* Says whether it was told to stop before the gate opened. */
static int tell_stop(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    atomic_fetch_add(&words_of(task)[BEGUN], 1);
    while (atomic_load(&words_of(task)[GATE]) == 0 && !pb_should_stop(task))
        breathe(task);
    return pb_should_stop(task) ? 1 : 0;
}

static void stops_no_other(const void *name) {
    struct trial t = trial_open(name, 2);
    if (t.is->in_caller)
        trial_let_go(&t);
    struct pb_future *other = trial_submit(&t, tell_stop, NULL, 0);
    await(&t.word[BEGUN], 1);
    struct pb_future *f = submit_within(&t, wait_for_stop, 0, SOON);
    expect_expired(f, 20);
    pb_future_release(f);
    CHECK_INT(take(trial_number(&t, square, 5)), 25);
    trial_let_go(&t);
    take_code(other, 0);
    take_code(trial_submit(&t, tell_stop, NULL, 0), 0); /* and the worker is not told for ever */
    take_code(trial_submit(&t, tell_stop, NULL, 0), 0);
    trial_close(&t);
}

static void cancels_before_the_deadline(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f = submit_within(&t, count_up, 1, 30LL * SECOND),
                     *g = submit_within(&t, count_up, 1, SOON);
    bool cancelled = pb_future_cancel(f);
    CHECK(cancelled != t.is->in_caller);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), cancelled ? -ECANCELED : 0);
    int expected = pb_future_cancel(g) ? -ECANCELED : t.is->in_caller ? 0 : -ETIMEDOUT;
    CHECK_INT(pb_future_result(held, NULL, 0, 2LL * SOON), t.is->in_caller ? 0 : -ETIMEDOUT);
    CHECK_INT(pb_future_result(g, NULL, 0, PB_FOREVER), expected); /* the deadline changes nothing any more */
    pb_future_release(f);
    pb_future_release(g);
    trial_let_go(&t);
    take(held);
    trial_close(&t);
}

static void note(struct pb_future *f, void *context) {
    struct pb_future *_Atomic *seen = context;
    CHECK(pb_future_done(f));
    atomic_store(seen, f);
}

/* Whoever listens hears of it. */
static void tells_of_expiry(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t);
    struct pb_future *f = submit_within(&t, t.is->in_caller ? wait_for_stop : square, 0, SOON), *got;
    struct pb_future *_Atomic seen = NULL;
    struct pb_future *list[] = {held, f};
    size_t done = 0;
    struct pb_as_completed *it;
    CHECK_INT(pb_future_add_callback(f, note, (void *)&seen), 0);
    CHECK_INT(pb_as_completed_open(&it, &f, 1, PB_FOREVER), 0);
    CHECK_INT(pb_as_completed_next(it, &got), 0);
    CHECK(got == f);
    pb_as_completed_close(it);
    while (atomic_load(&seen) != f)
        sched_yield();
    CHECK_INT(pb_wait(list, 2, PB_FIRST_FAILED, PB_FOREVER, &done), 0);
    CHECK_INT(done, t.is->in_caller ? 2 : 1);
    expect_expired(f, 20);
    pb_future_release(f);
    trial_let_go(&t);
    take(held);
    trial_close(&t);
}

static void mixes_deadlines(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f[30];
    for (uint64_t i = 0; i < 30; i++)
        f[i] = i % 3 == 0 && !t.is->in_caller ? submit_within(&t, count_up, i, MOMENT)
               : i % 3 == 1                   ? submit_within(&t, count_up, i, 60LL * SECOND)
                                              : trial_number(&t, count_up, i);
    for (int i = 0; i < 30 && !t.is->in_caller; i += 3)
        expect_expired(f[i], 1);
    trial_let_go(&t);
    take(held);
    for (uint64_t i = 0; i < 30; i++)
        if (i % 3 == 0 && !t.is->in_caller)
            pb_future_release(f[i]);
        else
            CHECK_INT(take(f[i]), i);
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[COUNT]), t.is->in_caller ? 30 : 20);
    trial_close(&t);
}

static void closes_with_deadlines_left(const void *name) {
    static const enum pb_close hows[] = {PB_DRAIN, PB_CANCEL, PB_KILL};
    for (int i = 0; i < 3; i++) {
        struct trial t = trial_open(name, 1);
        struct pb_future *f[20];
        for (uint64_t k = 0; k < 20; k++)
            f[k] = submit_within(&t, square, k, 60LL * SECOND);
        trial_end(&t, hows[i]);
        for (uint64_t k = 0; k < 20; k++) {
            CHECK(pb_future_done(f[k]));
            if (hows[i] == PB_DRAIN)
                CHECK_INT(pb_future_result(f[k], NULL, 0, 0), 0);
            pb_future_release(f[k]);
        }
        trial_close(&t);
    }
}

static void replaces_what_it_killed(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_worker_info info;
    struct pb_future *f = submit_within(&t, t.is->killable ? wait_stubbornly : wait_for_stop, 0, SOON);
    expect_expired(f, 20);
    pb_future_release(f);
    CHECK_INT(take(trial_number(&t, square, 5)), 25);
    CHECK_INT(pb_executor_worker(t.e, 0, &info), 0);
    CHECK_INT(info.restarts, t.is->killable);
    trial_close(&t);
}

const struct executor_case conformance_deadline[] = {
    {"ends-in-time", ends_in_time},
    {"expires-not-when-done", expires_not_when_done},
    {"expires-while-pending", expires_while_pending},
    {"expires-while-running", expires_while_running},
    {"fails-the-stubborn", fails_the_stubborn},
    {"stops-no-other", stops_no_other},
    {"cancels-before-the-deadline", cancels_before_the_deadline},
    {"tells-of-expiry", tells_of_expiry},
    {"mixes-deadlines", mixes_deadlines},
    {"closes-with-deadlines-left", closes_with_deadlines_left},
    {"replaces-what-it-killed", replaces_what_it_killed},
    {0},
};
