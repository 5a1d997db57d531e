/* mixed: threads for what waits, processes for what computes, and one loop over the futures of both. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "parbench/executor.h"

enum { EACH = 6, MILLISECOND = 1000000 };

/* Both kinds of task answer with this, so that the loop need not know which it has. */
struct answer {
    enum { PAGE, PRIMES, KINDS } kind;
    uint64_t amount;
};

/* Waits as a server would make it wait; a page of 1000 bytes for each millisecond. */
static int fetch(struct pb_task *task, const void *args, size_t size) {
    int milliseconds = *(const int *)args;
    struct answer answer = {PAGE, (uint64_t)milliseconds * 1000};
    (void)size;
    int rc = pb_sleep(task, (int64_t)milliseconds * MILLISECOND);
    return rc < 0 ? -rc : pb_return(task, &answer, sizeof answer);
}

/* Counts the primes below a limit. */
static int count_primes(struct pb_task *task, const void *args, size_t size) {
    int limit = *(const int *)args;
    struct answer answer = {.kind = PRIMES};
    (void)size;
    for (int n = 2; n < limit; n++) {
        int d = 2;
        while (d <= n / d && n % d != 0)
            d++;
        answer.amount += d > n / d;
    }
    return pb_return(task, &answer, sizeof answer);
}

static int complain(const char *why) {
    fprintf(stderr, "mixed: %s\n", why);
    return 1;
}

/* Adds up what comes in, by kind. 0, or what failed first. */
static int add_up(struct pb_future *const *futures, uint64_t total[KINDS]) {
    struct pb_as_completed *done;
    struct pb_future *f;
    struct answer answer;
    int rc = pb_as_completed_open(&done, futures, 2 * EACH, PB_FOREVER);
    if (rc < 0)
        return rc;
    while (rc == 0 && (rc = pb_as_completed_next(done, &f)) == 0)
        if ((rc = pb_future_result(f, &answer, sizeof answer, 0)) == 0)
            total[answer.kind] += answer.amount;
    pb_as_completed_close(done);
    return rc == -ENOENT ? 0 : rc;
}

int main(void) {
    /* Processes first: they are forked, and a program should fork before it has threads. */
    PB_SCOPED_EXECUTOR processes = NULL;
    PB_SCOPED_EXECUTOR threads = NULL;
    struct pb_future *futures[2 * EACH] = {NULL};
    uint64_t total[KINDS] = {0};
    struct pb_error error;
    if (pb_executor_open(&processes, "process", &(struct pb_executor_config){.workers = 2}, &error) < 0 ||
        pb_executor_open(&threads, "thread", &(struct pb_executor_config){.workers = EACH}, &error) < 0)
        return complain(error.text);
    int rc = 0;
    for (int i = 0; i < EACH && rc == 0; i++) {
        int milliseconds = 5 * (i + 1), limit = 1000 * (i + 1);
        futures[i] = pb_submit(threads, fetch, &milliseconds, sizeof milliseconds);
        futures[EACH + i] = pb_submit(processes, count_primes, &limit, sizeof limit);
        rc = futures[i] && futures[EACH + i] ? 0 : -errno;
    }
    if (rc == 0)
        rc = add_up(futures, total);
    for (int i = 0; i < 2 * EACH; i++)
        pb_future_release(futures[i]);
    if (rc != 0)
        return complain(strerror(rc < 0 ? -rc : rc));
    printf("%d pages, %" PRIu64 " bytes\n", EACH, total[PAGE]);
    printf("%d counts, %" PRIu64 " primes\n", EACH, total[PRIMES]);
    return 0;
}
