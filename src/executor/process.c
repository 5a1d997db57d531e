/* The process executor, the parent's side: open, work, force, close. Workers take futures from the crew's
 * queue by themselves and settle small ones where they lie; the rest is the collector's. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/point.h"
#include "base/wait.h"
#include "executor/executors.h"
#include "executor/process_pool.h"
#include "executor/team.h"
#include "future/lot.h"

void pb_process_fail(struct pb_process_pool *p, const struct pb_error *error) {
    if (!p->failure.code)
        p->failure = *error;
}

void pb_process_tell(struct pb_process_pool *p, enum pb_server_word word, uint32_t worker, pid_t pid) {
    struct pb_server_packet packet = {.word = word, .worker = worker, .pid = pid};
    struct pb_error error;
    ssize_t sent;
    PB_POINT(parent_before_tell);
    while ((sent = send(p->socket, &packet, sizeof packet, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    if (sent < 0 && errno != EPIPE && errno != ECONNRESET) { /* of those the collector hears */
        pb_error_set(&error, -errno, "executor process: its fork server cannot be told: %s: open another",
                     strerror(errno));
        pb_process_fail(p, &error);
        shutdown(p->socket, SHUT_RDWR);
    }
}

bool pb_process_any(const struct pb_process_pool *p, enum pb_seat_state state) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (p->seat[i].state == state)
            return true;
    return false;
}

bool pb_process_any_worker(const struct pb_process_pool *p) {
    return pb_process_any(p, PB_SEAT_LIVE) || pb_process_any(p, PB_SEAT_STARTING);
}

struct pb_future *pb_process_future(const struct pb_process_pool *p, uint32_t index, uint32_t worker) {
    const struct pb_depot *d = p->crew->depot;
    struct pb_future *f = index && index < d->capacity ? pb_depot_slot(d, index) : NULL;
    return f && atomic_load(&f->state) >> PB_WORKER_SHIFT == worker + 1 ? f : NULL;
}

/* ---- Open ---- */

/* What is made before the fork; close frees it, however far it came. */
static int acquire(struct pb_process_pool *p, struct pb_error *error) {
    int alive[2];
    p->hive_size = sizeof *p->hive + p->crew->workers * sizeof *p->hive->slot;
    p->seat = calloc(p->crew->workers, sizeof *p->seat);
    void *hive = mmap(NULL, p->hive_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    p->hive = hive == MAP_FAILED ? NULL : hive;
    if (!p->seat || !p->hive)
        return pb_error_set(error, -ENOMEM, "executor process: no memory for %u workers: ask for fewer",
                            p->crew->workers);
    p->doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->doorbell < 0)
        return pb_error_set(error, -errno, "executor process: eventfd: %s: close descriptors",
                            strerror(errno));
    if (pipe2(alive, O_CLOEXEC) < 0)
        return pb_error_set(error, -errno, "executor process: pipe: %s: close descriptors", strerror(errno));
    p->alive = alive[0];
    p->hive->crew = p->crew;
    p->hive->doorbell = p->doorbell;
    int rc = pb_fork_server_start(p->hive, &p->server, &p->socket, error);
    close(alive[1]); /* the server has it, and every worker */
    if (rc < 0)
        return rc;
    rc = pb_process_collect(p);
    if (rc < 0)
        return pb_error_set(error, rc, "executor process: no thread: %s: end other processes", strerror(-rc));
    return 0;
}

/* Threads that run now may hold locks, which then stay locked in every worker. */
static void warn_of_threads(struct pb_error *error) {
    int threads = -2; /* "." and ".." */
    DIR *tasks = opendir("/proc/self/task");
    while (tasks && readdir(tasks))
        threads++;
    if (tasks)
        closedir(tasks);
    if (threads > 1)
        pb_error_set(
            error, 0,
            "executor process: opened beside %d other threads: locks that they hold stay locked in the "
            "workers: open it before starting threads",
            threads - 1);
}

static int process_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                        struct pb_error *error) {
    struct pb_process_pool *p = self;
    (void)params;
    p->crew = crew;
    p->socket = p->doorbell = p->alive = -1;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->event, NULL);
    warn_of_threads(error);
    int rc = acquire(p, error);
    if (rc < 0)
        return rc;
    pb_block_begin();
    pthread_mutex_lock(&p->lock);
    for (uint32_t i = 0; i < crew->workers; i++) {
        p->seat[i].state = PB_SEAT_STARTING;
        pb_process_tell(p, PB_SERVER_SPAWN, i, 0);
    }
    while (pb_process_any(p, PB_SEAT_STARTING) && !p->failure.code && !p->broken)
        pthread_cond_wait(&p->event, &p->lock);
    if (p->broken && !p->failure.code)
        pb_error_set(&p->failure, -EOWNERDEAD, "executor process: the fork server ended at once");
    if (p->failure.code && error)
        *error = p->failure;
    p->opened = true;
    rc = p->failure.code;
    pthread_mutex_unlock(&p->lock);
    pb_block_end();
    return rc;
}

/* ---- Work ---- */

static void process_notify(void *self) {
    struct pb_process_pool *p = self;
    PB_POINT(parent_queued);
    pb_team_notify(p->crew);
    PB_POINT(parent_notified);
}

static bool is_lost(void *self) {
    struct pb_process_pool *p = self;
    pthread_mutex_lock(&p->lock);
    bool lost = p->broken || !pb_process_any_worker(p);
    pthread_mutex_unlock(&p->lock);
    return lost;
}

static int process_for_range(void *self, struct pb_range *range) {
    struct pb_process_pool *p = self;
    struct pb_depot *d = p->crew->depot;
    void *args = range->args_size ? pb_depot_block(d, range->args_size) : NULL;
    if (range->args_size && !args)
        return pb_error_set(&range->error, -ENOMEM, "pb_for: no memory for arguments of %zu bytes",
                            range->args_size);
    if (args)
        memcpy(args, range->args, range->args_size);
    range->args = args;
    pthread_mutex_lock(&p->lock);
    p->range_loss.code = 0;
    pthread_mutex_unlock(&p->lock);
    pb_team_for(p->crew, range, is_lost, p);
    if (args)
        pb_depot_unblock(d, args, range->args_size);
    pthread_mutex_lock(&p->lock);
    if (p->range_loss.code)
        range->error = p->range_loss;
    else if (range->error.code && p->failure.code)
        pb_error_set(&range->error, -EOWNERDEAD, "%s", p->failure.text);
    pthread_mutex_unlock(&p->lock);
    return range->error.code;
}

/* ---- By force ---- */

static bool runs_something(const struct pb_process_pool *p, uint32_t i) {
    const struct pb_future *f = pb_process_future(p, atomic_load(&p->crew->account[i].claim), i);
    return f && pb_phase(atomic_load(&f->state)) == PB_RUNNING;
}

static bool runs_expired(const struct pb_process_pool *p, uint32_t i) {
    const struct pb_future *f = pb_process_future(p, atomic_load(&p->crew->account[i].claim), i);
    unsigned state = f ? atomic_load(&f->state) : 0;
    return pb_phase(state) == PB_EXPIRED && (state & PB_BUSY);
}

/* A task that waited has expired, or its end was not told. If workers were only slow, nothing is to be done;
 * but one that is stopped, not by its task, may have been counted on to take it. */
static void revive(struct pb_process_pool *p) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (p->seat[i].state != PB_SEAT_EMPTY && !runs_something(p, i))
            pb_process_tell(p, PB_SERVER_KILL_STOPPED, i, p->seat[i].pid);
    pb_lot_wake_all(&p->crew->depot->lot, true);
}

static void process_kill(void *self, uint32_t worker) {
    struct pb_process_pool *p = self;
    kill(p->server, SIGCONT); /* in case it was stopped: nobody else can kill for us, and know whom */
    pthread_mutex_lock(&p->lock);
    if (worker == PB_NOBODY)
        revive(p);
    else if (worker < p->crew->workers && runs_expired(p, worker))
        pb_process_tell(p, PB_SERVER_KILL, worker, p->seat[worker].pid);
    pthread_mutex_unlock(&p->lock);
}

/* ---- Close ---- */

static void kill_all(struct pb_process_pool *p) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (p->seat[i].state != PB_SEAT_EMPTY)
            pb_process_tell(p, PB_SERVER_KILL, i, p->seat[i].pid);
}

/* Waits until no worker is left, or the deadline; true if so. */
static bool await_ends(struct pb_process_pool *p, uint64_t deadline) {
    int rc = 0;
    while (pb_process_any_worker(p) && !p->broken && rc == 0)
        rc = pb_cond_wait(&p->event, &p->lock, deadline);
    return rc == 0;
}

static void end_workers(struct pb_process_pool *p, enum pb_close how, uint64_t deadline) {
    enum { GRACE_NS = 1000000000 };
    struct pb_crew *crew = p->crew;
    kill(p->server, SIGCONT);
    pthread_mutex_lock(&p->lock);
    p->closing = true; /* before workers leave: none is to take their place */
    pb_team_close(crew);
    PB_POINT(parent_closing);
    if (how == PB_KILL || !await_ends(p, deadline)) {
        pthread_mutex_unlock(&p->lock);
        pb_future_cancel_all(crew->depot);
        pthread_mutex_lock(&p->lock);
        kill_all(p);
        if (!await_ends(p, pb_deadline(GRACE_NS)))
            kill(p->server, SIGKILL); /* it takes its workers with it */
        await_ends(p, UINT64_MAX);
    }
    pthread_mutex_unlock(&p->lock);
}

/* Its workers are gone. It would end by itself when the socket closes, unless it was stopped. */
static void end_server(struct pb_process_pool *p) {
    if (p->server <= 0)
        return;
    kill(p->server, SIGKILL);
    while (waitpid(p->server, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Everything here can be killed, so close never times out. */
static int process_close(void *self, enum pb_close how, uint64_t deadline) {
    struct pb_process_pool *p = self;
    pb_block_begin();
    if (p->collecting)
        end_workers(p, how, deadline);
    if (p->socket >= 0)
        shutdown(p->socket, SHUT_RDWR); /* the server ends, and the collector with it */
    if (p->collecting) {
        pthread_join(p->collector, NULL);
        if (!pb_queue_empty(p->crew->depot))
            pb_process_break_down(p, p->failure.code ? p->failure.text
                                                     : "the process executor has no worker left");
    }
    PB_POINT(parent_before_end);
    end_server(p);
    pb_block_end();
    const int descriptors[] = {p->socket, p->doorbell, p->alive};
    for (int k = 0; k < 3; k++)
        if (descriptors[k] >= 0)
            close(descriptors[k]);
    if (p->hive)
        munmap(p->hive, p->hive_size);
    free(p->seat);
    pthread_cond_destroy(&p->event);
    return 0; /* the lock stays: a range that came too late asks whether it is lost */
}

const struct pb_executor_ops pb_process_ops = {
    .name = "process",
    .summary = "forked worker processes over shared memory",
    .size = sizeof(struct pb_process_pool),
    .processes = true,
    .open = process_open,
    .notify = process_notify,
    .for_range = process_for_range,
    .kill = process_kill,
    .close = process_close,
};
