/* The process executor, the parent's side.
 *
 * Workers take futures from the crew's queue by themselves and settle small ones where they lie. A collector
 * thread in the parent does the rest: it puts together what comes home through the rings, fires watches,
 * hears from the fork server who died, fails what a dead worker ran, and has it replaced. It alone touches
 * inboxes and buries; `lock` guards the rest of `struct pool`, and no future is settled under it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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
#include "base/point.h"
#include "base/wait.h"
#include "executor/executors.h"
#include "executor/inbox.h"
#include "executor/process_shared.h"
#include "executor/team.h"
#include "future/lot.h"

enum seat_state { EMPTY, STARTING, LIVE };

/* So often in a row a worker may die before it is ready. */
enum { STARTS_MAX = 8 };

struct seat {
    enum seat_state state;
    pid_t pid;
    uint32_t starts; /* that failed in a row */
    struct pb_inbox inbox;
};

struct pool {
    struct pb_crew *crew;
    struct pb_hive *hive;
    size_t hive_size;
    pthread_mutex_t lock;
    pthread_cond_t event; /* a seat changed, or the server is gone */
    pthread_t collector;
    bool collecting;
    pid_t server;
    int socket, doorbell, alive; /* alive: a pipe that ends when the server and all workers have */
    struct seat *seat;
    bool opened, closing;
    bool broken;                /* nothing will ever run */
    struct pb_error failure;    /* the first initializer's or fork's that failed */
    struct pb_error range_loss; /* who died in the range */
};

static void fail_with(struct pool *p, const struct pb_error *error) {
    if (!p->failure.code)
        p->failure = *error;
}

/* With the lock held. What cannot be told would be waited for: without its link the server is as good as
 * gone.
 */
static void tell_server(struct pool *p, enum pb_server_word word, uint32_t worker, pid_t pid) {
    struct pb_server_packet packet = {.word = word, .worker = worker, .pid = pid};
    struct pb_error error;
    ssize_t sent;
    PB_POINT(parent_before_tell);
    while ((sent = send(p->socket, &packet, sizeof packet, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    if (sent < 0 && errno != EPIPE) {
        pb_error_set(&error, -errno, "executor process: its fork server cannot be told: %s: open another",
                     strerror(errno));
        fail_with(p, &error);
        shutdown(p->socket, SHUT_RDWR);
    }
}

static bool any_seat(const struct pool *p, enum seat_state state) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (p->seat[i].state == state)
            return true;
    return false;
}

static bool any_worker(const struct pool *p) {
    return any_seat(p, LIVE) || any_seat(p, STARTING);
}

/* ---- What came home ---- */

static struct pb_future *future_of(const struct pool *p, uint32_t index, uint32_t worker) {
    const struct pb_depot *d = p->crew->depot;
    struct pb_future *f = index && index < d->capacity ? pb_depot_slot(d, index) : NULL;
    return f && atomic_load(&f->state) >> PB_WORKER_SHIFT == worker + 1 ? f : NULL;
}

static void finish(struct pb_future *f, struct pb_inbox *in) {
    struct pb_call call = {.result_size = in->head.size};
    if (pb_inbox_is_lost(in) && in->head.size) {
        pb_future_lose(f, -ENOMEM, "no memory for its result of %u bytes", in->head.size);
        return;
    }
    if (in->head.text_size && in->payload)
        call.message = strdup((char *)in->payload + in->head.size); /* without it the code still tells */
    if (in->head.size > PB_VALUE_MAX) {
        call.block = in->payload;
        in->payload = NULL;
    } else if (in->head.size) {
        memcpy(call.bytes, in->payload, in->head.size);
    }
    pb_future_finish(f, in->head.code, &call);
}

static void hear_ready(struct pool *p, struct seat *s, const struct pb_inbox *in) {
    struct pb_error error;
    pthread_mutex_lock(&p->lock);
    if (in->head.code == 0) {
        s->state = LIVE;
        s->starts = 0;
    } else {
        pb_error_set(&error, in->head.code, "%s",
                     in->payload ? (char *)in->payload : "its initializer failed");
        fail_with(p, &error);
        s->starts = STARTS_MAX; /* it would fail again */
    }
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

static void open_message(struct pool *p, uint32_t i) {
    struct pb_inbox *in = &p->seat[i].inbox;
    struct pb_future *f = future_of(p, in->head.future, i);
    if (in->head.kind == PB_MESSAGE_READY)
        hear_ready(p, &p->seat[i], in);
    else if (in->head.kind == PB_MESSAGE_DONE && f)
        finish(f, in);
    else if (in->head.kind == PB_MESSAGE_SETTLED && f)
        pb_future_announce(f);
    PB_POINT(parent_message_done);
    pb_inbox_clear(in);
}

static void collect(struct pool *p, uint32_t i) {
    struct pb_slot *slot = &p->hive->slot[i];
    while (pb_inbox_pull(&p->seat[i].inbox, &slot->up)) {
        atomic_fetch_add(&slot->room, 1);
        if (atomic_load(&slot->waiting))
            pb_futex_wake(&slot->room, 1, true);
        PB_POINT(parent_pulled);
        if (pb_inbox_is_whole(&p->seat[i].inbox))
            open_message(p, i);
    }
}

static void collect_all(struct pool *p) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        collect(p, i);
}

/* ---- Deaths ---- */

static const char *describe_death(int status, char *out, size_t size) {
    if (WIFSIGNALED(status))
        snprintf(out, size, "was killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
    else
        snprintf(out, size, "exited with code %d without finishing", WEXITSTATUS(status));
    return out;
}

/* What the dead worker had taken last: it may have been anywhere between taking it and telling of its end. */
static void settle_claim(struct pool *p, uint32_t i, const char *how, pid_t pid) {
    struct pb_future *f = future_of(p, atomic_load(&p->crew->account[i].claim), i);
    unsigned state = f ? atomic_load(&f->state) : 0;
    if (!f)
        return;
    if (pb_phase(state) == PB_RUNNING) {
        pb_future_lose(f, -EOWNERDEAD, "worker %u (process %d) %s", i, (int)pid, how);
    } else if (pb_phase(state) == PB_EXPIRED && (state & PB_BUSY)) {
        pb_future_unbusy(f);
    } else {
        pb_future_wake(f);
        pb_future_announce(f);
    }
}

/* It leaves the range as if it had never joined: its successor may. */
static void leave_range(struct pool *p, uint32_t i, const char *how, pid_t pid) {
    struct pb_account *a = &p->crew->account[i];
    if (atomic_load(&a->joined) != atomic_load(&a->left)) {
        pthread_mutex_lock(&p->lock);
        pb_error_set(&p->range_loss, -EOWNERDEAD, "worker %u (process %d) %s in task %llu", i, (int)pid, how,
                     (unsigned long long)atomic_load(&a->current));
        pthread_mutex_unlock(&p->lock);
        atomic_store(&a->joined, 0);
        atomic_store(&a->left, 0);
    }
    pb_team_left_range(p->crew);
}

static bool is_wanted(const struct pool *p, const struct seat *s) {
    return !p->broken && s->starts < STARTS_MAX && (!p->closing || !pb_queue_empty(p->crew->depot));
}

/* Fills the seat anew, or leaves it empty. */
static void replace(struct pool *p, uint32_t i, const char *how) {
    struct seat *s = &p->seat[i];
    struct pb_error error;
    pthread_mutex_lock(&p->lock);
    if (s->state == STARTING) {
        s->starts++;
        if (!p->opened)
            s->starts = STARTS_MAX;
        if (s->starts >= STARTS_MAX) {
            pb_error_set(&error, -EOWNERDEAD, "worker %u (process %d) %s in its initializer", i, (int)s->pid,
                         how);
            fail_with(p, &error);
        }
    }
    s->state = EMPTY;
    s->pid = 0;
    if (is_wanted(p, s)) {
        s->state = STARTING;
        atomic_fetch_add(&p->crew->account[i].restarts, 1);
        tell_server(p, PB_SERVER_SPAWN, i, 0);
    }
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

static void bury(struct pool *p, uint32_t i, int status, pid_t pid) {
    struct pb_slot *slot = &p->hive->slot[i];
    char how[64];
    collect(p, i); /* what it had sent counts */
    pb_inbox_clear(&p->seat[i].inbox);
    describe_death(status, how, sizeof how);
    PB_POINT(parent_before_bury);
    settle_claim(p, i, how, pid);
    leave_range(p, i, how, pid);
    atomic_store(&p->crew->account[i].began, 0);
    pb_ring_reset(&slot->up);
    atomic_store(&slot->waiting, 0);
    replace(p, i, how);
    PB_POINT(parent_buried);
    /* It may have been counted on: to look for work, to tell who waits to submit. */
    pb_lot_wake_all(&p->crew->depot->lot, true);
    pb_depot_wake_submitters(p->crew->depot);
}

/* Nothing can run any more: fails what waits. */
static void break_down(struct pool *p, const char *why) {
    struct pb_crew *crew = p->crew;
    atomic_uint claim;
    pthread_mutex_lock(&p->lock);
    p->broken = true;
    pb_error_set(&p->range_loss, -EOWNERDEAD, "%s", why);
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
    if (!pb_depot_refuses(crew->depot))
        pb_depot_refuse(crew->depot, EOWNERDEAD);
    for (struct pb_future *f; (f = pb_queue_take(crew->depot, PB_WORKERS_MAX, &claim));)
        pb_future_lose(f, -EOWNERDEAD, "%s", why);
    pb_team_left_range(crew);
}

/* The server's death kills its workers; what they wrote until then counts, so they are waited for. */
static void lose_server(struct pool *p) {
    static const char why[] = "the fork server of the process executor is gone: its workers ended with it";
    struct pb_error error;
    struct pollfd all_gone = {.fd = p->alive, .events = POLLIN};
    poll(&all_gone, 1, 2000);
    pb_error_set(&error, -EOWNERDEAD, "%s", why);
    pthread_mutex_lock(&p->lock);
    p->broken = true;
    fail_with(p, &error);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (p->seat[i].state != EMPTY)
            bury(p, i, SIGKILL, atomic_load(&p->crew->account[i].pid)); /* the server may not have told it */
    break_down(p, why);
}

/* ---- The collector ---- */

static void hear_refusal(struct pool *p, uint32_t i, int status) {
    struct pb_error error;
    pb_error_set(&error, -status, "worker %u cannot be forked: %s: ask for fewer workers", i,
                 strerror(status));
    pthread_mutex_lock(&p->lock);
    fail_with(p, &error);
    p->seat[i].state = EMPTY;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

static void hear(struct pool *p, const struct pb_server_packet *packet) {
    uint32_t i = packet->worker;
    if (packet->word == PB_SERVER_SPAWNED) {
        pthread_mutex_lock(&p->lock);
        p->seat[i].pid = packet->pid;
        pthread_mutex_unlock(&p->lock);
    } else if (packet->word == PB_SERVER_DIED) {
        bury(p, i, packet->status, packet->pid);
    } else if (packet->word == PB_SERVER_REFUSED) {
        hear_refusal(p, i, packet->status);
    }
    pthread_mutex_lock(&p->lock);
    bool bereft = p->opened && !p->closing && !any_worker(p);
    pthread_mutex_unlock(&p->lock);
    if (bereft)
        break_down(p, p->failure.code ? p->failure.text : "the process executor has no worker left");
}

/* One packet of the server's; false when there is none. */
static bool hear_server(struct pool *p) {
    struct pb_server_packet packet;
    ssize_t got = recv(p->socket, &packet, sizeof packet, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        lose_server(p);
        return false;
    }
    if (got == sizeof packet)
        hear(p, &packet);
    return got > 0 || errno == EINTR;
}

static bool anything_came(const struct pool *p) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (!pb_ring_empty(&p->hive->slot[i].up))
            return true;
    return false;
}

static void *collector_main(void *self) {
    struct pool *p = self;
    struct pollfd wait[] = {{.fd = p->doorbell, .events = POLLIN}, {.fd = p->socket, .events = POLLIN}};
    while (!p->broken) {
        collect_all(p);
        /* Said before the rings are looked at once more: a worker moves its bytes before it looks here. */
        atomic_store(&p->hive->collector_asleep, 1);
        PB_POINT(parent_before_poll);
        if (!anything_came(p))
            poll(wait, 2, -1);
        atomic_store(&p->hive->collector_asleep, 0);
        uint64_t rings;
        (void)!read(p->doorbell, &rings, sizeof rings);
        while (!p->broken && hear_server(p))
            ;
    }
    return NULL;
}

static int start_collector(struct pool *p) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&p->collector, NULL, collector_main, p);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    p->collecting = rc == 0;
    return -rc;
}

/* ---- Open ---- */

/* What is made before the fork; close frees it, however far it came. */
static int acquire(struct pool *p, struct pb_error *error) {
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
    p->socket = p->doorbell = p->alive = -1;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->event, NULL);
    warn_of_threads(error);
    int rc = acquire(p, error);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&p->lock);
    for (uint32_t i = 0; i < crew->workers; i++) {
        p->seat[i].state = STARTING;
        tell_server(p, PB_SERVER_SPAWN, i, 0);
    }
    while (any_seat(p, STARTING) && !p->failure.code && !p->broken)
        pthread_cond_wait(&p->event, &p->lock);
    if (p->broken && !p->failure.code)
        pb_error_set(&p->failure, -EOWNERDEAD, "executor process: the fork server ended at once");
    if (p->failure.code && error)
        *error = p->failure;
    p->opened = true;
    rc = p->failure.code;
    pthread_mutex_unlock(&p->lock);
    return rc;
}

/* ---- Work ---- */

static void process_notify(void *self) {
    struct pool *p = self;
    PB_POINT(parent_queued);
    pb_team_notify(p->crew);
    PB_POINT(parent_notified);
}

static bool is_lost(void *self) {
    struct pool *p = self;
    pthread_mutex_lock(&p->lock);
    bool lost = p->broken || !any_worker(p);
    pthread_mutex_unlock(&p->lock);
    return lost;
}

static int process_for_range(void *self, struct pb_range *range) {
    struct pool *p = self;
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
    range->error = p->range_loss;
    /* The last worker may have gone before this range began. */
    if (!range->error.code && range->total.tasks < range->n)
        pb_error_set(&range->error, -EOWNERDEAD, "%s",
                     p->failure.code ? p->failure.text : "the process executor has no worker left");
    pthread_mutex_unlock(&p->lock);
    return range->error.code;
}

/* ---- By force ---- */

static bool runs_something(const struct pool *p, uint32_t i) {
    const struct pb_future *f = future_of(p, atomic_load(&p->crew->account[i].claim), i);
    return f && pb_phase(atomic_load(&f->state)) == PB_RUNNING;
}

static bool runs_expired(const struct pool *p, uint32_t i) {
    const struct pb_future *f = future_of(p, atomic_load(&p->crew->account[i].claim), i);
    unsigned state = f ? atomic_load(&f->state) : 0;
    return pb_phase(state) == PB_EXPIRED && (state & PB_BUSY);
}

/* A task that waited has expired, or its end was not told. If workers were only slow, nothing is to be done;
 * but one that is stopped, not by its task, may have been counted on to take it. */
static void revive(struct pool *p) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (p->seat[i].state != EMPTY && !runs_something(p, i))
            tell_server(p, PB_SERVER_KILL_STOPPED, i, p->seat[i].pid);
    pb_lot_wake_all(&p->crew->depot->lot, true);
}

static void process_kill(void *self, uint32_t worker) {
    struct pool *p = self;
    kill(p->server, SIGCONT); /* in case it was stopped: nobody else can kill for us, and know whom */
    pthread_mutex_lock(&p->lock);
    if (worker == PB_NOBODY)
        revive(p);
    else if (worker < p->crew->workers && runs_expired(p, worker))
        tell_server(p, PB_SERVER_KILL, worker, p->seat[worker].pid);
    pthread_mutex_unlock(&p->lock);
}

/* ---- Close ---- */

static void kill_all(struct pool *p) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (p->seat[i].state != EMPTY)
            tell_server(p, PB_SERVER_KILL, i, p->seat[i].pid);
}

/* Waits until no worker is left, or the deadline; true if so. */
static bool await_ends(struct pool *p, uint64_t deadline) {
    int rc = 0;
    while (any_worker(p) && !p->broken && rc == 0)
        rc = pb_cond_wait(&p->event, &p->lock, deadline);
    return rc == 0;
}

static void end_workers(struct pool *p, enum pb_close how, uint64_t deadline) {
    enum { GRACE_NS = 1000000000 };
    struct pb_crew *crew = p->crew;
    kill(p->server, SIGCONT);
    pb_team_close(crew);
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    if (how == PB_KILL || !await_ends(p, deadline)) {
        pthread_mutex_unlock(&p->lock);
        for (struct pb_future *f; (f = pb_queue_first(crew->depot));)
            pb_future_cancel(f);
        pthread_mutex_lock(&p->lock);
        kill_all(p);
        if (!await_ends(p, pb_deadline(GRACE_NS)))
            kill(p->server, SIGKILL); /* it takes its workers with it */
        await_ends(p, UINT64_MAX);
    }
    pthread_mutex_unlock(&p->lock);
}

/* Its workers are gone. It would end by itself when the socket closes, unless it was stopped. */
static void end_server(struct pool *p) {
    if (p->server <= 0)
        return;
    kill(p->server, SIGKILL);
    while (waitpid(p->server, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Everything here can be killed, so close never times out. */
static int process_close(void *self, enum pb_close how, uint64_t deadline) {
    struct pool *p = self;
    if (p->collecting)
        end_workers(p, how, deadline);
    if (p->socket >= 0)
        shutdown(p->socket, SHUT_RDWR); /* the server ends, and the collector with it */
    if (p->collecting) {
        pthread_join(p->collector, NULL);
        if (!pb_queue_empty(p->crew->depot))
            break_down(p, p->failure.code ? p->failure.text : "the process executor has no worker left");
    }
    end_server(p);
    const int descriptors[] = {p->socket, p->doorbell, p->alive};
    for (int k = 0; k < 3; k++)
        if (descriptors[k] >= 0)
            close(descriptors[k]);
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
    .processes = true,
    .open = process_open,
    .notify = process_notify,
    .for_range = process_for_range,
    .kill = process_kill,
    .close = process_close,
};
