/* A stream of tasks, maps and ranges in a pool whose workers are killed all the time: by the monitor at
 * random moments, and, if the seed is odd, by themselves at random points; every process is paused now and
 * then. However many die, each takes at most one future or one range with it, and nothing is stuck. */
#include "ledger.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "parbench/workload.h"

struct stream {
    struct ledger ledger;
    struct pb_random random;
    uint64_t ranges_lost, maps_lost;
};

static void batch(struct stream *s) {
    static const enum task kinds[] = {SQUARE, SQUARE, SQUARE, MIDDLE, SQUARE, FAIL, SQUARE, SQUARE};
    unsigned count = 8 + (unsigned)pb_random_below(&s->random, 24);
    for (unsigned i = 0; i < count; i++)
        ledger_submit(&s->ledger, kinds[i % 8], pb_random_below(&s->random, 1000), 0);
    if (pb_random_below(&s->random, 4) == 0)
        ledger_submit(&s->ledger, LARGE, 5, 0);
    if (pb_random_below(&s->random, 8) == 0)
        ledger_submit(&s->ledger, SWALLOW, 6, 0);
    if (pb_random_below(&s->random, 8) == 0)
        ledger_submit(&s->ledger, HANG, 7, 1 + (int64_t)pb_random_below(&s->random, 20 * MILLISECOND));
    if (pb_random_below(&s->random, 4) == 0)
        ledger_cancel(&s->ledger, count - 1);
    ledger_wait(&s->ledger, GRACE);
    ledger_settle(&s->ledger, false);
}

static void map(struct stream *s) {
    enum { COUNT = 64 };
    struct pb_map *map;
    struct pb_map_options options = {.chunk = 1, .timeout_ns = GRACE};
    uint64_t result = 0;
    int rc = pb_map_open(&map, s->ledger.pool, task_square, NULL, 0, COUNT, &options);
    if (rc < 0) {
        wrong("map: %d", rc);
        return;
    }
    for (uint64_t i = 0; i < COUNT; i++) {
        struct pb_error error = {0};
        rc = pb_map_next(map, &result, sizeof result, &error);
        if (rc == -EOWNERDEAD)
            s->maps_lost++;
        else if (rc != 0 || result != i * i)
            wrong("map: result %llu: %d: %s", (unsigned long long)i, rc, rc ? error.text : "wrong");
        if (rc == -ETIMEDOUT) {
            monitor_stuck("map: result %llu did not come in time", (unsigned long long)i);
            break;
        }
    }
    pb_map_close(map);
}

static void range(struct stream *s) {
    uint64_t count = 1 + pb_random_below(&s->random, 3000), expected = 0;
    struct pb_range_result result = {0};
    struct pb_error error = {0};
    for (uint64_t i = 0; i < count; i++)
        expected += pb_mix(i, i * i);
    int rc = pb_for(s->ledger.pool, count, body_square, NULL, 0, &result, &error);
    if (rc == -EOWNERDEAD && result.tasks <= count)
        s->ranges_lost++;
    else if (rc != 0 || result.tasks != count || result.digest != expected)
        wrong("range: %d: %s: %llu of %llu tasks", rc, error.text, (unsigned long long)result.tasks,
              (unsigned long long)count);
}

static void check(const struct stream *s) {
    uint64_t lost = trial->lost + s->ranges_lost + s->maps_lost;
    if (lost > deaths())
        wrong("%llu lost (%llu tasks, %llu of maps, %llu ranges) with %llu workers", (unsigned long long)lost,
              (unsigned long long)trial->lost, (unsigned long long)s->maps_lost,
              (unsigned long long)s->ranges_lost, (unsigned long long)deaths());
}

static void next_succeeds(struct stream *s) {
    uint64_t lost = trial->lost;
    ledger_submit(&s->ledger, SQUARE, 12, 0);
    if (s->ledger.count && ledger_wait(&s->ledger, GRACE))
        ledger_settle(&s->ledger, false);
    if (trial->lost != lost)
        wrong("the task after the last kill was lost");
}

void stream(void) {
    static struct stream s;
    struct pb_error error = {0};
    struct pb_executor_config config = {.workers = trial->plan.workers,
                                        .max_tasks_per_worker = trial->plan.seed % 4 == 0 ? 20 : 0};
    pb_random_seed(&s.random, trial->plan.seed);
    int rc = pb_executor_open(&s.ledger.pool, "process", &config, &error);
    if (rc < 0) {
        wrong("open: %d: %s", rc, error.text);
        return;
    }
    atomic_store(&trial->phase, TASKS);
    if (trial->plan.seed % 2)
        atomic_store(&trial->countdown, 1 + (int)pb_random_below(&s.random, 200));
    while (atomic_load(&trial->kills) < trial->plan.kills && !atomic_load(&trial->wrongs)) {
        switch (pb_random_below(&s.random, 8)) {
        case 0:
            map(&s);
            break;
        case 1:
            range(&s);
            break;
        default:
            batch(&s);
        }
        check(&s);
    }
    atomic_store(&trial->countdown, 0);
    atomic_store(&trial->phase, CLOSING);
    /* What was killed last may be noticed only now. */
    batch(&s);
    check(&s);
    next_succeeds(&s);
    rc = pb_executor_close(s.ledger.pool, PB_DRAIN, GRACE);
    if (rc != 0)
        wrong("close: %d", rc);
    atomic_store(&trial->phase, AFTER);
}
