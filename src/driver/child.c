#include "driver/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/children.h"
#include "base/clock.h"
#include "driver/driver.h"
#include "runner/runner.h"

/* How long a launcher may take: to end when its ranks have, to end them, and to say more when all is said. */
static const int64_t closed_ns = 5000000000, grace_ns = 5000000000, more_ns = 1000000000;
/* How often it is asked whether there is still hope. */
static const int64_t look_ns = 1000000000;

/* Loading libgomp with these set narrows the mask of the thread that loads it; bench binds workers itself. */
const char *const pb_child_set_aside[] = {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", NULL};

extern char **environ;

static bool is_set_aside(const char *variable) {
    for (const char *const *name = pb_child_set_aside; *name; name++)
        if (strncmp(variable, *name, strlen(*name)) == 0 && variable[strlen(*name)] == '=')
            return true;
    return false;
}

/* Whether one of `more` sets the same variable. */
static bool is_replaced(const char *variable, char *const *more) {
    size_t name = strcspn(variable, "=") + 1;
    for (; more && *more; more++)
        if (strncmp(variable, *more, name) == 0)
            return true;
    return false;
}

/* The environment for runners: pointers into our own and to `more`, but for the variables that are set aside,
 * which are `renamed`. The caller frees both. */
static char **runner_environment(char *const *more, struct pb_buffer *renamed) {
    size_t count = 0, used = 0, added = 0;
    while (more && more[added])
        added++;
    while (environ[count]) {
        if (is_set_aside(environ[count]))
            pb_buffer_printf(renamed, "%s%s%c", PB_CHILD_ASIDE, environ[count], '\0');
        count++;
    }
    char **out = renamed->failed ? NULL : calloc(count + added + 1, sizeof *out), *next = renamed->data;
    for (size_t i = 0; out && i < added; i++)
        out[used++] = more[i];
    for (size_t i = 0; out && i < count; i++) {
        bool aside = is_set_aside(environ[i]);
        if (!is_replaced(environ[i], more))
            out[used++] = aside ? next : environ[i];
        next += aside ? strlen(next) + 1 : 0;
    }
    return out;
}

static int spawn(struct pb_child *c, const struct pb_program *program, const int theirs[3]) {
    char *self[] = {(char *)"parbench", (char *)PB_RUNNER_WORD, NULL};
    char *const *arguments = program ? program->argv : self;
    struct pb_buffer renamed = {0};
    char **environment = runner_environment(program ? program->environment : NULL, &renamed);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    if (!environment) {
        pb_buffer_release(&renamed);
        return -ENOMEM;
    }
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    for (int fd = 0; fd < 3; fd++)
        if (theirs[fd] >= 0)
            posix_spawn_file_actions_adddup2(&files, theirs[fd], fd);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    int rc = program ? posix_spawnp(&c->pid, arguments[0], &files, &attributes, arguments, environment)
                     : posix_spawn(&c->pid, "/proc/self/exe", &files, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    free(environment);
    pb_buffer_release(&renamed);
    if (rc != 0)
        c->pid = 0;
    return -rc;
}

static void join(struct pb_children *children, struct pb_child *c) {
    c->children = children;
    c->next = children->first;
    children->first = c;
}

static void leave(const struct pb_child *c) {
    struct pb_child **at = &c->children->first;
    while (*at && *at != c)
        at = &(*at)->next;
    if (*at)
        *at = c->next;
}

/* What is left of runners that died: every child that is no runner. */
static void end_orphans(const struct pb_children *children) {
    size_t count = 0;
    for (const struct pb_child *c = children->first; c; c = c->next)
        count++;
    pid_t *runner = calloc(count + 1, sizeof *runner);
    if (!runner)
        return;
    count = 0;
    for (const struct pb_child *c = children->first; c; c = c->next)
        runner[count++] = c->pid;
    pb_children_end(runner, count);
    free(runner);
}

static void close_one(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Only a launcher's standard error is read: others print to the user's. */
static int start(struct pb_child *c, const struct pb_program *program) {
    int theirs[3] = {-1, -1, -1}, *ours[3] = {&c->in, &c->out, &c->err};
    int rc = 0;
    for (int fd = 0; rc == 0 && fd < (c->launched ? 3 : 2); fd++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0) {
            rc = -errno;
            break;
        }
        theirs[fd] = ends[fd != 0];
        *ours[fd] = ends[fd == 0];
    }
    rc = rc < 0 ? rc : spawn(c, program, theirs);
    for (int fd = 0; fd < 3; fd++)
        close_one(&theirs[fd]);
    if (rc == 0 && c->err >= 0 && fcntl(c->err, F_SETFL, O_NONBLOCK) < 0)
        rc = -errno;
    if (rc == 0 && (c->watch = (int)syscall(SYS_pidfd_open, c->pid, 0)) < 0)
        rc = -errno;
    return rc;
}

int pb_child_start(struct pb_child *c, struct pb_children *children, const struct pb_program *program,
                   struct pb_error *error) {
    *c = PB_CHILD_NONE;
    c->launched = program && program->launched;
    join(children, c);
    pb_children_adopt();
    int rc = start(c, program);
    if (rc < 0) {
        pb_child_end(c);
        if (program && program->launched)
            return pb_error_set(error, rc,
                                "%s: %s: install openmpi-bin or mpich, or name another with --launcher",
                                program->argv[0], strerror(-rc));
        if (program)
            return pb_error_set(error, rc, "runner %s: %s: %s: install it, or name another", program->name,
                                program->argv[0], strerror(-rc));
        return pb_error_set(error, rc, "runner: it cannot be started: %s: end other processes",
                            strerror(-rc));
    }
    return 0;
}

int pb_child_say(struct pb_child *c, const struct pb_wire *message) {
    struct pb_buffer line = {0};
    int rc = pb_wire_encode(message, &line);
    rc = rc < 0 ? rc : pb_child_say_line(c, line.data, line.size);
    pb_buffer_release(&line);
    return rc;
}

int pb_child_say_line(struct pb_child *c, const char *text, size_t size) {
    if (c->line)
        c->line(c->line_context, true, text, size - 1);
    return pb_wire_write(c->in, text, size);
}

enum { KEPT = 16384 };

static void keep_said(struct pb_child *c, char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        text[i] = text[i] ? text[i] : '?';
    pb_buffer_add(&c->said, text, size);
    if (c->said.size > 2 * KEPT)
        pb_buffer_consume(&c->said, c->said.size - KEPT);
}

/* Whatever there is of a launcher's standard error. */
static void receive_said(struct pb_child *c) {
    char chunk[16384];
    ssize_t got = -1;
    while (c->err >= 0 && (got = read(c->err, chunk, sizeof chunk)) > 0)
        keep_said(c, chunk, (size_t)got);
    if (got == 0)
        close_one(&c->err);
}

/* It is dead: reaps it and tells how it ended. */
static int tell_death(struct pb_child *c, struct pb_error *error) {
    int status = 0;
    receive_said(c);
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status))
        pb_error_set(error, -ECONNRESET, "killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
    else
        pb_error_set(error, -ECONNRESET, "exited with code %d before it had answered", WEXITSTATUS(status));
    kill(-c->pid, SIGKILL); /* its workers are still in its group */
    while (waitpid(-c->pid, NULL, 0) > 0)
        ;
    c->pid = 0;
    end_orphans(c->children);
    return -ECONNRESET;
}

/* Reads what there is. At the pipe's end it is closed here too: that is not yet the process's end, of which
 * `watch` tells. */
static void receive(struct pb_child *c) {
    char chunk[16384];
    ssize_t got = read(c->out, chunk, sizeof chunk);
    if (got > 0) {
        pb_buffer_add(&c->received, chunk, (size_t)got);
    } else if (got == 0) {
        close_one(&c->out);
    }
}

/* Hydra says it on standard output that a rank died: what begins like no message is the launcher's own. */
static bool set_talk_aside(struct pb_child *c, size_t size) {
    if (!c->launched || c->received.data[0] == '{')
        return false;
    keep_said(c, c->received.data, size + 1);
    pb_buffer_consume(&c->received, size + 1);
    return true;
}

/* Where the first line ends; NULL: nowhere yet. */
static const char *line_end(const struct pb_child *c) {
    return c->received.size ? memchr(c->received.data, '\n', c->received.size) : NULL;
}

static int take_line(struct pb_child *c, struct pb_wire *message, struct pb_error *error) {
    const char *newline = line_end(c);
    while (newline && set_talk_aside(c, (size_t)(newline - c->received.data)))
        newline = line_end(c);
    if (!newline)
        return -EAGAIN;
    size_t size = (size_t)(newline - c->received.data);
    if (c->line)
        c->line(c->line_context, false, c->received.data, size);
    int rc = pb_wire_decode(message, c->received.data, size, error);
    pb_buffer_consume(&c->received, size + 1);
    if (rc == 0 && message->type == PB_WIRE_ERROR) {
        if (error)
            *error = message->error;
        rc = -EIO;
    }
    return rc;
}

/* The next line that is an answer. */
static int take_answer(struct pb_child *c, struct pb_wire *message, struct pb_error *error) {
    for (;;) {
        int rc = take_line(c, message, error);
        if (rc < 0 || message->type != PB_WIRE_PROGRESS)
            return rc;
        if (c->progress)
            c->progress(c->progress_context, message->ended);
    }
}

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static int give_up(const struct pb_error *hopeless, int64_t timeout_ns, struct pb_error *error) {
    if (hopeless->code < 0)
        return pb_error_set(error, -ECONNRESET, "%s", hopeless->text);
    return pb_error_set(error, -ETIMEDOUT, "no answer within %.3g s: raise --timeout",
                        (double)timeout_ns / 1e9);
}

int pb_child_hear(struct pb_child *c, struct pb_wire *message, int64_t timeout_ns, struct pb_error *error) {
    uint64_t deadline = pb_deadline(timeout_ns), look = c->hopeless ? pb_deadline(look_ns) : UINT64_MAX;
    struct pb_error hopeless = {0};
    *message = (struct pb_wire){.type = PB_WIRE_CLOSED};
    for (;;) {
        struct pollfd wait[3] = {{.fd = c->out, .events = POLLIN}, /* ignored once it is closed */
                                 {.fd = c->watch, .events = POLLIN},
                                 {.fd = c->err, .events = POLLIN}};
        int rc = take_answer(c, message, error);
        if (rc != -EAGAIN)
            return rc;
        rc = pb_signal_poll(wait, 3, earlier(deadline, look));
        if (rc == -EINTR)
            return pb_error_set(error, rc, "interrupted");
        if (rc == -ETIMEDOUT && pb_remaining(deadline) == 0)
            return give_up(&hopeless, timeout_ns, error);
        if (wait[2].revents)
            receive_said(c);
        if (look != UINT64_MAX && (wait[2].revents || pb_remaining(look) == 0)) {
            bool none = c->hopeless(c, &hopeless) < 0;
            look = none ? UINT64_MAX : pb_deadline(look_ns);
            deadline = none ? earlier(deadline, pb_deadline(more_ns)) : deadline;
        }
        if (wait[0].revents)
            receive(c); /* what it said before it died counts */
        else if (wait[1].revents)
            return tell_death(c, error);
    }
}

/* Until it has ended, or the time is over. What it says meanwhile is read, so that it need not wait for that.
 */
static void wait_for_end(struct pb_child *c, int64_t ns) {
    uint64_t deadline = pb_deadline(ns);
    for (bool ended = false; !ended && pb_remaining(deadline);) {
        struct pollfd wait[3] = {{.fd = c->watch, .events = POLLIN},
                                 {.fd = c->err, .events = POLLIN},
                                 {.fd = c->out, .events = POLLIN}};
        poll(wait, 3, (int)(pb_remaining(deadline) / 1000000) + 1);
        if (wait[1].revents)
            receive_said(c);
        if (wait[2].revents)
            receive(c);
        ended = wait[0].revents;
    }
}

/* Only the launcher reaches ranks on other hosts; and Open MPI's takes more than two seconds over a network.
 */
static void end_ranks(struct pb_child *c) {
    close_one(&c->in);
    if (c->closed)
        wait_for_end(c, closed_ns);
    if (syscall(SYS_pidfd_send_signal, c->watch, SIGTERM, NULL, 0) == 0)
        wait_for_end(c, grace_ns);
}

void pb_child_end(struct pb_child *c) {
    if (c->pid > 0 && c->launched && c->watch >= 0)
        end_ranks(c);
    if (c->pid > 0) {
        kill(-c->pid, SIGKILL);
        kill(c->pid, SIGKILL); /* also if it had not yet come into its group */
        while (waitpid(-c->pid, NULL, 0) > 0 || waitpid(c->pid, NULL, 0) > 0)
            ;
    }
    if (c->children) {
        leave(c);
        end_orphans(c->children);
    }
    int *fds[] = {&c->in, &c->out, &c->err, &c->watch};
    for (int i = 0; i < 4; i++)
        close_one(fds[i]);
    pb_buffer_release(&c->received);
    pb_buffer_release(&c->said);
    *c = PB_CHILD_NONE;
}
