/* What a task, and a message, cost rank 0 and the others, in processor time: what the model of
 * scripts/simulate is fed with. Rank 0's own part is what this process uses beside the thread that submits.
 */
#include "modes.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/futex.h"
#include "base/thread.h"
#include "parbench/executor.h"

enum { CHUNK_TASK_NS = 200000, CHUNKS = 1000, NAPS = 500, NAP_NS = 100000, RINGS = 2000, INNER_CALLS = 2000 };

struct used {
    uint64_t manager_ns, workers_ns;
};

static struct used used_until_now(const struct pb_gauge *m) {
    struct used u = {.manager_ns = pb_process_cpu(0) - pb_thread_cpu()};
    for (uint32_t i = 0; i < m->config.workers; i++) {
        struct pb_worker_info info;
        pb_executor_worker(m->executor, i, &info);
        u.workers_ns += info.cpu_ns;
    }
    return u;
}

/* Of so many tasks by that way: per task. */
static int measure(struct pb_gauge *m, enum pb_via via, uint64_t tasks, double length, struct used *each,
                   struct pb_error *error) {
    m->config.via = via;
    pb_gauge_set_length(m, length);
    int rc = pb_gauge_prepare(m, tasks, error);
    rc = rc < 0 ? rc : pb_gauge_run(m, tasks, error); /* what is learnt of the ranks is learnt now */
    struct used before = used_until_now(m);
    rc = rc < 0 ? rc : pb_gauge_run(m, tasks, error);
    struct used after = used_until_now(m);
    each->manager_ns = (after.manager_ns - before.manager_ns) / tasks;
    each->workers_ns = (after.workers_ns - before.workers_ns) / tasks;
    return rc;
}

static double late_ns(void) {
    prctl(PR_SET_TIMERSLACK, 1); /* as who naps for a message does */
    uint64_t late = 0;
    for (int i = 0; i < NAPS; i++) {
        const struct timespec nap = {.tv_nsec = NAP_NS};
        uint64_t began = pb_now();
        nanosleep(&nap, NULL);
        late += pb_now() - began - NAP_NS;
    }
    return (double)late / NAPS;
}

static void await_turn(atomic_uint *turn, unsigned mine) {
    for (unsigned now; (now = atomic_load(turn)) % 2 != mine;)
        pb_futex_wait(turn, now, UINT64_MAX, true);
}

static void pass_on(atomic_uint *turn) {
    atomic_fetch_add(turn, 1);
    pb_futex_wake(turn, 1, true);
}

static void *answer(void *turn) {
    for (int i = 0; i < RINGS; i++) {
        await_turn(turn, 1);
        pass_on(turn);
    }
    return NULL;
}

/* Two threads in turns, each of which sleeps until the other wakes it. */
static double rung_ns(void) {
    atomic_uint turn = 0;
    pthread_t other;
    if (pb_thread_start(&other, answer, &turn) < 0)
        return NAN;
    uint64_t began = pb_now();
    for (int i = 0; i < RINGS; i++) {
        pass_on(&turn);
        await_turn(&turn, 0);
    }
    uint64_t lasted = pb_now() - began;
    pthread_join(other, NULL);
    return (double)lasted / (2 * RINGS);
}

static int nothing(struct pb_task *task, const void *args, size_t size) {
    (void)task, (void)args, (void)size;
    return 0;
}

static void heard(struct pb_future *f, void *context) {
    (void)f, (void)context;
}

/* As a rank hands futures on, whose end it is told of. */
static int hand_on(struct pb_executor *e, uint64_t tasks, double *each) {
    uint64_t before = pb_thread_cpu();
    for (uint64_t i = 0; i < tasks; i++) {
        struct pb_future *f = pb_submit(e, nothing, NULL, 0);
        int rc = f ? pb_future_add_callback(f, heard, NULL) : -errno;
        pb_future_release(f);
        if (rc < 0)
            return rc;
    }
    *each = (double)(pb_thread_cpu() - before) / (double)tasks;
    return 0;
}

static int count(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)task, (void)args;
    *digest = i;
    return 0;
}

/* An executor as `inner=` has: of as many threads. */
static int measure_inner(uint32_t workers, uint64_t tasks, struct pb_error *error) {
    struct pb_executor *e;
    int rc = pb_executor_open(&e, "thread", &(struct pb_executor_config){.workers = workers}, error);
    if (rc < 0)
        return rc;
    uint64_t began = pb_now();
    for (int i = 0; rc == 0 && i < INNER_CALLS; i++)
        rc = pb_for(e, workers, count, NULL, 0, NULL, error);
    uint64_t ranges = pb_now() - began;
    began = pb_now();
    rc = rc < 0 ? rc : pb_for(e, tasks, count, NULL, 0, NULL, error);
    uint64_t indices = pb_now() - began;
    double handed = 0;
    if (rc == 0 && (rc = hand_on(e, tasks / 100, &handed)) < 0)
        pb_error_set(error, rc, "tasks cannot be handed on: %s", strerror(-rc));
    printf("inner_range_ns %.0f\ninner_index_ns %.1f\ninner_task_ns %.0f\n", (double)ranges / INNER_CALLS,
           (double)indices * workers / (double)tasks, handed);
    pb_executor_close(e, PB_DRAIN, PB_FOREVER);
    return rc;
}

enum pb_exit pb_mode_parts(struct pb_gauge *m, const struct pb_call *call, struct pb_error *error) {
    uint64_t tasks = (uint64_t)call->count;
    struct used future, chunk, index;
    int rc = measure(m, PB_VIA_SUBMIT, tasks, 0, &future, error);
    rc = rc < 0 ? rc : measure(m, PB_VIA_FOR, 100 * tasks, 0, &index, error);
    rc = rc < 0 ? rc
                : measure(m, PB_VIA_FOR, CHUNKS, CHUNK_TASK_NS, &chunk,
                          error); /* each a message there and back */
    if (rc == 0)
        printf("manager_task_ns %" PRIu64 "\nworker_task_ns %" PRIu64 "\nworker_index_ns %" PRIu64
               "\nmessages_ns %" PRIu64 "\nwake_ns %.0f\nring_ns %.0f\n",
               future.manager_ns, future.workers_ns, index.workers_ns, chunk.manager_ns, late_ns(),
               rung_ns());
    rc = rc < 0 ? rc : measure_inner(m->config.workers, 100 * tasks, error);
    return pb_gauge_exit(rc);
}
