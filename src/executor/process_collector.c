/* The process executor's collector: a thread that puts together what comes home through the rings, fires
 * watches, hears from the fork server who died, fails what a dead worker ran, and has it replaced. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/futex.h"
#include "base/point.h"
#include "base/thread.h"
#include "executor/process_pool.h"
#include "executor/team.h"
#include "future/lot.h"

/* So often in a row a worker may die before it is ready. */
enum { STARTS_MAX = 8 };

/* ---- What came home ---- */

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

static void hear_ready(struct pb_process_pool *p, struct pb_seat *s, const struct pb_inbox *in) {
    struct pb_error error;
    pthread_mutex_lock(&p->lock);
    if (in->head.code == 0) {
        s->state = PB_SEAT_LIVE;
        s->starts = 0;
    } else {
        pb_error_set(&error, in->head.code, "%s",
                     in->payload ? (char *)in->payload : "its initializer failed");
        pb_process_fail(p, &error);
        s->starts = STARTS_MAX; /* it would fail again */
    }
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

static void open_message(struct pb_process_pool *p, uint32_t i) {
    struct pb_inbox *in = &p->seat[i].inbox;
    struct pb_future *f = pb_process_future(p, in->head.future, i);
    if (in->head.kind == PB_MESSAGE_READY)
        hear_ready(p, &p->seat[i], in);
    else if (in->head.kind == PB_MESSAGE_DONE && f)
        finish(f, in);
    else if (in->head.kind == PB_MESSAGE_SETTLED && f)
        pb_future_announce(f);
    PB_POINT(parent_message_done);
    pb_inbox_clear(in);
}

static void collect(struct pb_process_pool *p, uint32_t i) {
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

static void collect_all(struct pb_process_pool *p) {
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
static void settle_claim(struct pb_process_pool *p, uint32_t i, const char *how, pid_t pid) {
    struct pb_future *f = pb_process_future(p, atomic_load(&p->crew->account[i].claim), i);
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
static void leave_range(struct pb_process_pool *p, uint32_t i, const char *how, pid_t pid) {
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

static bool is_wanted(const struct pb_process_pool *p, const struct pb_seat *s) {
    return !p->broken && s->starts < STARTS_MAX && (!p->closing || !pb_queue_empty(p->crew->depot));
}

/* Fills the seat anew, or leaves it empty. */
static void replace(struct pb_process_pool *p, uint32_t i, const char *how) {
    struct pb_seat *s = &p->seat[i];
    struct pb_error error;
    pthread_mutex_lock(&p->lock);
    if (s->state == PB_SEAT_STARTING) {
        s->starts++;
        if (!p->opened)
            s->starts = STARTS_MAX;
        if (s->starts >= STARTS_MAX) {
            pb_error_set(&error, -EOWNERDEAD, "worker %u (process %d) %s in its initializer", i, (int)s->pid,
                         how);
            pb_process_fail(p, &error);
        }
    }
    s->state = PB_SEAT_EMPTY;
    s->pid = 0;
    if (is_wanted(p, s)) {
        s->state = PB_SEAT_STARTING;
        atomic_fetch_add(&p->crew->account[i].restarts, 1);
        pb_process_tell(p, PB_SERVER_SPAWN, i, 0);
    }
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

static void bury(struct pb_process_pool *p, uint32_t i, int status, pid_t pid) {
    struct pb_slot *slot = &p->hive->slot[i];
    char how[64];
    collect(p, i); /* what it had sent counts */
    pb_inbox_clear(&p->seat[i].inbox);
    describe_death(status, how, sizeof how);
    PB_POINT(parent_before_bury);
    settle_claim(p, i, how, pid);
    PB_POINT(parent_settled_claim);
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

void pb_process_break_down(struct pb_process_pool *p, const char *why) {
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
static void lose_server(struct pb_process_pool *p) {
    static const char why[] = "the fork server of the process executor is gone: its workers ended with it";
    struct pb_error error;
    struct pollfd all_gone = {.fd = p->alive, .events = POLLIN};
    shutdown(p->socket, SHUT_RDWR); /* if it only cannot be heard, it ends now */
    poll(&all_gone, 1, 2000);
    pb_error_set(&error, -EOWNERDEAD, "%s", why);
    pthread_mutex_lock(&p->lock);
    p->broken = true;
    pb_process_fail(p, &error);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (p->seat[i].state != PB_SEAT_EMPTY)
            bury(p, i, SIGKILL, atomic_load(&p->crew->account[i].pid)); /* the server may not have told it */
    pb_process_break_down(p, why);
}

/* ---- The collector ---- */

static void hear_refusal(struct pb_process_pool *p, uint32_t i, int status) {
    struct pb_error error;
    pb_error_set(&error, -status, "worker %u cannot be forked: %s: ask for fewer workers", i,
                 strerror(status));
    pthread_mutex_lock(&p->lock);
    pb_process_fail(p, &error);
    p->seat[i].state = PB_SEAT_EMPTY;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

static void hear(struct pb_process_pool *p, const struct pb_server_packet *packet) {
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
    bool bereft = p->opened && !p->closing && !pb_process_any_worker(p);
    pthread_mutex_unlock(&p->lock);
    if (bereft)
        pb_process_break_down(p,
                              p->failure.code ? p->failure.text : "the process executor has no worker left");
}

/* One packet of the server's; false when there is none. */
static bool hear_server(struct pb_process_pool *p) {
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

static bool anything_came(const struct pb_process_pool *p) {
    for (uint32_t i = 0; i < p->crew->workers; i++)
        if (!pb_ring_empty(&p->hive->slot[i].up))
            return true;
    return false;
}

static void *collector_main(void *self) {
    struct pb_process_pool *p = self;
    struct pollfd wait[] = {{.fd = p->doorbell, .events = POLLIN}, {.fd = p->socket, .events = POLLIN}};
    while (!p->broken) {
        collect_all(p);
        /* Said before the rings are looked at once more: a worker moves its bytes before it looks here. Both
         * exchange the word, so the one that comes second sees what the other did before. */
        atomic_exchange(&p->hive->collector_asleep, 1);
        PB_POINT(parent_before_poll);
        if (!anything_came(p))
            poll(wait, 2, -1);
        atomic_exchange(&p->hive->collector_asleep, 0);
        uint64_t rings;
        (void)!read(p->doorbell, &rings, sizeof rings);
        while (!p->broken && hear_server(p))
            ;
    }
    return NULL;
}

int pb_process_collect(struct pb_process_pool *p) {
    int rc = pb_thread_start(&p->collector, collector_main, p);
    p->collecting = rc == 0;
    return rc;
}
