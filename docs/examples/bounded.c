/* bounded [EXECUTOR]: adds up the primes among the numbers on standard input. However many there are, only a
 * few wait at a time, so memory stays small; and a queue that refuses instead of blocking. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "parbench/executor.h"

enum { WAITING = 16, MILLISECOND = 1000000 };

struct tally {
    atomic_ulong primes, sum, failed;
};

/* Gives back the number if it is prime, else 0. */
static int sift(struct pb_task *task, const void *args, size_t size) {
    uint64_t n = *(const uint64_t *)args, prime = n >= 2 ? n : 0;
    (void)size;
    for (uint64_t d = 2; prime && d <= n / d; d++)
        if (n % d == 0)
            prime = 0;
    return pb_return(task, &prime, sizeof prime);
}

/* Called as each one ends, on the thread that ends it: several at once, hence the atomics. It is done, so
 * asking for the result does not block. */
static void count(struct pb_future *f, void *context) {
    struct tally *tally = context;
    uint64_t prime;
    if (pb_future_result(f, &prime, sizeof prime, 0) != 0) {
        tally->failed++;
    } else if (prime) {
        tally->primes++;
        tally->sum += prime;
    }
}

static int complain(const char *why) {
    fprintf(stderr, "bounded: %s\n", why);
    return 1;
}

/* pb_submit blocks while WAITING tasks wait to begin, so input is read only as fast as it is worked off. */
static int produce(const char *name, struct tally *tally) {
    PB_SCOPED_EXECUTOR pool = NULL;
    struct pb_executor_config config = {.workers = 2, .max_pending = WAITING, .when_full = PB_BLOCK};
    struct pb_error error;
    if (pb_executor_open(&pool, name, &config, &error) < 0)
        return complain(error.text);
    for (uint64_t n; scanf("%" SCNu64, &n) == 1;) {
        PB_SCOPED_FUTURE f = pb_submit(pool, sift, &n, sizeof n);
        if (!f || pb_future_add_callback(f, count, tally) < 0)
            return complain("a number cannot be submitted");
        if (pb_executor_pending(pool) > WAITING)
            return complain("more wait than may");
    }         /* here the future is given up; its callback is called all the same */
    return 0; /* and here all that was submitted is waited for */
}

static int hold(struct pb_task *task, const void *args, size_t size) {
    (void)args, (void)size;
    while (!pb_should_stop(task) && pb_sleep(task, MILLISECOND) == 0)
        ;
    return 0;
}

/* A queue that says no: tasks that do not end fill it up, then the next one is refused. */
static int overfill(const char *name) {
    PB_SCOPED_EXECUTOR pool = NULL;
    struct pb_executor_config config = {.workers = 2, .max_pending = WAITING, .when_full = PB_REFUSE};
    struct pb_error error;
    int accepted = 0, refusal = 0;
    if (pb_executor_open(&pool, name, &config, &error) < 0)
        return complain(error.text);
    for (; refusal == 0 && accepted < 1000; accepted++) {
        PB_SCOPED_FUTURE f = pb_submit(pool, hold, NULL, 0);
        refusal = f ? 0 : errno;
    }
    if (pb_executor_shutdown(pool, PB_KILL, PB_FOREVER) < 0 || refusal != EAGAIN)
        return complain("it was never full");
    printf("full: the next one is refused\n");
    return 0;
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "thread";
    struct tally tally = {0};
    if (produce(name, &tally) != 0)
        return 1;
    printf("%lu primes, their sum is %lu; %lu tasks failed\n", tally.primes, tally.sum, tally.failed);
    return overfill(name);
}
