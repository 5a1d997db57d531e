/* The executor without workers: tasks run in the caller, at submit. It specifies what all others must do. */
#include <pthread.h>

#include "executor/executors.h"
#include "io/io.h"

struct serial {
    pthread_mutex_t lock; /* callers take turns: there is one lane */
    struct pb_worker worker;
    bool entered;
};

static int serial_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                       struct pb_error *error) {
    struct serial *s = self;
    (void)params;
    crew->workers = 1;
    pthread_mutexattr_t recursive; /* a task may submit another */
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&s->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    int rc = pb_worker_enter(&s->worker, crew, 0, &pb_io_blocking, error);
    s->entered = rc == 0;
    return rc;
}

static int serial_submit(void *self, struct pb_future *f) {
    struct serial *s = self;
    pthread_mutex_lock(&s->lock);
    pb_worker_run(&s->worker, f);
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static int serial_for_range(void *self, struct pb_range *range) {
    struct serial *s = self;
    pthread_mutex_lock(&s->lock);
    pb_worker_begin(&s->worker);
    for (uint64_t i = 0; i < range->n; i++)
        pb_range_one(range, &s->worker.task, i, &range->total);
    pb_worker_end(&s->worker, range->n);
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static int serial_close(void *self, enum pb_close how, uint64_t deadline) {
    struct serial *s = self;
    (void)how;
    (void)deadline;
    if (s->entered)
        pb_worker_leave(&s->worker);
    pthread_mutex_destroy(&s->lock);
    return 0;
}

const struct pb_executor_ops pb_serial_ops = {
    .name = "serial",
    .summary = "one task after the other, in the caller",
    .size = sizeof(struct serial),
    .open = serial_open,
    .submit = serial_submit,
    .for_range = serial_for_range,
    .close = serial_close,
};
