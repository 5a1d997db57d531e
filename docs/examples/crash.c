/* crash: of eight tasks one takes its worker process with it. The others do not notice. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "parbench/executor.h"

enum { COUNT = 8, UNLUCKY = 5 };

/* The square of a number; for one of them the system runs out of memory, say, and kills the process. */
static int square(struct pb_task *task, const void *args, size_t size) {
    int n = *(const int *)args, result = n * n;
    (void)size;
    if (n == UNLUCKY && raise(SIGKILL) != 0)
        return pb_fail(task, errno, "raise: %s", strerror(errno));
    return pb_return(task, &result, sizeof result);
}

static int complain(const char *why) {
    fprintf(stderr, "crash: %s\n", why);
    return 1;
}

static int tell(int n, struct pb_future *f) {
    int result, rc = pb_future_result(f, &result, sizeof result, PB_FOREVER);
    if (rc == 0)
        printf("%d: %d\n", n, result);
    else if (rc == -EOWNERDEAD) /* pb_future_message(f) names the process and the signal */
        printf("%d: its worker died\n", n);
    else
        return complain(rc > 0 ? pb_future_message(f) : strerror(-rc));
    return 0;
}

int main(void) {
    PB_SCOPED_EXECUTOR pool = NULL;
    struct pb_executor_config config = {.workers = 2};
    struct pb_future *futures[COUNT];
    struct pb_error error;
    int failed = 0;
    if (pb_executor_open(&pool, "process", &config, &error) < 0)
        return complain(error.text);
    for (int n = 0; n < COUNT; n++)
        futures[n] = pb_submit(pool, square, &n, sizeof n);
    for (int n = 0; n < COUNT; n++) {
        failed |= futures[n] ? tell(n, futures[n]) : complain("a number cannot be submitted");
        pb_future_release(futures[n]);
    }
    return failed;
}
