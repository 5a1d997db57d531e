#include "runner/work.h"

#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/error.h"

/* Meters begin on a page of their own: what no worker touches never gets memory. */
static size_t front_size(const struct pb_workload *w) {
    return (sizeof(struct pb_work) + w->state_size + PB_METER_PAGE - 1) / PB_METER_PAGE * PB_METER_PAGE;
}

struct pb_work *pb_work_new(const struct pb_workload *w, uint32_t workers) {
    size_t front = front_size(w);
    struct pb_work *work = mmap(NULL, front + pb_meters_size(workers), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (work == MAP_FAILED)
        return NULL;
    work->workload = w;
    work->body = w->bound == PB_IO ? pb_work_counted : pb_work_plain;
    work->meters = (struct pb_meters){.first = (unsigned char *)work + front, .count = workers};
    return work;
}

void pb_work_free(struct pb_work *work) {
    pb_trace_free(work->trace);
    munmap(work, front_size(work->workload) + pb_meters_size(work->meters.count));
}

int pb_work_enter(struct pb_task *task, struct pb_error *error) {
    const struct pb_work *work = pb_work_of(task);
    const struct pb_workload *w = work->workload;
    struct pb_message message = {{0}};
    task->meter = pb_meter_of(&work->meters, task->worker - work->first_worker);
    int rc = w->lane_setup ? w->lane_setup(task->lane, task->state, &message) : 0;
    if (rc < 0)
        pb_error_set(error, rc, "workload %s: worker %u: %s", w->name, task->worker,
                     message.text[0] ? message.text : strerror(-rc));
    return rc;
}

void pb_work_leave(struct pb_task *task) {
    const struct pb_workload *w = pb_work_of(task)->workload;
    if (w->lane_teardown)
        w->lane_teardown(task->lane, task->state);
}

int pb_work_plain(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    return pb_work_of(task)->workload->run(task, i, digest);
}

/* The lanes of a worker take turns on one thread, so nobody else writes its meter. */
int pb_work_counted(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    int status = pb_work_plain(task, i, args, digest);
    if (task->meter)
        atomic_store_explicit(&task->meter->ended,
                              atomic_load_explicit(&task->meter->ended, memory_order_relaxed) + 1,
                              memory_order_relaxed);
    return status;
}

int pb_work_timed(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    uint64_t began = pb_now();
    int status = pb_work_plain(task, i, args, digest);
    pb_work_of(task)->task_ns[i] = (double)(pb_now() - began);
    return status;
}

int pb_work_traced(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    struct pb_track *track = pb_trace_track(pb_work_of(task)->trace, task->worker);
    uint64_t began = pb_now();
    int status = pb_work_counted(task, i, args, digest);
    if (track)
        pb_track_note(track, PB_SPAN_TASK, task->lane_index, i, began, pb_now());
    return status;
}
