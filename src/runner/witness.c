#include "runner/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ranks/which.h"

/* src/driver/last_words.c reads it. In one piece, since other ranks write there, too. */
static void say(pid_t child, int sig) {
    char host[65] = "", line[256];
    gethostname(host, sizeof host - 1);
    int size =
        snprintf(line, sizeof line, "parbench: rank %d on %s, process %d, was ended by signal %d (SIG%s)\n",
                 pb_rank_from_environment(), host, (int)child, sig, sigabbrev_np(sig));
    (void)!write(STDERR_FILENO, line, (size_t)size);
}

_Noreturn static void end_as(int status) {
    const struct rlimit none = {0, 0};
    if (WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    setrlimit(RLIMIT_CORE, &none); /* the child's own is enough */
    sigset_t all;
    sigfillset(&all);
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    _exit(1);
}

/* What it is told it passes on; who is told to end is no loss to be spoken of. */
_Noreturn static void watch(pid_t child) {
    sigset_t all;
    bool told = false;
    int status, null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO); /* or who reads the rank's output would not see its end */
    sigfillset(&all);
    for (;;) {
        int sig;
        while (waitpid(child, &status, WNOHANG) == child) {
            if (WIFSIGNALED(status) && !told)
                say(child, WTERMSIG(status));
            end_as(status);
        }
        if (sigwait(&all, &sig) == 0 && sig != SIGCHLD) {
            told = true;
            kill(child, sig);
        }
    }
}

void pb_witness_begin(void) {
    sigset_t all, before;
    pid_t parent = getpid();
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    pid_t child = fork();
    if (child > 0)
        watch(child);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (child == 0 && getppid() != parent)
        _exit(1);
    sigprocmask(SIG_SETMASK, &before, NULL);
}
