/* Streams of tasks through the process executor's protocol, between threads: see thread_server.h. Exits with
 * 1 if anything was wrong; the thread sanitizer ends it with its own code. */
#include "ledger.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "parbench/workload.h"

#ifdef __SANITIZE_THREAD__
enum { ROUNDS = 15 }; /* each takes ten times as long */
#else
enum { ROUNDS = 40 };
#endif

void monitor_stuck(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    abort(); /* with all stacks, from the core */
}

static void submit_some(struct ledger *l, struct pb_random *random) {
    static const enum task kinds[] = {SQUARE, SQUARE, MIDDLE,  SQUARE, FAIL,
                                      CODE,   SQUARE, SWALLOW, SQUARE, LARGE};
    unsigned count = 4 + (unsigned)pb_random_below(random, 24);
    for (unsigned i = 0; i < count; i++)
        ledger_submit(l, kinds[i % 10], pb_random_below(random, 1000), 0);
    if (pb_random_below(random, 2))
        ledger_cancel(l, count - 1);
}

static void run_map(struct pb_executor *pool) {
    struct pb_map *map;
    uint64_t result = 0;
    if (pb_map_open(&map, pool, task_square, NULL, 0, 100, NULL) < 0) {
        wrong("map: not opened");
        return;
    }
    for (uint64_t i = 0; i < 100; i++)
        if (pb_map_next(map, &result, sizeof result, NULL) != 0 || result != i * i)
            wrong("map: result %llu", (unsigned long long)i);
    pb_map_close(map);
}

static void run_range(struct pb_executor *pool) {
    struct pb_range_result result;
    uint64_t expected = 0;
    for (uint64_t i = 0; i < 300; i++)
        expected += pb_mix(i, i * i);
    if (pb_for(pool, 300, body_square, NULL, 0, &result, NULL) != 0 || result.digest != expected)
        wrong("range: a wrong digest");
}

/* A second thread that submits. */
static void *submitter(void *argument) {
    struct pb_executor *pool = argument;
    for (int i = 0; i < ROUNDS; i++)
        run_map(pool);
    return NULL;
}

static void life(uint64_t seed) {
    static struct ledger ledger;
    struct pb_random random;
    struct pb_error error = {0};
    struct pb_executor_config config = {.workers = 1 + (uint32_t)(seed % 3),
                                        .max_pending = seed % 2 ? 6 : 0,
                                        .max_tasks_per_worker = seed % 4 == 3 ? 25 : 0};
    pthread_t other;
    pb_random_seed(&random, seed);
    if (pb_executor_open(&ledger.pool, "process", &config, &error) < 0) {
        wrong("open: %s", error.text);
        return;
    }
    if (pthread_create(&other, NULL, submitter, ledger.pool) != 0)
        abort();
    for (int i = 0; i < ROUNDS; i++) {
        submit_some(&ledger, &random);
        if (i % 4 == 0)
            run_range(ledger.pool);
        ledger_wait(&ledger, 60 * SECOND);
        ledger_settle(&ledger, false);
    }
    pthread_join(other, NULL);
    if (pb_executor_close(ledger.pool, PB_DRAIN, PB_FOREVER) != 0)
        wrong("close");
}

int main(void) {
    static struct trial only;
    trial = &only;
    for (uint64_t seed = 0; seed < 8; seed++)
        life(seed);
    if (trial->submitted != trial->succeeded + trial->failed + trial->cancelled)
        wrong("%llu were submitted, %llu lost", (unsigned long long)trial->submitted,
              (unsigned long long)trial->lost);
    fputs(trial->text, stderr);
    return atomic_load(&trial->wrongs) ? 1 : 0;
}
