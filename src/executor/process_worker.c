/* A worker process: a member of the team that finishes small futures where they lie and sends the rest home.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/futex.h"
#include "base/point.h"
#include "executor/process_shared.h"
#include "executor/team.h"
#include "io/io.h"

struct home {
    struct pb_hive *hive;
    struct pb_slot *slot;
    struct pb_member member;
};

static void ring_doorbell(struct home *h) {
    static const uint64_t one = 1;
    if (atomic_exchange(&h->hive->collector_asleep, 0))
        while (write(h->hive->doorbell, &one, sizeof one) < 0 && errno == EINTR)
            ; /* nobody else would ring for it */
}

/* Waits until the parent has read something after `seen`. */
static void await_room(struct home *h, unsigned seen) {
    atomic_store(&h->slot->waiting, 1);
    if (pb_ring_full(&h->slot->up))
        pb_futex_wait(&h->slot->room, seen, UINT64_MAX, true);
    atomic_store(&h->slot->waiting, 0);
}

static void transmit(struct home *h, const void *data, size_t size) {
    for (const unsigned char *at = data; size;) {
        unsigned seen = atomic_load(&h->slot->room);
        size_t put = pb_ring_write(&h->slot->up, at, size);
        at += put;
        size -= put;
        PB_POINT(worker_transmitting);
        if (put)
            ring_doorbell(h);
        else
            await_room(h, seen);
    }
}

static void send_home(struct home *h, enum pb_message_kind kind, int code, const struct pb_future *f,
                      const struct pb_call *call) {
    struct pb_message_head head = {.kind = kind, .code = code, .future = f ? pb_depot_index(f) : 0};
    if (call) {
        head.size = call->result_size;
        head.text_size = call->message ? (uint32_t)strlen(call->message) : 0;
    }
    PB_POINT(worker_before_message);
    transmit(h, &head, sizeof head);
    if (call) {
        transmit(h, call->block ? call->block : call->bytes, head.size);
        transmit(h, call->message, head.text_size);
    }
    PB_POINT(worker_after_message);
}

/* An expired task's worker is about to be killed, and takes no other. */
_Noreturn static void end_expired(void) {
    _exit(1);
}

static void run(struct pb_member *m, struct pb_future *f) {
    struct home *h = (struct home *)((char *)m - offsetof(struct home, member));
    struct pb_call call;
    PB_POINT(worker_before_call);
    int code = pb_worker_call(&m->worker, f, &call);
    PB_POINT(worker_after_call);
    if (pb_future_is_small(f, &call)) {
        int watched = pb_future_finish_small(f, code, &call);
        if (watched < 0)
            end_expired();
        if (watched)
            send_home(h, PB_MESSAGE_SETTLED, 0, f, NULL);
    } else {
        if (!pb_future_sent(f))
            end_expired();
        PB_POINT(worker_sent);
        send_home(h, PB_MESSAGE_DONE, code, f, &call);
    }
    pb_call_release(&call);
}

/* The fork server forks another in its place. */
static bool renew(struct pb_member *m) {
    (void)m;
    return false;
}

_Noreturn void pb_process_worker_main(struct pb_hive *hive, uint32_t index) {
    struct pb_crew *crew = hive->crew;
    struct home h = {.hive = hive, .slot = &hive->slot[index]};
    struct pb_error error = {0};
    prctl(PR_SET_NAME, "pb-worker");
    h.member = (struct pb_member){.run = run, .renew = renew};
    PB_POINT(worker_started);
    int rc = pb_worker_enter(&h.member.worker, crew, index, &pb_io_blocking, &error);
    struct pb_call report = {.message = rc < 0 ? error.text : NULL};
    PB_POINT(worker_entered);
    send_home(&h, PB_MESSAGE_READY, rc, NULL, &report);
    if (rc == 0) {
        h.member.helper = (struct pb_helper){.depot = crew->depot, .task = &h.member.worker.task};
        pb_helper_here = &h.member.helper;
        pb_team_serve(&h.member);
        PB_POINT(worker_served);
        pb_worker_leave(&h.member.worker);
    }
    fflush(NULL);
    PB_POINT(worker_before_exit);
    _exit(rc == 0 ? 0 : 1);
}
