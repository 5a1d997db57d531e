#include "base/clock.h"

#include <time.h>

static uint64_t read_clock(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        return UINT64_MAX;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t pb_now(void) {
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t pb_boot_now(void) {
    return read_clock(CLOCK_BOOTTIME);
}

/* The clocks are read one after the other; what keeps us from running in between would look like sleep, so it
 * is tried again. */
uint64_t pb_slept(void) {
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < 8; i++) {
        uint64_t before = pb_now(), boot = pb_boot_now(), after = pb_now();
        least = boot - before < least ? boot - before : least;
        if (after - before < 1000000)
            break;
    }
    return least;
}

uint64_t pb_thread_cpu(void) {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t pb_process_cpu(pid_t pid) {
    clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
    if (pid != 0 && clock_getcpuclockid(pid, &clock) != 0)
        return UINT64_MAX;
    return read_clock(clock);
}

uint64_t pb_deadline(int64_t timeout) {
    if (timeout == INT64_MAX)
        return UINT64_MAX;
    return pb_now() + (timeout > 0 ? (uint64_t)timeout : 0);
}

uint64_t pb_remaining(uint64_t deadline) {
    if (deadline == UINT64_MAX)
        return UINT64_MAX;
    uint64_t now = pb_now();
    return deadline > now ? deadline - now : 0;
}
