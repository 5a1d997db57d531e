/* To be preloaded: each look at CLOCK_BOOTTIME finds that the machine has slept for another second, as if it
 * were suspended again and again. No workload. */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *t) {
    static time_t slept;
    int rc = (int)syscall(SYS_clock_gettime, clock, t);
    if (rc == 0 && clock == CLOCK_BOOTTIME)
        t->tv_sec += ++slept;
    return rc;
}
