/* Callbacks: each once, in order, whoever ends the future. */
#include "conformance.h"

#include <sched.h>

struct log {
    _Atomic(struct pb_future *) future;
    atomic_uint count, wrong;
    atomic_uint order[1024];
    _Atomic(pthread_t) thread;
};

struct entry {
    struct log *log;
    unsigned number;
};

static void note(struct pb_future *f, void *context) {
    struct entry *entry = context;
    struct log *log = entry->log;
    atomic_fetch_add(&log->wrong, !pb_future_done(f));
    atomic_store(&log->future, f);
    atomic_store(&log->thread, pthread_self());
    unsigned place = atomic_load(&log->count); /* callbacks of one future come one after the other */
    atomic_store(&log->order[place % 1024], entry->number);
    atomic_fetch_add(&log->count, 1);
}

/* Adds `count` callbacks with numbers from 0. */
static void add_notes(struct pb_future *f, struct log *log, struct entry *entry, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        entry[i] = (struct entry){log, i};
        CHECK_INT(pb_future_add_callback(f, note, &entry[i]), 0);
    }
}

static void check_log(const struct log *log, unsigned count) {
    CHECK_INT(atomic_load(&log->count), count);
    CHECK_INT(atomic_load(&log->wrong), 0);
    for (unsigned i = 0; i < count; i++)
        CHECK_INT(atomic_load(&log->order[i]), i);
}

static void calls_back_in_order(const void *name) {
    static struct log log;
    static struct entry entry[1000];
    static const unsigned counts[] = {1, 4, 1000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct trial t = trial_open(name, 1);
        memset(&log, 0, sizeof log);
        struct pb_future *f = trial_hold(&t);
        add_notes(f, &log, entry, counts[i]);
        CHECK_INT(atomic_load(&log.count), t.is->in_caller ? counts[i] : 0);
        trial_let_go(&t);
        await(&log.count, counts[i]); /* nobody waits for the future */
        trial_close(&t);
        check_log(&log, counts[i]);
        CHECK(atomic_load(&log.future) == f);
        pb_future_release(f);
    }
}

static void calls_back_at_once_when_done(const void *name) {
    struct trial t = trial_open(name, 1);
    static struct log log;
    struct entry entry[3];
    struct pb_future *f = trial_number(&t, square, 2);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 0);
    for (unsigned i = 0; i < 3; i++) {
        entry[i] = (struct entry){&log, i};
        CHECK_INT(pb_future_add_callback(f, note, &entry[i]), 0);
        CHECK_INT(atomic_load(&log.count), i + 1);
        CHECK(pthread_equal(atomic_load(&log.thread), pthread_self()));
    }
    trial_close(&t);
    check_log(&log, 3);
    pb_future_release(f);
}

static void calls_back_after_close(const void *name) {
    struct trial t = trial_open(name, 1);
    static struct log log;
    struct entry entry[1];
    struct pb_future *f = trial_number(&t, square, 2);
    trial_end(&t, PB_DRAIN);
    add_notes(f, &log, entry, 1);
    check_log(&log, 1);
    pb_future_release(f);
    trial_close(&t);
}

static void calls_back_on_cancel(const void *name) {
    struct trial t = trial_open(name, 1);
    static struct log log;
    struct entry entry[4];
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, square, 2);
    add_notes(f, &log, entry, 4);
    CHECK(pb_future_cancel(f) != t.is->in_caller);
    check_log(&log, 4); /* by the thread that cancelled */
    CHECK(pthread_equal(atomic_load(&log.thread), pthread_self()));
    pb_future_cancel(f); /* no second time */
    trial_let_go(&t);
    take(held);
    trial_close(&t);
    check_log(&log, 4);
    pb_future_release(f);
}

static void calls_back_on_failure(const void *name) {
    struct trial t = trial_open(name, 1);
    static struct log log;
    struct entry entry[2];
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, fail_with, 9);
    add_notes(f, &log, entry, 2);
    trial_let_go(&t);
    await(&log.count, 2);
    take(held);
    take_code(f, 9);
    trial_close(&t);
    check_log(&log, 2);
}

static void calls_back_on_shutdown(const void *name) {
    struct trial t = trial_open(name, 1);
    static struct log log;
    struct entry entry[8];
    struct pb_future *held = trial_hold(&t), *f[8];
    for (unsigned i = 0; i < 8; i++) {
        f[i] = trial_number(&t, square, i);
        entry[i] = (struct entry){&log, i};
        CHECK_INT(pb_future_add_callback(f[i], note, &entry[i]), 0);
    }
    trial_end(&t, PB_KILL);
    CHECK_INT(atomic_load(&log.count), 8);
    CHECK_INT(atomic_load(&log.wrong), 0);
    for (unsigned i = 0; i < 8; i++)
        pb_future_release(f[i]);
    pb_future_release(held);
    trial_close(&t);
}

struct chain {
    struct trial *trial;
    atomic_uint left;
};

static void submit_next(struct pb_future *f, void *context) {
    struct chain *chain = context;
    CHECK_INT(pb_future_result(f, NULL, 0, 0), 0);
    if (atomic_load(&chain->left) > 1) {
        struct pb_future *next = trial_number(chain->trial, square, 3);
        atomic_fetch_sub(&chain->left, 1);
        CHECK_INT(pb_future_add_callback(next, submit_next, chain), 0);
        pb_future_release(next);
    } else {
        atomic_store(&chain->left, 0);
    }
}

static void submits_from_callbacks(const void *name) {
    struct trial t = trial_open(name, 2);
    struct chain chain = {.trial = &t};
    atomic_store(&chain.left, 50);
    struct pb_future *f = trial_number(&t, square, 2);
    CHECK_INT(pb_future_add_callback(f, submit_next, &chain), 0);
    while (atomic_load(&chain.left))
        sched_yield();
    pb_future_release(f);
    trial_close(&t);
}

static void add_another(struct pb_future *f, void *context) {
    struct entry *entry = context;
    unsigned before = atomic_load(&entry->log->count);
    CHECK_INT(pb_future_add_callback(f, note, context), 0);
    CHECK_INT(atomic_load(&entry->log->count), before + 1); /* at once: it is done */
}

static void adds_from_callbacks(const void *name) {
    struct trial t = trial_open(name, 1);
    static struct log log;
    struct entry entry = {&log, 0};
    struct pb_future *f = trial_hold(&t);
    CHECK_INT(pb_future_add_callback(f, add_another, &entry), 0);
    trial_let_go(&t);
    await(&log.count, 1);
    trial_close(&t);
    check_log(&log, 1);
    pb_future_release(f);
}

static void release(struct pb_future *f, void *context) {
    pb_future_release(f);
    atomic_fetch_add((atomic_uint *)context, 1);
}

static void releases_from_callbacks(const void *name) {
    struct trial t = trial_open(name, 2);
    atomic_uint released = 0;
    struct pb_future *held = trial_hold(&t);
    CHECK_INT(pb_future_add_callback(held, release, &released), 0);
    for (uint64_t i = 0; i < MANY; i++) {
        struct pb_future *f = trial_number(&t, square, i);
        CHECK_INT(pb_future_add_callback(f, release, &released), 0);
    }
    trial_let_go(&t);
    await(&released, MANY + 1);
    trial_close(&t);
}

static void calls_back_when_released(const void *name) {
    struct trial t = trial_open(name, 1);
    static struct log log;
    struct entry entry[3];
    struct pb_future *f = trial_hold(&t);
    add_notes(f, &log, entry, 3);
    pb_future_release(f);
    trial_let_go(&t);
    trial_end(&t, PB_DRAIN);
    check_log(&log, 3);
    trial_close(&t);
}

static void read_result(struct pb_future *f, void *context) {
    uint64_t x = 0;
    CHECK_INT(pb_future_result(f, &x, sizeof x, 0), 0);
    CHECK_INT(pb_future_size(f), sizeof x);
    atomic_store((atomic_uint *)context, (unsigned)x);
}

static void reads_from_callbacks(const void *name) {
    struct trial t = trial_open(name, 1);
    atomic_uint got = 0;
    struct pb_future *held = trial_hold(&t), *f = trial_number(&t, square, 11);
    CHECK_INT(pb_future_add_callback(f, read_result, &got), 0);
    trial_let_go(&t);
    await(&got, 121);
    pb_future_release(f);
    take(held);
    trial_close(&t);
}

static void cancel_other(struct pb_future *f, void *other) {
    (void)f;
    pb_future_cancel(other);
}

static void cancels_from_callbacks(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *first = trial_number(&t, square, 1),
                     *second = trial_number(&t, square, 2);
    CHECK_INT(pb_future_add_callback(first, cancel_other, second), 0);
    CHECK(pb_future_cancel(first) != t.is->in_caller);
    CHECK_INT(pb_future_state(second), t.is->in_caller ? PB_FINISHED : PB_CANCELLED);
    trial_let_go(&t);
    take(held);
    pb_future_release(first);
    pb_future_release(second);
    trial_close(&t);
}

struct adder {
    struct pb_future *f;
    struct log *log;
    atomic_uint next;
    struct entry entry[4 * 100];
};

static void *add_hundred(void *argument) {
    struct adder *adder = argument;
    for (int i = 0; i < 100; i++) {
        struct entry *entry = &adder->entry[atomic_fetch_add(&adder->next, 1)];
        CHECK_INT(pb_future_add_callback(adder->f, note, entry), 0);
    }
    return NULL;
}

static void count_callback(struct pb_future *f, void *context) {
    (void)f;
    atomic_fetch_add((atomic_uint *)context, 1);
}

static void *add_counters(void *argument) {
    void **both = argument;
    for (int i = 0; i < 100; i++)
        CHECK_INT(pb_future_add_callback(both[0], count_callback, both[1]), 0);
    return NULL;
}

static void adds_from_threads(const void *name) {
    struct trial t = trial_open(name, 1);
    static struct log log;
    static struct adder adder;
    bool seen[400] = {false};
    adder.f = trial_hold(&t);
    adder.log = &log;
    for (unsigned i = 0; i < 400; i++)
        adder.entry[i] = (struct entry){&log, i};
    if (t.is->in_caller) { /* done: each is called by its own thread, at once */
        atomic_uint count = 0;
        in_threads(4, add_counters, (void *[]){adder.f, &count});
        CHECK_INT(atomic_load(&count), 400);
    } else {
        in_threads(4, add_hundred, &adder);
        CHECK_INT(atomic_load(&log.count), 0);
        trial_let_go(&t);
        await(&log.count, 400);
        for (int i = 0; i < 400; i++) {
            CHECK(!seen[log.order[i]]);
            seen[log.order[i]] = true;
        }
    }
    pb_future_release(adder.f);
    trial_close(&t);
}

/* Adding while the task ends: none is lost, none comes twice. */
static void adds_while_it_ends(const void *name) {
    struct trial t = trial_open(name, 1);
    for (int i = 0; i < 30; i++) {
        atomic_uint count = 0;
        struct pb_future *f = trial_number(&t, square, 1);
        for (int k = 0; k < 20; k++)
            CHECK_INT(pb_future_add_callback(f, count_callback, &count), 0);
        CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 0);
        await(&count, 20); /* the result may be seen before the last callback */
        pb_future_release(f);
    }
    trial_close(&t);
}

static void takes_a_callback_twice(const void *name) {
    struct trial t = trial_open(name, 1);
    atomic_uint count = 0;
    struct pb_future *f = trial_hold(&t);
    for (int i = 0; i < 2; i++)
        CHECK_INT(pb_future_add_callback(f, count_callback, &count), 0);
    trial_let_go(&t);
    await(&count, 2);
    trial_close(&t);
    CHECK_INT(atomic_load(&count), 2);
    pb_future_release(f);
}

const struct executor_case conformance_callback[] = {
    {"calls-back-in-order", calls_back_in_order},
    {"calls-back-at-once-when-done", calls_back_at_once_when_done},
    {"calls-back-after-close", calls_back_after_close},
    {"calls-back-on-cancel", calls_back_on_cancel},
    {"calls-back-on-failure", calls_back_on_failure},
    {"calls-back-on-shutdown", calls_back_on_shutdown},
    {"submits-from-callbacks", submits_from_callbacks},
    {"adds-from-callbacks", adds_from_callbacks},
    {"releases-from-callbacks", releases_from_callbacks},
    {"calls-back-when-released", calls_back_when_released},
    {"reads-from-callbacks", reads_from_callbacks},
    {"cancels-from-callbacks", cancels_from_callbacks},
    {"adds-from-threads", adds_from_threads},
    {"adds-while-it-ends", adds_while_it_ends},
    {"takes-a-callback-twice", takes_a_callback_twice},
    {0},
};
