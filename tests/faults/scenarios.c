/* The contract of executors, one part a scenario. */
#include "faults/scene.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "faults/names.h"

#define MILLISECOND 1000000LL

static const struct pb_executor_config two_workers = {.workers = 2}, one_worker = {.workers = 1};

static int enter(struct pb_task *task, struct pb_error *error) {
    (void)error;
    atomic_uint *word = task->state;
    atomic_fetch_add(&word[WORD_ENTERED], 1);
    memset(task->lane, 1, 100);
    return 0;
}

static void leave(struct pb_task *task) {
    atomic_uint *word = task->state;
    atomic_fetch_add(&word[WORD_LEFT], 1);
}

static int refuse(struct pb_task *task, struct pb_error *error) {
    (void)task;
    error->code = -EPERM;
    snprintf(error->text, sizeof error->text, "initializer: not today: come back tomorrow");
    return -EPERM;
}

static void opens(struct inject_board *b, const char *executor) {
    struct scene s;
    struct pb_executor_config config = {
        .workers = 2, .lane_size = 5000, .state = b->word, .initializer = enter, .finalizer = leave};
    if (!scene_open(&s, b, executor, &config))
        return;
    scene_square(&s, 3);
    scene_close(&s, PB_DRAIN);
    unsigned entered = atomic_load(&b->word[WORD_ENTERED]), left = atomic_load(&b->word[WORD_LEFT]);
    if (scene_is_clean(&s) && entered != left)
        inject_violation(b, "%u workers entered, %u left", entered, left);
}

static void refused(struct inject_board *b, const char *executor) {
    struct pb_executor *pool = NULL;
    struct pb_error error = {0};
    struct scene s = {.board = b, .executor = executor};
    int rc = pb_executor_open(&pool, executor,
                              &(struct pb_executor_config){.workers = 2, .initializer = refuse}, &error);
    if (rc == 0 || pool)
        inject_violation(b, "open succeeded although every initializer failed");
    else if (rc != -EPERM)
        scene_judge(&s, "open", rc, error.text);
    else if (error.code != -EPERM || !strstr(error.text, scene_is_clean(&s) ? "not today" : "initializer"))
        inject_violation(b, "open failed as the initializer did, but said %d \"%s\"", error.code, error.text);
    if (pool)
        pb_executor_close(pool, PB_KILL, PB_FOREVER);
}

static void small(struct inject_board *b, const char *executor) {
    struct scene s;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    for (uint64_t i = 0; i < 8; i++)
        scene_square(&s, i);
    scene_collect_all(&s);
    scene_submit(&s, scene_task_echo, NULL, 0, (struct ticket){.code = 0});
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

static void large(struct inject_board *b, const char *executor) {
    static unsigned char block[SCENE_LARGE];
    static const size_t sizes[] = {200, 5000, 70000, SCENE_LARGE, SCENE_LARGE};
    struct scene s;
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (unsigned char)(i * 7 + i / 251);
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        scene_submit(&s, scene_task_echo, block, sizes[i],
                     (struct ticket){.result = block, .size = sizes[i]});
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

static void failures(struct inject_board *b, const char *executor) {
    static const int codes[] = {1, 7, 30, 99};
    struct scene s;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        scene_submit(&s, scene_task_fail, &codes[i], sizeof codes[i],
                     (struct ticket){.code = codes[i], .said = "task: failed with"});
    scene_submit(&s, scene_task_huge, &codes, sizeof codes, (struct ticket){.code = -EMSGSIZE});
    scene_square(&s, 9);
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

static int body(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    uint64_t factor;
    (void)task;
    memcpy(&factor, args, sizeof factor);
    *digest = i * factor;
    return i % 8 == 7;
}

static void run_range(struct scene *s, struct pb_range_result *result) {
    static const uint64_t factor = 3;
    struct pb_error error = {0};
    int rc = pb_for(s->pool, 400, body, &factor, sizeof factor, result, &error);
    if (rc < 0)
        scene_judge(s, "pb_for", rc, error.text);
    else if (result->tasks != 400 || result->status[0] != 350 || result->status[1] != 50)
        inject_violation(s->board, "pb_for succeeded but ran %llu tasks of 400",
                         (unsigned long long)result->tasks);
}

static void ranges(struct inject_board *b, const char *executor) {
    struct pb_range_result first = {0}, second = {0};
    struct scene s;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    run_range(&s, &first);
    run_range(&s, &second);
    if (first.tasks == 400 && second.tasks == 400 && first.digest != second.digest)
        inject_violation(b, "pb_for gave two digests for the same range");
    scene_square(&s, 5);
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

enum { MAPPED = 30 };

static void map(struct scene *s) {
    struct pb_map *m = NULL;
    struct pb_error message = {0};
    uint64_t got = 0, next = 0;
    int rc = pb_map_open(&m, s->pool, scene_task_square, NULL, 0, MAPPED,
                         &(struct pb_map_options){.window = 8, .chunk = 3});
    if (rc < 0) {
        scene_judge(s, "pb_map_open", rc, NULL);
        return;
    }
    unsigned good = 0, calls = 0;
    while (calls++ < MAPPED + 8 && (rc = pb_map_next(m, &got, sizeof got, &message)) != -ENOENT) {
        if (rc != 0) {
            scene_judge(s, "pb_map_next", rc, message.text);
            continue;
        }
        good++;
        while (next < MAPPED && next * next + 1 != got)
            next++;
        if (next++ == MAPPED)
            inject_violation(s->board, "pb_map_next gave a wrong result, or out of order");
    }
    if (scene_is_clean(s) && (rc != -ENOENT || good != MAPPED))
        inject_violation(s->board, "pb_map gave %u results of %d and ended with %d", good, MAPPED, rc);
    pb_map_close(m);
}

static void maps(struct inject_board *b, const char *executor) {
    struct scene s;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    map(&s);
    scene_square(&s, 5);
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

/* The futures of the tickets that were not refused. */
static size_t futures_of(struct scene *s, struct pb_future **out) {
    size_t count = 0;
    for (size_t i = 0; i < s->tickets; i++)
        if (s->ticket[i].future)
            out[count++] = s->ticket[i].future;
    return count;
}

static void completes(struct inject_board *b, const char *executor) {
    struct scene s;
    struct pb_future *futures[SCENE_TICKETS], *f;
    struct pb_as_completed *iteration = NULL;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    scene_submit(&s, scene_task_nap, NULL, 0, (struct ticket){.code = 0});
    for (uint64_t i = 0; i < 8; i++)
        scene_square(&s, i);
    size_t count = futures_of(&s, futures), seen = 0;
    int rc = pb_as_completed_open(&iteration, futures, count, PB_FOREVER);
    if (rc < 0) {
        scene_judge(&s, "pb_as_completed_open", rc, NULL);
    } else {
        while ((rc = pb_as_completed_next(iteration, &f)) == 0)
            seen += pb_future_done(f);
        if (rc != -ENOENT || seen != count)
            inject_violation(b, "as_completed gave %zu of %zu and ended with %d", seen, count, rc);
        pb_as_completed_close(iteration);
    }
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

static void waits(struct inject_board *b, const char *executor) {
    static const enum pb_wait_for until[] = {PB_FIRST_COMPLETED, PB_FIRST_FAILED, PB_ALL_COMPLETED};
    struct scene s;
    struct pb_future *futures[SCENE_TICKETS];
    int code = 4;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    scene_submit(&s, scene_task_nap, NULL, 0, (struct ticket){.code = 0});
    scene_submit(&s, scene_task_fail, &code, sizeof code,
                 (struct ticket){.code = 4, .said = "failed with 4"});
    for (uint64_t i = 0; i < 4; i++)
        scene_square(&s, i);
    size_t count = futures_of(&s, futures);
    for (size_t i = 0; i < sizeof until / sizeof *until; i++) {
        size_t done = 0;
        int rc = pb_wait(futures, count, until[i], PB_FOREVER, &done);
        if (rc < 0)
            scene_judge(&s, "pb_wait", rc, NULL);
        else if (count && (done < 1 || (until[i] == PB_ALL_COMPLETED && done != count)))
            inject_violation(b, "pb_wait succeeded with %zu done of %zu", done, count);
    }
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

/* A callback that submits; the second task is collected by the scenario. */
static void submit_another(struct pb_future *f, void *context) {
    struct scene *s = context;
    uint64_t x = 11;
    (void)f;
    struct ticket *t = &s->ticket[SCENE_TICKETS - 1];
    t->number = x * x + 1;
    t->result = &t->number;
    t->size = sizeof t->number;
    t->future = pb_submit(s->pool, scene_task_square, &x, sizeof x);
    atomic_store(&s->board->word[WORD_MUTE], t->future ? 1 : (unsigned)errno + 1);
}

static void calls_back(struct inject_board *b, const char *executor) {
    struct scene s;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    struct ticket *t = scene_submit(&s, scene_task_nap, NULL, 0, (struct ticket){.code = 0});
    int rc = t->future ? pb_future_add_callback(t->future, submit_another, &s) : -ECANCELED;
    if (t->future && rc < 0)
        scene_judge(&s, "add_callback", rc, NULL);
    while (rc == 0 && !atomic_load(&b->word[WORD_MUTE]))
        scene_task_nap(NULL, NULL, 0);
    if (rc == 0 && atomic_load(&b->word[WORD_MUTE]) > 1)
        scene_judge(&s, "submit in a callback", 1 - (int)atomic_load(&b->word[WORD_MUTE]), NULL);
    scene_collect_all(&s);
    scene_collect(&s, &s.ticket[SCENE_TICKETS - 1]);
    scene_close(&s, PB_DRAIN);
    pb_future_release(s.ticket[SCENE_TICKETS - 1].future);
}

/* One worker that is busy until the gate opens. */
static bool open_gated(struct scene *s, struct inject_board *b, const char *executor,
                       const struct pb_executor_config *config) {
    if (!scene_open(s, b, executor, config))
        return false;
    atomic_store(&b->word[WORD_GATE], scene_is_serial(s));
    scene_submit(s, scene_task_gate, NULL, 0, (struct ticket){.code = 0});
    return true;
}

static void cancels(struct inject_board *b, const char *executor) {
    struct scene s;
    if (!open_gated(&s, b, executor, &one_worker))
        return;
    for (uint64_t i = 0; i < 5; i++) {
        struct ticket *t = scene_square(&s, i);
        t->may_be_cancelled = i % 2;
        if (i % 2 && t->future && pb_future_cancel(t->future) && !pb_future_cancelled(t->future))
            inject_violation(b, "cancel said yes, but the future is not cancelled");
    }
    atomic_store(&b->word[WORD_GATE], 1);
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

static void deadlines(struct inject_board *b, const char *executor) {
    static const unsigned char args[3000] = "too much to lie in the future itself";
    struct scene s;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    scene_submit_within(&s, scene_task_stay, NULL, 0, 30 * MILLISECOND, (struct ticket){.code = -ETIMEDOUT});
    scene_submit_within(&s, scene_task_nap, NULL, 0, 100000 * MILLISECOND, (struct ticket){.code = 0});
    scene_submit_within(&s, scene_task_echo, args, sizeof args, 100000 * MILLISECOND,
                        (struct ticket){.result = args, .size = sizeof args});
    scene_square(&s, 6);
    scene_collect_all(&s);
    scene_square(&s, 7);
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

static void blocks_when_full(struct inject_board *b, const char *executor) {
    struct scene s;
    if (!scene_open(&s, b, executor, &(struct pb_executor_config){.workers = 1, .max_pending = 2}))
        return;
    for (uint64_t i = 0; i < 8; i++)
        scene_square(&s, i);
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

static void refuses_when_full(struct inject_board *b, const char *executor) {
    struct scene s;
    struct pb_executor_config config = {.workers = 1, .max_pending = 2, .when_full = PB_REFUSE};
    if (!open_gated(&s, b, executor, &config))
        return;
    uint64_t x = 2;
    bool full = false;
    for (int i = 0; i < 10 && !full; i++) {
        struct pb_future *f = pb_submit(s.pool, scene_task_square, &x, sizeof x);
        full = !f && errno == EAGAIN;
        if (!f && !full)
            scene_judge(&s, "submit", -errno, NULL);
        pb_future_release(f);
    }
    if (scene_is_clean(&s) && full == scene_is_serial(&s))
        inject_violation(b, full ? "serial was full" : "was never full");
    atomic_store(&b->word[WORD_GATE], 1);
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

static void renews(struct inject_board *b, const char *executor) {
    struct scene s;
    struct pb_range_result result = {0};
    struct pb_executor_config config = {.workers = 2,
                                        .lane_size = 5000,
                                        .state = b->word,
                                        .initializer = enter,
                                        .finalizer = leave,
                                        .max_tasks_per_worker = 2};
    if (!scene_open(&s, b, executor, &config))
        return;
    for (uint64_t i = 0; i < 8; i++)
        scene_square(&s, i);
    scene_collect_all(&s);
    run_range(&s, &result);
    scene_square(&s, 9);
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

/* After shutdown everything is done, and nothing new is taken. */
static void shut_down(struct scene *s, enum pb_close how) {
    struct pb_error error = {0};
    uint64_t x = 1;
    int rc = pb_executor_shutdown(s->pool, how, PB_FOREVER);
    if (rc < 0)
        inject_violation(s->board, "shutdown failed with %d", rc);
    for (size_t i = 0; i < s->tickets; i++)
        if (s->ticket[i].future && !pb_future_done(s->ticket[i].future))
            inject_violation(s->board, "task %zu is not done after shutdown", i);
    struct pb_future *f = pb_submit(s->pool, scene_task_square, &x, sizeof x);
    if (f || (errno != ESHUTDOWN && scene_is_clean(s)))
        inject_violation(s->board, "submit after shutdown: errno %d", errno);
    pb_future_release(f);
    rc = pb_for(s->pool, 3, body, &x, sizeof x, NULL, &error);
    if ((rc != -ESHUTDOWN && scene_is_clean(s)) || rc >= 0 || !*error.text)
        inject_violation(s->board, "pb_for after shutdown: %d %s", rc, error.text);
    scene_collect_all(s);
    scene_close(s, how);
}

static void drains(struct inject_board *b, const char *executor) {
    struct scene s;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    scene_submit(&s, scene_task_nap, NULL, 0, (struct ticket){.code = 0});
    for (uint64_t i = 0; i < 6; i++)
        scene_square(&s, i);
    shut_down(&s, PB_DRAIN);
}

static void shuts_down_cancelling(struct inject_board *b, const char *executor) {
    struct scene s;
    if (!scene_open(&s, b, executor, &one_worker))
        return;
    scene_submit(&s, scene_task_nap, NULL, 0, (struct ticket){.may_be_cancelled = true});
    for (uint64_t i = 0; i < 5; i++)
        scene_square(&s, i)->may_be_cancelled = true;
    shut_down(&s, PB_CANCEL);
}

static void kills(struct inject_board *b, const char *executor) {
    struct scene s;
    struct scene *p = &s;
    if (!scene_open(p, b, executor, &two_workers))
        return;
    if (!scene_is_serial(p))
        scene_submit(p, scene_task_stay, NULL, 0, (struct ticket){.may_be_anything = true});
    for (uint64_t i = 0; i < 5; i++)
        scene_square(p, i)->may_be_anything = true;
    shut_down(p, PB_KILL);
}

static void survives_death(struct inject_board *b, const char *executor) {
    struct scene s;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    scene_square(&s, 1);
    scene_submit(&s, scene_task_die, NULL, 0, (struct ticket){.code = -EOWNERDEAD, .said = "3"});
    scene_square(&s, 2);
    scene_collect_all(&s);
    scene_square(&s, 3);
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

struct nested {
    struct pb_executor *pool;
    uint64_t x;
};

/* Submits to the executor that runs it, and waits: 0 with the result, or errno. */
static int task_nest(struct pb_task *task, const void *args, size_t size) {
    struct nested n;
    uint64_t y = 0;
    memcpy(&n, args, size);
    struct pb_future *f = pb_submit(n.pool, scene_task_square, &n.x, sizeof n.x);
    if (!f)
        return errno;
    int rc = pb_future_result(f, &y, sizeof y, PB_FOREVER);
    pb_future_release(f);
    return rc < 0 ? -rc : pb_return(task, &y, sizeof y);
}

/* Workers that are threads help; worker processes refuse. */
static void nests(struct inject_board *b, const char *executor) {
    static const uint64_t square = 4 * 4 + 1;
    struct scene s;
    if (!scene_open(&s, b, executor, &two_workers))
        return;
    struct nested n = {.pool = s.pool, .x = 4};
    bool refuses = strcmp(executor, "process") == 0;
    for (int i = 0; i < 4; i++) {
        struct ticket wanted = {.result = &square, .size = sizeof square};
        if (refuses)
            wanted = (struct ticket){.code = EDEADLK, .bare = true};
        scene_submit(&s, task_nest, &n, sizeof n, wanted);
    }
    scene_collect_all(&s);
    scene_close(&s, PB_DRAIN);
}

#define ROW(name, run, only) {name, run, only},
const struct inject_scenario inject_scenarios[] = {INJECT_SCENARIOS(ROW){0}};
