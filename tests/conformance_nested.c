/* Tasks that submit and wait. Where workers are threads, who waits runs others meanwhile; worker processes
 * are told -EDEADLK. */
#include "conformance.h"

#include "parbench/workload.h"

/* What a task finds through its state: heap, so for threads only, but for the words. */
struct nest {
    struct pb_executor *e;
    const struct traits *is;
    atomic_uint ran;
};

/* Whoever waits may have others on its own stack, and instrumented code has large frames. */
enum { STACK = 1 << 20 };

static struct trial nest_open(const void *name, struct nest *nest, uint32_t workers) {
    struct trial t = trial_open_with(
        name, (struct pb_executor_config){.workers = workers, .stack_size = STACK, .state = nest});
    nest->is = t.is;
    nest->e = t.e;
    return t;
}

/* Runs a task that returns 0, or, where nothing may wait, -EDEADLK. */
static void check_nested(const void *name, uint32_t workers, pb_function *function, uint64_t argument) {
    /* Shared, so that worker processes, which are forked before `e` is known, find it. */
    struct nest *nest = (struct nest *)(void *)shared_words();
    struct trial t = nest_open(name, nest, workers);
    for (int i = 0; i < 2; i++)
        take_code(trial_number(&t, function, argument), t.is->own_memory ? -EDEADLK : 0);
    trial_close(&t);
    munmap(nest, 4096);
}

static int count_nested(struct pb_task *task, const void *args, size_t size) {
    struct nest *nest = task->state;
    (void)args, (void)size;
    atomic_fetch_add(&nest->ran, 1);
    return 0;
}

static int submit_ten(struct pb_task *task, const void *args, size_t size) {
    struct nest *nest = task->state;
    (void)args, (void)size;
    for (int i = 0; i < 10; i++) {
        struct pb_future *f = pb_submit(nest->e, count_nested, NULL, 0);
        if (!f)
            return -errno;
        pb_future_release(f);
    }
    return 0;
}

static void tasks_submit_tasks(const void *name) {
    struct nest *nest = (struct nest *)(void *)shared_words();
    struct trial t = nest_open(name, nest, 2);
    for (int i = 0; i < 5; i++)
        take_code(trial_submit(&t, submit_ten, NULL, 0), t.is->own_memory ? -EDEADLK : 0);
    trial_end(&t, PB_DRAIN);
    CHECK_INT(atomic_load(&nest->ran), t.is->own_memory ? 0 : 50);
    trial_close(&t);
    munmap(nest, 4096);
}

/* Task n waits for task n - 1, and returns its result and one more. */
static int chain(struct pb_task *task, const void *args, size_t size) {
    struct nest *nest = task->state;
    uint64_t n, x = 0;
    (void)size;
    memcpy(&n, args, sizeof n);
    if (n > 0) {
        uint64_t next = n - 1;
        struct pb_future *f = pb_submit(nest->e, chain, &next, sizeof next);
        if (!f)
            return -errno;
        int rc = pb_future_result(f, &x, sizeof x, PB_FOREVER);
        pb_future_release(f);
        if (rc != 0)
            return rc;
    }
    x++;
    return x == n + 1 ? pb_return(task, &x, sizeof x) : 99;
}

static void waits_in_a_chain(const void *name) {
    for (uint32_t workers = 1; workers <= 2; workers++)
        check_nested(name, workers, chain, 50);
}

/* A tree of depth n, two branches at each node; every one waits for both. */
static int branch(struct pb_task *task, const void *args, size_t size) {
    struct nest *nest = task->state;
    struct pb_future *f[2] = {NULL};
    uint64_t n, leaves = 1, x[2] = {0};
    int rc = 0;
    (void)size;
    memcpy(&n, args, sizeof n);
    if (n > 0) {
        uint64_t next = n - 1;
        for (int i = 0; i < 2 && rc == 0; i++)
            rc = (f[i] = pb_submit(nest->e, branch, &next, sizeof next)) ? 0 : -errno;
        for (int i = 0; i < 2 && rc == 0; i++)
            rc = pb_future_result(f[i], &x[i], sizeof x[i], PB_FOREVER);
        leaves = x[0] + x[1];
    }
    for (int i = 0; i < 2; i++)
        pb_future_release(f[i]);
    return rc ? rc : leaves == UINT64_C(1) << n ? pb_return(task, &leaves, sizeof leaves) : 99;
}

static void waits_in_a_tree(const void *name) {
    for (uint32_t workers = 1; workers <= 3; workers++)
        check_nested(name, workers, branch, 6);
}

/* Submits several and waits for them as its argument says. */
static int gather(struct pb_task *task, const void *args, size_t size) {
    struct nest *nest = task->state;
    struct pb_future *f[8] = {NULL}, *got;
    struct pb_as_completed *it = NULL;
    uint64_t how;
    int rc = 0;
    (void)size;
    memcpy(&how, args, sizeof how);
    for (int i = 0; i < 8 && rc == 0; i++)
        rc = (f[i] = pb_submit(nest->e, count_nested, NULL, 0)) ? 0 : -errno;
    if (rc == 0 && how < 3) {
        rc = pb_wait(f, 8, (enum pb_wait_for)how, PB_FOREVER, NULL);
    } else if (rc == 0) {
        rc = pb_as_completed_open(&it, f, 8, PB_FOREVER);
        for (int i = 0; i < 8 && rc == 0; i++)
            rc = pb_as_completed_next(it, &got);
        pb_as_completed_close(it);
    }
    for (int i = 0; i < 8; i++)
        pb_future_release(f[i]);
    return rc;
}

static void waits_for_many_in_a_task(const void *name) {
    for (uint64_t how = PB_FIRST_COMPLETED; how <= PB_ALL_COMPLETED; how++)
        check_nested(name, 1, gather, how);
}

static void iterates_in_a_task(const void *name) {
    check_nested(name, 1, gather, 3);
}

static int map_inside(struct pb_task *task, const void *args, size_t size) {
    struct nest *nest = task->state;
    struct pb_map *map = NULL;
    (void)args, (void)size;
    int rc = pb_map_open(&map, nest->e, square, NULL, 0, 20, NULL);
    for (uint64_t i = 0; i < 20 && rc == 0; i++) {
        uint64_t x = 0;
        rc = pb_map_next(map, &x, sizeof x, NULL);
        rc = rc ? rc : x == i * i ? 0 : 99;
    }
    pb_map_close(map);
    return rc;
}

static void maps_in_a_task(const void *name) {
    check_nested(name, 1, map_inside, 0);
}

static int sum(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)task, (void)args;
    *digest = i;
    return 0;
}

static int range_inside(struct pb_task *task, const void *args, size_t size) {
    struct nest *nest = task->state;
    struct pb_range_result result;
    uint64_t digest = 0;
    (void)args, (void)size;
    int rc = pb_for(nest->e, 30, sum, NULL, 0, &result, NULL);
    for (uint64_t i = 0; i < 30; i++)
        digest += pb_mix(i, i);
    return rc ? rc : result.tasks == 30 && result.digest == digest ? 0 : 99;
}

static void runs_ranges_in_a_task(const void *name) {
    for (uint32_t workers = 1; workers <= 2; workers++)
        check_nested(name, workers, range_inside, 0);
}

static int range_in_range(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    *digest = i;
    return range_inside(task, args, 0) ? PB_ERROR : PB_OK;
}

static void runs_ranges_in_a_range(const void *name) {
    struct nest *nest = (struct nest *)(void *)shared_words();
    struct trial t = nest_open(name, nest, 2);
    struct pb_range_result result;
    CHECK_INT(pb_for(t.e, 6, range_in_range, NULL, 0, &result, NULL), 0);
    CHECK_INT(result.status[t.is->own_memory ? PB_ERROR : PB_OK], 6);
    trial_close(&t);
    munmap(nest, 4096);
}

/* What a task opens itself it may wait for, in a worker process too. */
static int open_inside(struct pb_task *task, const void *args, size_t size) {
    struct pb_executor *e;
    struct pb_error error;
    struct pb_range_result result;
    uint64_t x = 0;
    int rc = pb_executor_open(&e, "serial", NULL, &error);
    if (rc < 0)
        return pb_fail(task, rc, "%s", error.text);
    struct pb_future *f = pb_submit(e, square, args, size);
    rc = f ? pb_future_result(f, &x, sizeof x, PB_FOREVER) : -errno;
    pb_future_release(f);
    if (rc == 0)
        rc = pb_for(e, 5, sum, NULL, 0, &result, NULL);
    if (rc == 0)
        rc = pb_executor_close(e, PB_DRAIN, PB_FOREVER);
    return rc ? rc : pb_return(task, &x, sizeof x);
}

static void opens_executors_in_a_task(const void *name) {
    struct trial t = trial_open(name, 1);
    for (uint64_t i = 0; i < 3; i++)
        CHECK_INT(take(trial_number(&t, open_inside, i)), i * i);
    trial_close(&t);
}

/* Both ways between two executors: a task of one waits for a task of the other. */
static int wait_for_other(struct pb_task *task, const void *args, size_t size) {
    struct nest *nest = task->state;
    uint64_t x = 0;
    struct pb_future *f = pb_submit(nest->e, square, args, size);
    int rc = f ? pb_future_result(f, &x, sizeof x, PB_FOREVER) : -errno;
    pb_future_release(f);
    return rc ? rc : pb_return(task, &x, sizeof x);
}

static void waits_for_another_executor(const void *name) {
    struct nest *nest = (struct nest *)(void *)shared_words(), *other = nest + 1;
    struct trial threads = nest_open("thread", other, 1), t = nest_open(name, nest, 1);
    nest->e = threads.e;
    other->e = t.e;
    CHECK_INT(take(trial_number(&threads, wait_for_other, 9)), 81);
    if (t.is->own_memory)
        take_code(trial_number(&t, wait_for_other, 9), -EDEADLK);
    else
        CHECK_INT(take(trial_number(&t, wait_for_other, 9)), 81);
    trial_close(&threads);
    trial_close(&t);
    munmap(nest, 4096);
}

const struct executor_case conformance_nested[] = {
    {"tasks-submit-tasks", tasks_submit_tasks},
    {"waits-in-a-chain", waits_in_a_chain},
    {"waits-in-a-tree", waits_in_a_tree},
    {"waits-for-many-in-a-task", waits_for_many_in_a_task},
    {"iterates-in-a-task", iterates_in_a_task},
    {"maps-in-a-task", maps_in_a_task},
    {"runs-ranges-in-a-task", runs_ranges_in_a_task},
    {"runs-ranges-in-a-range", runs_ranges_in_a_range},
    {"opens-executors-in-a-task", opens_executors_in_a_task},
    {"waits-for-another-executor", waits_for_another_executor},
    {0},
};
