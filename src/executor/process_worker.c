/* A worker process: takes messages from its ring, runs them, answers. It sleeps on its slot's wake word
 * whenever a ring is empty or full; the parent counts that word up after every change, so a change between
 * looking and sleeping is not missed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/futex.h"
#include "executor/process_shared.h"
#include "io/io.h"

struct link {
    struct pb_hive *hive;
    struct pb_slot *slot;
};

/* Waits for the parent's next change after the state that `seen` was read in. */
static void sleep_until_woken(struct link *l, unsigned seen) {
    atomic_store(&l->slot->asleep, 1);
    if (atomic_load(&l->slot->wake) == seen)
        pb_futex_wait(&l->slot->wake, seen, UINT64_MAX, true);
    atomic_store(&l->slot->asleep, 0);
}

static void ring_doorbell(struct link *l) {
    static const uint64_t one = 1;
    if (atomic_exchange(&l->hive->collector_asleep, 0))
        (void)!write(l->hive->doorbell, &one, sizeof one);
}

static void receive(struct link *l, void *data, size_t size) {
    for (unsigned char *at = data; size;) {
        unsigned seen = atomic_load(&l->slot->wake);
        size_t got = pb_ring_read(&l->slot->down, at, size);
        at += got;
        size -= got;
        if (got && size)
            ring_doorbell(l); /* room for the rest */
        else if (!got)
            sleep_until_woken(l, seen);
    }
}

static void transmit(struct link *l, const void *data, size_t size) {
    for (const unsigned char *at = data; size;) {
        unsigned seen = atomic_load(&l->slot->wake);
        size_t put = pb_ring_write(&l->slot->up, at, size);
        at += put;
        size -= put;
        if (put)
            ring_doorbell(l);
        else
            sleep_until_woken(l, seen);
    }
}

static void answer(struct link *l, enum pb_message_kind kind, int code, const void *data, size_t size,
                   const char *text) {
    struct pb_message_head head = {
        .kind = kind, .code = code, .size = size, .text_size = text ? strlen(text) : 0};
    transmit(l, &head, sizeof head);
    transmit(l, data, size);
    transmit(l, text, head.text_size);
}

static void run_call(struct link *l, struct pb_worker *w, const struct pb_message_head *head,
                     const void *args) {
    struct pb_call call;
    pb_worker_begin(w);
    int code = pb_call_run(&call, head->function, args, head->size, &w->task);
    pb_worker_end(w, 1);
    answer(l, PB_MESSAGE_DONE, code, call.result, call.result_size, call.message);
    pb_call_release(&call);
}

static void run_range(struct link *l, struct pb_worker *w, const unsigned char *payload) {
    struct pb_range range;
    struct pb_range_result tally = {0};
    memcpy(&range, payload, sizeof range);
    range.args = payload + sizeof range;
    pb_worker_begin(w);
    pb_range_run(&range, &w->task, &w->account->current, &tally);
    pb_worker_end(w, tally.tasks);
    answer(l, PB_MESSAGE_TALLY, 0, &tally, sizeof tally, NULL);
}

_Noreturn void pb_process_worker_main(struct pb_hive *hive, uint32_t index) {
    struct link l = {.hive = hive, .slot = &hive->slot[index]};
    struct pb_worker worker;
    struct pb_error error = {0};
    struct pb_message_head head;
    prctl(PR_SET_NAME, "pb-worker");
    int rc = pb_worker_enter(&worker, hive->crew, index, &pb_io_blocking, &error);
    answer(&l, PB_MESSAGE_READY, rc, NULL, 0, rc < 0 ? error.text : NULL);
    while (rc == 0) {
        receive(&l, &head, sizeof head);
        if (head.kind == PB_MESSAGE_EXIT)
            break;
        unsigned char *payload = aligned_alloc(64, (head.size + 64) / 64 * 64);
        if (!payload)
            abort(); /* the task fails with it, by the signal's name */
        receive(&l, payload, head.size);
        if (head.kind == PB_MESSAGE_CALL)
            run_call(&l, &worker, &head, payload);
        else
            run_range(&l, &worker, payload);
        free(payload);
    }
    if (rc == 0)
        pb_worker_leave(&worker);
    fflush(NULL);
    _exit(rc == 0 ? 0 : 1);
}
