/* The program in a cgroup whose quota stops it, which needs a controller that this process may use. */
#include "program.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/cgroup.h"

/* A cgroup of its own below the one that we are in. */
struct box {
    char home[PATH_MAX], path[PATH_MAX + 64];
};

static bool put(const char *directory, const char *name, const char *text) {
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return done;
}

/* Moves this process in, and what it starts. */
static bool box_open(struct box *box, const char *controller, const char *period_us, const char *quota_us) {
    struct pb_cgroup here;
    char max[64];
    if (!pb_cgroup_find("", controller, &here))
        return false;
    snprintf(box->home, sizeof box->home, "%s", here.directory);
    snprintf(box->path, sizeof box->path, "%s/parbench-test-%d", box->home, (int)getpid());
    snprintf(max, sizeof max, "%s %s", quota_us, period_us);
    if (mkdir(box->path, 0700) < 0)
        return false;
    bool limited = *controller ? put(box->path, "cpu.cfs_period_us", period_us) &&
                                     put(box->path, "cpu.cfs_quota_us", quota_us)
                               : put(box->path, "cpu.max", max);
    if (limited && put(box->path, "cgroup.procs", "0"))
        return true;
    rmdir(box->path);
    return false;
}

static void box_close(struct box *box) {
    put(box->home, "cgroup.procs", "0");
    CHECK_MSG(rmdir(box->path) == 0, "%s is not empty", box->path);
}

/* A quarter of a processor, so that eight threads are stopped even where others run. */
static void eight_threads(const void *data) {
    static const char *const environment[] = {"LC_ALL=C.UTF-8", NULL};
    struct box box;
    struct program p;
    struct pb_run run;
    (void)data;
    program_need();
    if (!box_open(&box, "cpu", "100000", "25000") && !box_open(&box, "", "100000", "25000"))
        pb_test_skip("no cgroup with a quota can be made here");
    program_run(&p, environment, "-w spin:work=1ms -e thread -n 8 --tasks 24 --rounds 6 --format json");
    box_close(&box);
    program_check_code(&p, 0);
    program_decode(&run, "the result", &p.said);
    const struct pb_cell *cell = program_cell(&run, "spin", "thread", 8);
    int64_t periods = 0, stopped = 0;
    for (uint32_t i = 0; i < cell->samples; i++) {
        CHECK(cell->sample[i].throttled >= 0 && cell->sample[i].throttled_ns >= 0);
        periods += cell->sample[i].throttled;
        stopped += cell->sample[i].throttled_ns;
    }
    CHECK_MSG(periods > 0 && stopped > 0, "stopped in %lld periods for %lld ns", (long long)periods,
              (long long)stopped);
    CHECK_NEAR(run.limits.quota, 0.25, 0);
    CHECK_TEXT(cell->summary.cause, "quota");
    CHECK_INT(run.findings, 1);
    CHECK_HAS(run.finding[0].claim, "quota");
    CHECK_HAS(run.finding[0].evidence, "The cgroup allows 0.25 processors; it stopped the workers for ");
    CHECK_HAS(run.finding[0].next, "Use -n 1, or raise cpu.max of ");
    pb_run_release(&run);
    program_release(&p);
}

const struct pb_suite suite_quota = {
    "quota",
    (const struct pb_case[]){{"eight-threads", eight_threads, NULL}, {0}},
    NULL,
};
