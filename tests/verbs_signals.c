/* Signals do not show: a verb that one interrupts goes on, and waits end not before their time.
 *
 * A verb is interrupted for certain, not by luck: the case watches /proc until the thread that the task runs
 * on sleeps in the kernel, sends it a signal, sees the handler run, does so again, and only then makes the
 * verb's condition come true. */
#include "verbs.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static atomic_uint handled; /* signals; the handler has no other way to tell */

static void handler(int signal) {
    (void)signal;
    atomic_fetch_add(&handled, 1);
}

/* Without SA_RESTART, so that system calls fail with EINTR. */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = handler};
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
}

/* The library's threads block all signals; a task may change that for the thread that it runs on. */
static void let_through(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0);
}

static void interrupted_task(struct pb_task *task, void *scene) {
    let_through();
    scene_task(task, scene);
}

static bool sleeps(pid_t thread_id) {
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread_id);
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    CHECK(size > 0);
    text[size] = '\0';
    return strstr(text, ") S") != NULL;
}

static void interrupt(pid_t thread_id) {
    for (unsigned count = 1; count <= 3; count++) {
        while (!sleeps(thread_id))
            sched_yield();
        CHECK(tgkill(getpid(), thread_id, SIGUSR1) == 0);
        while (atomic_load(&handled) < count)
            sched_yield();
    }
}

static void interrupted(const struct way *way, const void *data) {
    (void)data;
    if (under_tsan && strcmp(way->name, "uring") == 0)
        pb_test_skip("the thread sanitizer puts handlers off in calls that it does not know, as io_uring's");
    catch_signals();
    for (const struct waiting *w = verbs_waiting; w->name; w++) {
        struct scene scene;
        scene_set(&scene, w);
        atomic_store(&handled, 0);
        struct pb_executor *e = way_open(way, 1);
        struct pb_future *f = way_submit(e, interrupted_task, &scene);
        while (!atomic_load(&scene.thread_id))
            sched_yield();
        interrupt(atomic_load(&scene.thread_id));
        CHECK_MSG(!atomic_load(&scene.over), "%s ended with a signal", w->name);
        w->release(&scene);
        way_finish(f);
        CHECK_MSG(atomic_load(&scene.result) == w->expected, "%s is %ld, expected %ld", w->name,
                  atomic_load(&scene.result), w->expected);
        way_close(e);
        scene_clear(&scene);
    }
}

/* A timer sends a signal every millisecond: a wait that began anew each time would never end, and one that
 * gave up would end early. */
static void waits_in_a_storm(struct pb_task *task, void *argument) {
    enum { WAIT = 20 * MILLISECOND };
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
    struct itimerspec every = {{0, MILLISECOND}, {0, MILLISECOND}};
    timer_t timer;
    int fd[2];
    (void)argument;
    event.sigev_notify_thread_id = gettid();
    catch_signals();
    let_through();
    CHECK(pipe(fd) == 0);
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    CHECK(timer_settime(timer, 0, &every, NULL) == 0);
    uint64_t start = pb_now();
    CHECK_INT(pb_sleep(task, WAIT), 0);
    CHECK(pb_now() - start >= WAIT);
    CHECK(atomic_load(&handled) > 0);
    start = pb_now();
    atomic_store(&handled, 0);
    CHECK_INT(pb_poll(task, fd[0], POLLIN, WAIT), 0);
    CHECK(pb_now() - start >= WAIT);
    CHECK(atomic_load(&handled) > 0);
    timer_delete(timer);
    close(fd[0]);
    close(fd[1]);
}

const struct verbs_case verbs_signals[] = {
    {.name = "interrupted", .run = interrupted},
    {.name = "waits-in-a-storm", .task = waits_in_a_storm},
    {0},
};
