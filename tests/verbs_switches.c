/* Where one task computes at a time: where another may, and where none can. */
#include "verbs.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

static bool is_exclusive(const struct way *way) {
    return way->exclusive;
}

static bool keeps_going(const struct way *way) {
    return !way->exclusive || way->switches;
}

static bool starves(const struct way *way) {
    return way->exclusive && !way->switches;
}

/* ---- Another runs between ---- */

struct pair {
    atomic_uint begun, flag;
    unsigned seen;
};

static void set_flag(struct pb_task *task, void *argument) {
    struct pair *pair = argument;
    (void)task;
    atomic_store(&pair->flag, 1);
}

static void pass_checkpoints(struct pb_task *task, void *argument) {
    struct pair *pair = argument;
    atomic_store(&pair->begun, 1);
    while (!atomic_load(&pair->flag))
        pb_checkpoint(task);
}

static void allow(struct pb_task *task, void *argument) {
    struct pair *pair = argument;
    atomic_store(&pair->begun, 1);
    pb_allow_begin(task);
    while (!atomic_load(&pair->flag))
        sched_yield();
    pb_allow_end(task);
}

/* Waits in some verb, for ever but for the other task. */
static void sleep_between(struct pb_task *task, void *argument) {
    struct pair *pair = argument;
    atomic_store(&pair->begun, 1);
    while (!atomic_load(&pair->flag))
        CHECK_INT(pb_sleep(task, 1000), 0);
}

static void another_runs(const struct way *way, verbs_task *first) {
    struct pair pair = {0};
    struct pb_executor *e = way_open(way, 2);
    struct pb_future *f = way_submit(e, first, &pair);
    scene_await(&pair.begun);
    struct pb_future *g = way_submit(e, set_flag, &pair);
    way_finish(f);
    way_finish(g);
    way_close(e);
}

static void at_checkpoints(const struct way *way, const void *data) {
    (void)data;
    another_runs(way, pass_checkpoints);
}

static void while_allowed(const struct way *way, const void *data) {
    (void)data;
    another_runs(way, allow);
}

static void while_asleep(const struct way *way, const void *data) {
    (void)data;
    another_runs(way, sleep_between);
}

/* ---- None does ---- */

static void compute(struct pb_task *task, void *argument) {
    struct pair *pair = argument;
    atomic_store(&pair->begun, 1);
    for (int k = 0; k < 100000; k++) {
        pb_checkpoint(task);
        pb_allow_begin(task);
        pair->seen += atomic_load(&pair->flag);
        pb_allow_end(task);
    }
}

/* An event loop's checkpoints are none: who only computes lets nobody run. */
static void nobody_runs(const struct way *way, const void *data) {
    struct pair pair = {0};
    (void)data;
    struct pb_executor *e = way_open(way, 2);
    struct pb_future *f = way_submit(e, compute, &pair);
    scene_await(&pair.begun);
    struct pb_future *g = way_submit(e, set_flag, &pair);
    way_finish(f);
    CHECK_INT(pair.seen, 0);
    way_finish(g);
    way_close(e);
}

/* ---- One at a time, whatever they went through ---- */

enum { TASKS = 6, ROUNDS = 300 };

struct tally {
    atomic_uint inside, overlaps, number;
    uint64_t count; /* guarded by nothing but that one computes at a time */
    int fd[2], file;
};

static void through_checkpoint(struct pb_task *task, struct tally *t) {
    (void)t;
    pb_checkpoint(task);
}

static void through_allowance(struct pb_task *task, struct tally *t) {
    (void)t;
    pb_allow_begin(task);
    sched_yield();
    pb_allow_end(task);
}

static void through_sleep(struct pb_task *task, struct tally *t) {
    (void)t;
    CHECK_INT(pb_sleep(task, 100), 0);
}

static void through_write(struct pb_task *task, struct tally *t) {
    CHECK_INT(pb_write(task, t->fd[1], "x", 1), 1);
}

static void through_read(struct pb_task *task, struct tally *t) {
    through_write(task, t);
    CHECK_INT(pb_read(task, t->fd[0], &(char){0}, 1), 1);
}

static void through_file(struct pb_task *task, struct tally *t) {
    CHECK_INT(pb_pwrite(task, t->file, "x", 1, 7), 1);
    CHECK_INT(pb_pread(task, t->file, &(char){0}, 1, 7), 1);
}

static void through_failure(struct pb_task *task, struct tally *t) {
    (void)t;
    CHECK_INT(pb_read(task, -1, NULL, 0), -EBADF);
}

static void (*const passages[])(struct pb_task *, struct tally *) = {
    through_checkpoint, through_allowance, through_sleep, through_read, through_file, through_failure,
};

static void take_part(struct pb_task *task, void *argument) {
    struct tally *t = argument;
    size_t first = atomic_fetch_add(&t->number, 1);
    for (size_t round = 0; round < ROUNDS; round++) {
        if (atomic_exchange(&t->inside, 1))
            atomic_fetch_add(&t->overlaps, 1);
        uint64_t before = t->count;
        if (round % 16 == 0)
            sched_yield(); /* long enough for who should not be here */
        t->count = before + 1;
        atomic_store(&t->inside, 0);
        passages[(first + round) % (sizeof passages / sizeof *passages)](task, t);
    }
}

static void one_at_a_time(const struct way *way, const void *data) {
    struct tally tally = {0};
    struct pb_future *f[TASKS];
    char directory[32], path[64];
    (void)data;
    temporary(directory);
    snprintf(path, sizeof path, "%s/file", directory);
    tally.file = open(path, O_RDWR | O_CREAT, 0600);
    CHECK(tally.file >= 0 && pipe(tally.fd) == 0);
    struct pb_executor *e = way_open(way, TASKS);
    for (int k = 0; k < TASKS; k++)
        f[k] = way_submit(e, take_part, &tally);
    for (int k = 0; k < TASKS; k++)
        way_finish(f[k]);
    way_close(e);
    CHECK_INT(atomic_load(&tally.overlaps), 0);
    CHECK_INT(tally.count, TASKS * ROUNDS);
    close(tally.fd[0]);
    close(tally.fd[1]);
    close(tally.file);
    unlink(path);
    rmdir(directory);
}

const struct verbs_case verbs_switches[] = {
    {.name = "another-runs-at-checkpoints", .run = at_checkpoints, .applies = keeps_going},
    {.name = "another-runs-while-allowed", .run = while_allowed, .applies = keeps_going},
    {.name = "another-runs-while-asleep", .run = while_asleep},
    {.name = "nobody-runs-at-checkpoints", .run = nobody_runs, .applies = starves},
    {.name = "one-at-a-time", .run = one_at_a_time, .applies = is_exclusive},
    {0},
};
