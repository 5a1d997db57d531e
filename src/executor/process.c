/* The process executor, the parent's side. Futures live here; workers see bytes.
 *
 * A collector thread sleeps on the doorbell and on the fork server's socket. It moves bytes between rings and
 * seats, finishes futures and hands idle workers what comes next, so that results arrive when nobody waits.
 * `lock` guards all of `struct pool`; futures are finished without it. A seat has at most one message on its
 * way out and one on its way in. What a worker was given is remembered in its seat until it answers: if it
 * dies instead, that future fails by name and the seat is filled anew. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
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
#include "base/futex.h"
#include "base/wait.h"
#include "executor/executors.h"
#include "executor/process_shared.h"
#include "executor/queue.h"
#include "executor/transfer.h"

enum seat_state { EMPTY, STARTING, IDLE, BUSY, LEAVING };

struct seat {
    enum seat_state state;
    struct pb_future *running; /* BUSY with a call */
    bool in_range;             /* BUSY with the range */
    struct pb_range range;     /* outgoing copy */
    struct pb_transfer out, in;
    uint64_t epoch; /* of the last range it was given */
    pid_t pid;
};

struct pool {
    struct pb_crew *crew;
    struct pb_hive *hive;
    size_t hive_size;
    pthread_mutex_t lock;
    pthread_cond_t event; /* a seat changed, the range is done, or the server is gone */
    pthread_t collector;
    bool collecting;
    pid_t server;
    int socket, doorbell;
    struct seat *seat;
    struct pb_queue pending;
    struct pb_range *range;
    uint64_t epoch;
    bool closing, broken;    /* broken: no server, nothing will ever run */
    struct pb_error failure; /* the first initializer's or fork's that failed */
};

static void wake_worker(struct pool *p, uint32_t i) {
    struct pb_slot *slot = &p->hive->slot[i];
    atomic_fetch_add(&slot->wake, 1);
    if (atomic_load(&slot->asleep))
        pb_futex_wake(&slot->wake, 1, true);
}

static void tell_server(struct pool *p, enum pb_server_word word, uint32_t worker) {
    struct pb_server_packet packet = {.word = word, .worker = worker};
    while (send(p->socket, &packet, sizeof packet, MSG_NOSIGNAL) < 0 && errno == EINTR)
        ;
}

static void send_message(struct pool *p, uint32_t i, struct pb_transfer message) {
    struct pb_transfer *out = &p->seat[i].out;
    *out = message;
    pb_transfer_push(out, &p->hive->slot[i].down);
    wake_worker(p, i);
}

/* Reads on; true when the message is whole. */
static bool pull_in(struct pool *p, uint32_t i) {
    struct pb_transfer *in = &p->seat[i].in;
    if (pb_transfer_pull(in, &p->hive->slot[i].up))
        wake_worker(p, i); /* there is room again */
    return pb_transfer_whole(in);
}

/* ---- What a seat does next ---- */

static bool range_on_offer(const struct pool *p, const struct seat *s) {
    return p->range && s->epoch != p->epoch && atomic_load(&p->hive->cursor) < p->range->n;
}

static void give_range(struct pool *p, uint32_t i) {
    struct seat *s = &p->seat[i];
    s->epoch = p->epoch;
    s->state = BUSY;
    s->in_range = true;
    s->range = *p->range;
    s->range.cursor = &p->hive->cursor;
    send_message(p, i,
                 (struct pb_transfer){
                     .head = {.kind = PB_MESSAGE_RANGE, .size = sizeof s->range + p->range->args_size},
                     .piece = {&s->range, p->range->args},
                     .piece_size = {sizeof s->range, p->range->args_size}});
}

static void give_call(struct pool *p, uint32_t i, struct pb_future *f) {
    struct seat *s = &p->seat[i];
    s->state = BUSY;
    s->running = f;
    send_message(
        p, i,
        (struct pb_transfer){.head = {.kind = PB_MESSAGE_CALL, .size = f->args_size, .function = f->function},
                             .piece = {f->args, NULL},
                             .piece_size = {f->args_size, 0}});
}

/* Gives an idle worker what comes next: its share of the range, the next future that was not cancelled, or
 * nothing. */
static void feed(struct pool *p, uint32_t i) {
    struct seat *s = &p->seat[i];
    if (s->state != IDLE || s->out.active)
        return;
    if (range_on_offer(p, s)) {
        give_range(p, i);
        return;
    }
    for (struct pb_future *f; (f = pb_queue_pop(&p->pending));)
        if (pb_future_begin(f)) {
            give_call(p, i, f);
            return;
        }
}

static void feed_all(struct pool *p) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        feed(p, i);
}

static bool any_seat(const struct pool *p, bool (*is)(const struct seat *)) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (is(&p->seat[i]))
            return true;
    return false;
}

static bool is_in_range(const struct seat *s) {
    return s->in_range;
}
static bool is_alive(const struct seat *s) {
    return s->state != EMPTY;
}
static bool is_busy(const struct seat *s) {
    return s->state == BUSY || s->state == STARTING;
}
static bool is_starting(const struct seat *s) {
    return s->state == STARTING;
}

/* Withdraws the range once nobody is in it and nobody will be. */
static void check_range(struct pool *p) {
    if (!p->range || any_seat(p, is_in_range))
        return;
    bool left = atomic_load(&p->hive->cursor) < p->range->n;
    if (left && !p->broken && any_seat(p, is_alive))
        return;
    p->range = NULL;
}

/* ---- Answers and deaths ---- */

static void answer_done(struct pool *p, struct seat *s, struct pb_transfer *t) {
    struct pb_future *f = s->running;
    struct pb_call call = {.result_size = t->head.size};
    if (t->head.text_size)
        call.message = strdup((char *)t->payload + t->head.size);
    if (t->head.size) {
        call.result = t->payload;
        t->payload = NULL;
    }
    s->running = NULL;
    s->state = IDLE;
    pthread_mutex_unlock(&p->lock);
    pb_future_finish(f, t->head.code, &call);
    pthread_mutex_lock(&p->lock);
}

static void answer_ready(struct pool *p, struct seat *s, const struct pb_transfer *t) {
    if (t->head.code == 0) {
        s->state = IDLE;
        return;
    }
    s->state = LEAVING; /* it exits by itself; its seat stays empty */
    if (!p->failure.code)
        pb_error_set(&p->failure, t->head.code, "%.*s", (int)t->head.text_size,
                     t->payload ? (char *)t->payload : "");
}

static void answer(struct pool *p, uint32_t i) {
    struct seat *s = &p->seat[i];
    struct pb_transfer t = s->in;
    s->in = (struct pb_transfer){0};
    if (t.head.kind == PB_MESSAGE_READY) {
        answer_ready(p, s, &t);
    } else if (t.head.kind == PB_MESSAGE_TALLY && p->range && t.payload) {
        pb_tally_add(&p->range->total, (const struct pb_range_result *)(const void *)t.payload);
        s->in_range = false;
        s->state = IDLE;
    } else if (t.head.kind == PB_MESSAGE_DONE && s->running) {
        answer_done(p, s, &t);
    }
    free(t.payload);
    feed(p, i);
    check_range(p);
    pthread_cond_broadcast(&p->event);
}

static const char *describe_death(int status, char *out, size_t size) {
    if (WIFSIGNALED(status))
        snprintf(out, size, "was killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
    else
        snprintf(out, size, "exited with code %d without finishing", WEXITSTATUS(status));
    return out;
}

/* Its worker is gone: what it was given fails, and the seat is filled anew unless the pool is closing. */
static void empty_seat(struct pool *p, uint32_t i, int status) {
    struct seat *s = &p->seat[i];
    struct pb_future *lost = s->running;
    char how[64];
    bool orderly = s->state == LEAVING, starting = s->state == STARTING;
    pid_t pid = s->pid;
    describe_death(status, how, sizeof how);
    if (s->in_range && p->range)
        pb_error_set(&p->range->error, -EOWNERDEAD, "worker %u (process %d) %s in task %llu", i, (int)pid,
                     how, (unsigned long long)atomic_load(&p->crew->account[i].current));
    if (starting && !p->failure.code)
        pb_error_set(&p->failure, -EOWNERDEAD, "worker %u (process %d) %s in its initializer", i, (int)pid,
                     how);
    free(s->in.payload);
    *s = (struct seat){.state = EMPTY};
    pb_ring_reset(&p->hive->slot[i].down);
    pb_ring_reset(&p->hive->slot[i].up);
    atomic_store(&p->hive->slot[i].asleep, 0);
    if (!p->closing && !orderly && !starting && !p->broken) {
        s->state = STARTING;
        atomic_fetch_add(&p->crew->account[i].restarts, 1);
        tell_server(p, PB_SERVER_SPAWN, i);
    }
    if (lost) {
        pthread_mutex_unlock(&p->lock);
        pb_future_lose(lost, -EOWNERDEAD, "worker %u (process %d) %s", i, (int)pid, how);
        pthread_mutex_lock(&p->lock);
    }
    check_range(p);
    pthread_cond_broadcast(&p->event);
}

/* Fails all that waits when nothing can run any more. */
static void fail_pending(struct pool *p, const char *why) {
    for (struct pb_future *f; (f = pb_queue_pop(&p->pending));) {
        pthread_mutex_unlock(&p->lock);
        if (pb_future_begin(f))
            pb_future_lose(f, -EOWNERDEAD, "%s", why);
        pthread_mutex_lock(&p->lock);
    }
}

static void lose_server(struct pool *p) {
    static const char why[] = "the fork server of the process executor is gone: its workers ended with it";
    p->broken = true;
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (p->seat[i].state != EMPTY)
            empty_seat(p, i, SIGKILL);
    if (!p->closing)
        fail_pending(p, why);
    if (p->range && !p->range->error.code)
        pb_error_set(&p->range->error, -EOWNERDEAD, "%s", why);
    check_range(p);
    pthread_cond_broadcast(&p->event);
}

/* ---- The collector ---- */

static void drain_ups(struct pool *p) {
    for (uint32_t i = 0; i < p->crew->workers; i++) {
        if (p->seat[i].out.active && pb_transfer_push(&p->seat[i].out, &p->hive->slot[i].down))
            wake_worker(p, i);
        while (pull_in(p, i))
            answer(p, i);
    }
}

/* One packet of the server's; false when there is none. */
static bool hear_server(struct pool *p) {
    struct pb_server_packet packet;
    ssize_t got = recv(p->socket, &packet, sizeof packet, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        lose_server(p);
        return false;
    }
    if (got != sizeof packet)
        return got < 0 && errno == EINTR;
    struct seat *s = &p->seat[packet.worker];
    if (packet.word == PB_SERVER_SPAWNED) {
        s->pid = packet.pid;
    } else if (packet.word == PB_SERVER_DIED) {
        drain_ups(p); /* what it had answered counts */
        s->pid = packet.pid;
        empty_seat(p, packet.worker, packet.status);
    } else if (packet.word == PB_SERVER_REFUSED) {
        if (!p->failure.code)
            pb_error_set(&p->failure, -packet.status, "worker %u cannot be forked: %s: ask for fewer workers",
                         packet.worker, strerror(packet.status));
        s->state = EMPTY;
        pthread_cond_broadcast(&p->event);
    }
    if (!any_seat(p, is_alive) && !p->closing)
        fail_pending(p, p->failure.code ? p->failure.text : "the process executor has no worker left");
    check_range(p);
    return true;
}

/* Bytes to read, or room for bytes that wait to be written. */
static bool anything_to_move(const struct pool *p) {
    for (uint32_t i = 0; i < p->crew->workers; i++) {
        const struct pb_slot *slot = &p->hive->slot[i];
        if (!pb_ring_empty(&slot->up) || (p->seat[i].out.active && !pb_ring_full(&slot->down)))
            return true;
    }
    return false;
}

static void *collector_main(void *self) {
    struct pool *p = self;
    struct pollfd wait[] = {{.fd = p->doorbell, .events = POLLIN}, {.fd = p->socket, .events = POLLIN}};
    pthread_mutex_lock(&p->lock);
    while (!p->broken) {
        drain_ups(p);
        /* Announced before the rings are looked at once more: a worker moves its bytes before it looks here.
         */
        atomic_store(&p->hive->collector_asleep, 1);
        bool idle = !anything_to_move(p);
        pthread_mutex_unlock(&p->lock);
        if (idle)
            poll(wait, 2, -1);
        atomic_store(&p->hive->collector_asleep, 0);
        uint64_t rung;
        if (wait[0].revents && read(p->doorbell, &rung, sizeof rung) < 0 && errno != EAGAIN)
            abort(); /* BUG: the doorbell is an eventfd of our own */
        pthread_mutex_lock(&p->lock);
        if (wait[1].revents)
            while (!p->broken && hear_server(p))
                ;
        wait[0].revents = wait[1].revents = 0;
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* ---- The members ---- */

static int start_collector(struct pool *p) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&p->collector, NULL, collector_main, p);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    p->collecting = rc == 0;
    return -rc;
}

static int acquire(struct pool *p, struct pb_error *error) {
    uint32_t workers = p->crew->workers;
    p->hive_size = sizeof *p->hive + workers * sizeof *p->hive->slot;
    p->seat = calloc(workers, sizeof *p->seat);
    p->hive = mmap(NULL, p->hive_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p->hive == MAP_FAILED)
        p->hive = NULL;
    if (!p->seat || !p->hive)
        return pb_error_set(error, -ENOMEM, "executor process: no memory for %u workers: ask for fewer",
                            workers);
    p->doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->doorbell < 0)
        return pb_error_set(error, -errno, "executor process: eventfd: %s: close descriptors",
                            strerror(errno));
    p->hive->crew = p->crew;
    p->hive->doorbell = p->doorbell;
    int rc = pb_fork_server_start(p->hive, &p->server, &p->socket);
    if (rc < 0)
        return pb_error_set(error, rc, "executor process: fork: %s: end other processes", strerror(-rc));
    rc = start_collector(p);
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
    struct pool *p = self;
    (void)params;
    p->crew = crew;
    p->socket = p->doorbell = -1;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->event, NULL);
    warn_of_threads(error);
    int rc = acquire(p, error);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&p->lock);
    for (uint32_t i = 0; i < crew->workers; i++) {
        p->seat[i].state = STARTING;
        tell_server(p, PB_SERVER_SPAWN, i);
    }
    while (any_seat(p, is_starting) && !p->failure.code && !p->broken)
        pthread_cond_wait(&p->event, &p->lock);
    if (p->broken && !p->failure.code)
        pb_error_set(&p->failure, -EOWNERDEAD, "executor process: the fork server ended at once");
    if (p->failure.code && error)
        *error = p->failure;
    rc = p->failure.code;
    pthread_mutex_unlock(&p->lock);
    return rc;
}

static int process_submit(void *self, struct pb_future *f) {
    struct pool *p = self;
    pthread_mutex_lock(&p->lock);
    int rc = p->closing ? -ESHUTDOWN : p->broken ? -EOWNERDEAD : 0;
    if (rc == 0) {
        pb_queue_push(&p->pending, f);
        feed_all(p);
    }
    pthread_mutex_unlock(&p->lock);
    return rc;
}

static int process_for_range(void *self, struct pb_range *range) {
    struct pool *p = self;
    if (range->n == 0)
        return 0;
    pthread_mutex_lock(&p->lock);
    if (p->broken || !any_seat(p, is_alive)) {
        pthread_mutex_unlock(&p->lock);
        return pb_error_set(&range->error, -EOWNERDEAD, "the process executor has no worker left");
    }
    atomic_store(&p->hive->cursor, 0);
    p->range = range;
    p->epoch++;
    feed_all(p);
    while (p->range)
        pthread_cond_wait(&p->event, &p->lock);
    pthread_mutex_unlock(&p->lock);
    return range->error.code;
}

/* Waits until `is` holds for no seat, or the deadline; true if so. */
static bool await_no_seat(struct pool *p, bool (*is)(const struct seat *), uint64_t deadline) {
    int rc = 0;
    while ((any_seat(p, is) || (p->pending.head && !p->broken)) && rc == 0)
        rc = pb_cond_wait(&p->event, &p->lock, deadline);
    return rc == 0;
}

static void end_workers(struct pool *p, bool by_force) {
    for (uint32_t i = 0; i < p->crew->workers; i++) {
        struct seat *s = &p->seat[i];
        if (s->state == EMPTY)
            continue;
        if (by_force || s->state != IDLE) {
            tell_server(p, PB_SERVER_KILL, i);
        } else {
            s->state = LEAVING;
            send_message(p, i, (struct pb_transfer){.head = {.kind = PB_MESSAGE_EXIT}});
        }
    }
}

/* Past the deadline workers are killed: everything here can be, so close never times out. */
static int process_close(void *self, enum pb_close how, uint64_t deadline) {
    struct pool *p = self;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    if (how != PB_DRAIN)
        pb_queue_drop(&p->pending);
    if (p->collecting) {
        bool drained = how != PB_KILL && await_no_seat(p, is_busy, deadline);
        pb_queue_drop(&p->pending);
        end_workers(p, !drained);
        if (!await_no_seat(p, is_alive, drained ? deadline : UINT64_MAX)) {
            end_workers(p, true);
            await_no_seat(p, is_alive, UINT64_MAX);
        }
    }
    pthread_mutex_unlock(&p->lock);
    if (p->socket >= 0)
        shutdown(p->socket, SHUT_RDWR); /* the server ends, and the collector with it */
    if (p->collecting)
        pthread_join(p->collector, NULL);
    if (p->server > 0)
        while (waitpid(p->server, NULL, 0) < 0 && errno == EINTR)
            ;
    if (p->socket >= 0)
        close(p->socket);
    if (p->doorbell >= 0)
        close(p->doorbell);
    if (p->hive)
        munmap(p->hive, p->hive_size);
    free(p->seat);
    pthread_cond_destroy(&p->event);
    pthread_mutex_destroy(&p->lock);
    return 0;
}

const struct pb_executor_ops pb_process_ops = {
    .name = "process",
    .summary = "forked worker processes over shared memory",
    .size = sizeof(struct pool),
    .open = process_open,
    .submit = process_submit,
    .for_range = process_for_range,
    .close = process_close,
};
