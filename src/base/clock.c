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

/* The best of several batches, as an interrupt only adds. clock_getres tells the resolution of timers, not of
 * readings (Linux kernel/time/hrtimer.c). */
struct pb_clock_quality pb_clock_measure(void) {
    enum { BATCHES = 8, READINGS = 1000, LONGEST = 1000000 };
    uint64_t batch = UINT64_MAX, step = UINT64_MAX;
    struct timespec timer = {0};
    for (int i = 0; i < BATCHES; i++) {
        uint64_t start = pb_now(), before = start, now = start;
        for (int k = 0; k < READINGS; k++, before = now) {
            now = pb_now();
            step = now > before && now - before < step ? now - before : step;
        }
        batch = now - start < batch ? now - start : batch;
    }
    /* It may step so seldom that none was seen: then the next one is waited for. */
    for (uint64_t start = pb_now(), k = 0; step == UINT64_MAX && k < LONGEST; k++)
        step = pb_now() > start ? pb_now() - start : step;
    if (clock_getres(CLOCK_MONOTONIC, &timer) != 0)
        timer = (struct timespec){0};
    return (struct pb_clock_quality){.read_ns = (double)batch / READINGS,
                                     .step_ns = (double)step,
                                     .timer_ns = (double)timer.tv_sec * 1e9 + (double)timer.tv_nsec};
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
