/* The executor gil beyond what conformance asks of every executor: its tasks exclude each other, tell what
 * the lock did, and give it up wherever they wait in the library. */
#include "conformance.h"

#include "parbench/workload.h"

static struct pb_executor *open_gil(uint32_t workers, const char *options, void *state) {
    struct pb_executor *e;
    struct pb_error error = {0};
    struct pb_executor_config config = {.workers = workers, .options = options, .state = state};
    CHECK_MSG(pb_executor_open(&e, "gil", &config, &error) == 0, "%s", error.text);
    return e;
}

/* ---- Its parameter ---- */

static void checks_the_interval(const void *data) {
    static const struct {
        const char *options;
        int code;
        const char *text;
    } rows[] = {
        {"interval=1us", 0, ""},
        {"interval=5ms", 0, ""},
        {"interval=10s", 0, ""},
        {"interval=999ns", -ERANGE, "give 1 us to 10 s"},
        {"interval=11s", -ERANGE, "give 1 us to 10 s"},
        {"interval=5", -EINVAL, "interval"},
        {"intervall=1ms", -EINVAL, "interval"},
    };
    (void)data;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_executor *e;
        struct pb_error error = {0};
        struct pb_executor_config config = {.workers = 1, .options = rows[i].options};
        int rc = pb_executor_open(&e, "gil", &config, &error);
        CHECK_MSG(rc == rows[i].code, "%s: %d, %s", rows[i].options, rc, error.text);
        CHECK_MSG(strstr(error.text, rows[i].text), "%s: %s", rows[i].options, error.text);
        if (e)
            close_executor(e);
    }
}

/* ---- One at a time ---- */

/* Guarded by the lock of the executor alone. */
struct shared {
    uint64_t sum, initialized, finalized;
};

static void add_one(struct shared *s) {
    uint64_t sum = s->sum;
    for (int pause = 0; pause < 20; pause++)
        atomic_signal_fence(memory_order_seq_cst);
    s->sum = sum + 1;
}

static int add_in_range(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    *digest = i;
    for (int k = 0; k < 10; k++) {
        add_one(task->state);
        pb_checkpoint(task);
    }
    return 0;
}

static int add_in_task(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    add_one(task->state);
    pb_sleep(task, 0);
    add_one(task->state);
    return 0;
}

static int initialize(struct pb_task *task, struct pb_error *error) {
    struct shared *s = task->state;
    (void)error;
    s->initialized++;
    return 0;
}

static void finalize(struct pb_task *task) {
    struct shared *s = task->state;
    s->finalized++;
}

static void runs_one_at_a_time(const void *data) {
    struct shared shared = {0};
    struct pb_executor *e;
    struct pb_executor_config config = {.workers = 4,
                                        .options = "interval=1us",
                                        .state = &shared,
                                        .initializer = initialize,
                                        .finalizer = finalize};
    (void)data;
    CHECK_INT(pb_executor_open(&e, "gil", &config, NULL), 0);
    CHECK_INT(shared.initialized, 4);
    CHECK_INT(pb_for(e, 2000, add_in_range, NULL, 0, NULL, NULL), 0);
    CHECK_INT(shared.sum, 20000);
    for (int i = 0; i < 500; i++)
        pb_future_release(pb_submit(e, add_in_task, NULL, 0));
    close_executor(e);
    CHECK_INT(shared.sum, 21000);
    CHECK_INT(shared.finalized, 4);
}

/* ---- What it counts ---- */

static uint64_t counter(const struct pb_executor *e, const char *name) {
    const char *found;
    uint64_t value;
    for (unsigned k = 0; (found = pb_executor_counter(e, k, &value)); k++)
        if (strcmp(found, name) == 0)
            return value;
    CHECK_MSG(false, "no counter \"%s\"", name);
    return 0;
}

/* Two that wait for each other, and let go of the lock only when they are asked to. */
static int meet_at_checkpoints(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    atomic_uint *word = words_of(task);
    (void)args;
    *digest = i;
    atomic_fetch_add(&word[BEGUN], 1);
    while (atomic_load(&word[BEGUN]) < 2)
        pb_checkpoint(task);
    return 0;
}

static void counts_what_the_lock_did(const void *data) {
    atomic_uint *word = shared_words();
    struct pb_executor *e = open_gil(2, "interval=1ms", word);
    (void)data;
    uint64_t forced = counter(e, "lock forced"), wait_ns = counter(e, "lock wait ns"),
             switches = counter(e, "lock switches");
    CHECK_INT(pb_for(e, 2, meet_at_checkpoints, NULL, 0, NULL, NULL), 0);
    CHECK(counter(e, "lock forced") > forced);
    CHECK(counter(e, "lock switches") > switches);
    CHECK(counter(e, "lock wait ns") >= wait_ns + 1000000);
    close_executor(e);
    munmap(word, 4096);
}

static void counts_nothing_alone(const void *data) {
    struct shared shared = {0};
    struct pb_executor *e = open_gil(1, "interval=1us", &shared);
    (void)data;
    CHECK_INT(pb_for(e, 1000, add_in_range, NULL, 0, NULL, NULL), 0);
    CHECK_INT(counter(e, "lock forced"), 0);
    CHECK_INT(counter(e, "lock switches"), 0);
    CHECK_INT(counter(e, "lock wait ns"), 0);
    close_executor(e);
}

/* ---- Between two tasks ---- */

/* Ends only once another has run, but has no checkpoint: the library's own, between indices or tasks, must
 * let the other in. */
static int note_worker(struct pb_task *task) {
    atomic_uint *word = words_of(task);
    atomic_fetch_or(&word[FREE], 1u << task->worker);
    return atomic_load(&word[FREE]) == 3;
}

static int note_in_range(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)i, (void)args;
    *digest = 0;
    note_worker(task);
    return 0;
}

static int note_in_task(struct pb_task *task, const void *args, size_t size) {
    uint64_t both = (uint64_t)note_worker(task);
    (void)args, (void)size;
    return pb_return(task, &both, sizeof both);
}

/* Ranges, maps and single tasks, repeated until both workers have had a part in one. */
static void run_range(struct pb_executor *e) {
    CHECK_INT(pb_for(e, 100000, note_in_range, NULL, 0, NULL, NULL), 0);
}

static void run_map(struct pb_executor *e) {
    struct pb_map *map;
    struct pb_map_options options = {.chunk = 500};
    CHECK_INT(pb_map_open(&map, e, note_in_task, NULL, 0, 10000, &options), 0);
    while (pb_map_next(map, &(uint64_t){0}, sizeof(uint64_t), NULL) == 0)
        ;
    pb_map_close(map);
}

static void run_tasks(struct pb_executor *e) {
    struct pb_future *f[500];
    for (int i = 0; i < 500; i++)
        f[i] = pb_submit(e, note_in_task, NULL, 0);
    for (int i = 0; i < 500; i++)
        take(f[i]);
}

static void (*const ways_to_run[])(struct pb_executor *) = {run_range, run_map, run_tasks};

static void passes_checkpoints_between(const void *data) {
    void (*const run)(struct pb_executor *) = *(void (*const *)(struct pb_executor *))data;
    atomic_uint *word = shared_words();
    struct pb_executor *e = open_gil(2, "interval=1us", word);
    while (atomic_load(&word[FREE]) != 3 || counter(e, "lock forced") == 0)
        run(e);
    close_executor(e);
    munmap(word, 4096);
}

/* ---- Waiting gives it up ---- */

enum { RIVAL_BEGUN, WAITER_READY, OPEN };

static struct {
    atomic_uint word[3];
    struct pb_executor *other;
    const char *name; /* of the other */
} scene;

/* Of the other executor: done only once the rival has gone on, which takes the lock of gil. */
static int wait_for_rival(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    while (atomic_load(&scene.word[OPEN]) == 0)
        breathe(task);
    return 0;
}

static int wait_for_rival_in_range(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    *digest = i;
    return wait_for_rival(task, args, 0);
}

static int rival(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    atomic_store(&scene.word[RIVAL_BEGUN], 1);
    while (atomic_load(&scene.word[WAITER_READY]) == 0)
        pb_checkpoint(task);
    atomic_store(&scene.word[OPEN], 1);
    return 0;
}

static int by_result(void) {
    struct pb_future *f = pb_submit(scene.other, wait_for_rival, NULL, 0);
    int rc = pb_future_result(f, NULL, 0, PB_FOREVER);
    pb_future_release(f);
    return rc;
}

static int by_wait(void) {
    struct pb_future *f = pb_submit(scene.other, wait_for_rival, NULL, 0);
    int rc = pb_wait(&f, 1, PB_FIRST_COMPLETED, PB_FOREVER, NULL);
    pb_future_release(f);
    return rc;
}

static int by_as_completed(void) {
    struct pb_future *f = pb_submit(scene.other, wait_for_rival, NULL, 0), *got;
    struct pb_as_completed *it;
    int rc = pb_as_completed_open(&it, &f, 1, PB_FOREVER);
    rc = rc ? rc : pb_as_completed_next(it, &got);
    pb_as_completed_close(it);
    pb_future_release(f);
    return rc;
}

static int by_map(void) {
    struct pb_map *map;
    int rc = pb_map_open(&map, scene.other, wait_for_rival, NULL, 0, 3, NULL);
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = pb_map_next(map, NULL, 0, NULL);
    pb_map_close(map);
    return rc;
}

static int by_range(void) {
    return pb_for(scene.other, 3, wait_for_rival_in_range, NULL, 0, NULL, NULL);
}

static int by_shutdown(void) {
    pb_future_release(pb_submit(scene.other, wait_for_rival, NULL, 0));
    return pb_executor_shutdown(scene.other, PB_DRAIN, PB_FOREVER);
}

/* One runs, one waits, and the third finds no room. */
static int by_submit(void) {
    struct pb_executor *e;
    struct pb_executor_config config = {.workers = 1, .max_pending = 1};
    int rc = pb_executor_open(&e, scene.name, &config, NULL);
    for (int i = 0; i < 3 && rc == 0; i++) {
        struct pb_future *f = pb_submit(e, wait_for_rival, NULL, 0);
        rc = f ? 0 : -errno;
        pb_future_release(f);
    }
    return rc ? rc : pb_executor_close(e, PB_DRAIN, PB_FOREVER);
}

/* In a task of serial, which runs in the waiter. */
static int await_future(struct pb_task *task, const void *args, size_t size) {
    (void)task, (void)size;
    return pb_future_result(*(struct pb_future *const *)args, NULL, 0, PB_FOREVER);
}

static int by_nesting(void) {
    struct pb_executor *e;
    struct pb_future *f = pb_submit(scene.other, wait_for_rival, NULL, 0);
    int rc = pb_executor_open(&e, "serial", NULL, NULL);
    struct pb_future *nested = rc ? NULL : pb_submit(e, await_future, &f, sizeof f);
    rc = nested ? pb_future_result(nested, NULL, 0, PB_FOREVER) : -EIO;
    pb_future_release(nested);
    pb_future_release(f);
    return rc ? rc : pb_executor_close(e, PB_DRAIN, PB_FOREVER);
}

static const struct way {
    const char *name;
    int (*wait)(void);
} ways[] = {
    {"result", by_result}, {"wait", by_wait},       {"as-completed", by_as_completed},
    {"map", by_map},       {"range", by_range},     {"shutdown", by_shutdown},
    {"submit", by_submit}, {"nesting", by_nesting},
};

/* A worker that waits in the library lets the other worker go on: or this hangs. */
static int wait_in_task(struct pb_task *task, const void *args, size_t size) {
    const struct way *way = *(const struct way *const *)args;
    (void)size;
    while (atomic_load(&scene.word[RIVAL_BEGUN]) == 0)
        pb_checkpoint(task);
    atomic_store(&scene.word[WAITER_READY], 1);
    return way->wait();
}

static void waits_beside_another(const struct way *way, const char *other) {
    memset(&scene, 0, sizeof scene);
    scene.name = other;
    scene.other = open_executor(other, 1);
    struct pb_executor *e = open_gil(2, "interval=100us", NULL);
    struct pb_future *f[2] = {pb_submit(e, rival, NULL, 0), pb_submit(e, wait_in_task, &way, sizeof way)};
    for (int i = 0; i < 2; i++)
        take_code(f[i], 0);
    close_executor(e);
    close_executor(scene.other);
}

static void gives_it_up_to_wait(const void *data) {
    waits_beside_another(data, "thread");
    waits_beside_another(data, "gil"); /* each with a lock of its own */
}

static const struct pb_case cases[] = {
    {"checks-the-interval", checks_the_interval, NULL},
    {"runs-one-at-a-time", runs_one_at_a_time, NULL},
    {"counts-what-the-lock-did", counts_what_the_lock_did, NULL},
    {"counts-nothing-alone", counts_nothing_alone, NULL},
    {"passes-checkpoints-in-ranges", passes_checkpoints_between, &ways_to_run[0]},
    {"passes-checkpoints-in-maps", passes_checkpoints_between, &ways_to_run[1]},
    {"passes-checkpoints-between-tasks", passes_checkpoints_between, &ways_to_run[2]},
};

enum { CASES = sizeof cases / sizeof *cases, WAYS = sizeof ways / sizeof *ways };

static bool generate(size_t i, struct pb_case *out) {
    static char name[64];
    if (i < CASES) {
        *out = cases[i];
        return true;
    }
    i -= CASES;
    if (i >= WAYS)
        return false;
    snprintf(name, sizeof name, "gives-it-up-to-wait/%s", ways[i].name);
    *out = (struct pb_case){name, gives_it_up_to_wait, &ways[i]};
    return true;
}

const struct pb_suite suite_gil_executor = {.name = "gil_executor", .generate = generate};
