/* What is particular to the event loop: far more tasks in flight than threads, which take turns where they
 * wait and nowhere else, and verbs that can be cancelled. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cpuset.h"
#include "executor_cases.h"

enum { GATE, BEGUN, COUNT, ENDED, EACH };

static const int64_t hour = 3600LL * SECOND;

struct bench {
    struct pb_executor *e;
    atomic_uint *word;
};

static struct bench open_with(struct pb_executor_config config) {
    struct bench b = {.word = shared_words()};
    struct pb_error error = {0};
    config.state = b.word;
    CHECK_MSG(pb_executor_open(&b.e, "loop", &config, &error) == 0, "%s", error.text);
    return b;
}

static struct bench open_lanes(uint32_t lanes, const char *options) {
    return open_with((struct pb_executor_config){.workers = lanes, .options = options});
}

static void end(struct bench *b, enum pb_close how) {
    CHECK_INT(pb_executor_close(b->e, how, PB_FOREVER), 0);
    munmap(b->word, 4096);
}

static struct pb_future *submit(const struct bench *b, pb_function *function) {
    struct pb_future *f = pb_submit(b->e, function, NULL, 0);
    CHECK_MSG(f, "%s", strerror(errno));
    return f;
}

static void take_code(struct pb_future *f, int code) {
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), code);
    pb_future_release(f);
}

static void await(const atomic_uint *word, unsigned value) {
    while (atomic_load(word) < value)
        sched_yield();
}

static atomic_uint *words(const struct pb_task *task) {
    return task->state;
}

/* ---- In flight ---- */

static int wait_at_gate(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    atomic_fetch_add(&words(task)[BEGUN], 1);
    while (atomic_load(&words(task)[GATE]) == 0)
        if (pb_sleep(task, 100000) < 0)
            return 1;
    return 0;
}

/* None of them can end before all have begun. */
static void has_all_in_flight(const void *data) {
    enum { LANES = 500 };
    static struct pb_future *f[LANES];
    struct bench b = open_lanes(LANES, data);
    for (int i = 0; i < LANES; i++)
        f[i] = submit(&b, wait_at_gate);
    await(&b.word[BEGUN], LANES);
    CHECK_INT(pb_executor_lanes(b.e), LANES);
    CHECK(pb_executor_workers(b.e) <= 2);
    CHECK_INT(pb_executor_pending(b.e), 0);
    atomic_store(&b.word[GATE], 1);
    for (int i = 0; i < LANES; i++)
        take_code(f[i], 0);
    end(&b, PB_DRAIN);
}

/* The last to begin opens the gate. */
static int meet(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    unsigned all;
    memcpy(&all, args, sizeof all);
    *digest = i;
    if (atomic_fetch_add(&words(task)[BEGUN], 1) + 1 == all)
        atomic_store(&words(task)[GATE], 1);
    while (atomic_load(&words(task)[GATE]) == 0)
        if (pb_sleep(task, 100000) < 0)
            return 1;
    return 0;
}

static void has_a_range_in_flight(const void *data) {
    static const unsigned all = 300;
    struct bench b = open_lanes(all, data);
    struct pb_range_result result;
    CHECK_INT(pb_for(b.e, all, meet, &all, sizeof all, &result, NULL), 0);
    CHECK_INT(result.status[0], all);
    end(&b, PB_DRAIN);
}

static int nap(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    *digest = i;
    return pb_sleep(task, 1000) < 0;
}

static void has_ten_thousand_lanes(const void *data) {
    (void)data;
    struct bench b = open_lanes(10000, NULL);
    struct pb_range_result result;
    for (uint64_t n = 1; n <= 30000; n *= 30) {
        CHECK_INT(pb_for(b.e, n, nap, NULL, 0, &result, NULL), 0);
        CHECK_INT(result.status[0], n);
    }
    end(&b, PB_DRAIN);
}

/* ---- Lanes ---- */

struct lane {
    uint64_t used, index;
};

/* Verbs work in it, and its lane is fresh and starts a cache line. */
static int enter(struct pb_task *task, struct pb_error *error) {
    struct lane *lane = task->lane;
    (void)error;
    if (lane->used || lane->index || (uintptr_t)lane % 64 || pb_sleep(task, 1000) < 0)
        return -EIO;
    *lane = (struct lane){1, task->lane_index};
    atomic_fetch_add(&words(task)[EACH + task->lane_index], 1);
    return 0;
}

static void leave(struct pb_task *task) {
    struct lane *lane = task->lane;
    if (lane->index == task->lane_index && pb_sleep(task, 1000) == 0)
        atomic_fetch_add(&words(task)[ENDED], 1);
}

static int use_lane(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    struct lane *lane = task->lane;
    (void)args;
    *digest = i;
    uint64_t used = lane->used;
    if (lane->index != task->lane_index || pb_sleep(task, 1000) < 0 || lane->used != used)
        return 1;
    lane->used++;
    return 0;
}

static void initializes_each_lane(const void *data) {
    enum { LANES = 300 };
    struct bench b = open_with((struct pb_executor_config){.workers = LANES,
                                                           .options = data,
                                                           .lane_size = sizeof(struct lane),
                                                           .initializer = enter,
                                                           .finalizer = leave});
    struct pb_range_result result;
    for (int i = 0; i < LANES; i++)
        CHECK_INT(atomic_load(&b.word[EACH + i]), 1);
    CHECK_INT(pb_for(b.e, 2000, use_lane, NULL, 0, &result, NULL), 0);
    CHECK_INT(result.status[0], 2000);
    CHECK_INT(pb_executor_shutdown(b.e, PB_DRAIN, PB_FOREVER), 0);
    CHECK_INT(atomic_load(&b.word[ENDED]), LANES);
    end(&b, PB_DRAIN);
}

/* Says which worker has the lane: one more than its number. */
static int tell_worker(struct pb_task *task, struct pb_error *error) {
    (void)error;
    atomic_store(&words(task)[EACH + task->lane_index], task->worker + 1);
    return 0;
}

static void divides_lanes_among_threads(const void *data) {
    static const struct {
        uint32_t lanes;
        const char *options;
        unsigned workers, share[3];
    } rows[] = {
        {7, "threads=3", 3, {2, 2, 3}}, {6, "threads=2", 2, {3, 3}}, {2, "threads=64", 2, {1, 1}},
        {1, "threads=2", 1, {1}},       {5, NULL, 1, {5}},
    };
    (void)data;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        struct bench b = open_with((struct pb_executor_config){
            .workers = rows[r].lanes, .options = rows[r].options, .initializer = tell_worker});
        unsigned share[3] = {0};
        CHECK_INT(pb_executor_workers(b.e), rows[r].workers);
        CHECK_INT(pb_executor_lanes(b.e), rows[r].lanes);
        for (uint32_t i = 0; i < rows[r].lanes; i++) {
            unsigned worker = atomic_load(&b.word[EACH + i]);
            CHECK(worker >= 1 && worker <= rows[r].workers);
            share[worker - 1]++;
        }
        CHECK(memcmp(share, rows[r].share, sizeof share) == 0);
        end(&b, PB_DRAIN);
    }
}

/* ---- Turns ---- */

static int count_wakes(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    atomic_fetch_add(&words(task)[BEGUN], 1);
    while (atomic_load(&words(task)[GATE]) == 0 && pb_sleep(task, 1000) == 0)
        atomic_fetch_add(&words(task)[COUNT], 1);
    return 0;
}

/* Long past the moment when the other is due. */
static int compute(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    unsigned before = atomic_load(&words(task)[COUNT]);
    for (uint64_t until = pb_deadline(5000000); pb_remaining(until);)
        pb_checkpoint(task); /* no place to switch, here */
    return atomic_load(&words(task)[COUNT]) == before ? 0 : 1;
}

static void starves_while_one_computes(const void *data) {
    (void)data;
    struct bench b = open_lanes(2, NULL);
    struct pb_future *other = submit(&b, count_wakes);
    await(&b.word[COUNT], 3);
    take_code(submit(&b, compute), 0);
    await(&b.word[COUNT], atomic_load(&b.word[COUNT]) + 3); /* it goes on */
    atomic_store(&b.word[GATE], 1);
    take_code(other, 0);
    end(&b, PB_DRAIN);
}

/* Without a verb: only another thread can bring the second. */
static int meet_without_verb(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    atomic_fetch_add(&words(task)[BEGUN], 1);
    while (atomic_load(&words(task)[BEGUN]) < 2)
        sched_yield();
    return (int)task->worker + 1;
}

static void computes_on_several_threads(const void *data) {
    (void)data;
    struct bench b = open_lanes(2, "threads=2");
    struct pb_future *f[2] = {submit(&b, meet_without_verb), submit(&b, meet_without_verb)};
    int sum = 0;
    for (int i = 0; i < 2; i++) {
        sum += pb_future_result(f[i], NULL, 0, PB_FOREVER);
        pb_future_release(f[i]);
    }
    CHECK_INT(sum, 1 + 2);
    for (uint32_t i = 0; i < 2; i++) {
        struct pb_worker_info info;
        CHECK_INT(pb_executor_worker(b.e, i, &info), 0);
        CHECK_INT(info.tasks, 1);
        CHECK_INT(info.pid, getpid());
    }
    end(&b, PB_DRAIN);
}

static int count_up(struct pb_task *task, const void *args, size_t size) {
    uint64_t i;
    memcpy(&i, args, size);
    if (i % 3 == 0 && pb_sleep(task, 1000) < 0)
        return 1;
    atomic_fetch_add(&words(task)[COUNT], 1);
    return 0;
}

static void *submit_some(void *argument) {
    const struct bench *b = argument;
    for (uint64_t i = 0; i < 300; i++) {
        struct pb_future *f = pb_submit(b->e, count_up, &i, sizeof i);
        CHECK(f);
        if (i % 7 == 0)
            CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 0);
        pb_future_release(f);
    }
    return NULL;
}

/* Loops sleep and are woken all the time, by tasks and by ranges. */
static void loses_nothing(const void *data) {
    struct bench b = open_lanes(5, data);
    pthread_t thread[3];
    for (int i = 0; i < 3; i++)
        CHECK_INT(pthread_create(&thread[i], NULL, submit_some, &b), 0);
    for (uint64_t n = 0; n < 60; n++) {
        struct pb_range_result result;
        CHECK_INT(pb_for(b.e, n, nap, NULL, 0, &result, NULL), 0);
        CHECK_INT(result.status[0], n);
    }
    for (int i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
    CHECK_INT(pb_executor_shutdown(b.e, PB_DRAIN, PB_FOREVER), 0);
    CHECK_INT(atomic_load(&b.word[COUNT]), 3 * 300);
    end(&b, PB_DRAIN);
}

static int report_affinity(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    struct pb_cpuset mask, planned;
    memcpy(&planned, (const unsigned char *)args + task->worker * sizeof planned, sizeof planned);
    *digest = i;
    pb_sleep(task, 1000);
    return pb_cpuset_of_thread(&mask) == 0 && pb_cpuset_equal(&mask, &planned) ? 0 : 1;
}

static void binds_its_threads(const void *data) {
    struct pb_cpuset all, binding[2];
    struct pb_range_result result;
    (void)data;
    CHECK_INT(pb_cpuset_of_thread(&all), 0);
    int32_t first = pb_cpuset_next(&all, -1), second = pb_cpuset_next(&all, first);
    for (int i = 0; i < 2; i++) {
        pb_cpuset_zero(&binding[i]);
        pb_cpuset_set(&binding[i], (uint32_t)(i && second >= 0 ? second : first));
    }
    struct bench b = open_with((struct pb_executor_config){
        .workers = 20, .options = "threads=2", .binding = binding, .bindings = 2});
    CHECK_INT(pb_for(b.e, 200, report_affinity, binding, sizeof binding, &result, NULL), 0);
    CHECK_INT(result.status[0], 200);
    end(&b, PB_DRAIN);
}

/* ---- Waiting for one another ---- */

struct nest {
    atomic_uint word[8];
    struct pb_executor *e;
};

static int wait_for_another(struct pb_task *task, const void *args, size_t size) {
    struct nest *nest = task->state;
    struct pb_future *f = pb_submit(nest->e, wait_at_gate, args, size);
    int rc = f ? pb_future_result(f, NULL, 0, PB_FOREVER) : -errno;
    pb_future_release(f);
    return rc;
}

static int pass(struct pb_task *task, const void *args, size_t size) {
    (void)task, (void)args, (void)size;
    return 7;
}

/* While one task waits for another, which is at the gate, a third comes and goes. */
static void goes_on_while_a_task_waits(const void *data) {
    struct bench b = open_lanes(3, data);
    struct nest *nest = (struct nest *)(void *)b.word;
    nest->e = b.e;
    struct pb_future *waiter = submit(&b, wait_for_another);
    await(&b.word[BEGUN], 1);
    for (int i = 0; i < 10; i++)
        take_code(submit(&b, pass), 7);
    CHECK_INT(pb_future_state(waiter), PB_RUNNING);
    atomic_store(&b.word[GATE], 1);
    take_code(waiter, 0);
    end(&b, PB_DRAIN);
}

/* With its lane the only one, it runs what it waits for itself. */
static void waits_with_one_lane(const void *data) {
    (void)data;
    struct bench b = open_lanes(1, NULL);
    struct nest *nest = (struct nest *)(void *)b.word;
    nest->e = b.e;
    struct pb_future *waiter = submit(&b, wait_for_another);
    await(&b.word[BEGUN], 1);
    atomic_store(&b.word[GATE], 1);
    take_code(waiter, 0);
    end(&b, PB_DRAIN);
}

/* ---- Cancelling ---- */

static int sleep_long(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    atomic_fetch_add(&words(task)[BEGUN], 1);
    int rc = pb_sleep(task, hour);
    atomic_store(&words(task)[ENDED], (unsigned)-rc);
    return rc;
}

/* Its future fails at the deadline, and so does its sleep: closing waits for no hour. */
static void cancels_at_the_deadline(const void *data) {
    struct bench b = open_lanes(3, data);
    struct pb_future *other = submit(&b, wait_at_gate);
    for (int i = 0; i < 3; i++) {
        struct pb_future *f = pb_submit_within(b.e, sleep_long, NULL, 0, 5000000);
        CHECK(f);
        take_code(f, -ETIMEDOUT);
    }
    CHECK_INT(pb_future_state(other) == PB_FINISHED, 0);
    atomic_store(&b.word[GATE], 1);
    take_code(other, 0); /* whose sleeps went on */
    CHECK_INT(pb_executor_shutdown(b.e, PB_DRAIN, PB_FOREVER), 0);
    if (atomic_load(&b.word[BEGUN]) > 1) /* a busy machine may begin none of them in time */
        CHECK_INT(atomic_load(&b.word[ENDED]), ECANCELED);
    end(&b, PB_DRAIN);
}

static void kills_what_sleeps(const void *data) {
    enum { TASKS = 50 };
    struct bench b = open_lanes(TASKS, data);
    struct pb_future *f[TASKS];
    for (int i = 0; i < TASKS; i++)
        f[i] = submit(&b, sleep_long);
    await(&b.word[BEGUN], TASKS);
    end(&b, PB_KILL);
    for (int i = 0; i < TASKS; i++)
        take_code(f[i], -ECANCELED);
}

static int sleep_in_range(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    *digest = i;
    atomic_fetch_add(&words(task)[BEGUN], 1);
    return pb_sleep(task, hour) == -ECANCELED ? 2 : 1;
}

static void *run_range(void *argument) {
    struct pb_range_result result;
    const struct bench *b = argument;
    CHECK_INT(pb_for(b->e, 100, sleep_in_range, NULL, 0, &result, NULL), 0);
    CHECK_INT(result.status[2], 100);
    return NULL;
}

/* Those in flight are cancelled, and those after them as they begin. */
static void kills_a_range(const void *data) {
    struct bench b = open_lanes(10, data);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, run_range, &b), 0);
    await(&b.word[BEGUN], 10);
    CHECK_INT(pb_executor_shutdown(b.e, PB_KILL, PB_FOREVER), 0);
    pthread_join(thread, NULL);
    end(&b, PB_KILL);
}

/* ---- Options ---- */

static void names_its_engine(const void *data) {
    static const struct {
        const char *options, *note;
    } rows[] = {{NULL, "engine="}, {"engine=auto", "engine="}, {"engine=epoll", "engine=epoll"}};
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_error error = {.code = 1};
        struct pb_executor *e;
        struct pb_executor_config config = {.workers = 1, .options = rows[i].options};
        CHECK_MSG(pb_executor_open(&e, "loop", &config, &error) == 0, "%s", error.text);
        CHECK_INT(error.code, 0);
        CHECK_HAS(error.text, rows[i].note);
        close_executor(e);
    }
}

/* Where io_uring is not to be had the error says so, and why. */
static void opens_uring_or_says_why(const void *data) {
    struct pb_error error = {0};
    struct pb_executor *e;
    struct pb_executor_config config = {.workers = 1, .options = "engine=uring"};
    (void)data;
    int rc = pb_executor_open(&e, "loop", &config, &error);
    CHECK_HAS(error.text, rc == 0 ? "engine=uring" : "executor loop: engine=uring: ");
    CHECK_INT(error.code, rc);
    CHECK(rc == 0 || !e);
    if (rc == 0)
        close_executor(e);
}

static void rejects_options(const void *data) {
    static const struct {
        const char *options, *said;
        int code;
    } rows[] = {{"engine=kqueue", "give auto|uring|epoll", -EINVAL},
                {"threads=0", "threads", -ERANGE},
                {"threads=65", "64", -ERANGE},
                {"threads=some", "threads", -EINVAL},
                {"thread=2", "did you mean threads?", -EINVAL}};
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_error error = {0};
        struct pb_executor *e;
        struct pb_executor_config config = {.workers = 1, .options = rows[i].options};
        CHECK_INT(pb_executor_open(&e, "loop", &config, &error), rows[i].code);
        CHECK(e == NULL);
        CHECK_HAS(error.text, rows[i].said);
        CHECK_HAS(error.text, "executor loop");
    }
}

const struct pb_suite suite_loop = {
    "loop",
    (const struct pb_case[]){
        {"has-all-in-flight", has_all_in_flight, NULL},
        {"has-all-in-flight-on-two-threads", has_all_in_flight, "threads=2"},
        {"has-a-range-in-flight", has_a_range_in_flight, NULL},
        {"has-a-range-in-flight-on-epoll", has_a_range_in_flight, "engine=epoll"},
        {"has-a-range-in-flight-on-two-threads", has_a_range_in_flight, "threads=2"},
        {"has-ten-thousand-lanes", has_ten_thousand_lanes, NULL},
        {"initializes-each-lane", initializes_each_lane, NULL},
        {"initializes-each-lane-of-three-threads", initializes_each_lane, "threads=3"},
        {"divides-lanes-among-threads", divides_lanes_among_threads, NULL},
        {"starves-while-one-computes", starves_while_one_computes, NULL},
        {"computes-on-several-threads", computes_on_several_threads, NULL},
        {"loses-nothing", loses_nothing, NULL},
        {"loses-nothing-on-three-threads", loses_nothing, "threads=3"},
        {"loses-nothing-on-epoll", loses_nothing, "engine=epoll"},
        {"binds-its-threads", binds_its_threads, NULL},
        {"goes-on-while-a-task-waits", goes_on_while_a_task_waits, NULL},
        {"goes-on-while-a-task-waits-on-epoll", goes_on_while_a_task_waits, "engine=epoll"},
        {"waits-with-one-lane", waits_with_one_lane, NULL},
        {"cancels-at-the-deadline", cancels_at_the_deadline, NULL},
        {"cancels-at-the-deadline-on-epoll", cancels_at_the_deadline, "engine=epoll"},
        {"kills-what-sleeps", kills_what_sleeps, NULL},
        {"kills-what-sleeps-on-two-threads", kills_what_sleeps, "threads=2"},
        {"kills-a-range", kills_a_range, NULL},
        {"names-its-engine", names_its_engine, NULL},
        {"opens-uring-or-says-why", opens_uring_or_says_why, NULL},
        {"rejects-options", rejects_options, NULL},
        {0}},
    NULL,
};
