/* Submitting: what reaches a task, and that it runs. */
#include "conformance.h"

enum { LARGEST = 16 << 20 };

struct told {
    uint64_t size, sum;
    uint32_t worker, filled;
};

static int tell_args(struct pb_task *task, const void *args, size_t size) {
    struct told told = {.size = size, .worker = task->worker, .filled = is_filled(args, size)};
    for (size_t i = 0; i < size; i++)
        told.sum += ((const unsigned char *)args)[i];
    return pb_return(task, &told, sizeof told);
}

static void check_args(struct trial *t, size_t size) {
    unsigned char *sent = malloc(size + 1);
    struct told told;
    uint64_t sum = 0;
    fill(sent, size);
    for (size_t i = 0; i < size; i++)
        sum += sent[i];
    struct pb_future *f = trial_submit(t, tell_args, sent, size);
    memset(sent, 0xee, size); /* it has its own copy */
    CHECK_INT(pb_future_result(f, &told, sizeof told, PB_FOREVER), 0);
    CHECK_INT(told.size, size);
    CHECK_MSG(told.filled && told.sum == sum, "%zu bytes of arguments were not what was sent", size);
    pb_future_release(f);
    free(sent);
}

static void moves_args_of_all_sizes(const void *name) {
    static const size_t sizes[] = {0,  1,  7,    8,     9,     23,    24,      25,  63,
                                   64, 65, 4096, 65535, 65536, 65537, 1 << 20, 200, 100};
    struct trial t = trial_open(name, 1);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_args(&t, sizes[i]);
    trial_close(&t);
}

static void moves_the_largest_args(const void *name) {
    struct trial t = trial_open(name, 1);
    check_args(&t, LARGEST - 1);
    check_args(&t, LARGEST);
    check_args(&t, 24);
    trial_close(&t);
}

static void refuses_larger_args(const void *name) {
    struct trial t = trial_open(name, 1);
    char *large = calloc(1, (size_t)LARGEST + 1);
    errno = 0;
    CHECK(pb_submit(t.e, echo, large, (size_t)LARGEST + 1) == NULL);
    CHECK_INT(errno, EMSGSIZE);
    free(large);
    CHECK_INT(take(trial_number(&t, square, 5)), 25);
    trial_close(&t);
}

static void takes_no_args(const void *name) {
    struct trial t = trial_open(name, 1);
    struct told told;
    struct pb_future *f = trial_submit(&t, tell_args, NULL, 0);
    CHECK_INT(pb_future_result(f, &told, sizeof told, PB_FOREVER), 0);
    CHECK_INT(told.size, 0);
    pb_future_release(f);
    trial_close(&t);
}

static void copies_args_while_pending(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *held = trial_hold(&t), *f[8];
    uint64_t args[32];
    for (uint64_t i = 0; i < 8; i++) {
        memset(args, (int)i, sizeof args);
        f[i] = trial_submit(&t, echo, args, sizeof args);
    }
    memset(args, 0xff, sizeof args);
    trial_let_go(&t);
    for (int i = 0; i < 8; i++) {
        uint64_t got[32];
        memset(args, i, sizeof args);
        CHECK_INT(pb_future_result(f[i], got, sizeof got, PB_FOREVER), 0);
        CHECK(memcmp(got, args, sizeof got) == 0);
        pb_future_release(f[i]);
    }
    take(held);
    trial_close(&t);
}

static void returns_many_results(const void *name) {
    enum { TASKS = 1000 };
    struct trial t = trial_open(name, 2);
    static struct pb_future *f[TASKS];
    for (uint64_t i = 0; i < TASKS; i++)
        f[i] = trial_number(&t, square, i);
    for (uint64_t i = 0; i < TASKS; i++)
        CHECK_INT(take(f[i]), i * i);
    trial_close(&t);
}

static void mixes_small_and_large(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *f[24];
    unsigned char *sent = malloc(300000), *got = malloc(300000);
    fill(sent, 300000);
    for (size_t i = 0; i < 24; i++)
        f[i] = trial_submit(&t, echo, sent, i % 3 == 2 ? 300000 - i : i);
    for (size_t i = 0; i < 24; i++) {
        size_t size = i % 3 == 2 ? 300000 - i : i;
        CHECK_INT(pb_future_result(f[i], got, 300000, PB_FOREVER), 0);
        CHECK_INT(pb_future_size(f[i]), size);
        CHECK(memcmp(sent, got, size) == 0);
        pb_future_release(f[i]);
    }
    free(sent);
    free(got);
    trial_close(&t);
}

static void runs_what_is_released(const void *name) {
    struct trial t = trial_open(name, 2);
    for (uint64_t i = 0; i < MANY; i++)
        pb_future_release(trial_number(&t, count_up, i));
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&t.word[COUNT]), MANY);
    trial_close(&t);
}

static void releases_nothing(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_future *f = NULL;
    pb_future_release(f);
    pb_future_leave(&f);
    trial_close(&t);
}

/* Both must run at once: each waits for the other. */
static int meet(struct pb_task *task, const void *args, size_t size) {
    atomic_uint *word = words_of(task);
    (void)args, (void)size;
    atomic_fetch_add(&word[BEGUN], 1);
    while (atomic_load(&word[BEGUN]) < 3)
        breathe(task);
    return 0;
}

static void runs_tasks_at_once(const void *name) {
    struct trial t = trial_open(name, 3);
    struct pb_future *f[3];
    if (t.is->in_caller)
        atomic_store(&t.word[BEGUN], 2); /* each meets those before it */
    for (int i = 0; i < 3; i++) {
        f[i] = trial_submit(&t, meet, NULL, 0);
        if (t.is->in_caller)
            CHECK_INT(pb_future_state(f[i]), PB_FINISHED);
    }
    for (int i = 0; i < 3; i++)
        take_code(f[i], 0);
    trial_close(&t);
}

/* Never more at once than there are workers. */
static int crowd(struct pb_task *task, const void *args, size_t size) {
    atomic_uint *word = words_of(task);
    (void)args, (void)size;
    unsigned inside = atomic_fetch_add(&word[FREE], 1) + 1, most = atomic_load(&word[FREE + 1]);
    while (inside > most && !atomic_compare_exchange_weak(&word[FREE + 1], &most, inside))
        ;
    breathe(task);
    atomic_fetch_sub(&word[FREE], 1);
    return 0;
}

static void runs_no_more_than_workers(const void *name) {
    struct trial t = trial_open(name, 2);
    for (int i = 0; i < 30; i++)
        pb_future_release(trial_submit(&t, crowd, NULL, 0));
    trial_end(&t, PB_DRAIN);
    CHECK(atomic_load(&t.word[FREE + 1]) <= (t.is->in_caller ? 1 : 2));
    trial_close(&t);
}

static void *submit_some(void *argument) {
    struct trial *t = argument;
    for (uint64_t i = 0; i < 50; i++)
        CHECK_INT(take(trial_number(t, count_up, i)), i);
    return NULL;
}

static void submits_from_threads(const void *name) {
    struct trial t = trial_open(name, 2);
    in_threads(4, submit_some, &t);
    CHECK_INT(atomic_load(&t.word[COUNT]), 200);
    trial_close(&t);
}

/* Its argument is whether one worker has all lanes. */
static int tell_task(struct pb_task *task, const void *args, size_t size) {
    uint64_t one_thread;
    CHECK_INT(size, sizeof one_thread);
    memcpy(&one_thread, args, sizeof one_thread);
    bool good = task->worker == (one_thread ? 0 : task->lane_index) && task->lane_index < 2 && task->io &&
                !task->lane && task->state && task->call && !pb_should_stop(task);
    return good ? 0 : 1;
}

static void shows_tasks_their_worker(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_future *f[20];
    for (int i = 0; i < 20; i++)
        f[i] = trial_number(&t, tell_task, t.is->one_thread);
    for (int i = 0; i < 20; i++)
        take_code(f[i], 0);
    trial_close(&t);
}

const struct executor_case conformance_submit[] = {
    {"moves-args-of-all-sizes", moves_args_of_all_sizes},
    {"moves-the-largest-args", moves_the_largest_args},
    {"refuses-larger-args", refuses_larger_args},
    {"takes-no-args", takes_no_args},
    {"copies-args-while-pending", copies_args_while_pending},
    {"returns-many-results", returns_many_results},
    {"mixes-small-and-large", mixes_small_and_large},
    {"runs-what-is-released", runs_what_is_released},
    {"releases-nothing", releases_nothing},
    {"runs-tasks-at-once", runs_tasks_at_once},
    {"runs-no-more-than-workers", runs_no_more_than_workers},
    {"submits-from-threads", submits_from_threads},
    {"shows-tasks-their-worker", shows_tasks_their_worker},
    {0},
};
