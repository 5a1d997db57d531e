/* as_completed [EXECUTOR]: "downloads" the flags of twenty countries, and counts them as they come in. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "parbench/executor.h"

enum { MILLISECOND = 1000000 };

/* The most populous countries, and how long the server of each takes to answer. */
struct country {
    char code[3];
    int milliseconds;
};
static const struct country countries[] = {
    {"CN", 37}, {"IN", 12}, {"US", 25}, {"ID", 41}, {"BR", 8},  {"PK", 30}, {"NG", 19},
    {"BD", 5},  {"RU", 33}, {"JP", 22}, {"MX", 14}, {"PH", 46}, {"VN", 28}, {"ET", 10},
    {"EG", 39}, {"DE", 17}, {"IR", 44}, {"TR", 6},  {"CD", 24}, {"FR", 35},
};
enum { COUNT = sizeof countries / sizeof *countries };

/* Sleeps where a real one would connect and receive: through the verbs, too (pb_connect, pb_recv). */
static int download(struct pb_task *task, const void *args, size_t size) {
    const struct country *c = args;
    char flag[32];
    (void)size;
    int rc = pb_sleep(task, (int64_t)c->milliseconds * MILLISECOND);
    if (rc < 0)
        return pb_fail(task, -rc, "%s: %s: try again", c->code, strerror(-rc));
    snprintf(flag, sizeof flag, "flag of %s", c->code);
    return pb_return(task, flag, strlen(flag) + 1);
}

static int complain(const char *why) {
    fprintf(stderr, "as_completed: %s\n", why);
    return 1;
}

/* Takes the futures as they complete. Returns how many came in, or -errno. */
static int collect(struct pb_future *const *futures) {
    struct pb_as_completed *done;
    struct pb_future *f;
    char flag[32];
    int good = 0, seen = 0;
    int rc = pb_as_completed_open(&done, futures, COUNT, PB_FOREVER);
    if (rc < 0)
        return rc;
    while ((rc = pb_as_completed_next(done, &f)) == 0) {
        if (pb_future_result(f, flag, sizeof flag, 0) == 0)
            good++;
        else
            complain(pb_future_message(f));
        seen++;
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r%d/%d%s", seen, COUNT, seen < COUNT ? "" : "\n");
    }
    pb_as_completed_close(done);
    return rc == -ENOENT ? good : rc;
}

int main(int argc, char **argv) {
    PB_SCOPED_EXECUTOR pool = NULL;
    struct pb_future *futures[COUNT] = {NULL};
    struct pb_executor_config config = {.workers = 8};
    struct pb_error error;
    int good = -1, submitted = 0;
    if (pb_executor_open(&pool, argc > 1 ? argv[1] : "thread", &config, &error) < 0)
        return complain(error.text);
    while (submitted < COUNT &&
           (futures[submitted] = pb_submit(pool, download, &countries[submitted], sizeof *countries)))
        submitted++;
    if (submitted < COUNT)
        complain(strerror(errno));
    else if ((good = collect(futures)) < 0)
        complain(strerror(-good));
    else
        printf("%d of %d flags\n", good, COUNT);
    for (int i = 0; i < submitted; i++)
        pb_future_release(futures[i]);
    return good != COUNT;
}
