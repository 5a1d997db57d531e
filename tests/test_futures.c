/* What futures promise, on every executor: callbacks, waiting for many, completion order, maps. */
#include "executor_cases.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

/* Runs until the word that it is given is set. */
static int wait_for_word(struct pb_task *task, const void *args, size_t size) {
    atomic_uint *word;
    (void)size;
    memcpy(&word, args, sizeof word);
    while (atomic_load(word) == 0 && !pb_should_stop(task))
        sched_yield();
    return 0;
}

static int fail_with(struct pb_task *task, const void *args, size_t size) {
    int code;
    memcpy(&code, args, size);
    return code ? pb_fail(task, code, "code %d", code) : 0;
}

static struct pb_future *submit_wait(struct pb_executor *e, atomic_uint *word) {
    struct pb_future *f = pb_submit(e, wait_for_word, &word, sizeof word);
    CHECK(f != NULL);
    return f;
}

static struct pb_future *submit_code(struct pb_executor *e, int code) {
    struct pb_future *f = pb_submit(e, fail_with, &code, sizeof code);
    CHECK(f != NULL);
    return f;
}

static bool is_serial(const char *name) {
    return strcmp(name, "serial") == 0;
}

/* ---- Callbacks ---- */

struct log {
    _Atomic(struct pb_future *) future;
    atomic_uint count, order[8];
};

struct entry {
    struct log *log;
    unsigned number;
};

static void note(struct pb_future *f, void *context) {
    struct entry *entry = context;
    CHECK(pb_future_state(f) == PB_FINISHED || pb_future_state(f) == PB_CANCELLED);
    atomic_store(&entry->log->future, f);
    atomic_store(&entry->log->order[atomic_fetch_add(&entry->log->count, 1)], entry->number);
}

static void calls_back(const void *name) {
    atomic_uint *word = shared_words(); /* before workers are forked */
    struct pb_executor *e = open_executor(name, 1);
    struct log log = {.count = 0};
    struct entry entry[5];
    atomic_store(word, is_serial(name));
    struct pb_future *f = submit_wait(e, word);
    for (unsigned i = 0; i < 4; i++) {
        entry[i] = (struct entry){&log, i};
        CHECK_INT(pb_future_add_callback(f, note, &entry[i]), 0);
    }
    CHECK_INT(atomic_load(&log.count), is_serial(name) ? 4 : 0);
    atomic_store(word, 1);
    while (atomic_load(&log.count) < 4) /* nobody waits for the future */
        sched_yield();
    for (unsigned i = 0; i < 4; i++)
        CHECK_INT(atomic_load(&log.order[i]), i);
    CHECK(atomic_load(&log.future) == f);
    entry[4] = (struct entry){&log, 4};
    CHECK_INT(pb_future_add_callback(f, note, &entry[4]), 0);
    CHECK_INT(atomic_load(&log.count), 5); /* at once, since it is done */
    close_executor(e);
    CHECK_INT(atomic_load(&log.count), 5);
    pb_future_release(f);
}

static void calls_back_on_cancel(const void *name) {
    if (is_serial(name))
        pb_test_skip("serial runs a task before submit returns: nothing is ever pending");
    atomic_uint *word = shared_words(); /* before workers are forked */
    struct pb_executor *e = open_executor(name, 1);
    struct log log = {.count = 0};
    struct entry entry = {&log, 7};
    struct pb_future *running = submit_wait(e, word), *pending;
    while (pb_future_state(running) == PB_PENDING)
        sched_yield();
    pending = submit_code(e, 0);
    CHECK_INT(pb_future_add_callback(pending, note, &entry), 0);
    CHECK(pb_future_cancel(pending));
    CHECK_INT(atomic_load(&log.count), 1); /* by the thread that cancelled */
    atomic_store(word, 1);
    close_executor(e);
    CHECK_INT(atomic_load(&log.count), 1);
    pb_future_release(running);
    pb_future_release(pending);
}

struct chain {
    struct pb_executor *executor;
    atomic_uint left;
};

static void submit_next(struct pb_future *f, void *context) {
    struct chain *chain = context;
    (void)f;
    if (atomic_fetch_sub(&chain->left, 1) <= 1)
        return;
    struct pb_future *next = submit_code(chain->executor, 0);
    CHECK_INT(pb_future_add_callback(next, submit_next, chain), 0);
    pb_future_release(next);
}

static void submits_from_callbacks(const void *name) {
    struct chain chain = {.executor = open_executor(name, 2)};
    atomic_store(&chain.left, 50);
    struct pb_future *f = submit_code(chain.executor, 0);
    CHECK_INT(pb_future_add_callback(f, submit_next, &chain), 0);
    while (atomic_load(&chain.left))
        sched_yield();
    pb_future_release(f);
    close_executor(chain.executor);
}

/* ---- Waiting for many ---- */

static void waits_for_all(const void *name) {
    struct pb_executor *e = open_executor(name, 2);
    struct pb_future *f[40];
    size_t done = 0;
    for (int i = 0; i < 40; i++)
        f[i] = submit_code(e, i % 5 == 4);
    CHECK_INT(pb_wait(f, 40, PB_ALL_COMPLETED, 30LL * SECOND, &done), 0);
    CHECK_INT(done, 40);
    CHECK_INT(pb_wait(f, 40, PB_ALL_COMPLETED, 0, &done), 0);
    CHECK_INT(pb_wait(f, 0, PB_ALL_COMPLETED, 0, &done), 0);
    CHECK_INT(done, 0);
    for (int i = 0; i < 40; i++)
        pb_future_release(f[i]);
    close_executor(e);
}

static void waits_for_first(const void *name) {
    if (is_serial(name))
        pb_test_skip("serial runs a task before submit returns: none is first");
    atomic_uint *word = shared_words(); /* before workers are forked */
    struct pb_executor *e = open_executor(name, 2);
    struct pb_future *f[] = {submit_wait(e, word), submit_code(e, 0), submit_code(e, 9), submit_code(e, 0)};
    size_t done = 0;
    CHECK_INT(pb_wait(f, 1, PB_FIRST_COMPLETED, 1000000, &done), -ETIMEDOUT);
    CHECK_INT(done, 0);
    CHECK_INT(pb_wait(f, 4, PB_FIRST_COMPLETED, 30LL * SECOND, &done), 0);
    CHECK(done >= 1 && done <= 3);
    CHECK_INT(pb_wait(f, 4, PB_FIRST_FAILED, 30LL * SECOND, &done), 0);
    CHECK_INT(pb_future_result(f[2], NULL, 0, 0), 9);
    CHECK_INT(pb_wait(f, 4, PB_ALL_COMPLETED, 1000000, &done), -ETIMEDOUT);
    atomic_store(word, 1);
    CHECK_INT(pb_wait(f, 4, PB_ALL_COMPLETED, 30LL * SECOND, &done), 0);
    for (int i = 0; i < 4; i++)
        pb_future_release(f[i]);
    close_executor(e);
}

static void yields_in_order_of_completion(const void *name) {
    if (is_serial(name))
        pb_test_skip("serial runs a task before submit returns: the order is that of submission");
    atomic_uint *word = shared_words(); /* before workers are forked */
    struct pb_executor *e = open_executor(name, 2), *other = open_executor("thread", 1);
    struct pb_future *late = submit_wait(e, word), *early = submit_code(other, 0), *got;
    struct pb_future *list[] = {late, early, late, early, early};
    struct pb_as_completed *it;
    CHECK_INT(pb_as_completed_open(&it, list, 5, 30LL * SECOND), 0);
    CHECK_INT(pb_as_completed_next(it, &got), 0);
    CHECK(got == early);
    atomic_store(word, 1);
    CHECK_INT(pb_as_completed_next(it, &got), 0);
    CHECK(got == late);
    CHECK_INT(pb_as_completed_next(it, &got), -ENOENT);
    pb_as_completed_close(it);
    pb_future_release(late);
    pb_future_release(early);
    close_executor(e);
    close_executor(other);
}

static void yields_each_once(const void *name) {
    enum { TASKS = 500 };
    struct pb_executor *e = open_executor(name, 3);
    static struct pb_future *f[TASKS];
    struct pb_future *got;
    struct pb_as_completed *it;
    size_t seen = 0;
    for (int i = 0; i < TASKS; i++)
        f[i] = submit_code(e, 0);
    CHECK_INT(pb_as_completed_open(&it, f, TASKS, PB_FOREVER), 0);
    while (pb_as_completed_next(it, &got) == 0) {
        CHECK_INT(pb_future_state(got), PB_FINISHED);
        seen++;
    }
    CHECK_INT(seen, TASKS);
    pb_as_completed_close(it);
    for (int i = 0; i < TASKS; i++)
        pb_future_release(f[i]);
    close_executor(e);
}

static void leaves_iteration_early(const void *name) {
    atomic_uint *word = shared_words(); /* before workers are forked */
    struct pb_executor *e = open_executor(name, 1);
    atomic_store(word, is_serial(name));
    struct pb_future *f = submit_wait(e, word), *got;
    struct pb_as_completed *it;
    CHECK_INT(pb_as_completed_open(&it, &f, 1, 1000000), 0);
    CHECK_INT(pb_as_completed_next(it, &got), is_serial(name) ? 0 : -ETIMEDOUT);
    pb_as_completed_close(it);
    atomic_store(word, 1);
    close_executor(e);
    pb_future_release(f);
}

/* ---- Maps ---- */

static int cube(struct pb_task *task, const void *args, size_t size) {
    uint64_t x;
    memcpy(&x, args, size);
    if (x == 13)
        return pb_fail(task, 5, "unlucky");
    x = x * x * x;
    return pb_return(task, &x, sizeof x);
}

static void maps_in_order(const void *name) {
    enum { COUNT = 1000 };
    struct pb_executor *e = open_executor(name, 3);
    static uint64_t args[COUNT];
    for (uint64_t i = 0; i < COUNT; i++)
        args[i] = i;
    for (size_t window = 0; window < 8; window += 7) {
        struct pb_map *map;
        struct pb_error error = {0};
        uint64_t x;
        CHECK_INT(
            pb_map_open(&map, e, cube, args, sizeof *args, COUNT, &(struct pb_map_options){.window = window}),
            0);
        for (uint64_t i = 0; i < COUNT; i++) {
            int rc = pb_map_next(map, &x, sizeof x, &error);
            CHECK_INT(rc, i == 13 ? 5 : 0);
            if (i == 13)
                CHECK_TEXT(error.text, "unlucky");
            else
                CHECK_INT(x, i * i * i);
        }
        CHECK_INT(pb_map_next(map, &x, sizeof x, &error), -ENOENT);
        pb_map_close(map);
    }
    struct pb_map *map; /* of the indices themselves */
    uint64_t x;
    CHECK_INT(pb_map_open(&map, e, cube, NULL, 0, 10, &(struct pb_map_options){.window = 3}), 0);
    for (uint64_t i = 0; i < 10; i++) {
        CHECK_INT(pb_map_next(map, &x, sizeof x, NULL), 0);
        CHECK_INT(x, i * i * i);
    }
    pb_map_close(map);
    close_executor(e);
}

static void abandons_maps(const void *name) {
    atomic_uint *word = shared_words(); /* before workers are forked */
    struct pb_executor *e = open_executor(name, 1);
    atomic_uint *args[20];
    struct pb_map *map;
    for (int i = 0; i < 20; i++)
        args[i] = word;
    atomic_store(word, is_serial(name));
    CHECK_INT(pb_map_open(&map, e, wait_for_word, args, sizeof *args, 20,
                          &(struct pb_map_options){.window = 4, .timeout_ns = 1000000}),
              0);
    CHECK_INT(pb_map_next(map, NULL, 0, NULL), is_serial(name) ? 0 : -ETIMEDOUT);
    pb_map_close(map);
    atomic_store(word, 1);
    close_executor(e);
}

static const struct executor_case cases[] = {
    {"calls-back", calls_back},
    {"calls-back-on-cancel", calls_back_on_cancel},
    {"submits-from-callbacks", submits_from_callbacks},
    {"waits-for-all", waits_for_all},
    {"waits-for-first", waits_for_first},
    {"yields-in-order-of-completion", yields_in_order_of_completion},
    {"yields-each-once", yields_each_once},
    {"leaves-iteration-early", leaves_iteration_early},
    {"maps-in-order", maps_in_order},
    {"abandons-maps", abandons_maps},
};

static bool generate(size_t i, struct pb_case *out) {
    return executor_case_at(cases, sizeof cases / sizeof *cases, i, out);
}

const struct pb_suite suite_futures = {"futures", NULL, generate};
