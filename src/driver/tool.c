/* A tool is a process group of its own, so that a Ctrl-C is ours to pass on, and its end ends what it
 * started: the assembler and linker below a compiler. */
#include "driver/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/children.h"
#include "base/clock.h"
#include "driver/driver.h"

/* In a process group of its own; what it prints goes to standard error. Returns its pid, or -errno. */
static pid_t start(char *const *argument, char *const *environment) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t blocked, defaults;
    pid_t pid;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTTOU); /* it may write to the terminal, even under stty tostop */
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &blocked);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    int rc = posix_spawnp(&pid, argument[0], &files, &attributes, argument, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return rc ? -rc : pid;
}

/* Until it has ended: *status is as of waitpid. Nothing of it lives on, however it went. */
static int finish(pid_t pid, int64_t timeout_ns, int *status) {
    uint64_t deadline = pb_deadline(timeout_ns);
    struct pollfd watch = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    int rc = watch.fd < 0 ? -errno : 0;
    while (rc == 0 && !watch.revents)
        rc = pb_signal_poll(&watch, 1, deadline);
    kill(-pid, SIGKILL); /* if it has ended, what it left: its number is taken until waitpid */
    kill(pid, SIGKILL);
    waitpid(pid, status, 0);
    pb_children_end(NULL, 0);
    if (watch.fd >= 0)
        close(watch.fd);
    return rc;
}

int pb_tool_run(char *const *argument, char *const *environment, int64_t timeout_ns, int *status) {
    pb_children_adopt();
    pid_t pid = start(argument, environment);
    return pid < 0 ? pid : finish(pid, timeout_ns, status);
}
