#include "runner/work.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"

int pb_work_enter(struct pb_task *task, struct pb_error *error) {
    const struct pb_workload *w = pb_work_of(task)->workload;
    struct pb_message message = {{0}};
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

int pb_work_body(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    (void)args;
    return pb_work_of(task)->workload->run(task, i, digest);
}

int pb_work_timed(struct pb_task *task, uint64_t i, const void *args, uint64_t *digest) {
    uint64_t began = pb_now();
    int status = pb_work_body(task, i, args, digest);
    pb_work_of(task)->task_ns[i] = (double)(pb_now() - began);
    return status;
}
