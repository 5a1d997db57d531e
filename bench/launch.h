/* Starting a program and ending it: as cheap as it can be, with nothing of ours but what it is given, and so
 * that nothing of it is left.
 *
 * A program leads a process group of its own. Its signals are as a fresh process's: none is blocked, none
 * ignored. It has three descriptors. If the thread that started it dies, so does the program. */
#ifndef PB_BENCH_LAUNCH_H
#define PB_BENCH_LAUNCH_H

#include <sched.h>
#include <sys/types.h>

#include "parbench/task.h"

struct pb_launch {
    const char *path;
    char *const *argv, *const *environment;
    int file[3];                 /* its standard input, output and error */
    const cpu_set_t *processors; /* that it may run on; NULL: those of the thread that starts it */
    void *stack;                 /* PB_LAUNCH_STACK bytes, used until pb_launch returns */
};
enum { PB_LAUNCH_STACK = 16384 };

/* 0, its pid, and its pidfd, which the caller closes; or -errno: it could not be executed, and nothing of it
   is left. */
int pb_launch(const struct pb_launch *, pid_t *pid, int *watch);
/* Kills what is left of the program's group, and waits for it: charges the task with all that. Returns the
   program's status, as of wait4(2). The program itself is waited for, if it still runs: `by_force` ends it.
 */
int pb_launch_end(struct pb_task *, pid_t pid, bool by_force);

#endif
