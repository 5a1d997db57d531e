/* Nothing hangs and nothing is left, whoever dies: the client dies with the thread that forked it, and gives
 * a turn up where its server has gone; it then lets the computing tasks end, which nobody else would tell. It
 * is forked before there are workers, inherits no thread, and keeps no descriptor but standard error. */
#include "bench/echo_client.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clock.h"
#include "bench/pattern.h"

/* ---- The process ---- */

/* Whether the process that serves this turn is there no more. */
static bool is_deserted(const struct pb_echo_common *common) {
    return kill(atomic_load(&common->server), 0) < 0 && errno == ESRCH;
}

static bool send_all(int fd, const unsigned char *from, size_t size) {
    ssize_t rc;
    for (size_t done = 0; done < size; done += (size_t)rc)
        if ((rc = TEMP_FAILURE_RETRY(send(fd, from + done, size - done, MSG_NOSIGNAL))) < 0)
            return false;
    return true;
}

/* The answer. Waits in steps, and looks between them whether there is still somebody to wait for: until it is
   accepted a connection does not show that its server has died. */
static bool receive_all(const struct pb_echo_common *common, int fd, unsigned char *to, size_t size) {
    enum { STEP_MS = 200 };
    for (size_t done = 0; done < size;) {
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        if (poll(&entry, 1, STEP_MS) <= 0) {
            if (is_deserted(common))
                return false;
            continue;
        }
        ssize_t rc = recv(fd, to + done, size - done, MSG_DONTWAIT);
        if (rc == 0 || (rc < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        done += rc > 0 ? (size_t)rc : 0;
    }
    return true;
}

static bool ask(const struct pb_echo_client *self, int fd, unsigned char *buffer, uint64_t k) {
    uint64_t sum;
    pb_pattern_fill(buffer, self->size, k);
    uint64_t sent = pb_clock_ns();
    if (!send_all(fd, buffer, self->size) || !receive_all(self->common, fd, buffer, self->size))
        return false;
    self->common->latency[k] = pb_clock_ns() - sent;
    return pb_pattern_check(buffer, self->size, k, &sum);
}

static void take_turn(const struct pb_echo_client *self, unsigned char *buffer) {
    static const int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0 &&
                connect(fd, (const struct sockaddr *)&self->server, sizeof self->server) == 0;
    for (uint64_t k = 0; good && k < self->requests; k++)
        good = ask(self, fd, buffer, k);
    if (!good)
        atomic_store(&self->common->serving, 0);
    if (fd >= 0)
        close(fd);
}

static _Noreturn void client_main(const struct pb_echo_client *self, unsigned char *buffer, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    close_range(STDERR_FILENO + 1, ~0u, 0);
    for (;;)
        if (sem_wait(&self->common->turn) == 0)
            take_turn(self, buffer);
}

/* ---- Where it runs ---- */

/* A number and what follows it; false: there is none. */
static bool parse_number(const char **text, unsigned long *number) {
    char *end;
    bool digit = **text >= '0' && **text <= '9';
    *number = strtoul(*text, &end, 10);
    *text = end;
    return digit;
}

/* "0-1+3" or "0-1,3"; false: it is no such list. */
static bool parse_processors(const char *text, cpu_set_t *set) {
    CPU_ZERO(set);
    for (;; text++) {
        unsigned long first, last;
        if (!parse_number(&text, &first))
            return false;
        last = first;
        if (*text == '-' && (text++, !parse_number(&text, &last)))
            return false;
        if (last < first || last >= CPU_SETSIZE)
            return false;
        for (unsigned long k = first; k <= last; k++)
            CPU_SET(k, set);
        if (*text != '+' && *text != ',')
            return *text == '\0';
    }
}

static int bind_client(pid_t pid, const char *where, struct pb_message *message) {
    cpu_set_t set;
    int rc = 0;
    if (!*where) {
        snprintf(message->text, sizeof message->text, "client unbound");
        return 0;
    }
    if (!parse_processors(where, &set))
        rc = -EINVAL;
    else if (sched_setaffinity(pid, sizeof set, &set) < 0)
        rc = -errno;
    if (rc < 0)
        snprintf(message->text, sizeof message->text,
                 "echo: client=%.60s: %s: give processors that `bench topology` shows, like 0-1+3", where,
                 rc == -EINVAL ? "there are no such processors" : strerror(-rc));
    else
        snprintf(message->text, sizeof message->text, "client on processors %.100s", where);
    return rc;
}

/* ---- Starting and ending it ---- */

static int complain(struct pb_message *message, int code, const char *what, const char *advice) {
    snprintf(message->text, sizeof message->text, "echo: %s: %s: %s", what, strerror(-code), advice);
    return code;
}

static int open_common(struct pb_echo_client *self, struct pb_message *message) {
    self->common_size = sizeof *self->common + self->requests * sizeof *self->common->latency;
    struct pb_echo_common *common =
        mmap(NULL, self->common_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (common == MAP_FAILED)
        return complain(message, -errno, "no memory for the latencies", "give fewer requests");
    sem_init(&common->turn, 1, 0);
    self->common = common;
    return 0;
}

static int start(struct pb_echo_client *self, struct pb_message *message) {
    unsigned char *buffer = malloc(self->size);
    pid_t parent = getpid();
    int rc = 0;
    if (!buffer)
        return complain(message, -ENOMEM, "no memory for a request", "give a smaller size");
    pid_t child = fork();
    if (child == 0)
        client_main(self, buffer, parent);
    if (child < 0)
        rc = complain(message, -errno, "no process for the client", "raise the limit (ulimit -u)");
    else
        self->pid = child;
    free(buffer);
    return rc;
}

int pb_echo_client_open(struct pb_echo_client *self, const char *processors, struct pb_message *message) {
    self->pid = 0;
    self->common = NULL;
    int rc = open_common(self, message);
    rc = rc < 0 ? rc : start(self, message);
    rc = rc < 0 ? rc : bind_client(self->pid, processors, message);
    if (rc < 0)
        pb_echo_client_close(self);
    return rc;
}

bool pb_echo_client_lives(struct pb_echo_client *self) {
    if (self->pid && waitpid(self->pid, NULL, WNOHANG) != 0)
        self->pid = 0;
    return self->pid != 0;
}

void pb_echo_client_close(struct pb_echo_client *self) {
    if (self->pid) {
        kill(self->pid, SIGKILL);
        while (waitpid(self->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (self->common)
        munmap(self->common, self->common_size);
    *self = (struct pb_echo_client){0};
}
