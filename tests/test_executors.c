/* What is particular to one executor. What all of them promise is in the conformance suite; here is what only
 * worker processes can do: die without the program, lose their server, and be forked beside threads. */
#include "executor_cases.h"
#include "parbench/workload.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

static int square(struct pb_task *task, const void *args, size_t size) {
    uint64_t x;
    CHECK_INT(size, sizeof x);
    memcpy(&x, args, size);
    x *= x;
    return pb_return(task, &x, sizeof x);
}

static int echo(struct pb_task *task, const void *args, size_t size) {
    return pb_return(task, args, size);
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

const struct pb_suite suite_executors = {
    "executors",
    (const struct pb_case[]){{"process/survives-deaths", survives_deaths, "process"},
                             {"process/survives-death-in-range", survives_death_in_range, "process"},
                             {"process/fails-when-server-dies", fails_when_server_dies, "process"},
                             {"process/warns-of-threads", warns_of_threads, "process"},
                             {0}},
    NULL,
};
