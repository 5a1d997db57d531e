/* Nothing here waits but the poll verb: what is read is what FIONREAD says is there. The end of the program
 * is told by its pidfd and not by its pipes', which whatever it has started may hold open for ever.
 *
 * The digest is one of words of 8 bytes, in order: each step is a bijection of what came before it and of the
 * word. Bytes are gathered into whole blocks before, so that it does not depend on the pieces that they come
 * in. */
#include "bench/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench/clock.h"
#include "parbench/workload.h"

enum { LOOK_NS = 200000000 /* between two looks at whether to stop */ };

int pb_outputs_init(struct pb_outputs *o) {
    *o = (struct pb_outputs){.output = -1, .error = -1, .ready = epoll_create1(EPOLL_CLOEXEC)};
    if (o->ready < 0)
        return -errno;
    o->block = malloc(PB_OUTPUTS_BLOCK);
    if (o->block)
        return 0;
    pb_outputs_release(o);
    return -ENOMEM;
}

void pb_outputs_release(struct pb_outputs *o) {
    if (o->ready >= 0)
        close(o->ready);
    free(o->block);
    *o = (struct pb_outputs){.ready = -1, .output = -1, .error = -1};
}

static int attach(const struct pb_outputs *o, int fd) {
    return epoll_ctl(o->ready, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd}) < 0
               ? -errno
               : 0;
}

/* Closing it is not enough: a child that another thread just starts may still hold it. */
static void detach(const struct pb_outputs *o, int fd) {
    epoll_ctl(o->ready, EPOLL_CTL_DEL, fd, NULL);
}

static int open_pipe(const struct pb_outputs *o, int *from, int *to) {
    int end[2];
    if (pipe2(end, O_CLOEXEC) < 0)
        return -errno;
    *from = end[0];
    *to = end[1];
    return attach(o, end[0]);
}

static void shut(const struct pb_outputs *o, int *fd) {
    if (*fd >= 0) {
        detach(o, *fd);
        close(*fd);
    }
    *fd = -1;
}

int pb_outputs_open(struct pb_outputs *o, bool read_output, int file[3]) {
    o->filled = o->tail_size = 0;
    o->digest = o->size = 0;
    int made[2] = {-1, -1};
    int rc = open_pipe(o, &o->error, &made[1]);
    if (rc == 0 && read_output)
        rc = open_pipe(o, &o->output, &made[0]);
    for (int k = 0; k < 2; k++)
        if (rc == 0 && made[k] >= 0)
            file[k + 1] = made[k];
        else if (made[k] >= 0)
            close(made[k]);
    if (rc < 0) {
        shut(o, &o->error);
        shut(o, &o->output);
    }
    return rc;
}

/* ---- Reading ---- */

static void fold(struct pb_outputs *o) {
    for (size_t k = 0; k < o->filled; k += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, o->block + k, o->filled - k < sizeof word ? o->filled - k : sizeof word);
        o->digest = (o->digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        o->digest ^= o->digest >> 32;
    }
    o->filled = 0;
}

static ssize_t read_output(struct pb_outputs *o, struct pb_task *task, size_t there) {
    size_t room = PB_OUTPUTS_BLOCK - o->filled;
    ssize_t got = pb_read(task, o->output, o->block + o->filled, there < room ? there : room);
    if (got <= 0)
        return got;
    o->size += (uint64_t)got;
    o->filled += (size_t)got;
    if (o->filled == PB_OUTPUTS_BLOCK)
        fold(o);
    return got;
}

/* The last bytes stay. */
static ssize_t read_error(struct pb_outputs *o, struct pb_task *task, size_t there) {
    char piece[PB_OUTPUTS_TAIL];
    ssize_t got = pb_read(task, o->error, piece, there < sizeof piece ? there : sizeof piece);
    if (got <= 0)
        return got;
    size_t size = (size_t)got;
    size_t kept = o->tail_size + size > PB_OUTPUTS_TAIL ? PB_OUTPUTS_TAIL - size : o->tail_size;
    memmove(o->tail, o->tail + o->tail_size - kept, kept);
    memcpy(o->tail + kept, piece, size);
    o->tail_size = kept + size;
    return got;
}

static size_t available(int fd) {
    int there = 0;
    return ioctl(fd, FIONREAD, &there) == 0 && there > 0 ? (size_t)there : 0;
}

/* Reads what was there when it was asked, so that it ends even where somebody goes on writing; nothing: that
 * was the end of the pipe. */
static void read_all(struct pb_outputs *o, struct pb_task *task, int *fd) {
    size_t there = available(*fd);
    bool over = there == 0;
    while (there > 0) {
        ssize_t got = fd == &o->error ? read_error(o, task, there) : read_output(o, task, there);
        if (got <= 0)
            return;
        there -= (size_t)got;
    }
    if (over)
        detach(o, *fd);
}

/* What is ready; true if the program is at its end. */
static bool serve(struct pb_outputs *o, struct pb_task *task, int watch) {
    struct epoll_event event[3];
    int ready = epoll_wait(o->ready, event, 3, 0);
    bool ended = false;
    for (int k = 0; k < ready; k++) {
        if (event[k].data.fd == watch)
            ended = true;
        else
            read_all(o, task, event[k].data.fd == o->error ? &o->error : &o->output);
    }
    return ended;
}

int pb_outputs_await(struct pb_outputs *o, struct pb_task *task, int watch, int64_t timeout_ns) {
    uint64_t deadline = timeout_ns > 0 ? pb_clock_ns() + (uint64_t)timeout_ns : UINT64_MAX;
    int rc = attach(o, watch);
    for (bool ended = false; rc == 0 && !ended;) {
        uint64_t now = pb_clock_ns(), left = deadline > now ? deadline - now : 0;
        rc = pb_poll(task, o->ready, POLLIN, (int64_t)(left < LOOK_NS ? left : LOOK_NS));
        if (rc > 0) {
            ended = serve(o, task, watch);
            rc = 0;
        }
        if (rc == 0 && !ended)
            rc = pb_should_stop(task) ? -ECANCELED : pb_clock_ns() >= deadline ? -ETIMEDOUT : 0;
    }
    detach(o, watch);
    return rc;
}

void pb_outputs_close(struct pb_outputs *o, struct pb_task *task) {
    if (o->error >= 0)
        read_all(o, task, &o->error);
    if (o->output >= 0)
        read_all(o, task, &o->output);
    shut(o, &o->error);
    shut(o, &o->output);
}

/* ---- What it was ---- */

uint64_t pb_outputs_digest(struct pb_outputs *o) {
    fold(o);
    return pb_mix(o->size, o->digest);
}

const char *pb_outputs_last_line(struct pb_outputs *o) {
    char *end = o->tail + o->tail_size;
    while (end > o->tail && (unsigned char)end[-1] <= ' ')
        end--;
    *end = '\0';
    char *line = end;
    while (line > o->tail && line[-1] != '\n' && line[-1] != '\r')
        line--;
    for (char *c = line; c < end; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = ' ';
    return line;
}
