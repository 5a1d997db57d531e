/* cancel [EXECUTOR]: a deadline for one task; then several mirrors are asked, and the first answer wins. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "parbench/executor.h"

enum { MILLISECOND = 1000000, SECONDS = 1000 * MILLISECOND };

struct mirror {
    char name[8];
    int milliseconds; /* until it answers */
};
static const struct mirror mirrors[] = {
    {"oslo", 60000}, {"riga", 20}, {"bern", 60000}, {"rome", 60000}, {"kyiv", 60000}, {"lima", 60000},
};
enum { COUNT = sizeof mirrors / sizeof *mirrors };

/* A task that takes long asks now and then whether it should stop. In a worker process it need not: that can
 * be killed. In a thread it must, since a thread cannot. */
static int ask(struct pb_task *task, const void *args, size_t size) {
    const struct mirror *m = args;
    (void)size;
    for (int waited = 0; waited < m->milliseconds; waited += 10) {
        if (pb_should_stop(task))
            return pb_fail(task, ECANCELED, "%s: asked to stop", m->name);
        int rc = pb_sleep(task, 10 * MILLISECOND);
        if (rc < 0)
            return pb_fail(task, -rc, "%s: %s", m->name, strerror(-rc));
    }
    return pb_return(task, m, sizeof *m);
}

/* One task that is too slow for its deadline. */
static int too_late(struct pb_executor *pool) {
    PB_SCOPED_FUTURE f = pb_submit_within(pool, ask, &mirrors[0], sizeof *mirrors, 50 * MILLISECOND);
    if (!f)
        return -errno;
    int rc = pb_future_result(f, NULL, 0, PB_FOREVER);
    printf("%s: %s within 50 ms\n", mirrors[0].name, rc == 0 ? "an answer" : "no answer");
    return rc == -ETIMEDOUT ? 0 : rc;
}

/* Waits for the first that answers; one that fails has not answered. 0, or -errno. */
static int first(struct pb_future *const *futures, struct mirror *winner) {
    struct pb_as_completed *done;
    struct pb_future *f;
    int rc = pb_as_completed_open(&done, futures, COUNT, 30LL * SECONDS);
    if (rc < 0)
        return rc;
    while ((rc = pb_as_completed_next(done, &f)) == 0)
        if (pb_future_result(f, winner, sizeof *winner, 0) == 0)
            break;
    pb_as_completed_close(done);
    return rc == -ENOENT ? -EHOSTUNREACH : rc;
}

static int race(struct pb_executor *pool, struct pb_future **futures) {
    struct mirror winner;
    size_t done;
    for (int i = 0; i < COUNT; i++)
        if (!(futures[i] = pb_submit(pool, ask, &mirrors[i], sizeof *mirrors)))
            return -errno;
    int rc = first(futures, &winner);
    for (int i = 0; i < COUNT; i++)
        pb_future_cancel(futures[i]);                               /* true for those that had not begun */
    int ended = pb_executor_shutdown(pool, PB_KILL, 5LL * SECONDS); /* the others */
    if (rc < 0 || ended < 0)
        return rc < 0 ? rc : ended;
    printf("%s answered first\n", winner.name);
    rc = pb_wait(futures, COUNT, PB_ALL_COMPLETED, 0, &done);
    printf("%zu of %d are done or given up\n", done, COUNT);
    return rc;
}

static int complain(const char *why) {
    fprintf(stderr, "cancel: %s\n", why);
    return 1;
}

int main(int argc, char **argv) {
    PB_SCOPED_EXECUTOR pool = NULL;
    struct pb_executor_config config = {.workers = 2};
    struct pb_future *futures[COUNT] = {NULL};
    struct pb_error error;
    if (pb_executor_open(&pool, argc > 1 ? argv[1] : "thread", &config, &error) < 0)
        return complain(error.text);
    int rc = too_late(pool);
    if (rc == 0)
        rc = race(pool, futures);
    for (int i = 0; i < COUNT; i++)
        pb_future_release(futures[i]);
    return rc == 0 ? 0 : complain(strerror(rc < 0 ? -rc : rc));
}
