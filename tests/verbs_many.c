/* Many tasks at once in each verb: each gets its own answer. */
#include "verbs.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "base/clock.h"
#include "parbench/workload.h"

enum { TASKS = 24 };

/* All have begun before the first is let go, the last one first. */
static void wait_together(const struct way *way, const void *data) {
    static struct scene scene[TASKS];
    struct pb_future *f[TASKS];
    (void)data;
    struct pb_executor *e = way_open(way, TASKS);
    for (const struct waiting *w = verbs_waiting; w->name; w++) {
        if (w->alone)
            continue;
        for (int k = 0; k < TASKS; k++)
            scene_set(&scene[k], w);
        for (int k = 0; k < TASKS; k++)
            f[k] = way_submit(e, scene_task, &scene[k]);
        for (int k = 0; k < TASKS; k++)
            while (!atomic_load(&scene[k].thread_id))
                sched_yield();
        for (int k = TASKS; k-- > 0;) {
            CHECK_MSG(!atomic_load(&scene[k].over), "%s of task %d did not wait", w->name, k);
            w->release(&scene[k]);
            way_finish(f[k]);
            CHECK_MSG(atomic_load(&scene[k].result) == w->expected, "%s of task %d is %ld", w->name, k,
                      atomic_load(&scene[k].result));
            scene_clear(&scene[k]);
        }
    }
    way_close(e);
}

struct lap {
    char directory[32];
    int number;
    uint64_t ended;
};

/* Files of one's own, through all their verbs. */
static void keep_file(struct pb_task *task, void *argument) {
    struct lap *lap = argument;
    char path[64];
    uint64_t block[512], sum = 0;
    snprintf(path, sizeof path, "%s/%d", lap->directory, lap->number);
    int fd = pb_open(task, path, O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK_MSG(fd >= 0, "open: %d", fd);
    for (int round = 0; round < 8; round++) {
        for (int k = 0; k < 512; k++)
            block[k] = pb_mix((uint64_t)lap->number, (uint64_t)(round * 512 + k));
        if (round < 4)
            CHECK_INT(pb_write(task, fd, block, sizeof block), sizeof block);
        else
            CHECK_INT(pb_pwrite(task, fd, block, sizeof block, round * (off_t)sizeof block), sizeof block);
    }
    CHECK_INT(pb_fsync(task, fd), 0);
    for (int round = 8; round-- > 0;) {
        CHECK_INT(pb_pread(task, fd, block, sizeof block, round * (off_t)sizeof block), sizeof block);
        for (int k = 0; k < 512; k++)
            sum |= block[k] ^ pb_mix((uint64_t)lap->number, (uint64_t)(round * 512 + k));
    }
    CHECK_INT(sum, 0);
    CHECK_INT(pb_close(task, fd), 0);
    CHECK_INT(pb_open(task, path, O_RDWR | O_CREAT | O_EXCL, 0600), -EEXIST);
    unlink(path);
}

static void keep_files(const struct way *way, const void *data) {
    struct lap lap[TASKS] = {0};
    struct pb_future *f[TASKS];
    (void)data;
    temporary(lap[0].directory);
    struct pb_executor *e = way_open(way, TASKS);
    for (int k = 0; k < TASKS; k++) {
        memcpy(lap[k].directory, lap[0].directory, sizeof lap[0].directory);
        lap[k].number = k;
        f[k] = way_submit(e, keep_file, &lap[k]);
    }
    for (int k = 0; k < TASKS; k++)
        way_finish(f[k]);
    way_close(e);
    CHECK(rmdir(lap[0].directory) == 0);
}

/* The later it comes the sooner it ends. */
static void nap(struct pb_task *task, void *argument) {
    struct lap *lap = argument;
    uint64_t wait = (uint64_t)(TASKS - lap->number) * MILLISECOND, start = pb_now();
    CHECK_INT(pb_sleep(task, (int64_t)wait), 0);
    lap->ended = pb_now();
    CHECK(lap->ended - start >= wait);
}

static void sleep_together(const struct way *way, const void *data) {
    struct lap lap[TASKS] = {0};
    struct pb_future *f[TASKS];
    (void)data;
    struct pb_executor *e = way_open(way, TASKS);
    for (int k = 0; k < TASKS; k++) {
        lap[k].number = k;
        f[k] = way_submit(e, nap, &lap[k]);
    }
    for (int k = 0; k < TASKS; k++)
        way_finish(f[k]);
    way_close(e);
}

const struct verbs_case verbs_many[] = {
    {.name = "wait-together", .run = wait_together},
    {.name = "sleep-together", .run = sleep_together},
    {.name = "keep-files-together", .run = keep_files},
    {0},
};
