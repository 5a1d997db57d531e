/* A rank with an inner executor: tasks are handed to it, and come home on whichever thread ran them. */
#ifndef PB_EXECUTOR_MPI_INNER_H
#define PB_EXECUTOR_MPI_INNER_H

#include <pthread.h>

#include "executor/mpi_message.h"

struct pb_mpi_errand;

/* What became of a task; `chunk` is a map's, or NULL. Nothing of it outlasts the call. */
struct pb_mpi_outcome {
    uint32_t future; /* as rank 0 knows it */
    int code;
    void *chunk;
    const void *bytes;
    uint32_t size;
    const char *text; /* "": none */
};

struct pb_mpi_inner {
    struct pb_executor *executor; /* NULL: it is not open */
    bool processes;
    void (*home)(void *context, const struct pb_mpi_outcome *); /* on any thread, one at a time */
    void *context;

    pthread_mutex_t lock; /* guards what follows, and is held while one is brought home */
    struct pb_mpi_errand *first;
    uint32_t out; /* tasks that are not home yet */
};

/* None of these waits but close, and open for its workers; errors are those of pb_executor_open.
 * `home` is heard from the first open to free. */
void pb_mpi_inner_init(struct pb_mpi_inner *, void (*home)(void *context, const struct pb_mpi_outcome *),
                       void *context);
void pb_mpi_inner_free(struct pb_mpi_inner *);
int pb_mpi_inner_open(struct pb_mpi_inner *, const char *name, const struct pb_executor_config *,
                      struct pb_error *);
/* All that is out has come home. */
void pb_mpi_inner_close(struct pb_mpi_inner *);

/* Does not wait. `number` is that of the message it came with. 0 or -ENOMEM: it could not be noted, and will
 * not come home. */
int pb_mpi_inner_submit(struct pb_mpi_inner *, const struct pb_mpi_task *, uint64_t number, pb_function *,
                        const void *args);
/* Tells the task that its time is over, if it is here. */
void pb_mpi_inner_expire(struct pb_mpi_inner *, const struct pb_mpi_expiry *);
/* Tasks that are not home yet: none that this leaves out is still to come. */
uint32_t pb_mpi_inner_out(struct pb_mpi_inner *);

#endif
