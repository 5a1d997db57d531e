#include "base/wait.h"

#include <errno.h>
#include <time.h>

int pb_cond_wait(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t deadline) {
    if (deadline == UINT64_MAX)
        return -pthread_cond_wait(condition, lock);
    struct timespec until = {.tv_sec = (time_t)(deadline / 1000000000u),
                             .tv_nsec = (long)(deadline % 1000000000u)};
    return pthread_cond_clockwait(condition, lock, CLOCK_MONOTONIC, &until) ? -ETIMEDOUT : 0;
}
