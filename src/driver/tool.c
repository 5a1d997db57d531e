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

enum { HEARD_MOST = 64 * 1024 };

/* In a process group of its own. What it prints goes to `out`, and then what it complains of nowhere; -1: all
   goes to standard error. Returns its pid, or -errno. */
static pid_t start(char *const *argument, char *const *environment, int out) {
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
    posix_spawn_file_actions_adddup2(&files, out < 0 ? STDERR_FILENO : out, STDOUT_FILENO);
    if (out >= 0)
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
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

/* Takes what the pipe holds now. False: nothing comes any more. */
static bool drain(int from, struct pb_buffer *said) {
    char block[4096];
    ssize_t got;
    while ((got = read(from, block, sizeof block)) > 0 || (got < 0 && errno == EINTR)) {
        size_t room = said->size < HEARD_MOST ? HEARD_MOST - said->size : 0;
        if (got > 0)
            pb_buffer_add(said, block, (size_t)got < room ? (size_t)got : room);
    }
    return got < 0 && errno == EAGAIN;
}

/* Until it has ended: *status is as of waitpid. Nothing of it lives on, however it went. `from`: where what
   it prints comes out, not blocking; -1: nowhere. */
static int finish(pid_t pid, int from, int64_t timeout_ns, struct pb_buffer *said, int *status) {
    uint64_t deadline = pb_deadline(timeout_ns);
    struct pollfd watch[] = {{.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN},
                             {.fd = from, .events = POLLIN}};
    int rc = watch[0].fd < 0 ? -errno : 0;
    while (rc == 0 && !watch[0].revents) {
        rc = pb_signal_poll(watch, 2, deadline);
        if (rc == 0 && watch[1].revents && !drain(from, said))
            watch[1].fd = -1;
    }
    kill(-pid, SIGKILL); /* if it has ended, what it left: its number is taken until waitpid */
    kill(pid, SIGKILL);
    waitpid(pid, status, 0);
    pb_children_end(NULL, 0);
    if (watch[1].fd >= 0)
        drain(from, said);
    if (watch[0].fd >= 0)
        close(watch[0].fd);
    return rc;
}

int pb_tool_run(char *const *argument, char *const *environment, int64_t timeout_ns, int *status) {
    pb_children_adopt();
    pid_t pid = start(argument, environment, -1);
    return pid < 0 ? pid : finish(pid, -1, timeout_ns, NULL, status);
}

int pb_tool_hear(char *const *argument, char *const *environment, int64_t timeout_ns, struct pb_buffer *said,
                 int *status) {
    int end[2];
    if (pipe2(end, O_CLOEXEC) < 0)
        return -errno;
    fcntl(end[0], F_SETFL, O_NONBLOCK); /* of our end: the tool's may block */
    pb_children_adopt();
    pid_t pid = start(argument, environment, end[1]);
    close(end[1]);
    int rc = pid < 0 ? pid : finish(pid, end[0], timeout_ns, said, status);
    close(end[0]);
    return rc;
}
