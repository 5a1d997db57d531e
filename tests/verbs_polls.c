/* poll, against the system call on the same descriptors, and its time-outs; sleep. */
#include "verbs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

/* As the system call sees it now; and if there is something to see, a verb that may wait sees it too. */
static void same_as_poll(struct pb_task *task, int fd, short events, int expected) {
    struct pollfd entry = {.fd = fd, .events = events};
    CHECK(poll(&entry, 1, 0) >= 0);
    CHECK_INT(entry.revents, expected);
    CHECK_INT(pb_poll(task, fd, events, 0), expected);
    if (expected) {
        CHECK_INT(pb_poll(task, fd, events, -1), expected);
        CHECK_INT(pb_poll(task, fd, events, INT64_MAX), expected);
        CHECK_INT(pb_poll(task, fd, events, SECOND), expected);
    }
}

static void pipes(struct pb_task *task, void *argument) {
    int fd[2];
    (void)argument;
    CHECK(pipe(fd) == 0);
    same_as_poll(task, fd[0], POLLIN, 0);
    same_as_poll(task, fd[1], POLLOUT, POLLOUT);
    same_as_poll(task, fd[1], POLLIN | POLLOUT, POLLOUT);
    CHECK(write(fd[1], "x", 1) == 1);
    same_as_poll(task, fd[0], POLLIN, POLLIN);
    same_as_poll(task, fd[0], POLLPRI, 0);
    fill_up(fd[1]);
    same_as_poll(task, fd[1], POLLOUT, 0);
    close(fd[1]);
    same_as_poll(task, fd[0], POLLIN, POLLIN | POLLHUP);
    same_as_poll(task, fd[0], 0, POLLHUP); /* told without being asked for */
    close(fd[0]);
    CHECK(pipe(fd) == 0);
    close(fd[0]);
    same_as_poll(task, fd[1], POLLOUT, POLLOUT | POLLERR);
    close(fd[1]);
}

static void others(struct pb_task *task, void *argument) {
    char directory[32], path[64];
    int fd[2], event = eventfd(0, 0);
    (void)argument;
    same_as_poll(task, event, POLLIN | POLLOUT, POLLOUT);
    CHECK(eventfd_write(event, 1) == 0);
    same_as_poll(task, event, POLLIN | POLLOUT, POLLIN | POLLOUT);
    close(event);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
    same_as_poll(task, fd[0], POLLIN | POLLOUT, POLLOUT);
    CHECK(shutdown(fd[1], SHUT_WR) == 0);
    same_as_poll(task, fd[0], POLLIN | POLLRDHUP, POLLIN | POLLRDHUP);
    close(fd[1]);
    same_as_poll(task, fd[0], POLLIN, POLLIN | POLLHUP);
    close(fd[0]);
    temporary(directory);
    snprintf(path, sizeof path, "%s/file", directory);
    int file = open(path, O_RDWR | O_CREAT, 0600);
    same_as_poll(task, file, POLLIN | POLLOUT, POLLIN | POLLOUT); /* always */
    close(file);
    unlink(path);
    rmdir(directory);
}

static void time_outs(struct pb_task *task, void *argument) {
    static const int64_t waits[] = {1, 1000, MILLISECOND, 15 * MILLISECOND + 1};
    int fd[2];
    (void)argument;
    CHECK(pipe(fd) == 0);
    for (size_t k = 0; k < sizeof waits / sizeof *waits; k++) {
        uint64_t start = pb_now();
        CHECK_INT(pb_poll(task, fd[0], POLLIN, waits[k]), 0);
        CHECK(pb_now() - start >= (uint64_t)waits[k]);
        start = pb_now();
        CHECK_INT(pb_sleep(task, waits[k]), 0);
        CHECK(pb_now() - start >= (uint64_t)waits[k]);
    }
    CHECK_INT(pb_sleep(task, 0), 0);
    CHECK_INT(pb_sleep(task, -5), 0);
    CHECK_INT(pb_sleep(task, INT64_MIN), 0);
    CHECK_INT(pb_poll(task, fd[0], POLLIN, 0), 0);
    close(fd[0]);
    close(fd[1]);
}

static void wait_for_other(struct pb_task *task, void *argument) {
    int *fd = argument;
    char byte;
    for (int turn = 0; turn < 100; turn++) {
        CHECK_INT(pb_poll(task, fd[0], POLLIN, turn % 2 ? -1 : INT64_MAX), POLLIN);
        CHECK_INT(pb_read(task, fd[0], &byte, 1), 1);
        CHECK_INT(pb_write(task, fd[1], &byte, 1), 1);
    }
}

/* Two tasks that wake each other in turns. */
static void wakes_another(const struct way *way, const void *data) {
    int there[2], back[2];
    (void)data;
    CHECK(pipe(there) == 0 && pipe(back) == 0);
    int one[] = {there[0], back[1]}, other[] = {back[0], there[1]};
    struct pb_executor *e = way_open(way, 2);
    struct pb_future *f = way_submit(e, wait_for_other, one), *g = way_submit(e, wait_for_other, other);
    CHECK(write(there[1], "x", 1) == 1);
    way_finish(f);
    way_finish(g);
    way_close(e);
    int all[] = {there[0], there[1], back[0], back[1]};
    for (int k = 0; k < 4; k++)
        CHECK(close(all[k]) == 0);
}

static void names_itself(struct pb_task *task, void *argument) {
    const struct way *way = argument;
    CHECK_TEXT(task->io->name, way->io);
}

static void name(const struct way *way, const void *data) {
    struct way copy = *way;
    (void)data;
    way_run(way, names_itself, &copy);
}

const struct verbs_case verbs_polls[] = {
    {.name = "is-meant", .run = name},
    {.name = "polls-pipes", .task = pipes},
    {.name = "polls-others", .task = others},
    {.name = "time-outs", .task = time_outs},
    {.name = "wakes-another", .run = wakes_another},
    {0},
};
