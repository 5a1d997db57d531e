#include "ground.h"

#include <stdlib.h>
#include <string.h>

static void share_future(struct pb_future *f) {
    CHECKER_SHARE(f->state, "state");
    CHECKER_SHARE(f->next, "next");
}

static void share_depot(struct pb_depot *d, uint32_t first) {
    CHECKER_SHARE(d->lot, "lot");
    CHECKER_SHARE(d->lock.held, "lock");
    CHECKER_SHARE(d->returned, "returned");
    CHECKER_SHARE(d->outstanding, "outstanding");
    CHECKER_SHARE(d->room, "room");
    CHECKER_SHARE(d->room_wanted, "room_wanted");
    CHECKER_SHARE(d->waiter_cpu, "waiter_cpu");
    for (uint32_t i = first; i < first + GROUND_SLOTS; i++)
        share_future(pb_depot_slot(d, i));
    checker_keep(d, (size_t)(first + GROUND_SLOTS) * PB_DEPOT_SLOT);
    checker_keep(d->late, (first + GROUND_SLOTS) * sizeof *d->late);
    checker_plain(pb_depot_slot(d, first), GROUND_SLOTS * sizeof(struct pb_future), 4, "slot");
    checker_plain(&d->refusing, 5 * sizeof d->refusing, 4, "depot"); /* to late_at */
}

static void share_queue(struct pb_queue *q) {
    CHECKER_SHARE(q->head, "head");
    CHECKER_SHARE(q->pushed, "pushed");
    CHECKER_SHARE(q->seen, "seen");
    checker_plain(&q->tail, sizeof q->tail, 4, "tail");
}

static void share_account(struct pb_account *a) {
    CHECKER_SHARE(a->claim, "claim");
    CHECKER_SHARE(a->joined, "joined");
    CHECKER_SHARE(a->left, "left");
    CHECKER_SHARE(a->current, "current");
    checker_plain(&a->tally, sizeof a->tally, 8, "tally");
}

static void share_crew(struct pb_crew *crew, size_t size) {
    CHECKER_SHARE(crew->closing, "closing");
    CHECKER_SHARE(crew->share.number, "number");
    CHECKER_SHARE(crew->share.leavings, "leavings");
    CHECKER_SHARE(crew->share.awaited, "awaited");
    CHECKER_SHARE(crew->share.range.own_cursor, "cursor");
    checker_plain(&crew->share.range, sizeof crew->share.range, 8, "range");
    for (uint32_t i = 0; i < crew->workers; i++)
        share_account(&crew->account[i]);
    checker_keep(crew, size);
}

struct pb_crew *ground_open(void) {
    size_t size = sizeof(struct pb_crew) + GROUND_WORKERS * sizeof(struct pb_account);
    struct pb_crew *crew = aligned_alloc(128, size);
    if (!crew)
        abort();
    memset(crew, 0, size);
    if (pb_depot_open(&crew->depot, false) < 0)
        abort();
    crew->workers = crew->depot->workers = GROUND_WORKERS;
    crew->depot->processors = GROUND_WORKERS + 1;
    share_depot(crew->depot, crew->depot->queue.tail);
    share_queue(&crew->depot->queue);
    share_crew(crew, size);
    return crew;
}

static int never_called(struct pb_task *task, const void *args, size_t size) {
    (void)task, (void)args, (void)size;
    return 0;
}

struct pb_future *ground_submit(struct pb_crew *crew, unsigned id) {
    struct pb_future *f = pb_future_queue(crew->depot, never_called, &id, sizeof id, NULL);
    CHECKER_ASSERT(f != NULL);
    return f;
}

unsigned ground_task(const struct pb_future *f) {
    unsigned id;
    CHECKER_ASSERT(f->function == never_called && f->args_size == sizeof id);
    memcpy(&id, pb_future_args(f), sizeof id);
    return id;
}

static unsigned answer_of(unsigned id) {
    return 1000 + id;
}

struct pb_call ground_call(unsigned id) {
    struct pb_call call = {.result_size = sizeof id};
    unsigned answer = answer_of(id);
    memcpy(call.bytes, &answer, sizeof answer);
    return call;
}

void ground_check(struct pb_future *f, unsigned id) {
    unsigned answer = 0;
    CHECKER_ASSERT(pb_future_result(f, &answer, sizeof answer, 0) == 0);
    CHECKER_ASSERT(answer == answer_of(id));
}

/* ---- In place of executor/worker.c: the accounts of CPU time are no part of a model ---- */

void pb_worker_begin(struct pb_worker *w) {
    (void)w;
}

void pb_worker_end(struct pb_worker *w) {
    (void)w;
}

void pb_worker_count(struct pb_worker *w, uint64_t tasks) {
    (void)w, (void)tasks;
}

bool pb_worker_is_spent(const struct pb_worker *w) {
    (void)w;
    return false;
}
