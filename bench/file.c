/* Reading and writing a file, block by block: one task is one block.
 *
 * The files are made here, in $TMPDIR or else /tmp, filled, and have no name from their first moment on
 * (O_TMPFILE; where the file system has no such thing they are unlinked at once): however the program ends,
 * none is left. One file that all lanes share is opened in `setup` and inherited by worker processes; with
 * share=0 each lane makes its own. Every byte follows from its offset, and a write writes what was there: so
 * what is read can be checked, in whatever order tasks ran before.
 *
 * Without direct=1 reads are answered from the page cache, which was filled a moment ago: system calls and
 * copying are measured, not a device; writes end in it too, unless fsync=1. Many writers of one shared file
 * take turns in most file systems (the inode's lock); share=0 shows how much of that it was. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/clock.h"
#include "bench/pattern.h"
#include "bench/workloads.h"
#include "parbench/meter.h"

enum {
    ALIGNMENT = 4096, /* of buffers: enough for direct I/O on all devices of today */
    UNIT = 512,       /* of blocks */
    FILL = 1 << 20,   /* bytes that are written at a time to fill a file */
};

enum operation { READ, WRITE, MIXED };

struct state {
    enum operation op;
    bool random, sync, direct;
    uint64_t block, blocks;
    int fd; /* of the shared file; -1: each lane has one */
};

struct lane {
    int fd;
    unsigned char *buffer;
};

enum { OP, SIZE, BLOCK, ACCESS, FSYNC, DIRECT, SHARE };

static const struct pb_param params[] = {
    [OP] = {.name = "op",
            .type = PB_PARAM_CHOICE,
            .fallback = "read",
            .choices = "read|write|mixed",
            .help = "what a task does; mixed: half of them write"},
    [SIZE] = {.name = "size",
              .type = PB_PARAM_SIZE,
              .fallback = "16MiB",
              .min = UNIT,
              .max = 0x1p44,
              .help = "bytes of the file, rounded down to whole blocks"},
    [BLOCK] = {.name = "block",
               .type = PB_PARAM_SIZE,
               .fallback = "64KiB",
               .min = UNIT,
               .max = 0x1p26,
               .help = "bytes that one task reads or writes, a multiple of 512"},
    [ACCESS] = {.name = "access",
                .type = PB_PARAM_CHOICE,
                .fallback = "seq",
                .choices = "seq|random",
                .help = "blocks one after the other by the tasks' numbers, or anywhere"},
    [FSYNC] = {.name = "fsync",
               .type = PB_PARAM_COUNT,
               .fallback = "0",
               .min = 0,
               .max = 1,
               .help = "wait after each write until the device has it"},
    [DIRECT] = {.name = "direct",
                .type = PB_PARAM_COUNT,
                .fallback = "0",
                .min = 0,
                .max = 1,
                .help = "pass the page cache by (O_DIRECT)"},
    [SHARE] = {.name = "share",
               .type = PB_PARAM_COUNT,
               .fallback = "1",
               .min = 0,
               .max = 1,
               .help = "one file for all tasks (1), or one for each that runs at once (0)"},
    {0},
};

/* ---- What can go wrong ---- */

static const char *where(void) {
    const char *directory = getenv("TMPDIR");
    return directory && *directory ? directory : "/tmp";
}

static const char *advice(int code) {
    switch (code) {
    case -ENOSPC:
    case -EDQUOT:
    case -EFBIG:
        return "give a smaller size, or set TMPDIR to a larger file system";
    case -EMFILE:
    case -ENFILE:
        return "raise the limit (ulimit -n), or give share=1";
    case -ENOMEM:
        return "give a smaller block";
    case -EIO:
        return "look what the kernel's log says of the device";
    default:
        return "set TMPDIR to a directory that can be written to";
    }
}

static int complain(struct pb_message *message, int code, const char *what) {
    snprintf(message->text, sizeof message->text, "file: %s in %.80s: %s: %s", what, where(), strerror(-code),
             advice(code));
    return code;
}

/* ---- Making a file ---- */

static int open_nameless(void) {
    char path[PATH_MAX];
    int fd = open(where(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd < 0 ? -errno : fd;
    if (snprintf(path, sizeof path, "%s/parbench-XXXXXX", where()) >= (int)sizeof path)
        return -ENAMETOOLONG;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    unlink(path);
    return fd;
}

static int write_all(int fd, const unsigned char *from, size_t size, uint64_t offset) {
    while (size > 0) {
        ssize_t rc = TEMP_FAILURE_RETRY(pwrite(fd, from, size, (off_t)offset));
        if (rc <= 0)
            return rc < 0 ? -errno : -ENOSPC;
        from += rc;
        offset += (uint64_t)rc;
        size -= (size_t)rc;
    }
    return 0;
}

static int fill(const struct state *self, int fd) {
    uint64_t some = self->block < FILL ? FILL / self->block : 1;
    unsigned char *buffer = malloc(some * self->block);
    int rc = buffer ? 0 : -ENOMEM;
    for (uint64_t block = 0; rc == 0 && block < self->blocks; block += some) {
        uint64_t left = self->blocks - block;
        some = left < some ? left : some;
        for (uint64_t k = 0; k < some; k++)
            pb_pattern_fill(buffer + k * self->block, self->block, block + k);
        rc = write_all(fd, buffer, some * self->block, block * self->block);
    }
    free(buffer);
    return rc;
}

/* What was written is on the device by now and leaves the page cache, in which direct reads would have to
   look for it. That blocks have the right size for the device only the device can say. */
static int make_direct(const struct state *self, int fd, struct pb_message *message) {
    void *buffer = NULL;
    int rc = 0;
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (fcntl(fd, F_SETFL, O_DIRECT) < 0) {
        rc = -errno;
        snprintf(message->text, sizeof message->text,
                 "file: direct=1: the file system of %.80s has no direct I/O: set TMPDIR to a directory on a "
                 "disk, or give direct=0",
                 where());
        return rc;
    }
    if (posix_memalign(&buffer, ALIGNMENT, self->block) != 0)
        return complain(message, -ENOMEM, "no memory for a block");
    if (pread(fd, buffer, self->block, 0) != (ssize_t)self->block) {
        rc = -EINVAL;
        snprintf(message->text, sizeof message->text,
                 "file: direct=1: the device below %.80s takes no blocks of %llu bytes: give block=4KiB or a "
                 "multiple",
                 where(), (unsigned long long)self->block);
    }
    free(buffer);
    return rc;
}

/* The descriptor of a filled file that has no name, or -errno with a message. */
static int make(const struct state *self, struct pb_message *message) {
    int fd = open_nameless();
    if (fd < 0)
        return complain(message, fd, "no file can be made");
    int rc = fill(self, fd);
    if (rc == 0 && (self->sync || self->direct) && fdatasync(fd) < 0)
        rc = -errno; /* else the first task that syncs would write all of it */
    if (rc < 0)
        complain(message, rc, rc == -ENOMEM ? "no memory for a block" : "the file cannot be filled");
    else if (self->direct)
        rc = make_direct(self, fd, message);
    if (rc == 0)
        return fd;
    close(fd);
    return rc;
}

/* ---- Set-up ---- */

static int check(const struct state *self, uint64_t size, struct pb_message *message) {
    const char *what = NULL;
    if (self->block % UNIT)
        what = "block is no multiple of 512: give 4KiB, or another multiple";
    else if (self->block > size)
        what = "block is larger than size: give a larger size or a smaller block";
    else if (self->sync && self->op == READ)
        what = "fsync=1 with op=read: nothing is written: give op=write or op=mixed";
    if (!what)
        return 0;
    snprintf(message->text, sizeof message->text, "file: %s", what);
    return -EINVAL;
}

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    uint64_t size = (uint64_t)given->value[SIZE].integer;
    *self = (struct state){
        .op = (enum operation)given->value[OP].integer,
        .random = given->value[ACCESS].integer != 0,
        .sync = given->value[FSYNC].integer != 0,
        .direct = given->value[DIRECT].integer != 0,
        .block = (uint64_t)given->value[BLOCK].integer,
        .fd = -1,
    };
    int rc = check(self, size, message);
    if (rc < 0)
        return rc;
    self->blocks = size / self->block;
    if (given->value[SHARE].integer == 0)
        return 0;
    self->fd = make(self, message);
    return self->fd < 0 ? self->fd : 0;
}

static void teardown(void *state) {
    struct state *self = state;
    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
}

static uint64_t bytes(const void *state) {
    return ((const struct state *)state)->block;
}

static void lane_teardown(void *lane, void *state) {
    struct lane *self = lane;
    if (self->fd >= 0 && ((const struct state *)state)->fd < 0)
        close(self->fd);
    free(self->buffer);
    *self = (struct lane){.fd = -1};
}

static int lane_setup(void *lane, void *state, struct pb_message *message) {
    struct lane *self = lane;
    const struct state *shared = state;
    void *buffer = NULL;
    if (posix_memalign(&buffer, ALIGNMENT, shared->block) != 0)
        return complain(message, -ENOMEM, "no memory for a block");
    *self = (struct lane){.fd = shared->fd < 0 ? make(shared, message) : shared->fd, .buffer = buffer};
    if (self->fd >= 0)
        return 0;
    int rc = self->fd;
    lane_teardown(self, state);
    return rc;
}

/* ---- A task ---- */

static ssize_t read_block(struct pb_task *task, const struct lane *lane, size_t size, uint64_t offset) {
    ssize_t rc;
    for (size_t done = 0; done < size; done += (size_t)rc) {
        rc = pb_pread(task, lane->fd, lane->buffer + done, size - done, (off_t)(offset + done));
        if (rc <= 0)
            return rc < 0 ? rc : -ENODATA;
    }
    return 0;
}

static ssize_t write_block(struct pb_task *task, const struct lane *lane, size_t size, uint64_t offset,
                           bool sync) {
    ssize_t rc;
    for (size_t done = 0; done < size; done += (size_t)rc) {
        rc = pb_pwrite(task, lane->fd, lane->buffer + done, size - done, (off_t)(offset + done));
        if (rc <= 0)
            return rc < 0 ? rc : -ENOSPC;
    }
    return sync ? pb_fsync(task, lane->fd) : 0;
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    const struct state *self = task->state;
    const struct lane *lane = task->lane;
    const uint64_t chosen = pb_mix(i, 0), block = (self->random ? chosen : i) % self->blocks;
    const bool writes = self->op == WRITE || (self->op == MIXED && chosen >> 63);
    uint64_t sum = 0;
    if (writes)
        pb_pattern_fill(lane->buffer, self->block, block);
    else
        memset(lane->buffer, 0, UNIT); /* lest what an earlier task left there pass for what was read */
    uint64_t began = pb_clock_ns();
    ssize_t rc = writes ? write_block(task, lane, self->block, block * self->block, self->sync)
                        : read_block(task, lane, self->block, block * self->block);
    if (rc < 0)
        return pb_reason(task, i, PB_ERROR, "%s: %s", writes ? "writing" : "reading", strerror((int)-rc));
    pb_observe(task, pb_clock_ns() - began);
    if (!pb_pattern_check(lane->buffer, self->block, block, &sum))
        return pb_reason(task, i, PB_ERROR, "other bytes than were written");
    *digest = pb_mix(i, sum);
    return PB_OK;
}

const struct pb_workload pb_workload_file = {
    PB_WORKLOAD_HEADER,
    .name = "file",
    .summary = "reading and writing blocks of a file",
    .bound = PB_IO,
    .params = params,
    .state_size = sizeof(struct state),
    .lane_size = sizeof(struct lane),
    .bytes = bytes,
    .setup = setup,
    .lane_setup = lane_setup,
    .run = run,
    .lane_teardown = lane_teardown,
    .teardown = teardown,
};
