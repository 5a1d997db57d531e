#include "base/futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int pb_futex_wait(atomic_uint *word, unsigned expected, uint64_t deadline, bool shared) {
    /* The bitset form takes an absolute CLOCK_MONOTONIC time, so that early wakes do not lengthen the wait.
     */
    int operation = FUTEX_WAIT_BITSET | (shared ? 0 : FUTEX_PRIVATE_FLAG);
    struct timespec until = {.tv_sec = (time_t)(deadline / 1000000000u),
                             .tv_nsec = (long)(deadline % 1000000000u)};
    long rc = syscall(SYS_futex, word, operation, expected, deadline == UINT64_MAX ? NULL : &until, NULL,
                      FUTEX_BITSET_MATCH_ANY);
    return rc < 0 && errno == ETIMEDOUT ? -ETIMEDOUT : 0;
}

void pb_futex_wake(atomic_uint *word, unsigned count, bool shared) {
    int operation = FUTEX_WAKE | (shared ? 0 : FUTEX_PRIVATE_FLAG);
    syscall(SYS_futex, word, operation, count > INT_MAX ? INT_MAX : (int)count, NULL, NULL, 0);
}
