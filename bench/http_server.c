/* One thread, one loop over two descriptors: libmicrohttpd's epoll set, and the parent's death (a pidfd:
 * unlike PDEATHSIG it does not depend on which of the parent's threads forked).
 *
 * A request that is to take its time is suspended, and stands in a heap, the one due first at the top; the
 * loop sleeps until then at the longest. So any number of them wait at once, and nothing but the kernel's
 * memory bounds it. What libmicrohttpd calls more than once for one request goes by request.stage. */
#include "bench/clock.h"
#include "bench/http_server.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 16384, BLOCK_MAX = 64 << 10, MILLISECOND = 1000000 };

struct delayed {
    uint64_t due;
    struct MHD_Connection *connection;
};

struct server {
    const struct http_plan *plan;
    struct MHD_Daemon *daemon;
    struct MHD_Response *missing, *failing;
    struct delayed *heap;
    size_t delayed, capacity;
    unsigned long long requests;
    unsigned under_way, peak;
};

struct request {
    struct server *server;
    struct MHD_Connection *connection;
    enum { SEEN, WAITED } stage;
    bool counts; /* it asks for the counts, and is not one of them */
    uint64_t item;
    uint32_t attempt;
    enum http_answer answer;
};

/* ---- The heap of those that wait ---- */

static bool push(struct server *s, struct delayed new) {
    if (s->delayed == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 64;
        struct delayed *heap = realloc(s->heap, capacity * sizeof *heap);
        if (!heap)
            return false;
        s->heap = heap;
        s->capacity = capacity;
    }
    size_t k = s->delayed++;
    for (; k > 0 && s->heap[(k - 1) / 2].due > new.due; k = (k - 1) / 2)
        s->heap[k] = s->heap[(k - 1) / 2];
    s->heap[k] = new;
    return true;
}

static void pop(struct server *s) {
    struct delayed last = s->heap[--s->delayed];
    size_t k = 0;
    for (size_t child; (child = 2 * k + 1) < s->delayed; k = child) {
        if (child + 1 < s->delayed && s->heap[child + 1].due < s->heap[child].due)
            child++;
        if (s->heap[child].due >= last.due)
            break;
        s->heap[k] = s->heap[child];
    }
    s->heap[k] = last;
}

/* ---- Answers ---- */

/* Both ends see the connection reset at once, whatever is still to be sent: this is what connecting to no
 * address does to a connected socket (Linux: tcp_disconnect). */
static void reset(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    if (info)
        (void)!connect(info->connect_fd, &nowhere, sizeof nowhere);
}

static ssize_t read_body(void *context, uint64_t offset, char *out, size_t size) {
    const struct request *r = context;
    const struct http_plan *plan = r->server->plan;
    uint64_t end = r->answer == HTTP_GOOD ? plan->size : plan->size / 2;
    if (offset >= end) {
        if (r->answer == HTTP_RESET)
            reset(r->connection);
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (size > end - offset)
        size = end - offset;
    http_fill(plan, r->item, offset, out, size);
    return (ssize_t)size;
}

static enum MHD_Result send_new(struct MHD_Connection *connection, struct MHD_Response *response) {
    enum MHD_Result rc = response ? MHD_queue_response(connection, MHD_HTTP_OK, response) : MHD_NO;
    if (response)
        MHD_destroy_response(response);
    return rc;
}

/* A short body is made at once, so that it leaves in one piece with its head. */
static struct MHD_Response *body_new(struct request *r) {
    const struct http_plan *plan = r->server->plan;
    size_t block = plan->size < BLOCK_MAX ? plan->size : BLOCK_MAX;
    if (r->answer != HTTP_GOOD || plan->size > BLOCK_MAX)
        return MHD_create_response_from_callback(plan->size, block, read_body, r, NULL);
    char *body = malloc(plan->size);
    if (!body)
        return NULL;
    http_fill(plan, r->item, 0, body, plan->size);
    return MHD_create_response_from_buffer(plan->size, body, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result send_counts(const struct request *r) {
    char text[96];
    int size = snprintf(text, sizeof text, "requests %llu\npeak %u\n", r->server->requests, r->server->peak);
    return send_new(r->connection,
                    MHD_create_response_from_buffer((size_t)size, text, MHD_RESPMEM_MUST_COPY));
}

static enum MHD_Result respond(struct request *r) {
    const struct server *s = r->server;
    if (r->counts)
        return send_counts(r);
    r->answer = http_answer(s->plan, r->item, r->attempt);
    if (r->answer == HTTP_NOT_FOUND)
        return MHD_queue_response(r->connection, MHD_HTTP_NOT_FOUND, s->missing);
    if (r->answer == HTTP_ERROR)
        return MHD_queue_response(r->connection, MHD_HTTP_SERVICE_UNAVAILABLE, s->failing);
    return send_new(r->connection, body_new(r));
}

/* ---- Requests ---- */

static struct request *request_new(struct server *s, struct MHD_Connection *connection, const char *path) {
    struct request *r = calloc(1, sizeof *r);
    unsigned long long item;
    if (!r)
        return NULL;
    *r = (struct request){.server = s, .connection = connection};
    if (sscanf(path, "/items/%llu/%u", &item, &r->attempt) == 2) {
        r->item = item;
        s->requests++;
        if (++s->under_way > s->peak)
            s->peak = s->under_way;
    } else {
        r->counts = true;
    }
    return r;
}

/* Called when the request's head has come, again when all of it has, and again when it is resumed. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data, size_t *size,
                              void **own) {
    struct server *s = context;
    struct request *r = *own;
    (void)method, (void)version, (void)data, (void)size;
    if (!r) {
        *own = request_new(s, connection, path);
        return *own ? MHD_YES : MHD_NO;
    }
    int64_t delay = r->counts ? 0 : http_delay(s->plan, r->item, r->attempt);
    if (r->stage == SEEN && delay > 0) {
        r->stage = WAITED;
        if (!push(s, (struct delayed){pb_clock_ns() + (uint64_t)delay, connection}))
            return MHD_NO;
        MHD_suspend_connection(connection);
        return MHD_YES;
    }
    return respond(r);
}

static void completed(void *context, struct MHD_Connection *connection, void **own,
                      enum MHD_RequestTerminationCode how) {
    struct server *s = context;
    struct request *r = *own;
    (void)connection, (void)how;
    if (r && !r->counts)
        s->under_way--;
    free(r);
    *own = NULL;
}

/* ---- The process ---- */

/* Its descriptors: it keeps no others open, or what its parent's end should close would stay open. */
enum { LISTENER = 3, READY, PARENT, OTHERS };

static void keep_only(int listener, int ready, int parent) {
    int keep[] = {listener, ready, parent};
    for (int k = 0; k < 3; k++)
        keep[k] = fcntl(keep[k], F_DUPFD, OTHERS);
    for (int k = 0; k < 3; k++)
        dup2(keep[k], LISTENER + k);
    close_range(OTHERS, ~0u, 0);
}

/* How long the loop may sleep, in nanoseconds; UINT64_MAX: for ever. */
static uint64_t idle(const struct server *s, uint64_t now) {
    unsigned MHD_LONG_LONG ms;
    uint64_t wait = MHD_get_timeout(s->daemon, &ms) == MHD_YES ? (uint64_t)ms * MILLISECOND : UINT64_MAX;
    if (s->delayed == 0)
        return wait;
    uint64_t due = s->heap[0].due > now ? s->heap[0].due - now : 0;
    return due < wait ? due : wait;
}

_Noreturn static void serve(struct server *s) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd wait[] = {{.fd = info->epoll_fd, .events = POLLIN}, {.fd = PARENT, .events = POLLIN}};
    for (;;) {
        uint64_t ns = idle(s, pb_clock_ns());
        struct timespec most = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
        if (ppoll(wait, 2, ns == UINT64_MAX ? NULL : &most, NULL) < 0)
            wait[1].revents = 0;
        if (wait[1].revents)
            _exit(0);
        for (uint64_t now = pb_clock_ns(); s->delayed > 0 && s->heap[0].due <= now; pop(s))
            MHD_resume_connection(s->heap[0].connection);
        MHD_run(s->daemon);
    }
}

/* The library does not write to what it copies, though its type says that it may. */
static struct MHD_Response *response(const char *text) {
    return MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
}

static bool open_daemon(struct server *s) {
    s->missing = response("no such item\n");
    s->failing = response("a fault, as was asked for\n");
    s->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, s,
                                 MHD_OPTION_LISTEN_SOCKET, LISTENER, MHD_OPTION_CONNECTION_LIMIT,
                                 CONNECTIONS_MAX, MHD_OPTION_NOTIFY_COMPLETED, completed, s, MHD_OPTION_END);
    return s->missing && s->failing && s->daemon;
}

_Noreturn static void become_server(const struct http_plan *plan, int listener, int ready, int parent) {
    struct server s = {.plan = plan};
    prctl(PR_SET_NAME, "parbench-http");
    keep_only(listener, ready, parent);
    int rc = open_daemon(&s) ? 0 : -EIO;
    if (write(READY, &rc, sizeof rc) != sizeof rc || rc < 0)
        _exit(1);
    close(READY);
    serve(&s);
}

static int listen_here(uint16_t *port) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&here, size) == 0 && listen(fd, SOMAXCONN) == 0 &&
        getsockname(fd, (struct sockaddr *)&here, &size) == 0) {
        *port = ntohs(here.sin_port);
        return fd;
    }
    int rc = -errno;
    if (fd >= 0)
        close(fd);
    return rc;
}

/* What it says of itself, or that it ended without a word. */
static int hear(int fd) {
    int said;
    ssize_t got = TEMP_FAILURE_RETRY(read(fd, &said, sizeof said));
    return got == sizeof said ? said : -EPIPE;
}

static void end(pid_t pid) {
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Forks it with its descriptors, and waits until it serves: its process id, or -errno. */
static pid_t launch(const struct http_plan *plan, int listener, int parent) {
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) < 0)
        return -errno;
    pid_t pid = fork();
    if (pid == 0)
        become_server(plan, listener, ready[1], parent);
    int rc = pid < 0 ? -errno : 0;
    close(ready[1]);
    rc = rc < 0 ? rc : hear(ready[0]);
    close(ready[0]);
    if (rc < 0 && pid > 0)
        end(pid);
    return rc < 0 ? rc : pid;
}

int http_server_start(struct http_server *server, const struct http_plan *plan, struct pb_message *message) {
    uint16_t port = 0;
    int parent = (int)syscall(SYS_pidfd_open, getpid(), 0);
    int listener = parent < 0 ? -errno : listen_here(&port);
    /* Only here is *server written: it may lie in memory that the server shares. */
    pid_t pid = listener < 0 ? listener : launch(plan, listener, parent);
    if (listener >= 0)
        close(listener);
    if (parent >= 0)
        close(parent);
    if (pid < 0) {
        snprintf(message->text, sizeof message->text,
                 "http: its server cannot be started: %s: give url= to use another", strerror(-pid));
        return pid;
    }
    *server = (struct http_server){.pid = pid, .port = port};
    return 0;
}

void http_server_stop(struct http_server *server) {
    if (server->pid > 0)
        end(server->pid);
    *server = (struct http_server){0};
}
