/* The child shares our memory until it executes the program, and this thread stands still meanwhile (vfork):
 * no page table is copied, so that a start costs the same however large the worker is. What the child does
 * until then must change nothing of ours: it makes system calls, and no call of the C library, whose wrappers
 * a sanitizer may have replaced by ones that take notes in our memory. All signals are blocked around it, so
 * that no handler of ours runs in the child.
 *
 * Until the program has been waited for, nobody else can get its pid, nor its group; so the group is killed
 * before. Those of it that the program had started become our children when it ends, where this process
 * adopts them (base/children.h). */
#include "bench/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parbench/meter.h"

struct start {
    const struct pb_launch *launch;
    pid_t parent;
    int error; /* of the child: why nothing was executed */
};

/* The C library's clone(2), not what a sanitizer puts in its place: that takes notes of a child that has
 * memory of its own, which in ours would be notes of this thread. */
extern int real_clone(int (*function)(void *), void *stack, int flags, void *argument,
                      ...) __asm__("__clone");

#define IN_THE_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))

/* What is ignored stays ignored in the program otherwise; what is caught must not be once it may come. An
 * all-zero kernel_sigaction is SIG_DFL. */
IN_THE_CHILD static void reset_signals(void) {
    unsigned long by_default[8] = {0}, none = 0;
    for (int signal = 1; signal <= 64; signal++)
        syscall(SYS_rt_sigaction, signal, by_default, NULL, sizeof none);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

/* The sources are never 0, 1 or 2, so each survives the others, and loses its close-on-exec flag. */
IN_THE_CHILD static bool place_files(const struct pb_launch *l) {
    for (int k = 0; k < 3; k++)
        if (syscall(SYS_dup3, l->file[k], k, 0) < 0)
            return false;
    return syscall(SYS_close_range, 3u, ~0u, 0u) == 0;
}

IN_THE_CHILD static int become(void *argument) {
    struct start *s = argument;
    const struct pb_launch *l = s->launch;
    syscall(SYS_setpgid, 0, 0);
    syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (l->processors)
        syscall(SYS_sched_setaffinity, 0, sizeof *l->processors, l->processors);
    if (syscall(SYS_getppid) == s->parent &&
        place_files(l)) { /* else it has died before it was listened to */
        reset_signals();
        syscall(SYS_execve, l->path, l->argv, l->environment);
    }
    s->error = errno;
    syscall(SYS_exit_group, 127);
    return 127;
}

int pb_launch(const struct pb_launch *l, pid_t *pid, int *watch) {
    struct start start = {.launch = l, .parent = getpid()};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    *pid = real_clone(become, (char *)l->stack + PB_LAUNCH_STACK,
                      CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &start, watch);
    int rc = *pid < 0 ? -errno : -start.error;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (*pid > 0 && rc < 0) {
        close(*watch);
        while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    return rc;
}

int pb_launch_end(struct pb_task *task, pid_t pid, bool by_force) {
    struct rusage used;
    int status = 0, ignored;
    if (by_force)
        kill(pid, SIGKILL); /* also if it has made another group its own */
    kill(-pid, SIGKILL);
    while (wait4(pid, &status, 0, &used) < 0)
        if (errno != EINTR)
            return status;
    pb_charge(task, &used);
    for (;;) {
        if (wait4(-pid, &ignored, 0, &used) > 0)
            pb_charge(task, &used);
        else if (errno != EINTR)
            return status;
    }
}
