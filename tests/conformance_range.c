/* Ranges: every index once, whoever runs it, and a digest that does not depend on that. */
#include "conformance.h"

#include "parbench/workload.h"

struct range_args {
    uint64_t factor;
};

static int multiply(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    const struct range_args *a = args;
    (void)task;
    *digest = i * a->factor;
    return i % 10 == 3 ? 2 : 0;
}

static void check_range(struct pb_executor *e, uint64_t n, uint64_t factor) {
    struct range_args args = {factor};
    struct pb_range_result result = {.tasks = 99};
    struct pb_error error = {0};
    uint64_t digest = 0;
    for (uint64_t i = 0; i < n; i++)
        digest += pb_mix(i, i * factor);
    CHECK_MSG(pb_for(e, n, multiply, &args, sizeof args, &result, &error) == 0, "%s", error.text);
    CHECK_INT(result.tasks, n);
    CHECK(result.digest == digest);
    CHECK_INT(result.status[2], (n + 6) / 10);
    CHECK_INT(result.status[0] + result.status[2], n);
}

static void runs_ranges_of_all_sizes(const void *name) {
    static const uint64_t sizes[] = {0, 1, 2, 3, 4, 5, 7, 63, 64, 65, 1000, 20000};
    for (uint32_t workers = 1; workers <= 4; workers++) {
        struct trial t = trial_open(name, workers);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            check_range(t.e, sizes[i], 17 + i);
        trial_close(&t);
    }
}

static void runs_many_ranges(const void *name) {
    struct trial t = trial_open(name, 2);
    for (uint64_t i = 0; i < 200; i++)
        check_range(t.e, i % 9, i);
    trial_close(&t);
}

/* The same range under serial has the same digest. */
static void equals_serial(const void *name) {
    struct trial t = trial_open(name, 2), serial = trial_open("serial", 1);
    struct range_args args = {12345};
    struct pb_range_result mine, its;
    CHECK_INT(pb_for(t.e, 777, multiply, &args, sizeof args, &mine, NULL), 0);
    CHECK_INT(pb_for(serial.e, 777, multiply, &args, sizeof args, &its, NULL), 0);
    CHECK(memcmp(&mine, &its, sizeof mine) == 0);
    trial_close(&serial);
    trial_close(&t);
}

static int work_unequally(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)task, (void)args;
    uint64_t x = i;
    for (uint64_t k = 0; k < (i % 37 == 0 ? 20000u : i % 5); k++)
        x = x * 6364136223846793005u + 1;
    *digest = x;
    return 0;
}

static void runs_unequal_tasks(const void *name) {
    struct trial t = trial_open(name, 2), serial = trial_open("serial", 1);
    struct pb_range_result mine, its;
    CHECK_INT(pb_for(t.e, 500, work_unequally, NULL, 0, &mine, NULL), 0);
    CHECK_INT(pb_for(serial.e, 500, work_unequally, NULL, 0, &its, NULL), 0);
    CHECK(memcmp(&mine, &its, sizeof mine) == 0);
    trial_close(&serial);
    trial_close(&t);
}

static int mark(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    *digest = 0;
    return atomic_fetch_add(&words_of(task)[FREE + i], 1) == 0 ? 0 : PB_ERROR;
}

static void runs_each_index_once(const void *name) {
    struct trial t = trial_open(name, 3);
    struct pb_range_result result;
    CHECK_INT(pb_for(t.e, 900, mark, NULL, 0, &result, NULL), 0);
    CHECK_INT(result.status[PB_OK], 900);
    for (int i = 0; i < 900; i++)
        CHECK_INT(atomic_load(&t.word[FREE + i]), 1);
    CHECK_INT(atomic_load(&t.word[FREE + 900]), 0);
    trial_close(&t);
}

static int give_status(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    static const int odd[] = {-1, 8, 1000, -1000000};
    (void)task, (void)args;
    *digest = 1;
    return i < 64 ? (int)(i % 8) : odd[i % 4];
}

static void counts_statuses(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_range_result result;
    CHECK_INT(pb_for(t.e, 64, give_status, NULL, 0, &result, NULL), 0);
    for (int i = 0; i < PB_STATUS_MAX; i++)
        CHECK_INT(result.status[i], 8);
    trial_close(&t);
}

static void counts_odd_statuses_as_errors(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_range_result result;
    CHECK_INT(pb_for(t.e, 80, give_status, NULL, 0, &result, NULL), 0);
    CHECK_INT(result.tasks, 80);
    CHECK_INT(result.status[PB_ERROR], 8 + 16);
    CHECK_INT(result.status[PB_OK], 8);
    trial_close(&t);
}

/* The arguments begin with their own size. */
static int look_at_args(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    uint64_t size = 0;
    (void)task;
    memcpy(&size, args, sizeof size);
    const unsigned char *bytes = (const unsigned char *)args + sizeof size;
    *digest = size;
    return i > 0 || is_filled(bytes, size - sizeof size) ? 0 : PB_ERROR;
}

static void shows_args_of_all_sizes(const void *name) {
    static const uint64_t sizes[] = {8, 9, 24, 25, 64, 4096, 65537, 1 << 20, 5 << 20};
    struct trial t = trial_open(name, 2);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *args = malloc(sizes[i]);
        struct pb_range_result result;
        memcpy(args, &sizes[i], sizeof sizes[i]);
        fill(args + sizeof sizes[i], sizes[i] - sizeof sizes[i]);
        CHECK_INT(pb_for(t.e, 9, look_at_args, args, sizes[i], &result, NULL), 0);
        CHECK_INT(result.status[PB_OK], 9);
        free(args);
    }
    trial_close(&t);
}

/* No two ranges at once: each index says which range it is of, and looks whether another runs. */
static int take_turns(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    atomic_uint *word = words_of(task) + FREE;
    uint64_t mine;
    memcpy(&mine, args, sizeof mine);
    atomic_fetch_add(&word[mine], 1);
    bool alone = atomic_load(&word[1 - mine]) == 0;
    atomic_fetch_sub(&word[mine], 1);
    *digest = i;
    return alone ? PB_OK : PB_ERROR;
}

struct turn {
    struct trial *trial;
    atomic_uint next;
};

static void *run_turns(void *argument) {
    struct turn *turn = argument;
    uint64_t mine = atomic_fetch_add(&turn->next, 1);
    for (int i = 0; i < 20; i++) {
        struct pb_range_result result;
        CHECK_INT(pb_for(turn->trial->e, 50, take_turns, &mine, sizeof mine, &result, NULL), 0);
        CHECK_INT(result.status[PB_OK], 50);
    }
    return NULL;
}

static void ranges_take_turns(const void *name) {
    struct trial t = trial_open(name, 2);
    struct turn turn = {.trial = &t};
    in_threads(2, run_turns, &turn);
    trial_close(&t);
}

static void alternates_with_tasks(const void *name) {
    struct trial t = trial_open(name, 2);
    for (uint64_t i = 1; i <= 20; i++) {
        struct pb_future *f = trial_number(&t, square, i);
        check_range(t.e, 20 * i, i);
        CHECK_INT(take(f), i * i);
    }
    trial_close(&t);
}

static void *run_ranges(void *argument) {
    struct trial *t = argument;
    for (uint64_t i = 0; i < 40; i++)
        check_range(t->e, 30, i);
    return NULL;
}

static void runs_beside_tasks(const void *name) {
    struct trial t = trial_open(name, 2);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, run_ranges, &t), 0);
    for (uint64_t i = 0; i < 200; i++)
        CHECK_INT(take(trial_number(&t, square, i)), i * i);
    pthread_join(thread, NULL);
    trial_close(&t);
}

static int meet_in_range(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    atomic_uint *word = words_of(task);
    (void)i, (void)args;
    atomic_fetch_add(&word[BEGUN], 1);
    while (atomic_load(&word[BEGUN]) < 2)
        breathe(task);
    *digest = 0;
    return 0;
}

static void runs_indices_at_once(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_range_result result;
    atomic_store(&t.word[BEGUN], t.is->in_caller);
    CHECK_INT(pb_for(t.e, 2, meet_in_range, NULL, 0, &result, NULL), 0);
    CHECK_INT(result.status[PB_OK], 2);
    trial_close(&t);
}

static void takes_no_result(const void *name) {
    struct trial t = trial_open(name, 2);
    struct range_args args = {3};
    CHECK_INT(pb_for(t.e, 10, multiply, &args, sizeof args, NULL, NULL), 0);
    trial_close(&t);
}

static void refuses_after_shutdown(const void *name) {
    struct trial t = trial_open(name, 1);
    struct pb_error error = {0};
    struct pb_range_result result;
    CHECK_INT(pb_executor_shutdown(t.e, PB_DRAIN, PB_FOREVER), 0);
    CHECK_INT(pb_for(t.e, 3, mark, NULL, 0, &result, &error), -ESHUTDOWN);
    CHECK_INT(error.code, -ESHUTDOWN);
    CHECK_HAS(error.text, "shut down");
    CHECK_INT(atomic_load(&t.word[FREE]), 0);
    trial_close(&t);
}

static void accounts_for_ranges(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_worker_info info;
    uint64_t tasks = 0;
    check_range(t.e, 1000, 1);
    for (uint32_t i = 0; i < pb_executor_workers(t.e); i++) {
        CHECK_INT(pb_executor_worker(t.e, i, &info), 0);
        tasks += info.tasks;
    }
    CHECK_INT(tasks, 1000);
    trial_close(&t);
}

/* In a range there is nothing to return to and no message to leave. */
static int return_in_range(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    *digest = i;
    return !task->call && pb_return(task, &i, sizeof i) < 0 && pb_fail(task, 3, "unheard") == 3 ? 3 : 0;
}

static void returns_nothing_in_ranges(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_range_result result;
    CHECK_INT(pb_for(t.e, 12, return_in_range, NULL, 0, &result, NULL), 0);
    CHECK_INT(result.status[3], 12);
    trial_close(&t);
}

const struct executor_case conformance_range[] = {
    {"runs-ranges-of-all-sizes", runs_ranges_of_all_sizes},
    {"runs-many-ranges", runs_many_ranges},
    {"equals-serial", equals_serial},
    {"runs-unequal-tasks", runs_unequal_tasks},
    {"runs-each-index-once", runs_each_index_once},
    {"counts-statuses", counts_statuses},
    {"counts-odd-statuses-as-errors", counts_odd_statuses_as_errors},
    {"shows-args-of-all-sizes", shows_args_of_all_sizes},
    {"ranges-take-turns", ranges_take_turns},
    {"alternates-with-tasks", alternates_with_tasks},
    {"runs-beside-tasks", runs_beside_tasks},
    {"runs-indices-at-once", runs_indices_at_once},
    {"takes-no-result", takes_no_result},
    {"range-refuses-after-shutdown", refuses_after_shutdown},
    {"accounts-for-ranges", accounts_for_ranges},
    {"returns-nothing-in-ranges", returns_nothing_in_ranges},
    {0},
};
