/* The convoy effect: a server that answers requests beside tasks that compute.
 *
 * Task 0 is the server: it echoes a fixed number of requests of one client, then lets the others end. Tasks 1
 * to `cpu` compute until then, with check points. Under a lock like CPython's the server gives the lock up at
 * every verb, gets its answer at once, and then waits a whole interval for a computing task to hand the lock
 * back: requests a second fall by orders of magnitude though nobody is slow. Where tasks run in parallel they
 * hardly notice each other.
 *
 * It needs a verb that takes longer than a sleeping thread takes to come and get the lock, which on a virtual
 * machine or a busy one may be 25 us and more: where the server has its answer before, it keeps the lock, and
 * it is the computing tasks that starve. Both happen, to CPython too, and a run may change from one to the
 * other: p50 tells which it was. The server begins when the computing tasks have, so that none comes late.
 *
 * The client is a process of its own (echo_client.c), so that it takes part in no lock. It connects when a
 * server begins, and closes when it has all its answers: its latencies are then whole, and the server reports
 * them. The server waits for a connection for a bounded time, and a client that dies ends the connection. */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/echo_client.h"
#include "bench/pattern.h"
#include "bench/workloads.h"
#include "parbench/meter.h"

#define PATIENCE_NS INT64_C(10000000000) /* of the server, for its client to connect */

struct state {
    uint64_t cpu, grain, hold; /* grain and hold in iterations */
    int listener;
    struct pb_echo_client client;
};

struct lane {
    unsigned char *buffer; /* room for a message */
    uint64_t left_over;    /* of computing, so that no compiler leaves it out */
};

enum { CPU, REQUESTS, SIZE, HOLD, GRAIN, CLIENT };

static const struct pb_param params[] = {
    [CPU] = {.name = "cpu",
             .type = PB_PARAM_COUNT,
             .fallback = "1",
             .min = 0,
             .max = 4000,
             .help = "tasks that compute beside the server; -n must be one more"},
    [REQUESTS] = {.name = "requests",
                  .type = PB_PARAM_COUNT,
                  .fallback = "100",
                  .min = 1,
                  .max = 1e7,
                  .help = "that the client sends in a repetition, one after the other"},
    [SIZE] = {.name = "size",
              .type = PB_PARAM_SIZE,
              .fallback = "64",
              .min = 1,
              .max = 0x1p26,
              .help = "bytes of a request and of its answer"},
    [HOLD] = {.name = "hold_ns",
              .type = PB_PARAM_WORK,
              .fallback = "5us",
              .unit = "ns",
              .help = "computing of the server after each verb, about CPython's"},
    [GRAIN] = {.name = "grain",
               .type = PB_PARAM_WORK,
               .fallback = "10us",
               .help = "computing between two check points of a computing task"},
    [CLIENT] = {.name = "client",
                .type = PB_PARAM_TEXT,
                .fallback = "",
                .help = "processors that the client may use, like 0-1+3; none: any"},
    {0},
};

static const char *const counters[] = {"requests", NULL};

/* ---- Set-up ---- */

static int open_listener(struct state *self, struct pb_message *message) {
    struct sockaddr_in *address = &self->client.server;
    socklen_t size = sizeof *address;
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    self->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (self->listener >= 0 && bind(self->listener, (const struct sockaddr *)address, sizeof *address) == 0 &&
        listen(self->listener, SOMAXCONN) == 0 &&
        getsockname(self->listener, (struct sockaddr *)address, &size) == 0)
        return 0;
    int rc = -errno;
    snprintf(message->text, sizeof message->text,
             "echo: no socket that listens on 127.0.0.1: %s: look whether loopback is up (ip link)",
             strerror(-rc));
    return rc;
}

static void teardown(void *state) {
    struct state *self = state;
    pb_echo_client_close(&self->client);
    if (self->listener >= 0)
        close(self->listener);
    self->listener = -1;
}

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    *self = (struct state){
        .cpu = (uint64_t)given->value[CPU].integer,
        .grain = (uint64_t)given->value[GRAIN].integer,
        .hold = (uint64_t)given->value[HOLD].integer,
        .client = {.requests = (uint64_t)given->value[REQUESTS].integer,
                   .size = (size_t)given->value[SIZE].integer},
    };
    int rc = open_listener(self, message);
    rc = rc < 0 ? rc : pb_echo_client_open(&self->client, given->value[CLIENT].text, message);
    if (rc < 0)
        teardown(self);
    return rc;
}

static uint64_t count(const void *state) {
    return ((const struct state *)state)->cpu + 1;
}

static void lane_teardown(void *lane, void *state) {
    struct lane *self = lane;
    (void)state;
    free(self->buffer);
    self->buffer = NULL;
}

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    struct lane *self = lane;
    self->buffer = malloc(((const struct state *)state)->client.size);
    if (self->buffer)
        return 0;
    snprintf(message->text, sizeof message->text, "echo: no memory for a request: give a smaller size");
    return -ENOMEM;
}

/* ---- A repetition ---- */

static int begin(void *state, const struct pb_repetition *repetition, struct pb_message *message) {
    struct state *self = state;
    const unsigned long long cpu = self->cpu;
    if (cpu > 0 && repetition->lanes > repetition->workers) {
        snprintf(message->text, sizeof message->text,
                 "echo: cpu=%llu: tasks that share a thread wait while one of them computes, the server "
                 "too: give as many threads as -n, or cpu=0",
                 cpu);
        return -ENOTSUP;
    }
    if (cpu > 0 && repetition->workers < cpu + 1) {
        snprintf(
            message->text, sizeof message->text,
            "echo: cpu=%llu needs %llu workers that compute at once, and there %s %u: give -n %llu or more",
            cpu, cpu + 1, repetition->workers == 1 ? "is" : "are", repetition->workers, cpu + 1);
        return -ENOTSUP;
    }
    if (!pb_echo_client_lives(&self->client)) {
        snprintf(message->text, sizeof message->text, "echo: its client was killed: start again");
        return -EPIPE;
    }
    atomic_store(&self->client.common->answered, 0);
    atomic_store(&self->client.common->computing, 0);
    atomic_store(&self->client.common->serving, 1);
    return 0;
}

static uint64_t end(void *state) {
    return atomic_load(&((struct state *)state)->client.common->answered);
}

/* 0, or -errno; -ECONNRESET where the connection ends early. */
static ssize_t echo_one(struct pb_task *task, int fd, uint64_t *sum) {
    const struct state *self = task->state;
    struct lane *lane = task->lane;
    ssize_t rc;
    for (size_t done = 0; done < self->client.size; done += (size_t)rc) {
        rc = pb_recv(task, fd, lane->buffer + done, self->client.size - done, 0);
        if (rc <= 0)
            return rc < 0 ? rc : -ECONNRESET;
    }
    lane->left_over = pb_spin(self->hold, lane->left_over);
    *sum = pb_pattern_sum(lane->buffer, self->client.size);
    for (size_t done = 0; done < self->client.size; done += (size_t)rc)
        if ((rc = pb_send(task, fd, lane->buffer + done, self->client.size - done, MSG_NOSIGNAL)) < 0)
            return rc;
    lane->left_over = pb_spin(self->hold, lane->left_over);
    return 0;
}

/* Until every computing task has begun, or none has for long enough that it will not. */
static void await_company(struct pb_task *task) {
    enum { GLANCE_NS = 100000, GLANCES = 500 };
    const struct state *self = task->state;
    for (int k = 0; k < GLANCES && atomic_load(&self->client.common->computing) < self->cpu; k++)
        pb_sleep(task, GLANCE_NS);
}

/* Tells the client that it is its turn; the connection, or -errno. */
static int await_client(struct pb_task *task) {
    static const int yes = 1;
    const struct state *self = task->state;
    atomic_store(&self->client.common->server, getpid());
    sem_post(&self->client.common->turn);
    int rc = pb_poll(task, self->listener, POLLIN, PATIENCE_NS);
    if (rc <= 0)
        return rc < 0 ? rc : -ETIMEDOUT;
    int fd = pb_accept(task, self->listener, NULL, NULL);
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

static int serve(struct pb_task *task, uint64_t *digest) {
    const struct state *self = task->state;
    struct pb_echo_common *common = self->client.common;
    uint64_t fold = 0, sum, left;
    await_company(task);
    int fd = await_client(task);
    ssize_t rc = fd < 0 ? fd : 0;
    for (uint64_t k = 0; rc == 0 && k < self->client.requests; k++) {
        rc = echo_one(task, fd, &sum);
        if (rc == 0) {
            fold = pb_mix(fold, sum);
            pb_count(task, 0, 1);
            atomic_fetch_add(&common->answered, 1);
        }
    }
    atomic_store(&common->serving, 0);
    if (rc == 0) /* the client closes when it has noted the last latency */
        rc = pb_recv(task, fd, &left, sizeof left, 0);
    if (fd >= 0)
        pb_close(task, fd);
    if (rc != 0)
        return pb_reason(task, 0, PB_ERROR, "the client: %s", rc < 0 ? strerror((int)-rc) : "it says more");
    for (uint64_t k = 0; k < self->client.requests; k++)
        pb_observe(task, common->latency[k]);
    *digest = fold;
    return PB_OK;
}

/* The digest is that of the first piece, since the number of pieces is chance. */
static int compute(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    uint64_t x = *digest = pb_spin(self->grain, pb_mix(i, 0));
    atomic_fetch_add(&self->client.common->computing, 1);
    while (i <= self->cpu && atomic_load(&self->client.common->serving) && !pb_should_stop(task)) {
        pb_checkpoint(task);
        x = pb_spin(self->grain, x);
    }
    ((struct lane *)task->lane)->left_over = x;
    return PB_OK;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    return i == 0 ? serve(task, digest) : compute(task, i, digest);
}

const struct pb_workload pb_workload_echo = {
    PB_WORKLOAD_HEADER,
    .name = "echo",
    .summary = "a server beside tasks that compute: the convoy effect",
    .bound = PB_IO,
    .params = params,
    .counters = counters,
    .meets = true,
    .state_size = sizeof(struct state),
    .lane_size = sizeof(struct lane),
    .count = count,
    .begin = begin,
    .end = end,
    .setup = setup,
    .lane_setup = lane_setup,
    .run = run,
    .lane_teardown = lane_teardown,
    .teardown = teardown,
};
