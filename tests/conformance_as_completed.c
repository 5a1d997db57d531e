/* Futures as they complete. */
#include "conformance.h"

/* Waits for its own gate, word[FREE + i]; gives i back. */
static int wait_at_own_gate(struct pb_task *task, const void *args, size_t size) {
    uint64_t i;
    memcpy(&i, args, sizeof i);
    while (atomic_load(&words_of(task)[FREE + i]) == 0 && !pb_should_stop(task))
        breathe(task);
    return pb_return(task, args, size);
}

static struct pb_as_completed *iterate(struct pb_future *const *f, size_t count, int64_t timeout_ns) {
    struct pb_as_completed *it;
    CHECK_INT(pb_as_completed_open(&it, f, count, timeout_ns), 0);
    return it;
}

static void expect(struct pb_as_completed *it, const struct pb_future *f) {
    struct pb_future *got = NULL;
    CHECK_INT(pb_as_completed_next(it, &got), 0);
    CHECK_MSG(got == f, "another future came");
    CHECK(pb_future_done(got));
}

static void expect_end(struct pb_as_completed *it) {
    struct pb_future *got;
    for (int i = 0; i < 2; i++)
        CHECK_INT(pb_as_completed_next(it, &got), -ENOENT);
    pb_as_completed_close(it);
}

static void yields_nothing_of_none(const void *name) {
    struct trial t = trial_open(name, 1);
    expect_end(iterate(NULL, 0, PB_FOREVER));
    trial_close(&t);
}

/* They ended in another order than that of the list, before anyone looked. */
static void yields_the_done_in_list_order(const void *name) {
    struct trial t = trial_open(name, 3);
    struct pb_future *f[3], *list[3];
    for (uint64_t i = 0; i < 3; i++) {
        if (t.is->in_caller)
            atomic_store(&t.word[FREE + i], 1);
        f[i] = trial_number(&t, wait_at_own_gate, i);
    }
    for (int i = 2; i >= 0; i--) {
        atomic_store(&t.word[FREE + i], 1);
        await_state(f[i], PB_FINISHED);
    }
    list[0] = f[1], list[1] = f[0], list[2] = f[2];
    struct pb_as_completed *it = iterate(list, 3, PB_FOREVER);
    for (int i = 0; i < 3; i++)
        expect(it, list[i]);
    expect_end(it);
    for (uint64_t i = 0; i < 3; i++)
        CHECK_INT(take(f[i]), i);
    trial_close(&t);
}

static void count_callback(struct pb_future *f, void *context) {
    (void)f;
    atomic_fetch_add((atomic_uint *)context, 1);
}

/* One by one, each taken before the next may end; then all behind the iterator's back, each ended as far as
 * its last callback, which was added after the iteration began. */
static void yields_in_order_of_completion(const void *name) {
    static const int order[] = {2, 0, 3, 1};
    for (int ahead = 0; ahead < 2; ahead++) {
        struct trial t = trial_open(name, 4);
        struct pb_future *f[4];
        for (uint64_t i = 0; i < 4; i++) {
            if (t.is->in_caller)
                atomic_store(&t.word[FREE + i], 1);
            f[i] = trial_number(&t, wait_at_own_gate, i);
        }
        struct pb_as_completed *it = iterate(f, 4, PB_FOREVER);
        atomic_uint ended = 0;
        for (int i = 0; i < 4; i++)
            CHECK_INT(pb_future_add_callback(f[i], count_callback, &ended), 0);
        for (unsigned i = 0; i < 4; i++) {
            atomic_store(&t.word[FREE + order[i]], 1);
            if (ahead)
                await(&ended, i + 1);
            else
                expect(it, f[t.is->in_caller ? (int)i : order[i]]);
        }
        for (int i = 0; ahead && i < 4; i++)
            expect(it, f[t.is->in_caller ? i : order[i]]);
        expect_end(it);
        for (uint64_t i = 0; i < 4; i++)
            CHECK_INT(take(f[i]), i);
        trial_close(&t);
    }
}

static void yields_the_done_first(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *late = trial_hold(&t), *early = trial_number(&t, square, 2);
    struct pb_future *list[] = {late, early};
    await_state(early, PB_FINISHED);
    struct pb_as_completed *it = iterate(list, 2, PB_FOREVER);
    expect(it, t.is->in_caller ? late : early);
    trial_let_go(&t);
    expect(it, t.is->in_caller ? early : late);
    expect_end(it);
    take(late);
    take(early);
    trial_close(&t);
}

static void yields_duplicates_once(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *late = trial_hold(&t), *early = trial_number(&t, square, 2);
    struct pb_future *list[] = {early, late, early, late, late};
    await_state(early, PB_FINISHED);
    struct pb_as_completed *it = iterate(list, 5, PB_FOREVER);
    expect(it, early);
    trial_let_go(&t);
    expect(it, late);
    expect_end(it);
    take(late);
    take(early);
    trial_close(&t);
}

static int by_address(const void *a, const void *b) {
    const struct pb_future *x = *(struct pb_future *const *)a, *y = *(struct pb_future *const *)b;
    return x < y ? -1 : x > y;
}

static void yields_each_once(const void *name) {
    enum { TASKS = 500 };
    struct trial t = trial_open(name, 3);
    static struct pb_future *f[TASKS], *got[TASKS];
    for (uint64_t i = 0; i < TASKS; i++)
        f[i] = trial_number(&t, fail_with, i % 7 == 0);
    struct pb_as_completed *it = iterate(f, TASKS, PB_FOREVER);
    for (int i = 0; i < TASKS; i++)
        CHECK_INT(pb_as_completed_next(it, &got[i]), 0);
    expect_end(it);
    qsort(f, TASKS, sizeof *f, by_address);
    qsort(got, TASKS, sizeof *got, by_address);
    CHECK(memcmp(f, got, sizeof f) == 0);
    for (int i = 0; i < TASKS; i++)
        pb_future_release(f[i]);
    trial_close(&t);
}

static void has_one_deadline(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *late = trial_hold(&t), *early = trial_number(&t, square, 2), *got;
    struct pb_future *list[] = {early, late};
    await_state(early, PB_FINISHED);
    struct pb_as_completed *it = iterate(list, 2, MOMENT);
    expect(it, early);
    for (int i = 0; i < 2; i++) {
        int rc = pb_as_completed_next(it, &got);
        CHECK_INT(rc, !t.is->in_caller ? -ETIMEDOUT : i == 0 ? 0 : -ENOENT);
    }
    pb_as_completed_close(it);
    CHECK(pb_future_done(late) == t.is->in_caller); /* it goes on */
    trial_let_go(&t);
    CHECK_INT(take(late), 77);
    take(early);
    trial_close(&t);
}

static void leaves_early(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f[4] = {trial_hold(&t)};
    for (uint64_t i = 1; i < 4; i++)
        f[i] = trial_number(&t, square, i);
    struct pb_as_completed *it = iterate(f, 4, PB_FOREVER);
    if (t.is->in_caller)
        expect(it, f[0]);
    pb_as_completed_close(it);
    pb_as_completed_close(NULL);
    trial_let_go(&t);
    CHECK_INT(take(f[0]), 77); /* none of them is cancelled by it */
    for (uint64_t i = 1; i < 4; i++)
        CHECK_INT(take(f[i]), i * i);
    trial_close(&t);
}

/* Leaving while they end just then. */
static void leaves_while_they_end(const void *name) {
    struct trial t = trial_open(name, 2);
    for (int round = 0; round < 20; round++) {
        struct pb_future *f[8], *got;
        for (uint64_t i = 0; i < 8; i++)
            f[i] = trial_number(&t, square, i);
        struct pb_as_completed *it = iterate(f, 8, PB_FOREVER);
        for (int i = 0; i < round % 8; i++)
            CHECK_INT(pb_as_completed_next(it, &got), 0);
        pb_as_completed_close(it);
        for (uint64_t i = 0; i < 8; i++)
            CHECK_INT(take(f[i]), i * i);
    }
    trial_close(&t);
}

static void yields_of_several_executors(const void *name) {
    struct trial t = trial_open(name, 1), threads = trial_open("thread", 1), serial = trial_open("serial", 1);
    struct pb_future *mine = trial_hold(&t), *other = trial_hold(&threads);
    struct pb_future *list[] = {other, mine, trial_number(&serial, square, 3)};
    struct pb_as_completed *it = iterate(list, 3, PB_FOREVER);
    if (t.is->in_caller)
        expect(it, mine);
    expect(it, list[2]);
    trial_let_go(&threads);
    expect(it, other);
    trial_let_go(&t);
    if (!t.is->in_caller)
        expect(it, mine);
    expect_end(it);
    for (int i = 0; i < 3; i++)
        pb_future_release(list[i]);
    trial_close(&serial);
    trial_close(&threads);
    trial_close(&t);
}

static void yields_the_cancelled(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *before = trial_number(&t, square, 1),
                     *after = trial_number(&t, square, 2);
    struct pb_future *list[] = {held, after, before};
    if (t.is->in_caller) { /* nothing can be cancelled: all are done */
        struct pb_as_completed *it = iterate(list, 3, PB_FOREVER);
        for (int i = 0; i < 3; i++)
            expect(it, list[i]);
        expect_end(it);
    } else {
        CHECK(pb_future_cancel(before));
        struct pb_as_completed *it = iterate(list, 3, PB_FOREVER);
        expect(it, before);
        CHECK(pb_future_cancel(after));
        expect(it, after);
        trial_let_go(&t);
        expect(it, held);
        expect_end(it);
        CHECK(pb_future_cancelled(after) && pb_future_cancelled(before));
    }
    for (int i = 0; i < 3; i++)
        pb_future_release(list[i]);
    trial_close(&t);
}

static void *submit_beside(void *argument) {
    struct trial *t = argument;
    for (uint64_t i = 0; i < 200; i++)
        CHECK_INT(take(trial_number(t, square, i)), i * i);
    return NULL;
}

static void iterates_while_others_submit(const void *name) {
    struct trial t = trial_open(name, 2);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, submit_beside, &t), 0);
    for (int round = 0; round < 5; round++) {
        struct pb_future *f[20], *got;
        for (uint64_t i = 0; i < 20; i++)
            f[i] = trial_number(&t, square, i);
        struct pb_as_completed *it = iterate(f, 20, PB_FOREVER);
        for (int i = 0; i < 20; i++)
            CHECK_INT(pb_as_completed_next(it, &got), 0);
        expect_end(it);
        for (int i = 0; i < 20; i++)
            pb_future_release(f[i]);
    }
    pthread_join(thread, NULL);
    trial_close(&t);
}

static void iterates_twice_over_the_same(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f[] = {held, trial_number(&t, square, 2)};
    struct pb_as_completed *it[] = {iterate(f, 2, PB_FOREVER), iterate(f, 2, PB_FOREVER)};
    trial_let_go(&t);
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            expect(it[k], f[i]);
    expect_end(it[0]);
    expect_end(it[1]);
    take(f[0]);
    take(f[1]);
    trial_close(&t);
}

const struct executor_case conformance_as_completed[] = {
    {"yields-nothing-of-none", yields_nothing_of_none},
    {"yields-the-done-in-list-order", yields_the_done_in_list_order},
    {"yields-in-order-of-completion", yields_in_order_of_completion},
    {"yields-the-done-first", yields_the_done_first},
    {"yields-duplicates-once", yields_duplicates_once},
    {"yields-each-once", yields_each_once},
    {"has-one-deadline", has_one_deadline},
    {"leaves-early", leaves_early},
    {"leaves-while-they-end", leaves_while_they_end},
    {"yields-of-several-executors", yields_of_several_executors},
    {"yields-the-cancelled", yields_the_cancelled},
    {"iterates-while-others-submit", iterates_while_others_submit},
    {"iterates-twice-over-the-same", iterates_twice_over_the_same},
    {0},
};
