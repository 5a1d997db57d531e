/* Opening: workers, their lanes, initializers, finalizers, accounts and binding; and the list. */
#include "conformance.h"

#include <unistd.h>

#include "base/cpuset.h"

static void opens_as_many_workers(const void *name) {
    for (uint32_t workers = 1; workers <= 5; workers++) {
        struct trial t = trial_open(name, workers);
        CHECK_INT(pb_executor_lanes(t.e), t.is->in_caller ? 1 : workers);
        CHECK_INT(pb_executor_workers(t.e), t.is->one_thread ? 1 : pb_executor_lanes(t.e));
        CHECK_TEXT(pb_executor_name(t.e), name);
        trial_close(&t);
    }
}

static void opens_usable_processors(const void *name) {
    struct trial t = trial_open(name, 0);
    struct pb_cpuset allowed;
    CHECK(pb_usable_processors() >= 1);
    CHECK_INT(pb_cpuset_of_thread(&allowed), 0);
    CHECK(pb_usable_processors() <= pb_cpuset_count(&allowed));
    CHECK_INT(pb_executor_lanes(t.e), t.is->in_caller ? 1 : pb_usable_processors());
    trial_close(&t);
}

static void opens_without_config(const void *name) {
    struct pb_executor *e;
    struct pb_error error = {.code = 1, .text = "stale"};
    uint64_t x = 3;
    CHECK_MSG(pb_executor_open(&e, name, NULL, &error) == 0, "%s", error.text);
    CHECK_INT(error.code, 0);
    struct pb_future *f = pb_submit(e, square, &x, sizeof x);
    CHECK_INT(take(f), 9);
    CHECK_INT(pb_executor_close(e, PB_DRAIN, PB_FOREVER), 0);
}

static void opens_without_error(const void *name) {
    struct pb_executor *e;
    CHECK_INT(pb_executor_open(&e, name, &(struct pb_executor_config){.workers = 1}, NULL), 0);
    CHECK_INT(pb_executor_close(e, PB_DRAIN, PB_FOREVER), 0);
    CHECK_INT(pb_executor_open(&e, name, &(struct pb_executor_config){.options = "no=1"}, NULL), -EINVAL);
    CHECK(e == NULL);
}

/* ---- Lanes, initializers, finalizers ---- */

static int fill_lane(struct pb_task *task, struct pb_error *error) {
    (void)error;
    uint64_t *lane = task->lane;
    for (int i = 0; i < 1000; i++)
        if (lane[i])
            return -EIO;
    lane[0] = 1000 + task->lane_index;
    atomic_fetch_add(&words_of(task)[INITIALIZED], 1);
    return 0;
}

static void check_lane_at_end(struct pb_task *task) {
    const uint64_t *lane = task->lane;
    if (lane[0] == 1000 + task->lane_index && lane[1] == lane[2])
        atomic_fetch_add(&words_of(task)[FINALIZED], 1);
}

static int use_lane_in_range(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    uint64_t *lane = task->lane;
    (void)args;
    *digest = i;
    bool good = lane[0] == 1000 + task->lane_index && lane[1] == lane[2];
    lane[1]++; /* no other task uses it meanwhile */
    lane[2]++;
    return good ? 0 : 1;
}

static int use_lane(struct pb_task *task, const void *args, size_t size) {
    uint64_t digest;
    (void)size;
    return use_lane_in_range(task, 0, args, &digest);
}

static struct trial open_with_lanes(const void *name, uint32_t workers) {
    return trial_open_with(name, (struct pb_executor_config){.workers = workers,
                                                             .lane_size = 8000,
                                                             .initializer = fill_lane,
                                                             .finalizer = check_lane_at_end});
}

static void initializes_each_lane_once(const void *name) {
    for (uint32_t workers = 1; workers <= 4; workers++) {
        struct trial t = open_with_lanes(name, workers);
        uint32_t count = pb_executor_lanes(t.e);
        CHECK_INT(atomic_load(&t.word[INITIALIZED]), count); /* before open returned */
        CHECK_INT(atomic_load(&t.word[FINALIZED]), 0);
        for (uint64_t i = 0; i < 10; i++)
            take(trial_number(&t, square, i));
        trial_end(&t, PB_DRAIN);
        CHECK_INT(atomic_load(&t.word[INITIALIZED]), count);
        CHECK_INT(atomic_load(&t.word[FINALIZED]), count);
        trial_close(&t);
    }
}

static void gives_lanes_to_ranges(const void *name) {
    struct trial t = open_with_lanes(name, 3);
    struct pb_range_result result;
    for (int i = 0; i < 5; i++) {
        CHECK_INT(pb_for(t.e, 500, use_lane_in_range, NULL, 0, &result, NULL), 0);
        CHECK_INT(result.status[0], 500);
    }
    trial_close(&t);
}

static void gives_lanes_to_tasks(const void *name) {
    struct trial t = open_with_lanes(name, 3);
    struct pb_future *f[100];
    for (int i = 0; i < 100; i++)
        f[i] = trial_submit(&t, use_lane, NULL, 0);
    for (int i = 0; i < 100; i++)
        take_code(f[i], 0);
    trial_close(&t);
}

static void finalizes_however_it_closes(const void *name) {
    static const enum pb_close hows[] = {PB_DRAIN, PB_CANCEL};
    for (int i = 0; i < 2; i++) {
        struct trial t = open_with_lanes(name, 2);
        uint32_t count = pb_executor_lanes(t.e);
        CHECK_INT(pb_executor_shutdown(t.e, hows[i], PB_FOREVER), 0);
        CHECK_INT(atomic_load(&t.word[FINALIZED]), count); /* when shutdown returns */
        trial_close(&t);
    }
}

static int refuse(struct pb_task *task, struct pb_error *error) {
    (void)task;
    error->code = -ENODEV;
    snprintf(error->text, sizeof error->text, "no such device");
    return -ENODEV;
}

static int refuse_in_silence(struct pb_task *task, struct pb_error *error) {
    (void)task, (void)error;
    return -ENOSPC;
}

static int refuse_last(struct pb_task *task, struct pb_error *error) {
    atomic_uint *word = words_of(task);
    return atomic_fetch_add(&word[INITIALIZED], 1) + 1 == atomic_load(&word[FREE]) ? refuse(task, error) : 0;
}

static void reports_failed_initializers(const void *name) {
    struct pb_executor *e;
    struct pb_error error = {0};
    CHECK_INT(
        pb_executor_open(&e, name, &(struct pb_executor_config){.workers = 2, .initializer = refuse}, &error),
        -ENODEV);
    CHECK(e == NULL);
    CHECK_INT(error.code, -ENODEV);
    CHECK_HAS(error.text, "no such device");
    struct pb_executor_config silent = {.workers = 1, .initializer = refuse_in_silence};
    CHECK(pb_executor_open(&e, name, &silent, &error) < 0);
    CHECK(e == NULL);
}

/* All others were initialized, and are finalized. */
static void reports_one_failed_initializer(const void *name) {
    atomic_uint *word = shared_words();
    struct pb_executor *e;
    struct pb_error error = {0};
    struct pb_executor_config config = {.workers = 3, .initializer = refuse_last, .state = word};
    atomic_store(&word[FREE], strcmp(name, "serial") == 0 ? 1 : 3);
    CHECK_INT(trial_executor_open(&e, name, config, &error), -ENODEV);
    CHECK(e == NULL);
    CHECK_HAS(error.text, "no such device");
    munmap(word, 4096);
}

/* ---- Accounts ---- */

static int burn(struct pb_task *task, const void *args, size_t size) {
    (void)task, (void)args, (void)size;
    volatile uint64_t x = 1;
    for (int i = 0; i < 20000; i++)
        x = x * 3 + 1;
    return 0;
}

static void accounts_for_tasks(const void *name) {
    struct trial t = trial_open(name, 2);
    struct pb_worker_info info;
    struct pb_future *f[40];
    uint64_t tasks = 0, cpu_ns = 0;
    for (int i = 0; i < 40; i++)
        f[i] = trial_submit(&t, burn, NULL, 0);
    for (int i = 0; i < 40; i++)
        take_code(f[i], 0);
    for (uint32_t i = 0; i < pb_executor_workers(t.e); i++) {
        CHECK_INT(pb_executor_worker(t.e, i, &info), 0);
        tasks += info.tasks;
        cpu_ns += info.cpu_ns;
        CHECK(info.tasks == 0 || info.cpu >= 0);
        CHECK_INT(info.restarts, 0);
        CHECK_INT(info.bind_error, 0);
    }
    CHECK_INT(tasks, 40);
    CHECK(cpu_ns > 0);
    CHECK_INT(pb_executor_worker(t.e, pb_executor_workers(t.e), &info), -ERANGE);
    trial_close(&t);
}

static int tell_pid(struct pb_task *task, const void *args, size_t size) {
    uint64_t pid = (uint64_t)getpid();
    (void)args, (void)size;
    return pb_return(task, &pid, sizeof pid);
}

static void tells_where_workers_are(const void *name) {
    struct trial t = trial_open(name, 2);
    uint32_t workers = pb_executor_workers(t.e);
    int32_t pid[2] = {0};
    for (uint32_t i = 0; i < workers; i++) {
        struct pb_worker_info info;
        CHECK_INT(pb_executor_worker(t.e, i, &info), 0);
        pid[i] = info.pid;
        CHECK(info.pid > 0 && (info.pid == getpid()) != t.is->own_memory);
    }
    CHECK((pid[0] == pid[1]) == (!t.is->own_memory && workers == 2));
    for (int i = 0; i < 10; i++) {
        int32_t told = (int32_t)take(trial_submit(&t, tell_pid, NULL, 0));
        CHECK(told == pid[0] || told == pid[1]);
    }
    trial_close(&t);
}

static int report_affinity(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    struct pb_cpuset mask, allowed;
    (void)i;
    memcpy(&allowed, (const unsigned char *)args + task->worker * sizeof allowed, sizeof allowed);
    *digest = 0;
    return pb_cpuset_of_thread(&mask) == 0 && pb_cpuset_equal(&mask, &allowed) ? 0 : 1;
}

static void binds_workers(const void *name) {
    struct pb_cpuset all, binding[2];
    struct pb_range_result result;
    CHECK_INT(pb_cpuset_of_thread(&all), 0);
    int32_t cpu = -1;
    for (int i = 0; i < 2; i++) {
        int32_t next = pb_cpuset_next(&all, cpu);
        cpu = next >= 0 ? next : cpu;
        pb_cpuset_zero(&binding[i]);
        pb_cpuset_set(&binding[i], (uint32_t)cpu);
    }
    uint32_t workers = strcmp(name, "serial") == 0 ? 1 : 2;
    struct trial t = trial_open_with(
        name, (struct pb_executor_config){.workers = workers, .binding = binding, .bindings = workers});
    CHECK_INT(pb_for(t.e, 200, report_affinity, binding, sizeof binding, &result, NULL), 0);
    CHECK_INT(result.status[0], 200);
    for (uint32_t i = 0; i < pb_executor_workers(t.e); i++) {
        struct pb_worker_info info;
        CHECK_INT(pb_executor_worker(t.e, i, &info), 0);
        CHECK_INT(info.bind_error, 0);
    }
    trial_close(&t);
    CHECK_INT(pb_cpuset_bind_thread(&all), 0);
}

/* ---- Names and options ---- */

static void suggests_names(const void *name) {
    struct pb_executor *e;
    struct pb_error error = {0};
    struct pb_executor_listing listing;
    char wrong[64], expected[96];
    snprintf(wrong, sizeof wrong, "%sx", (const char *)name);
    snprintf(expected, sizeof expected, "did you mean %s?", (const char *)name);
    CHECK_INT(pb_executor_open(&e, wrong, NULL, &error), -ENOENT);
    CHECK(e == NULL);
    CHECK_INT(error.code, -ENOENT);
    CHECK_HAS(error.text, wrong);
    CHECK_HAS(error.text, expected);
    for (size_t i = 0; pb_executor_list(i, &listing) == 0; i++)
        CHECK_HAS(error.text, listing.name);
}

static void rejects_options(const void *name) {
    static const char *const options[] = {"colour=red", "colour"};
    for (size_t i = 0; i < 2; i++) {
        struct pb_executor *e;
        struct pb_error error = {0};
        struct pb_executor_config config = {.workers = 1, .options = options[i]};
        CHECK_INT(pb_executor_open(&e, name, &config, &error), -EINVAL);
        CHECK(e == NULL);
        CHECK_INT(error.code, -EINVAL);
        CHECK_HAS(error.text, "colour");
        CHECK_HAS(error.text, name);
    }
}

static void stands_in_the_list_once(const void *name) {
    struct pb_executor_listing listing;
    unsigned seen = 0;
    size_t i = 0;
    for (; pb_executor_list(i, &listing) == 0; i++) {
        if (strcmp(listing.name, name) != 0)
            continue;
        seen++;
        CHECK(listing.summary && listing.summary[0]);
        CHECK(listing.absent == NULL);
    }
    CHECK_INT(seen, 1);
    CHECK(pb_executor_list(i + 1, &listing) < 0);
    CHECK(pb_executor_list(1000, &listing) < 0);
}

const struct executor_case conformance_worker[] = {
    {"opens-as-many-workers", opens_as_many_workers},
    {"opens-usable-processors", opens_usable_processors},
    {"opens-without-config", opens_without_config},
    {"opens-without-error", opens_without_error},
    {"initializes-each-lane-once", initializes_each_lane_once},
    {"gives-lanes-to-ranges", gives_lanes_to_ranges},
    {"gives-lanes-to-tasks", gives_lanes_to_tasks},
    {"finalizes-however-it-closes", finalizes_however_it_closes},
    {"reports-failed-initializers", reports_failed_initializers},
    {"reports-one-failed-initializer", reports_one_failed_initializer},
    {"accounts-for-tasks", accounts_for_tasks},
    {"tells-where-workers-are", tells_where_workers_are},
    {"binds-workers", binds_workers},
    {"suggests-names", suggests_names},
    {"rejects-options", rejects_options},
    {"stands-in-the-list-once", stands_in_the_list_once},
    {0},
};
