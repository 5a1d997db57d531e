/* The fork server: one thread, one loop over three descriptors: the parent's socket, its own children's
 * deaths (signalfd), and the parent's death (pidfd: unlike PDEATHSIG it does not depend on which of the
 * parent's threads forked). */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/point.h"
#include "executor/process_shared.h"

struct server {
    struct pb_hive *hive;
    int socket, deaths, parent;
    uint32_t workers;
    struct child {
        pid_t pid; /* 0: none */
        bool stopped;
    } * child; /* per worker */
};

_Noreturn static void end(struct server *s) {
    for (uint32_t i = 0; i < s->workers; i++)
        if (s->child[i].pid)
            kill(s->child[i].pid, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    _exit(0);
}

/* What cannot be told would be waited for: then the end of the server tells. */
static void say(struct server *s, enum pb_server_word word, uint32_t worker, pid_t pid, int status) {
    struct pb_server_packet packet = {word, worker, pid, status};
    ssize_t sent;
    while ((sent = send(s->socket, &packet, sizeof packet, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    if (sent < 0)
        end(s);
}

_Noreturn static void become_worker(const struct server *s, uint32_t worker, pid_t server) {
    sigset_t none;
    /* Single-threaded server: this follows its death, not a thread's. It may have died before, then this is
     * another's child by now. */
    PB_POINT(worker_forked);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    PB_POINT(worker_tied);
    if (getppid() != server)
        _exit(1);
    close(s->socket);
    close(s->deaths);
    close(s->parent);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    pb_process_worker_main(s->hive, worker);
}

static void spawn(struct server *s, uint32_t worker) {
    PB_POINT(server_before_fork);
    pid_t server = getpid(), pid = fork();
    if (pid == 0)
        become_worker(s, worker, server);
    PB_POINT(server_forked);
    if (pid < 0) {
        say(s, PB_SERVER_REFUSED, worker, 0, errno);
        return;
    }
    s->child[worker] = (struct child){.pid = pid};
    PB_POINT(server_noted);
    say(s, PB_SERVER_SPAWNED, worker, pid, 0);
}

/* A child was stopped, continued, or is dead. */
static void note(struct server *s, uint32_t worker, int status) {
    struct child *c = &s->child[worker];
    pid_t pid = c->pid;
    c->stopped = WIFSTOPPED(status);
    if (WIFSTOPPED(status) || WIFCONTINUED(status))
        return;
    c->pid = 0;
    PB_POINT(server_reaped);
    say(s, PB_SERVER_DIED, worker, pid, status);
    PB_POINT(server_told);
}

static void reap(struct server *s) {
    struct signalfd_siginfo info;
    while (read(s->deaths, &info, sizeof info) > 0)
        ;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0;)
        for (uint32_t i = 0; i < s->workers; i++)
            if (s->child[i].pid == pid)
                note(s, i, status);
}

static void obey(struct server *s) {
    struct pb_server_packet packet;
    ssize_t got = recv(s->socket, &packet, sizeof packet, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        end(s);
    if (got != sizeof packet || packet.worker >= s->workers)
        return;
    const struct child *c = &s->child[packet.worker];
    bool is_meant = c->pid && (packet.pid == 0 || packet.pid == c->pid);
    PB_POINT(server_obeys);
    if (packet.word == PB_SERVER_SPAWN)
        spawn(s, packet.worker);
    else if (is_meant && (packet.word == PB_SERVER_KILL || c->stopped))
        kill(c->pid, SIGKILL);
    PB_POINT(server_obeyed);
}

_Noreturn static void serve(struct server *s) {
    struct pollfd wait[] = {{.fd = s->socket, .events = POLLIN},
                            {.fd = s->deaths, .events = POLLIN},
                            {.fd = s->parent, .events = POLLIN}};
    for (;;) {
        if (poll(wait, 3, -1) < 0)
            continue;
        if (wait[2].revents)
            end(s);
        if (wait[1].revents)
            reap(s);
        if (wait[0].revents)
            obey(s);
    }
}

/* What the server needs of its own is made before it is forked: what fails there has an error to go to. */
static int prepare(struct server *s, pid_t parent, struct pb_error *error) {
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    s->child = calloc(s->workers, sizeof *s->child);
    if (!s->child)
        return pb_error_set(error, -ENOMEM, "executor process: no memory for %u workers: ask for fewer",
                            s->workers);
    s->deaths = signalfd(-1, &chld, SFD_NONBLOCK | SFD_CLOEXEC); /* it hears of its reader's children */
    if (s->deaths < 0)
        return pb_error_set(error, -errno, "executor process: signalfd: %s: close descriptors",
                            strerror(errno));
    s->parent = (int)syscall(SYS_pidfd_open, parent, 0);
    if (s->parent < 0)
        return pb_error_set(error, -errno, "executor process: pidfd_open: %s: close descriptors",
                            strerror(errno));
    return 0;
}

static void release(struct server *s) {
    if (s->deaths >= 0)
        close(s->deaths);
    if (s->parent >= 0)
        close(s->parent);
    free(s->child);
}

_Noreturn static void server_main(struct server *s, pid_t parent) {
    sigset_t most;
    prctl(PR_SET_NAME, "pb-fork-server");
    /* Ctrl-C is the parent's to answer; it ends the server by closing the socket. */
    signal(SIGINT, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    sigfillset(&most);
    sigdelset(&most, SIGTERM);
    sigprocmask(SIG_SETMASK, &most, NULL);
    if (getppid() != parent)
        _exit(1);
    pb_helper_here = NULL; /* forked from a task, it is no worker of that executor */
    PB_POINT(server_started);
    serve(s);
}

int pb_fork_server_start(struct pb_hive *hive, pid_t *server, int *socket, struct pb_error *error) {
    int pair[2] = {-1, -1};
    pid_t parent = getpid();
    struct server s = {.hive = hive, .workers = hive->crew->workers, .deaths = -1, .parent = -1};
    int rc = prepare(&s, parent, error);
    if (rc < 0)
        goto out;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        rc = pb_error_set(error, -errno, "executor process: socketpair: %s: close descriptors",
                          strerror(errno));
        goto out;
    }
    fflush(NULL); /* or every worker would hold a copy of what is buffered */
    *server = fork();
    if (*server == 0) {
        close(pair[0]);
        s.socket = pair[1];
        server_main(&s, parent);
    }
    if (*server < 0)
        rc = pb_error_set(error, -errno, "executor process: fork: %s: end other processes", strerror(errno));
    close(pair[1]);
    if (rc < 0)
        close(pair[0]);
    else
        *socket = pair[0];
out:
    release(&s);
    return rc;
}
