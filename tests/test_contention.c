/* Workloads whose workers meet: that what their tasks leave together is right under every executor, and wrong
 * where it must be. */
#include "executor_cases.h"
#include "program.h"

#include <errno.h>
#include <sched.h>

#include "base/param.h"
#include "bench/chase.h"
#include "bench/list.h"

enum { TASKS = 64 };

/* What a repetition shows. */
struct shown {
    uint64_t digest, end;
};

/* ---- A workload under an executor ---- */

static const struct pb_workload *subject; /* of this case */

static int enter(struct pb_task *task, struct pb_error *error) {
    struct pb_message message = {{0}};
    int rc = subject->lane_setup ? subject->lane_setup(task->lane, task->state, &message) : 0;
    if (rc < 0) {
        error->code = rc;
        snprintf(error->text, sizeof error->text, "%s", message.text);
    }
    return rc;
}

static void leave(struct pb_task *task) {
    if (subject->lane_teardown)
        subject->lane_teardown(task->lane, task->state);
}

static int body(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    return subject->run(task, i, digest);
}

struct show {
    struct pb_param_set params;
    size_t size;
    void *state;
    struct pb_executor *executor;
};

static void show_open(struct show *show, const char *workload, const char *params, const char *executor,
                      uint32_t workers) {
    struct pb_error error = {0};
    struct pb_message message = {{0}};
    const struct pb_workload_entry *entry = pb_workloads;
    while (strcmp(entry->name, workload) != 0)
        CHECK_MSG((++entry)->name, "%s is not in the list", workload);
    subject = entry->workload;
    CHECK_MSG(pb_param_set_init(&show->params, workload, subject->params, params, 500, &error) == 0, "%s",
              error.text);
    show->size = subject->state_size;
    show->state = mmap(NULL, show->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(show->state != MAP_FAILED);
    CHECK_MSG(subject->setup(show->state, &show->params.values, &message) == 0, "%s", message.text);
    const struct pb_executor_config config = {.workers = workers,
                                              .lane_size = subject->lane_size,
                                              .state = show->state,
                                              .initializer = enter,
                                              .finalizer = leave};
    CHECK_MSG(pb_executor_open(&show->executor, executor, &config, &error) == 0, "%s", error.text);
}

static struct shown show_repeat(struct show *show, uint64_t tasks) {
    struct pb_range_result result = {0};
    struct pb_error error = {0};
    struct pb_message message = {{0}};
    const struct pb_repetition repetition = {tasks, pb_executor_workers(show->executor),
                                             pb_executor_lanes(show->executor)};
    CHECK_MSG(!subject->begin || subject->begin(show->state, &repetition, &message) == 0, "%s", message.text);
    CHECK_MSG(pb_for(show->executor, tasks, body, NULL, 0, &result, &error) == 0, "%s", error.text);
    CHECK_INT(result.status[PB_OK], tasks);
    return (struct shown){result.digest, subject->end ? subject->end(show->state) : 0};
}

static void show_close(struct show *show) {
    close_executor(show->executor);
    if (subject->teardown)
        subject->teardown(show->state);
    munmap(show->state, show->size);
    pb_param_set_release(&show->params);
}

static struct shown once(const char *workload, const char *params, const char *executor, uint32_t workers) {
    struct show show;
    show_open(&show, workload, params, executor, workers);
    struct shown shown = show_repeat(&show, TASKS);
    show_close(&show);
    return shown;
}

/* ---- The same answers under every executor ---- */

static const struct {
    const char *workload, *params;
} rows[] = {
    {"lock", "kind=mutex,ns=1us,every=1us"},
    {"lock", "kind=spin,ns=1us,every=1us"},
    {"lock", "kind=atomic,ns=1us,every=1us"},
    {"queue", "kind=mutex,size=2,ns=100"},
    {"queue", "kind=mutex"},
    {"queue", "kind=ring,size=2,ns=100"},
    {"queue", "kind=ring"},
    {"falseshare", "pad=0,updates=20000"},
    {"falseshare", "pad=1,updates=20000"},
    {"malloc", "rounds=1000"},
    {"malloc", "rounds=1000,arenas=1"},
    {"pagefault", "size=64KiB"},
    {"pagefault", "size=64KiB,kind=discard"},
    {"chase", "size=64KiB"},
};

/* With more workers than there are processors too: whoever waits must let others on. Two repetitions, since
 * the second begins where the first ended. */
static void agrees(const void *executor) {
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct shown expected = once(rows[k].workload, rows[k].params, "serial", 1);
        for (uint32_t workers = 1; workers <= 5; workers += 2) {
            struct show show;
            show_open(&show, rows[k].workload, rows[k].params, executor, workers);
            for (int repetition = 0; repetition < 2; repetition++) {
                struct shown shown = show_repeat(&show, TASKS);
                CHECK_MSG(shown.digest == expected.digest, "%s:%s with %u workers: tasks differ from serial",
                          rows[k].workload, rows[k].params, workers);
                CHECK_MSG(shown.end == expected.end, "%s:%s with %u workers: the end differs from serial",
                          rows[k].workload, rows[k].params, workers);
            }
            show_close(&show);
        }
    }
}

/* All kinds of one workload do the same work. */
static void kinds(const void *data) {
    struct shown lock = once("lock", "kind=none", "serial", 1), queue = once("queue", "", "serial", 1);
    struct shown shared = once("falseshare", "pad=0", "serial", 1);
    (void)data;
    CHECK(lock.end != 0 && queue.end != 0 && shared.end != 0);
    CHECK(once("lock", "kind=mutex", "serial", 1).end == lock.end);
    CHECK(once("lock", "kind=spin", "serial", 1).end == lock.end);
    CHECK(once("lock", "kind=atomic", "serial", 1).end == lock.end);
    CHECK(once("queue", "kind=ring,size=2", "serial", 1).end == queue.end);
    CHECK(once("falseshare", "pad=1", "serial", 1).end == shared.end);
    CHECK(once("lock", "kind=none,rounds=99", "serial", 1).end != lock.end);
}

/* ---- A race is caught ---- */

/* Two workers and sections of most of the time. Where the machine has one processor for them they are
 * interrupted inside a section sooner or later: so repetitions are many at most, and one as a rule. */
static void race(const void *executor) {
    enum { REPETITIONS = 200 };
    static const char params[] = "kind=none,ns=20us,every=1us";
    struct shown expected = once("lock", params, "serial", 1);
    struct show show;
    show_open(&show, "lock", params, executor, 2);
    int repetition = 0;
    for (; repetition < REPETITIONS; repetition++) {
        struct shown shown = show_repeat(&show, TASKS);
        CHECK(shown.digest == expected.digest);
        if (shown.end != expected.end)
            break;
    }
    CHECK_MSG(repetition < REPETITIONS, "no update was lost in %d repetitions", REPETITIONS);
    show_close(&show);
}

/* And said: exit code 4, each row that ran two tasks at once marked as wrong. */
static void race_is_told(const void *data) {
    static const char *const executors[] = {"thread", "process"};
    struct program p;
    struct pb_run run;
    (void)data;
    program_run(&p, NULL,
                "-q --format json -w lock:kind=none,ns=20us -e thread,process -n 2 -b none --rounds 6 "
                "--tasks 64");
    program_check_code(&p, 4);
    CHECK_HAS(pb_buffer_string(&p.complained), " thread 2: digest ");
    program_decode(&run, "standard output", &p.said);
    for (size_t k = 0; k < 2; k++)
        CHECK_INT(program_cell(&run, "lock", executors[k], 2)->state, PB_CELL_WRONG);
    CHECK_INT(program_cell(&run, "lock", "serial", 1)->state, PB_CELL_DONE);
    pb_run_release(&run);
    program_release(&p);
}

/* ---- What a dead worker leaves ---- */

static int run_for_ever(struct pb_task *task, const void *args, size_t size) {
    uint64_t digest;
    (void)args;
    (void)size;
    for (uint64_t i = 0;; i++)
        if (subject->run(task, i, &digest) != PB_OK)
            return 1;
}

/* The future is over before the worker is. */
static void await_restart(const struct pb_executor *e) {
    struct pb_worker_info info = {0};
    for (uint32_t w = 0; info.restarts == 0; w = (w + 1) % pb_executor_workers(e)) {
        CHECK_INT(pb_executor_worker(e, w, &info), 0);
        sched_yield();
    }
}

/* A repetition begins afresh, though a worker of the last one was killed, inside its section as like as not.
 */
static void begins_afresh(const void *data) {
    static const char *const params[] = {"kind=mutex,every=0,ns=50us,rounds=10",
                                         "kind=spin,every=0,ns=50us,rounds=10"};
    (void)data;
    for (size_t k = 0; k < 2; k++) {
        struct shown expected = once("lock", params[k], "serial", 1);
        struct show show;
        show_open(&show, "lock", params[k], "process", 2);
        CHECK(show_repeat(&show, TASKS).end == expected.end);
        struct pb_future *f = pb_submit_within(show.executor, run_for_ever, NULL, 0, SECOND / 20);
        CHECK_INT(pb_future_result(f, NULL, 0, 30LL * SECOND), -ETIMEDOUT);
        pb_future_release(f);
        await_restart(show.executor);
        CHECK(show_repeat(&show, TASKS).end == expected.end);
        show_close(&show);
    }
}

/* ---- Chasing ---- */

static void cycle(const void *data) {
    static const uint64_t counts[] = {2, 3, 64, 1000, 4097};
    static struct pb_chase_node node[4097];
    static bool seen[4097];
    (void)data;
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
        for (uint64_t seed = 0; seed < 3; seed++) {
            memset(seen, 0, sizeof seen);
            pb_chase_link(node, counts[k], seed);
            struct pb_chase_node *at = node;
            for (uint64_t step = 0; step < counts[k]; step++, at = at->next) {
                CHECK_MSG(!seen[at - node], "%d nodes: back after %d steps", (int)counts[k], (int)step);
                seen[at - node] = true;
            }
            CHECK(at == node);
        }
}

/* ---- All of it ---- */

static const struct executor_case each[] = {{"agrees", agrees}};
static const struct pb_case others[] = {
    {"kinds", kinds, NULL},
    {"race-thread", race, "thread"},
    {"race-process", race, "process"},
    {"race-is-told", race_is_told, NULL},
    {"begins-afresh", begins_afresh, NULL},
    {"cycle", cycle, NULL},
};

static bool generate(size_t i, struct pb_case *out) {
    const size_t rest = sizeof others / sizeof *others;
    if (i < rest)
        *out = others[i];
    return i < rest || executor_case_at(each, 1, i - rest, out);
}

const struct pb_suite suite_contention = {"contention", NULL, generate};
