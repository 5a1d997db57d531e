/* The standard scenario: every kind of task, cancelling, a task that hangs, one that crashes, maps, a range,
 * and a close with tasks on their way. One fault strikes somewhere in it; afterwards everything must add up.
 *
 * Where something is stopped, tasks have deadlines that end it, and what has no deadline (opening, maps,
 * ranges) is helped by the monitor, which lets the stopped process go on. */
#include "ledger.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "parbench/workload.h"

/* ---- What the process holds ---- */

struct census {
    unsigned descriptors, threads, shared;
};

static unsigned count_entries(const char *path) {
    unsigned count = 0;
    DIR *d = opendir(path);
    while (d && readdir(d))
        count++;
    if (d)
        closedir(d);
    return count;
}

/* Shared mappings; one with a name could be left behind. */
static unsigned count_shared(void) {
    char line[512];
    unsigned count = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && fgets(line, sizeof line, maps)) {
        if (!strstr(line, "rw-s "))
            continue;
        count++;
        if (strstr(line, " /dev/shm/") || strstr(line, " /tmp/") || strstr(line, " /SYSV"))
            wrong("it maps something with a name: %.*s", (int)strcspn(line, "\n"), line);
    }
    if (maps)
        fclose(maps);
    return count;
}

static struct census take_census(void) {
    return (struct census){count_entries("/proc/self/fd"), count_entries("/proc/self/task"), count_shared()};
}

/* A thread that was joined may stand among the others until the kernel has put it away. */
static struct census await_census(const struct census *before) {
    static const struct timespec moment = {.tv_nsec = 1000000};
    struct census now = take_census();
    for (int i = 0; i < 1000 && now.threads > before->threads; i++) {
        nanosleep(&moment, NULL);
        now = take_census();
    }
    return now;
}

static void compare_census(const struct census *before) {
    struct census now = await_census(before);
    if (now.descriptors != before->descriptors)
        wrong("descriptors: %u before, %u after", before->descriptors, now.descriptors);
    if (now.threads != before->threads)
        wrong("threads: %u before, %u after", before->threads, now.threads);
    if (now.shared != before->shared)
        wrong("shared mappings: %u before, %u after", before->shared, now.shared);
}

/* ---- The phases ---- */

static void enter_phase(enum phase phase) {
    atomic_store(&trial->phase, phase);
}

static int initialize(struct pb_task *task, struct pb_error *error) {
    (void)error;
    *(uint64_t *)task->lane = 1;
    return 0;
}

static void finalize(struct pb_task *task) {
    *(uint64_t *)task->lane = 2;
}

/* NULL when it could not be opened, with a reason. */
static struct pb_executor *open_pool(void) {
    struct pb_executor *pool;
    struct pb_error error = {0};
    struct pb_executor_config config = {.workers = trial->plan.workers,
                                        .lane_size = sizeof(uint64_t),
                                        .initializer = initialize,
                                        .finalizer = finalize,
                                        .max_pending = trial->plan.seed % 3 == 0 ? 8 : 0,
                                        .max_tasks_per_worker = trial->plan.seed % 2 ? 12 : 0};
    int rc = pb_executor_open(&pool, "process", &config, &error);
    if (rc < 0 && (!atomic_load(&trial->fired) || !*error.text))
        wrong("open: %d: %s", rc, error.text);
    return rc < 0 ? NULL : pool;
}

/* Every kind of task, in an order of the seed's. */
static void run_tasks(struct ledger *l, struct pb_random *random) {
    static const enum task kinds[] = {SQUARE, SQUARE, MIDDLE,  LARGE,  SQUARE, FAIL,   HANG,
                                      SQUARE, CODE,   MIDDLE,  SQUARE, CRASH,  LARGE,  SQUARE,
                                      NAP,    SQUARE, SWALLOW, SQUARE, NAP,    MIDDLE, SQUARE};
    int64_t deadline = trial->plan.deadlines ? DEADLINE : 0;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool with = deadline || pb_random_below(random, 2);
        ledger_submit(l, kinds[i], pb_random_below(random, 1000),
                      kinds[i] == HANG ? 50 * MILLISECOND
                      : deadline       ? deadline
                      : with           ? 60 * SECOND
                                       : 0);
    }
    ledger_cancel(l, l->count / 2);
    ledger_cancel(l, l->count - 1);
    if (pb_random_below(random, 2))
        ledger_visit(l, deadline + GRACE);
    ledger_wait(l, deadline + GRACE);
}

/* One task must succeed after whatever happened: the next, or, if the fault struck just that one, its
 * follower. */
static void run_next(struct ledger *l) {
    for (int tries = 0; tries < 2 && server_fine(); tries++) {
        uint64_t before = deaths(), result;
        int64_t deadline = trial->plan.deadlines ? DEADLINE : 0;
        ledger_submit(l, SQUARE, 11, deadline);
        if (!server_fine() || l->count == 0 || !ledger_wait(l, deadline + GRACE))
            return;
        int rc = pb_future_result(l->entry[l->count - 1].future, &result, sizeof result, 0);
        if (rc == 0 || !server_fine())
            return;
        bool struck = deaths() > before || (rc == -ETIMEDOUT && trial->plan.action == HALTED);
        if (!struck || tries == 1)
            wrong("the next task did not succeed: %d", rc);
    }
}

/* Ordered results. With chunks of one a dead worker costs one result; else what it had in hand. */
static void run_map(struct pb_executor *pool, size_t chunk) {
    enum { COUNT = 40 };
    struct pb_map *map;
    struct pb_map_options options = {.chunk = chunk, .timeout_ns = STOPPED * SLACK + GRACE};
    uint64_t lost = 0, result = 0;
    int rc = pb_map_open(&map, pool, task_square, NULL, 0, COUNT, &options);
    if (rc < 0) {
        if (server_fine())
            wrong("map: %d", rc);
        return;
    }
    for (uint64_t i = 0; i < COUNT; i++) {
        struct pb_error error = {0};
        rc = pb_map_next(map, &result, sizeof result, &error);
        if (rc == 0 && result != i * i)
            wrong("map: result %llu is wrong", (unsigned long long)i);
        else if (rc == -EOWNERDEAD)
            lost++;
        else if (rc != 0 && server_fine())
            wrong("map: result %llu: %d: %s", (unsigned long long)i, rc, error.text);
        if (rc == -ETIMEDOUT) {
            monitor_stuck("map: result %llu did not come in time", (unsigned long long)i);
            break;
        }
    }
    pb_map_close(map);
    if (lost > deaths() * (chunk ? chunk : COUNT) && server_fine())
        wrong("map: %llu results lost with %llu workers", (unsigned long long)lost,
              (unsigned long long)deaths());
}

static void run_range(struct pb_executor *pool) {
    enum { COUNT = 500 };
    struct pb_range_result result = {0};
    struct pb_error error = {0};
    uint64_t expected = 0;
    for (uint64_t i = 0; i < COUNT; i++)
        expected += pb_mix(i, i * i);
    int rc = pb_for(pool, COUNT, body_square, NULL, 0, &result, &error);
    if (rc == 0 && (result.tasks != COUNT || result.digest != expected || result.status[0] != COUNT))
        wrong("range: %llu of %d tasks, or a wrong digest", (unsigned long long)result.tasks, COUNT);
    if (rc == -EOWNERDEAD && (deaths() > 0 || !server_fine()) && *error.text && result.tasks <= COUNT)
        return;
    if (rc != 0)
        wrong("range: %d: %s: %llu tasks", rc, error.text, (unsigned long long)result.tasks);
}

/* Closes as the plan says, with tasks on their way. */
static void close_pool(struct ledger *l) {
    static const enum task kinds[] = {NAP, SQUARE, LARGE, NAP, SQUARE, MIDDLE, SQUARE, SQUARE};
    int64_t deadline = trial->plan.deadlines ? DEADLINE : 0;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        ledger_submit(l, kinds[i], i, deadline);
    uint64_t start = pb_now();
    int rc = pb_executor_shutdown(l->pool, trial->plan.how, GRACE);
    uint64_t took = pb_now() - start;
    if (rc != 0)
        wrong("shutdown: %d", rc);
    if (took > (uint64_t)(2 * GRACE))
        wrong("shutdown took %llu ms", (unsigned long long)(took / 1000000));
    ledger_wait(l, GRACE);
    if (pb_submit(l->pool, task_square, &start, sizeof start) != NULL || errno != ESHUTDOWN)
        wrong("a task is not refused after shutdown");
    rc = pb_executor_close(l->pool, trial->plan.how, 0);
    if (rc != 0)
        wrong("close: %d", rc);
}

/* The numbers add up, and no more was lost than died. */
static void check_counts(void) {
    uint64_t ends = trial->succeeded + trial->failed + trial->lost + trial->cancelled + trial->overdue;
    if (ends != trial->submitted)
        wrong("%llu submitted, and %llu ends", (unsigned long long)trial->submitted,
              (unsigned long long)ends);
    bool killing = trial->plan.how == PB_KILL;
    /* While the fork server is stopped any number may be overdue. */
    uint64_t lost = trial->lost + (trial->plan.who == SERVER ? 0 : trial->overdue), most = deaths();
    if (server_fine() && !killing && lost > most)
        wrong("%llu futures lost with %llu workers", (unsigned long long)lost, (unsigned long long)most);
}

void scenario(void) {
    static struct ledger ledger;
    struct pb_random random;
    struct census before = take_census();
    pb_random_seed(&random, trial->plan.seed);
    enter_phase(OPENING);
    ledger.pool = open_pool();
    if (ledger.pool) {
        enter_phase(TASKS);
        run_tasks(&ledger, &random);
        run_next(&ledger);
        enter_phase(MAPPING);
        run_map(ledger.pool, 1);
        run_map(ledger.pool, 0);
        enter_phase(RANGE);
        run_range(ledger.pool);
        enter_phase(TASKS);
        run_next(&ledger);
        count_shared();
        enter_phase(CLOSING);
        close_pool(&ledger);
        ledger_settle(&ledger, trial->plan.how != PB_DRAIN || trial->plan.action == HALTED);
        check_counts();
    }
    enter_phase(AFTER);
    compare_census(&before);
}
