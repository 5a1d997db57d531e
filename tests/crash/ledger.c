#include "ledger.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "parbench/workload.h"

enum { LARGE_SIZE = 1 << 20, SWALLOW_SIZE = 200 << 10 };

/* ---- Tasks ---- */

static void pattern(uint64_t x, uint64_t *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        words[i] = pb_mix(x, i);
}

static uint64_t number(const void *args) {
    uint64_t x;
    memcpy(&x, args, sizeof x);
    return x;
}

int task_square(struct pb_task *task, const void *args, size_t size) {
    uint64_t x = number(args);
    (void)size;
    x *= x;
    return pb_return(task, &x, sizeof x);
}

int body_square(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)task;
    (void)args;
    for (volatile int k = 0; k < 200; k++)
        ;
    *digest = i * i;
    return 0;
}

static size_t middle_size(uint64_t x) {
    return 8 * (1 + x % 100);
}

static int return_pattern(struct pb_task *task, uint64_t x, size_t size) {
    uint64_t *words = malloc(size);
    if (!words)
        return pb_fail(task, -ENOMEM, "no memory");
    pattern(x, words, size / 8);
    int rc = pb_return(task, words, size);
    free(words);
    return rc;
}

static int task_middle(struct pb_task *task, const void *args, size_t size) {
    (void)size;
    return return_pattern(task, number(args), middle_size(number(args)));
}

static int task_large(struct pb_task *task, const void *args, size_t size) {
    (void)size;
    return return_pattern(task, number(args), LARGE_SIZE);
}

static uint64_t sum(const void *data, size_t size) {
    uint64_t total = 0;
    for (size_t i = 0; i + 8 <= size; i += 8)
        total = pb_mix(total, number((const unsigned char *)data + i));
    return total;
}

static int task_swallow(struct pb_task *task, const void *args, size_t size) {
    uint64_t total = sum(args, size);
    return pb_return(task, &total, sizeof total);
}

static int task_fail(struct pb_task *task, const void *args, size_t size) {
    (void)size;
    return pb_fail(task, -EDOM, "no root of -%llu", (unsigned long long)number(args));
}

static int task_code(struct pb_task *task, const void *args, size_t size) {
    (void)task;
    (void)args;
    (void)size;
    return 7;
}

static int task_nap(struct pb_task *task, const void *args, size_t size) {
    nanosleep(&(struct timespec){.tv_nsec = 20 * MILLISECOND}, NULL);
    return pb_return(task, args, size);
}

static int task_hang(struct pb_task *task, const void *args, size_t size) {
    (void)task;
    (void)args;
    (void)size;
    while (pause() < 0)
        ;
    return 0;
}

static int task_crash(struct pb_task *task, const void *args, size_t size) {
    (void)task;
    (void)args;
    (void)size;
    kill(getpid(), SIGKILL);
    return 0;
}

/* What each task is, and how it ends when nothing goes wrong. */
static const struct {
    const char *name;
    pb_function *function;
    int code;
} tasks[TASK_COUNT] = {
    [SQUARE] = {"square", task_square, 0},
    [MIDDLE] = {"middle", task_middle, 0},
    [LARGE] = {"large", task_large, 0},
    [SWALLOW] = {"swallow", task_swallow, 0},
    [FAIL] = {"fail", task_fail, -EDOM},
    [CODE] = {"code", task_code, 7},
    [NAP] = {"nap", task_nap, 0},
    [HANG] = {"hang", task_hang, -ETIMEDOUT},
    [CRASH] = {"crash", task_crash, -EOWNERDEAD},
};

/* The result is what it must be. */
static bool right(const struct entry *e, const unsigned char *result, size_t size) {
    uint64_t x = e->x, *words;
    size_t expected = e->task == LARGE ? LARGE_SIZE : middle_size(x);
    bool same;
    switch (e->task) {
    case SQUARE:
        return size == sizeof x && number(result) == x * x;
    case NAP:
        return size == sizeof x && number(result) == x;
    case SWALLOW:
    case MIDDLE:
    case LARGE:
        words = malloc(SWALLOW_SIZE + LARGE_SIZE);
        if (!words)
            abort();
        if (e->task == SWALLOW) {
            pattern(x, words, SWALLOW_SIZE / 8);
            same = size == sizeof x && number(result) == sum(words, SWALLOW_SIZE);
        } else {
            pattern(x, words, expected / 8);
            same = size == expected && memcmp(words, result, size) == 0;
        }
        free(words);
        return same;
    default:
        return true;
    }
}

/* ---- The ledger ---- */

static void count_call(struct pb_future *future, void *context) {
    struct entry *e = context;
    if (!pb_future_done(future))
        wrong("%s %llu: called back before it was done", tasks[e->task].name, (unsigned long long)e->x);
    atomic_fetch_add(&e->called, 1);
}

void ledger_submit(struct ledger *l, enum task task, uint64_t x, int64_t deadline) {
    struct entry *e = &l->entry[l->count];
    uint64_t *args = calloc(1, SWALLOW_SIZE);
    size_t size = task == SWALLOW ? SWALLOW_SIZE : sizeof x;
    if (!args || l->count == ENTRIES_MAX)
        abort();
    args[0] = x;
    if (task == SWALLOW)
        pattern(x, args, SWALLOW_SIZE / 8);
    *e = (struct entry){.task = task, .x = x};
    e->future = deadline ? pb_submit_within(l->pool, tasks[task].function, args, size, deadline)
                         : pb_submit(l->pool, tasks[task].function, args, size);
    int why = errno;
    free(args);
    if (!e->future) {
        l->refused++;
        if (why != EOWNERDEAD || server_fine())
            wrong("%s %llu: refused: %s", tasks[task].name, (unsigned long long)x, strerror(why));
        return;
    }
    l->count++;
    if (pb_future_add_callback(e->future, count_call, e) != 0)
        wrong("%s %llu: its callback was refused", tasks[task].name, (unsigned long long)x);
}

void ledger_cancel(struct ledger *l, unsigned entry) {
    if (entry < l->count)
        l->entry[entry].cancelled = pb_future_cancel(l->entry[entry].future);
}

/* A callback may run a little after waiters were woken. */
static bool await_calls(struct ledger *l, uint64_t deadline) {
    for (unsigned i = 0; i < l->count; i++)
        while (atomic_load(&l->entry[i].called) == 0) {
            if (pb_remaining(deadline) == 0) {
                monitor_stuck("%s %llu (entry %u) is done, and was not called back in time",
                              tasks[l->entry[i].task].name, (unsigned long long)l->entry[i].x, i);
                return false;
            }
            sched_yield();
        }
    return true;
}

bool ledger_wait(struct ledger *l, int64_t timeout_ns) {
    uint64_t deadline = pb_deadline(timeout_ns);
    struct pb_future *all[ENTRIES_MAX];
    size_t done = 0;
    for (unsigned i = 0; i < l->count; i++)
        all[i] = l->entry[i].future;
    if (pb_wait(all, l->count, PB_ALL_COMPLETED, timeout_ns, &done) == 0)
        return await_calls(l, deadline);
    for (unsigned i = 0; i < l->count; i++)
        if (!pb_future_done(all[i])) {
            monitor_stuck("%s %llu (entry %u, %s) has not resolved in time, with %u others",
                          tasks[l->entry[i].task].name, (unsigned long long)l->entry[i].x, i,
                          pb_future_running(all[i]) ? "running" : "pending", l->count - (unsigned)done - 1);
            break;
        }
    return false;
}

void ledger_visit(struct ledger *l, int64_t timeout_ns) {
    uint64_t deadline = pb_deadline(timeout_ns);
    for (unsigned i = 0; i < l->count; i++)
        pb_future_result(l->entry[i].future, NULL, 0, (int64_t)pb_remaining(deadline));
}

/* Adds a future's end to the counts; what it may not end with is noted. */
static void judge(struct entry *e, bool closing, const unsigned char *result, int rc) {
    const char *name = tasks[e->task].name;
    unsigned long long x = e->x;
    bool stops = trial->plan.action == HALTED;
    if (rc == -ECANCELED) {
        trial->cancelled++;
        if (!e->cancelled && !closing)
            wrong("%s %llu: cancelled, and nobody did", name, x);
    } else if (e->cancelled) {
        trial->failed++;
        wrong("%s %llu: ended with %d though it was cancelled", name, x, rc);
    } else if (rc == 0 && tasks[e->task].code == 0) {
        trial->succeeded++;
        if (!right(e, result, pb_future_size(e->future)))
            wrong("%s %llu: wrong result", name, x);
    } else if (rc != 0 && rc == tasks[e->task].code) {
        trial->failed++;
        if (e->task == FAIL && !strstr(pb_future_message(e->future), "no root of"))
            wrong("fail %llu: its message is \"%s\"", x, pb_future_message(e->future));
    } else if (rc == -EOWNERDEAD && e->task == HANG && !server_fine()) {
        trial->failed++;
    } else if (rc == -EOWNERDEAD) {
        trial->lost++;
        if (!*pb_future_message(e->future))
            wrong("%s %llu: lost without a message", name, x);
    } else if (rc == -ETIMEDOUT && stops) {
        trial->overdue++;
    } else {
        trial->failed++;
        wrong("%s %llu: ended with %d: %s", name, x, rc, pb_future_message(e->future));
    }
}

void ledger_settle(struct ledger *l, bool closing) {
    unsigned char *result = malloc(LARGE_SIZE);
    if (!result)
        abort();
    for (unsigned i = 0; i < l->count; i++) {
        struct entry *e = &l->entry[i];
        trial->submitted++;
        if (!pb_future_done(e->future)) {
            wrong("%s %llu: still not done", tasks[e->task].name, (unsigned long long)e->x);
            pb_future_release(e->future);
            continue;
        }
        judge(e, closing, result, pb_future_result(e->future, result, LARGE_SIZE, 0));
        unsigned called = atomic_load(&e->called);
        if (called != 1)
            wrong("%s %llu: called back %u times", tasks[e->task].name, (unsigned long long)e->x, called);
        pb_future_release(e->future);
    }
    free(result);
    l->count = 0;
}
