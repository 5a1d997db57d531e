/* Clocks, in nanoseconds. */
#ifndef PB_BASE_CLOCK_H
#define PB_BASE_CLOCK_H

#include <stdint.h>
#include <sys/types.h>

uint64_t pb_now(void);        /* CLOCK_MONOTONIC */
uint64_t pb_boot_now(void);   /* CLOCK_BOOTTIME: runs on while the machine is suspended */
uint64_t pb_slept(void);      /* how long the machine has been suspended since it started, to 1 ms or so */
uint64_t pb_thread_cpu(void); /* CPU time of the calling thread */
uint64_t pb_process_cpu(
    pid_t); /* CPU time of a process, all its threads; 0: this one. UINT64_MAX: no such process */

/* How well pb_now tells the time. */
struct pb_clock_quality {
    double read_ns;  /* what one reading costs */
    double step_ns;  /* the least difference seen between two in a row: no less than what a reading costs */
    double timer_ns; /* how fine timers are: 1, or the kernel's tick where it lacks high-resolution ones */
};
/* Reads it for less than a millisecond, unless readings are slow or steps are long. */
struct pb_clock_quality pb_clock_measure(void);

/* The moment `timeout` from now, UINT64_MAX if that is never. */
uint64_t pb_deadline(int64_t timeout);
/* What is left until `deadline`, 0 if it has passed. */
uint64_t pb_remaining(uint64_t deadline);

#endif
