#include "executor/mpi_alone.h"

#include <errno.h>

#include "base/error.h"
#include "io/io.h"

int pb_mpi_alone_open(struct pb_mpi_alone *a, const struct pb_executor_config *config,
                      struct pb_error *error) {
    a->crew = pb_crew_new(config, 1, 1, false);
    if (!a->crew)
        return pb_error_set(error, -ENOMEM, "no memory for a worker");
    int rc = pb_worker_enter(&a->worker, a->crew, 0, &pb_io_blocking, error);
    a->entered = rc == 0;
    if (rc < 0)
        pb_mpi_alone_close(a);
    return rc;
}

void pb_mpi_alone_close(struct pb_mpi_alone *a) {
    if (a->entered)
        pb_worker_leave(&a->worker);
    pb_crew_free(a->crew);
    *a = (struct pb_mpi_alone){0};
}

void pb_mpi_alone_begin(struct pb_mpi_alone *a) {
    pb_worker_begin(&a->worker);
}

void pb_mpi_alone_end(struct pb_mpi_alone *a) {
    pb_worker_end(&a->worker);
}

int pb_mpi_alone_run(struct pb_mpi_alone *a, struct pb_call *call, pb_function *function, const void *args,
                     size_t size, const atomic_uint *over) {
    pb_worker_renew(&a->worker);
    a->worker.task.over = over;
    int code = pb_call_run(call, function, args, size, &a->worker.task);
    a->worker.task.over = NULL;
    pb_worker_count(&a->worker, 1 + (uint64_t)call->more);
    return code;
}

void pb_mpi_alone_for(struct pb_mpi_alone *a, uint64_t begin, uint64_t end, pb_body *body, const void *args,
                      size_t size, struct pb_range_result *tally) {
    struct pb_range range;
    pb_range_init(&range, begin, end, body, args, size, 1);
    pb_range_run(&range, &a->worker.task, &a->worker.account->current, tally);
    pb_worker_count(&a->worker, end - begin);
    pb_worker_renew(&a->worker);
}
