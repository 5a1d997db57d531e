/* One suite for every executor in the list: what Seam 1 promises, seen from outside. */
#include "base/clock.h"
#include "parbench/workload.h"
#include "executor_cases.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cpuset.h"

static int square(struct pb_task *task, const void *args, size_t size) {
    uint64_t x;
    CHECK_INT(size, sizeof x);
    memcpy(&x, args, size);
    x *= x;
    return pb_return(task, &x, sizeof x);
}

static void returns_results(const void *name) {
    struct pb_executor *e = open_executor(name, 2);
    struct pb_future *f[100];
    for (uint64_t i = 0; i < 100; i++)
        CHECK((f[i] = pb_submit(e, square, &i, sizeof i)) != NULL);
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t x = 0;
        CHECK_INT(pb_future_result(f[i], &x, sizeof x, PB_FOREVER), 0);
        CHECK_INT(x, i * i);
        CHECK_INT(pb_future_size(f[i]), sizeof x);
        CHECK_INT(pb_future_state(f[i]), PB_FINISHED);
        pb_future_release(f[i]);
    }
    close_executor(e);
}

static int fail_with_message(struct pb_task *task, const void *args, size_t size) {
    (void)args;
    (void)size;
    return pb_fail(task, 42, "flag %d of %s", 7, "Brazil");
}

static void returns_failures(const void *name) {
    struct pb_executor *e = open_executor(name, 1);
    struct pb_future *f = pb_submit(e, fail_with_message, NULL, 0);
    CHECK_INT(pb_future_result(f, NULL, 0, PB_FOREVER), 42);
    CHECK_TEXT(pb_future_message(f), "flag 7 of Brazil");
    pb_future_release(f);
    close_executor(e);
}

static int echo(struct pb_task *task, const void *args, size_t size) {
    return pb_return(task, args, size);
}

static void moves_large_bytes(const void *name) {
    enum { SIZE = 3 << 20 };
    struct pb_executor *e = open_executor(name, 2);
    unsigned char *sent = malloc(SIZE), *got = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        sent[i] = (unsigned char)(i * 31 + i / 4096);
    struct pb_future *f = pb_submit(e, echo, sent, SIZE);
    CHECK_INT(pb_future_result(f, got, SIZE - 1, PB_FOREVER), -EMSGSIZE);
    CHECK_INT(pb_future_result(f, got, SIZE, PB_FOREVER), 0);
    CHECK(memcmp(sent, got, SIZE) == 0);
    pb_future_release(f);
    free(sent);
    free(got);
    close_executor(e);
}

static void refuses_too_large(const void *name) {
    struct pb_executor *e = open_executor(name, 1);
    char *large = calloc(1, (16 << 20) + 1);
    CHECK(pb_submit(e, echo, large, (16 << 20) + 1) == NULL);
    CHECK_INT(errno, EMSGSIZE);
    free(large);
    close_executor(e);
}

static void survives_release_before_end(const void *name) {
    struct pb_executor *e = open_executor(name, 2);
    for (uint64_t i = 0; i < 50; i++)
        pb_future_release(pb_submit(e, square, &i, sizeof i));
    close_executor(e);
}

static void drains_on_close(const void *name) {
    struct pb_executor *e = open_executor(name, 2);
    struct pb_future *f[64];
    for (uint64_t i = 0; i < 64; i++)
        f[i] = pb_submit(e, square, &i, sizeof i);
    close_executor(e);
    for (uint64_t i = 0; i < 64; i++) {
        uint64_t x = 0;
        CHECK_INT(pb_future_result(f[i], &x, sizeof x, 0), 0);
        CHECK_INT(x, i * i);
        pb_future_release(f[i]);
    }
}

static void refuses_after_shutdown(const void *name) {
    struct pb_executor *e = open_executor(name, 1);
    struct pb_error error = {0};
    CHECK_INT(pb_executor_shutdown(e, PB_DRAIN, PB_FOREVER), 0);
    CHECK_INT(pb_executor_shutdown(e, PB_KILL, PB_FOREVER), 0);
    CHECK(pb_submit(e, echo, NULL, 0) == NULL);
    CHECK_INT(errno, ESHUTDOWN);
    CHECK_INT(pb_for(e, 3, NULL, NULL, 0, NULL, &error), -ESHUTDOWN);
    CHECK_HAS(error.text, "shut down");
    close_executor(e);
}

static int wait_for_gate(struct pb_task *task, const void *args, size_t size) {
    atomic_uint *word;
    (void)size;
    memcpy(&word, args, sizeof word);
    atomic_fetch_add(&word[0], 1);
    while (atomic_load(&word[1]) == 0 && !pb_should_stop(task))
        sched_yield();
    return 0;
}

static void cancels_pending(const void *name) {
    if (strcmp(name, "serial") == 0)
        pb_test_skip("serial runs a task before submit returns: nothing is ever pending");
    atomic_uint *word = shared_words();
    struct pb_executor *e = open_executor(name, 1);
    struct pb_future *running = pb_submit(e, wait_for_gate, &word, sizeof word);
    while (atomic_load(&word[0]) == 0)
        sched_yield();
    uint64_t x = 3;
    struct pb_future *pending = pb_submit(e, square, &x, sizeof x);
    CHECK_INT(pb_future_state(pending), PB_PENDING);
    CHECK(pb_future_cancel(pending));
    CHECK(pb_future_cancel(pending));
    CHECK(!pb_future_cancel(running));
    CHECK_INT(pb_future_result(pending, NULL, 0, PB_FOREVER), -ECANCELED);
    CHECK_INT(pb_future_result(running, NULL, 0, 1000000), -ETIMEDOUT);
    atomic_store(&word[1], 1);
    CHECK_INT(pb_future_result(running, NULL, 0, PB_FOREVER), 0);
    pb_future_release(running);
    pb_future_release(pending);
    close_executor(e);
}

static void cancels_on_close(const void *name) {
    if (strcmp(name, "serial") == 0)
        pb_test_skip("serial runs a task before submit returns: nothing is ever pending");
    atomic_uint *word = shared_words();
    struct pb_executor *e = open_executor(name, 1);
    struct pb_future *running = pb_submit(e, wait_for_gate, &word, sizeof word), *pending[8];
    while (atomic_load(&word[0]) == 0)
        sched_yield();
    for (uint64_t i = 0; i < 8; i++)
        pending[i] = pb_submit(e, square, &i, sizeof i);
    atomic_store(&word[1], 1); /* what runs may end now or later; what pends is dropped or has run */
    CHECK_INT(pb_executor_close(e, PB_CANCEL, 30LL * SECOND), 0);
    CHECK_INT(pb_future_result(running, NULL, 0, 0), 0);
    for (int i = 0; i < 8; i++) {
        uint64_t x;
        int rc = pb_future_result(pending[i], &x, sizeof x, 0);
        CHECK(rc == 0 || rc == -ECANCELED);
        pb_future_release(pending[i]);
    }
    pb_future_release(running);
}

static void kills_on_close(const void *name) {
    if (strcmp(name, "serial") == 0)
        pb_test_skip("serial runs a task before submit returns: nothing runs at close");
    atomic_uint *word = shared_words();
    struct pb_executor *e = open_executor(name, 2);
    struct pb_future *running = pb_submit(e, wait_for_gate, &word, sizeof word);
    while (atomic_load(&word[0]) == 0)
        sched_yield();
    CHECK_INT(pb_executor_close(e, PB_KILL, 30LL * SECOND), 0);
    int rc = pb_future_result(running, NULL, 0, 0);
    CHECK_MSG(rc == 0 || rc == -EOWNERDEAD, "%d", rc); /* it stopped when asked, or was killed */
    pb_future_release(running);
}

/* Both must run at once: each waits for the other. */
static int meet(struct pb_task *task, const void *args, size_t size) {
    atomic_uint *word;
    (void)task;
    (void)size;
    memcpy(&word, args, sizeof word);
    atomic_fetch_add(&word[0], 1);
    while (atomic_load(&word[0]) < 2)
        sched_yield();
    return 0;
}

static void runs_tasks_at_once(const void *name) {
    if (strcmp(name, "serial") == 0)
        pb_test_skip("serial runs one task after the other, by definition");
    atomic_uint *word = shared_words();
    struct pb_executor *e = open_executor(name, 2);
    struct pb_future *a = pb_submit(e, meet, &word, sizeof word), *b = pb_submit(e, meet, &word, sizeof word);
    CHECK_INT(pb_future_result(a, NULL, 0, 30LL * SECOND), 0);
    CHECK_INT(pb_future_result(b, NULL, 0, 30LL * SECOND), 0);
    pb_future_release(a);
    pb_future_release(b);
    close_executor(e);
}

static int body(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    uint64_t factor;
    (void)task;
    memcpy(&factor, args, sizeof factor);
    *digest = i * factor;
    return i % 10 == 3 ? 2 : 0;
}

static void checks_range(struct pb_executor *e, uint64_t n) {
    struct pb_range_result result;
    struct pb_error error = {0};
    uint64_t factor = 17, digest = 0;
    for (uint64_t i = 0; i < n; i++)
        digest += pb_mix(i, i * factor);
    CHECK_MSG(pb_for(e, n, body, &factor, sizeof factor, &result, &error) == 0, "%s", error.text);
    CHECK_INT(result.tasks, n);
    CHECK(result.digest == digest);
    CHECK_INT(result.status[2], (n + 6) / 10);
    CHECK_INT(result.status[0] + result.status[2], n);
}

static void runs_ranges(const void *name) {
    static const uint64_t sizes[] = {0, 1, 2, 3, 7, 64, 1000, 100000};
    for (uint32_t workers = 1; workers <= 4; workers++) {
        struct pb_executor *e = open_executor(name, workers);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            checks_range(e, sizes[i]);
        close_executor(e);
    }
}

static void mixes_ranges_and_tasks(const void *name) {
    struct pb_executor *e = open_executor(name, 2);
    for (uint64_t i = 1; i <= 20; i++) {
        uint64_t x;
        struct pb_future *f = pb_submit(e, square, &i, sizeof i);
        checks_range(e, 50 * i);
        CHECK_INT(pb_future_result(f, &x, sizeof x, PB_FOREVER), 0);
        CHECK_INT(x, i * i);
        pb_future_release(f);
    }
    close_executor(e);
}

static void keeps_accounts(const void *name) {
    struct pb_executor *e = open_executor(name, 2);
    struct pb_worker_info info;
    uint64_t tasks = 0;
    checks_range(e, 1000);
    for (uint32_t i = 0; i < pb_executor_workers(e); i++) {
        CHECK_INT(pb_executor_worker(e, i, &info), 0);
        tasks += info.tasks;
        CHECK(info.pid > 0);
    }
    CHECK_INT(tasks, 1000);
    CHECK_INT(pb_executor_worker(e, pb_executor_workers(e), &info), -ERANGE);
    close_executor(e);
}

static int fill_lane(struct pb_task *task, struct pb_error *error) {
    (void)error;
    uint64_t *lane = task->lane;
    for (int i = 0; i < 1000; i++)
        if (lane[i])
            return -EIO;
    lane[0] = 1000 + task->worker;
    return 0;
}

static int read_lane(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    (void)i;
    *digest = 1;
    return ((uint64_t *)task->lane)[0] == 1000 + task->worker && *(uint64_t *)task->state == 77 ? 0 : 1;
}

static void gives_lanes_and_state(const void *name) {
    struct pb_executor *e;
    struct pb_error error = {0};
    struct pb_range_result result;
    uint64_t state = 77;
    struct pb_executor_config config = {
        .workers = 2, .lane_size = 8000, .state = &state, .initializer = fill_lane};
    CHECK_MSG(pb_executor_open(&e, name, &config, &error) == 0, "%s", error.text);
    CHECK_INT(pb_for(e, 500, read_lane, NULL, 0, &result, &error), 0);
    CHECK_INT(result.status[0], 500);
    close_executor(e);
}

static int refuse_lane(struct pb_task *task, struct pb_error *error) {
    (void)task;
    error->code = -ENODEV;
    snprintf(error->text, sizeof error->text, "no such device");
    return -ENODEV;
}

static void reports_failed_initializer(const void *name) {
    struct pb_executor *e;
    struct pb_error error = {0};
    struct pb_executor_config config = {.workers = 2, .initializer = refuse_lane};
    CHECK_INT(pb_executor_open(&e, name, &config, &error), -ENODEV);
    CHECK(e == NULL);
    CHECK_TEXT(error.text, "no such device");
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
    struct pb_executor *e;
    struct pb_error error = {0};
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
    struct pb_executor_config config = {.workers = workers, .binding = binding};
    CHECK_MSG(pb_executor_open(&e, name, &config, &error) == 0, "%s", error.text);
    CHECK_INT(pb_for(e, 200, report_affinity, binding, sizeof binding, &result, &error), 0);
    CHECK_INT(result.status[0], 200);
    for (uint32_t i = 0; i < workers; i++) {
        struct pb_worker_info info;
        pb_executor_worker(e, i, &info);
        CHECK_INT(info.bind_error, 0);
    }
    close_executor(e);
    CHECK_INT(pb_cpuset_bind_thread(&all), 0);
}

static void rejects_options(const void *name) {
    struct pb_executor *e;
    struct pb_error error = {0};
    struct pb_executor_config config = {.workers = 1, .options = "colour=red"};
    CHECK(pb_executor_open(&e, name, &config, &error) < 0);
    CHECK_HAS(error.text, "it has no parameter \"colour\"");
}

static int die(struct pb_task *task, const void *args, size_t size) {
    int how;
    (void)task;
    memcpy(&how, args, size);
    if (how > 0) {
        signal(how, SIG_DFL);
        raise(how);
    }
    _exit(-how);
}

static void survives_deaths(const void *name) {
    static const struct {
        int how;
        const char *said;
    } rows[] = {
        {SIGKILL, "SIGKILL"}, {SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {0, "code 0"}, {-3, "code 3"}};
    if (strcmp(name, "process") != 0)
        pb_test_skip("a death in a task of %s is the program's own", (const char *)name);
    struct pb_executor *e = open_executor(name, 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t x = 9;
        struct pb_future *dead = pb_submit(e, die, &rows[i].how, sizeof rows[i].how);
        struct pb_future *good = pb_submit(e, square, &x, sizeof x);
        CHECK_INT(pb_future_result(dead, NULL, 0, 30LL * SECOND), -EOWNERDEAD);
        CHECK_HAS(pb_future_message(dead), rows[i].said);
        CHECK_INT(pb_future_result(good, &x, sizeof x, 30LL * SECOND), 0);
        CHECK_INT(x, 81);
        pb_future_release(dead);
        pb_future_release(good);
    }
    close_executor(e);
}

static int die_at_five(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)task;
    (void)args;
    *digest = i;
    if (i == 5)
        raise(SIGKILL);
    return 0;
}

static void survives_death_in_range(const void *name) {
    if (strcmp(name, "process") != 0)
        pb_test_skip("a death in a task of %s is the program's own", (const char *)name);
    for (uint32_t workers = 1; workers <= 3; workers++) {
        struct pb_executor *e = open_executor(name, workers);
        struct pb_error error = {0};
        struct pb_range_result result;
        CHECK_INT(pb_for(e, 40, die_at_five, NULL, 0, &result, &error), -EOWNERDEAD);
        CHECK_HAS(error.text, "SIGKILL in task 5");
        CHECK(result.tasks < 40);
        checks_range(e, 100);
        close_executor(e);
    }
}

static void *wait_on(void *word) {
    while (atomic_load((atomic_uint *)word) == 0)
        sched_yield();
    return NULL;
}

static void warns_of_threads(const void *name) {
    struct pb_executor *e;
    struct pb_error error = {.text = "stale"};
    atomic_uint word = 0;
    pthread_t thread;
    if (strcmp(name, "process") != 0)
        pb_test_skip("%s does not fork", (const char *)name);
    CHECK(pthread_create(&thread, NULL, wait_on, &word) == 0);
    CHECK_INT(pb_executor_open(&e, name, &(struct pb_executor_config){.workers = 1}, &error), 0);
    CHECK_INT(error.code, 0);
    CHECK_HAS(error.text, "open it before starting threads");
    close_executor(e);
    atomic_store(&word, 1);
    pthread_join(thread, NULL);
}

static int lose_parent_of_worker(struct pb_task *task, const void *args, size_t size) {
    (void)task;
    (void)args;
    (void)size;
    kill(getppid(), SIGKILL);
    pause();
    return 0;
}

static void fails_when_server_dies(const void *name) {
    if (strcmp(name, "process") != 0)
        pb_test_skip("%s has no fork server", (const char *)name);
    struct pb_executor *e = open_executor(name, 1);
    struct pb_future *a = pb_submit(e, lose_parent_of_worker, NULL, 0), *b = pb_submit(e, echo, NULL, 0);
    CHECK_INT(pb_future_result(a, NULL, 0, 30LL * SECOND), -EOWNERDEAD);
    CHECK_INT(pb_future_result(b, NULL, 0, 30LL * SECOND), -EOWNERDEAD);
    CHECK_HAS(pb_future_message(b), "fork server");
    CHECK(pb_submit(e, echo, NULL, 0) == NULL);
    pb_future_release(a);
    pb_future_release(b);
    close_executor(e);
}

static const struct executor_case cases[] = {
    {"returns-results", returns_results},
    {"returns-failures", returns_failures},
    {"moves-large-bytes", moves_large_bytes},
    {"refuses-too-large", refuses_too_large},
    {"survives-release-before-end", survives_release_before_end},
    {"drains-on-close", drains_on_close},
    {"refuses-after-shutdown", refuses_after_shutdown},
    {"cancels-pending", cancels_pending},
    {"cancels-on-close", cancels_on_close},
    {"kills-on-close", kills_on_close},
    {"runs-tasks-at-once", runs_tasks_at_once},
    {"runs-ranges", runs_ranges},
    {"mixes-ranges-and-tasks", mixes_ranges_and_tasks},
    {"keeps-accounts", keeps_accounts},
    {"gives-lanes-and-state", gives_lanes_and_state},
    {"reports-failed-initializer", reports_failed_initializer},
    {"binds-workers", binds_workers},
    {"rejects-options", rejects_options},
    {"survives-deaths", survives_deaths},
    {"survives-death-in-range", survives_death_in_range},
    {"fails-when-server-dies", fails_when_server_dies},
    {"warns-of-threads", warns_of_threads},
};

static bool generate(size_t i, struct pb_case *out) {
    return executor_case_at(cases, sizeof cases / sizeof *cases, i, out);
}

const struct pb_suite suite_executors = {"executors", NULL, generate};
