/* errors [EXECUTOR]: downloads of which some fail, counted by what became of them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "parbench/executor.h"

/* A task fails with a code of its own. Positive ones are its own, negative ones the library's. */
enum { NOT_FOUND = 404, UNAVAILABLE = 503 };

enum status { OK, MISSING, ERROR, STATUSES };
static const char *const words[STATUSES] = {"ok", "not found", "error"};

static const char *const codes[] = {"AD", "AE", "AF", "AG", "AI", "AJ", "AL", "AM", "AN", "AO", "AP", "AR"};
enum { COUNT = sizeof codes / sizeof *codes };

/* A server that has no flag for some, and breaks down at others. */
static int download(struct pb_task *task, const void *args, size_t size) {
    const char *code = args;
    char flag[32];
    if (strstr("AI AJ AN AP", code))
        return pb_fail(task, NOT_FOUND, "%s: there is no such flag: look the code up", code);
    if (strcmp(code, "AM") == 0)
        return pb_fail(task, UNAVAILABLE, "%s: the server is busy: try again later", code);
    snprintf(flag, sizeof flag, "flag of %.*s", (int)size, code);
    return pb_return(task, flag, strlen(flag) + 1);
}

static int complain(const char *why) {
    fprintf(stderr, "errors: %s\n", why);
    return 1;
}

/* What became of one download; whatever is neither good nor expected is told. */
static enum status judge(struct pb_future *f) {
    struct pb_error error;
    int rc = pb_future_error(f, &error, PB_FOREVER);
    if (rc < 0) { /* it was cancelled: here nobody does that */
        complain(strerror(-rc));
        return ERROR;
    }
    switch (error.code) {
    case 0:
        return OK;
    case NOT_FOUND:
        return MISSING;
    default: /* UNAVAILABLE, or the library's own: -EOWNERDEAD when the worker process died */
        printf("error %d: %s\n", error.code, error.text);
        return ERROR;
    }
}

int main(int argc, char **argv) {
    PB_SCOPED_EXECUTOR pool = NULL;
    struct pb_executor_config config = {.workers = 4};
    struct pb_future *futures[COUNT];
    struct pb_error error;
    int counts[STATUSES] = {0}, rc = 0;
    if (pb_executor_open(&pool, argc > 1 ? argv[1] : "thread", &config, &error) < 0)
        return complain(error.text);
    for (int i = 0; i < COUNT; i++)
        if (!(futures[i] = pb_submit(pool, download, codes[i], strlen(codes[i]) + 1)))
            rc = complain(strerror(errno));
    for (int i = 0; i < COUNT; i++) {
        counts[futures[i] ? judge(futures[i]) : ERROR]++;
        pb_future_release(futures[i]);
    }
    for (int s = 0; s < STATUSES; s++)
        printf("%d %s%s", counts[s], words[s], s + 1 < STATUSES ? ", " : "\n");
    return rc;
}
