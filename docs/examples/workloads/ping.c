/* ping: how long does a message take through a socket and back out of it? */
#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "parbench/meter.h"
#include "parbench/workload.h"

/* Room for one task in flight: what a task waits on must be nobody else's meanwhile. */
struct lane {
    int end[2];
};

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    struct lane *self = lane;
    (void)state;
    (void)message; /* left empty: the errno is all there is to say */
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, self->end) < 0 ? -errno : 0;
}

static void lane_teardown(void *lane, void *state) {
    const struct lane *self = lane;
    (void)state;
    close(self->end[0]);
    close(self->end[1]);
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct lane *lane = task->lane;
    uint64_t sent = pb_mix(i, 0), received = 0, began = now();
    if (pb_send(task, lane->end[0], &sent, sizeof sent, 0) != sizeof sent ||
        pb_recv(task, lane->end[1], &received, sizeof received, 0) != sizeof received)
        return pb_reason(task, i, PB_ERROR, "the message did not come through");
    pb_observe(task, now() - began);
    *digest = received;
    return PB_OK;
}

const struct pb_workload pb_workload = {
    PB_WORKLOAD_HEADER,
    .name = "ping",
    .summary = "a message through a socket of one's own",
    .bound = PB_IO,
    .lane_size = sizeof(struct lane),
    .lane_setup = lane_setup,
    .run = run,
    .lane_teardown = lane_teardown,
};
