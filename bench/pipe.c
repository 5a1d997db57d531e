/* Bytes through a pipe: nothing but system calls and copying, with no device and no waiting, so what calls
 * cost shows, and what an executor adds to them.
 *
 * Each lane has a pipe of its own and is both its ends: a round trip writes a block and reads it back, so a
 * block must fit into the pipe or the task would wait for itself. The bytes of each round differ, and those
 * that come back are compared. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/pattern.h"
#include "bench/workloads.h"
#include "parbench/meter.h"

struct state {
    uint64_t size, block;
};

struct lane {
    int end[2];
    unsigned char *buffer;
};

enum { SIZE, BLOCK };

static const struct pb_param params[] = {
    [SIZE] = {.name = "size",
              .type = PB_PARAM_SIZE,
              .fallback = "64KiB",
              .min = 1,
              .max = 0x1p40,
              .help = "bytes that one task writes to its pipe and reads back"},
    [BLOCK] = {.name = "block",
               .type = PB_PARAM_SIZE,
               .fallback = "4KiB",
               .min = 1,
               .max = 0x1p26,
               .help = "bytes of one round trip, at most what a pipe holds"},
    {0},
};

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->size = (uint64_t)given->value[SIZE].integer;
    self->block = (uint64_t)given->value[BLOCK].integer;
    if (self->block > self->size)
        self->block = self->size;
    return 0;
}

static uint64_t bytes(const void *state) {
    return ((const struct state *)state)->size;
}

static void lane_teardown(void *lane, void *state) {
    struct lane *self = lane;
    (void)state;
    for (int k = 0; k < 2; k++)
        if (self->end[k] >= 0)
            close(self->end[k]);
    free(self->buffer);
    *self = (struct lane){{-1, -1}, NULL};
}

/* The kernel gives fewer bytes than asked to a user who has many pipes, and nobody more than
   fs.pipe-max-size without the right to. */
static int make_room(const struct lane *self, uint64_t block, struct pb_message *message) {
    int holds = fcntl(self->end[1], F_GETPIPE_SZ);
    if (holds >= 0 && (uint64_t)holds < block)
        holds = fcntl(self->end[1], F_SETPIPE_SZ, (int)block);
    if (holds >= 0 && (uint64_t)holds >= block)
        return 0;
    snprintf(message->text, sizeof message->text,
             "pipe: block=%llu: a pipe here holds less: give a smaller block, fewer tasks at once, or raise "
             "fs.pipe-max-size and fs.pipe-user-pages-soft",
             (unsigned long long)block);
    return -ENOSPC;
}

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    struct lane *self = lane;
    const struct state *shared = state;
    int rc = 0;
    *self = (struct lane){{-1, -1}, malloc(shared->block)};
    if (!self->buffer) {
        rc = -ENOMEM;
        snprintf(message->text, sizeof message->text, "pipe: no memory for a block: give a smaller block");
    } else if (pipe2(self->end, O_CLOEXEC) < 0) {
        rc = -errno;
        snprintf(message->text, sizeof message->text,
                 "pipe: no pipe for each task: %s: raise the limit (ulimit -n) or run fewer at once",
                 strerror(-rc));
    } else {
        rc = make_room(self, shared->block, message);
    }
    if (rc < 0)
        lane_teardown(self, state);
    return rc;
}

/* Moves a block through; what a verb returns instead, or -EBADMSG: other bytes came back. */
static ssize_t round_trip(struct pb_task *task, const struct lane *lane, size_t size, uint64_t key,
                          uint64_t *sum) {
    ssize_t rc;
    pb_pattern_fill(lane->buffer, size, key);
    for (size_t done = 0; done < size; done += (size_t)rc)
        if ((rc = pb_write(task, lane->end[1], lane->buffer + done, size - done)) < 0)
            return rc;
    memset(lane->buffer, 0, size);
    for (size_t done = 0; done < size; done += (size_t)rc)
        if ((rc = pb_read(task, lane->end[0], lane->buffer + done, size - done)) < 0)
            return rc;
    return pb_pattern_check(lane->buffer, size, key, sum) ? 0 : -EBADMSG;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    uint64_t fold = i, sum = 0;
    for (uint64_t left = self->size, k = 0; left > 0; k++) {
        uint64_t size = left < self->block ? left : self->block;
        ssize_t rc = round_trip(task, task->lane, size, pb_mix(i, k), &sum);
        if (rc < 0)
            return pb_reason(task, i, PB_ERROR, "the pipe: %s", strerror((int)-rc));
        fold = pb_mix(fold, sum);
        left -= size;
    }
    *digest = fold;
    return PB_OK;
}

const struct pb_workload pb_workload_pipe = {
    PB_WORKLOAD_HEADER,
    .name = "pipe",
    .summary = "system calls: bytes through a pipe and back",
    .bound = PB_IO,
    .params = params,
    .state_size = sizeof(struct state),
    .lane_size = sizeof(struct lane),
    .bytes = bytes,
    .setup = setup,
    .lane_setup = lane_setup,
    .run = run,
    .lane_teardown = lane_teardown,
};
