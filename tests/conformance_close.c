/* The end of an executor: drained, cancelled, killed; what outlives it; and scopes. */
#include "conformance.h"

#include <sys/syscall.h>
#include <unistd.h>

#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

static const enum pb_close hows[] = {PB_DRAIN, PB_CANCEL, PB_KILL};

static void closes_idle(const void *name) {
    for (int i = 0; i < 3; i++) {
        struct trial t = trial_open(name, 2);
        trial_end(&t, hows[i]);
        trial_close(&t);
    }
}

static void closes_after_work(const void *name) {
    for (int i = 0; i < 3; i++) {
        struct trial t = trial_open(name, 2);
        struct pb_range_result result;
        CHECK_INT(take(trial_number(&t, square, 7)), 49);
        CHECK_INT(pb_for(t.e, 0, NULL, NULL, 0, &result, NULL), 0);
        trial_end(&t, hows[i]);
        trial_close(&t);
    }
}

static void opens_many_times(const void *name) {
    for (uint64_t i = 0; i < 10; i++) {
        struct trial t = trial_open(name, 2);
        CHECK_INT(take(trial_number(&t, square, i)), i * i);
        trial_close(&t);
    }
}

static void drains(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *f[MANY];
    for (uint64_t i = 0; i < MANY; i++)
        f[i] = trial_number(&t, i % 5 == 4 ? fail_with : square, i);
    trial_end(&t, PB_DRAIN);
    for (uint64_t i = 0; i < MANY; i++) {
        uint64_t x = 0;
        CHECK_INT(pb_future_result(f[i], &x, sizeof x, 0), i % 5 == 4 ? (int)i : 0);
        if (i % 5 != 4)
            CHECK_INT(x, i * i);
        pb_future_release(f[i]);
    }
    trial_close(&t);
}

static void *shut_down_cancelling(void *e) {
    CHECK_INT(pb_executor_shutdown(e, PB_CANCEL, PB_FOREVER), 0);
    return NULL;
}

/* What runs may end, and is at the gate until what is pending was cancelled. */
static void cancels_and_finishes(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f[8];
    pthread_t thread;
    for (uint64_t i = 0; i < 8; i++)
        f[i] = trial_number(&t, square, i);
    CHECK_INT(pthread_create(&thread, NULL, shut_down_cancelling, t.e), 0);
    for (int i = 0; i < 8; i++)
        await_state(f[i], PB_FINISHED);
    trial_let_go(&t);
    pthread_join(thread, NULL);
    CHECK_INT(pb_future_result(held, NULL, 0, 0), 0);
    CHECK_INT(take(held), 77);
    for (uint64_t i = 0; i < 8; i++) {
        CHECK_INT(pb_future_state(f[i]), t.is->in_caller ? PB_FINISHED : PB_CANCELLED);
        take_code(f[i], t.is->in_caller ? 0 : -ECANCELED);
    }
    trial_close(&t);
}

/* What runs looks at pb_should_stop, or is killed; what is pending never runs. */
static void kills(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f[8];
    for (uint64_t i = 0; i < 8; i++)
        f[i] = trial_number(&t, count_up, i);
    trial_end(&t, PB_KILL);
    int rc = pb_future_result(held, NULL, 0, 0);
    CHECK_MSG(rc == 0 || (t.is->killable && rc == -EOWNERDEAD), "%d", rc);
    pb_future_release(held);
    for (int i = 0; i < 8; i++)
        take_code(f[i], t.is->in_caller ? 0 : -ECANCELED);
    CHECK_INT(atomic_load(&t.word[COUNT]), t.is->in_caller ? 8 : 0);
    trial_close(&t);
}

/* A task that neither ends nor looks: worker processes are killed, of others it is told in bounded time. They
 * stay behind, so the case keeps hold of the executor. */
static void stops_waiting_for_the_stubborn(const void *name, enum pb_close how) {
    static struct pb_executor *left;
    struct trial t = trial_open(name, 1);
    if (t.is->in_caller)
        trial_let_go(&t);
    struct pb_future *f = trial_number(&t, wait_stubbornly, 5);
    await(&t.word[BEGUN], 1);
    bool stays = !t.is->killable && !t.is->in_caller;
    left = t.e;
    int rc = pb_executor_shutdown(t.e, how, 20LL * MOMENT);
    CHECK_INT(rc, stays ? -ETIMEDOUT : 0);
    CHECK_INT(pb_executor_shutdown(t.e, PB_KILL, MOMENT), rc); /* a second call changes nothing */
    if (stays)
        CHECK_INT(pb_future_result(f, NULL, 0, MOMENT), -ETIMEDOUT);
    else
        CHECK_INT(pb_future_result(f, NULL, 0, 0), t.is->killable ? -EOWNERDEAD : 0);
    trial_let_go(&t);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), t.is->killable ? -EOWNERDEAD : 0);
    pb_future_release(f);
    rc = pb_executor_close(left, PB_KILL, PB_FOREVER);
    CHECK(rc == 0 || (stays && rc == -ETIMEDOUT));
    if (stays && sanitized)
        syscall(SYS_exit_group, 0); /* they would report the threads that stay behind, as they are meant to */
}

static void gives_up_draining(const void *name) {
    stops_waiting_for_the_stubborn(name, PB_DRAIN);
}

static void gives_up_killing(const void *name) {
    stops_waiting_for_the_stubborn(name, PB_KILL);
}

static void refuses_after_shutdown(const void *name) {
    for (int i = 0; i < 3; i++) {
        struct trial t = trial_open(name, 1);
        CHECK_INT(pb_executor_shutdown(t.e, hows[i], PB_FOREVER), 0);
        CHECK_INT(pb_executor_shutdown(t.e, hows[2 - i], 0), 0);
        errno = 0;
        CHECK(pb_submit(t.e, echo, NULL, 0) == NULL);
        CHECK_INT(errno, ESHUTDOWN);
        errno = 0;
        CHECK(pb_submit_within(t.e, echo, NULL, 0, PB_FOREVER) == NULL);
        CHECK_INT(errno, ESHUTDOWN);
        trial_close(&t);
    }
}

static void *shut_down_draining(void *e) {
    CHECK_INT(pb_executor_shutdown(e, PB_DRAIN, PB_FOREVER), 0);
    return NULL;
}

static void shuts_down_from_threads_at_once(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *f[30];
    for (uint64_t i = 0; i < 30; i++)
        f[i] = trial_number(&t, square, i);
    in_threads(4, shut_down_draining, t.e);
    for (uint64_t i = 0; i < 30; i++)
        CHECK_INT(take(f[i]), i * i);
    trial_close(&t);
}

struct submitter {
    struct trial *trial;
    atomic_uint accepted, refused;
};

static void *submit_until_refused(void *argument) {
    struct submitter *s = argument;
    for (struct pb_future *f; (f = pb_submit(s->trial->e, count_up, NULL, 0)); pb_future_release(f))
        atomic_fetch_add(&s->accepted, 1);
    atomic_fetch_add(&s->refused, errno == ESHUTDOWN);
    return NULL;
}

static int add_one(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)task, (void)i, (void)args;
    *digest = 1;
    return 0;
}

static void *iterate_until_refused(void *argument) {
    struct submitter *s = argument;
    struct pb_range_result result;
    struct pb_error error = {0};
    int rc;
    while ((rc = pb_for(s->trial->e, 100, add_one, NULL, 0, &result, &error)) == 0)
        if (result.tasks == 100)
            atomic_fetch_add(&s->accepted, 1);
    atomic_fetch_add(&s->refused, (rc == -ESHUTDOWN || rc == -EOWNERDEAD) && error.text[0]);
    return NULL;
}

/* A range is done, or it is told that it is not; its caller is never left waiting. */
static void shuts_down_while_others_iterate(const void *name) {
    for (int round = 0; round < 20; round++) {
        struct trial t = trial_open(name, 2);
        struct submitter s = {.trial = &t};
        pthread_t thread;
        CHECK_INT(pthread_create(&thread, NULL, iterate_until_refused, &s), 0);
        for (int i = 0; i < round; i++)
            sched_yield();
        CHECK_INT(pb_executor_shutdown(t.e, round % 2 ? PB_CANCEL : PB_DRAIN, PB_FOREVER), 0);
        CHECK_INT(pthread_join(thread, NULL), 0);
        CHECK_INT(atomic_load(&s.refused), 1);
        trial_close(&t);
    }
}

/* Whatever was accepted runs, whatever was not is told so. */
static void shuts_down_while_others_submit(const void *name) {
    struct trial t = trial_open(name, 2);
    struct submitter s = {.trial = &t};
    pthread_t thread[2];
    for (int i = 0; i < 2; i++)
        CHECK_INT(pthread_create(&thread[i], NULL, submit_until_refused, &s), 0);
    await(&s.accepted, 20);
    CHECK_INT(pb_executor_shutdown(t.e, PB_DRAIN, PB_FOREVER), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    CHECK_INT(atomic_load(&s.refused), 2);
    CHECK_INT(atomic_load(&t.word[COUNT]), atomic_load(&s.accepted));
    trial_close(&t);
}

static void futures_outlive_executors(const void *name) {
    struct trial t = trial_open(name, 1);
    unsigned char sent[100000], got[100000];
    fill(sent, sizeof sent);
    struct pb_future *held = trial_hold(&t), *large = trial_submit(&t, echo, sent, sizeof sent),
                     *bad = trial_number(&t, fail_with, 12), *dropped = trial_number(&t, square, 1);
    pb_future_cancel(dropped);
    trial_let_go(&t);
    trial_end(&t, PB_DRAIN);
    trial_close(&t);
    CHECK_INT(take(held), 77);
    CHECK_INT(pb_future_result(large, got, sizeof got, 0), 0);
    CHECK(is_filled(got, sizeof got));
    CHECK_INT(pb_future_result(bad, NULL, 0, 0), 12);
    CHECK_TEXT(pb_future_message(bad), "code 12");
    CHECK_INT(pb_future_result(dropped, NULL, 0, 0), t.is->in_caller ? 0 : -ECANCELED);
    pb_future_release(large);
    pb_future_release(bad);
    pb_future_release(dropped);
}

static void opens_two_at_once(const void *name) {
    struct trial a = trial_open(name, 1), b = trial_open(name, 2);
    struct pb_future *held = trial_hold(&a);
    CHECK_INT(take(trial_number(&b, square, 4)), 16);
    trial_close(&b);
    trial_let_go(&a);
    CHECK_INT(take(held), 77);
    trial_close(&a);
}

/* ---- Scopes ---- */

/* Leaves by return or by goto; either way all that was submitted has run by then. */
static int leave_scope(const void *name, atomic_uint *word, bool early) {
    PB_SCOPED_EXECUTOR e = NULL;
    struct pb_error error;
    if (trial_executor_open(&e, name, (struct pb_executor_config){.workers = 1, .state = word}, &error) < 0)
        return error.code;
    for (uint64_t i = 0; i < 10; i++) {
        PB_SCOPED_FUTURE f = pb_submit(e, count_up, &i, sizeof i);
        uint64_t x = 99;
        if (early && i == 5)
            goto out;
        CHECK_INT(pb_future_result(f, &x, sizeof x, PB_FOREVER), 0);
        CHECK_INT(x, i);
    }
    return 10;
out:
    return 6;
}

static void closes_on_leaving_a_scope(const void *name) {
    for (int early = 0; early < 2; early++) {
        atomic_uint *word = shared_words();
        int count = leave_scope(name, word, early);
        CHECK_INT(count, early ? 6 : 10);
        CHECK_INT(atomic_load(&word[COUNT]), count);
        munmap(word, 4096);
    }
}

static void leaves_a_scope_without_executor(const void *name) {
    (void)name;
    CHECK_INT(leave_scope("no such executor", NULL, false), -ENOENT);
    PB_SCOPED_EXECUTOR none = NULL;
    PB_SCOPED_FUTURE nothing = NULL;
    CHECK(none == NULL && nothing == NULL);
}

static void closes_nothing(const void *name) {
    (void)name;
    CHECK_INT(pb_executor_close(NULL, PB_DRAIN, PB_FOREVER), 0);
}

const struct executor_case conformance_close[] = {
    {"closes-idle", closes_idle},
    {"closes-after-work", closes_after_work},
    {"opens-many-times", opens_many_times},
    {"drains", drains},
    {"cancels-and-finishes", cancels_and_finishes},
    {"kills", kills},
    {"gives-up-draining", gives_up_draining},
    {"gives-up-killing", gives_up_killing},
    {"refuses-after-shutdown", refuses_after_shutdown},
    {"shuts-down-from-threads-at-once", shuts_down_from_threads_at_once},
    {"shuts-down-while-others-submit", shuts_down_while_others_submit},
    {"shuts-down-while-others-iterate", shuts_down_while_others_iterate},
    {"futures-outlive-executors", futures_outlive_executors},
    {"opens-two-at-once", opens_two_at_once},
    {"closes-on-leaving-a-scope", closes_on_leaving_a_scope},
    {"leaves-a-scope-without-executor", leaves_a_scope_without_executor},
    {"closes-nothing", closes_nothing},
    {0},
};
