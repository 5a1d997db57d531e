#include "executor/mpi_inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "executor/map.h"

/* A task that is out. */
struct pb_mpi_errand {
    struct pb_mpi_errand *next, **link;
    struct pb_mpi_inner *inner;
    uint32_t future; /* as rank 0 knows it */
    uint64_t number; /* of the message that it came with */
    atomic_uint over;
    void *chunk; /* a map's; NULL */
    void *args;  /* where they are large; NULL */
    uint32_t size;
};

/* What a task of a future is called with; small arguments lie behind it. */
struct call {
    pb_function *function;
    const atomic_uint *over; /* its time; NULL: the task runs in a process that does not see it */
    const void *args;        /* large ones, in memory that the inner executor's workers see; NULL */
    size_t size;
};

static int run(struct pb_task *task, const void *args, size_t size) {
    struct call call;
    memcpy(&call, args, sizeof call);
    const atomic_uint *outer = task->over;
    const void *behind = (const unsigned char *)args + sizeof call;
    (void)size;
    task->over = call.over ? call.over : outer;
    int code = call.function(task, call.args ? call.args : behind, call.size);
    task->over = outer;
    return code;
}

/* ---- The list of those that are out ---- */

static struct pb_mpi_errand *add(struct pb_mpi_inner *in, uint32_t future, uint64_t number) {
    struct pb_mpi_errand *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->inner = in;
    e->future = future;
    e->number = number;
    pthread_mutex_lock(&in->lock);
    e->next = in->first;
    e->link = &in->first;
    if (e->next)
        e->next->link = &e->next;
    in->first = e;
    in->out++;
    pthread_mutex_unlock(&in->lock);
    return e;
}

/* With the lock held. */
static void leave(struct pb_mpi_errand *e) {
    *e->link = e->next;
    if (e->next)
        e->next->link = e->link;
    e->inner->out--;
    if (e->args)
        pb_depot_unblock(pb_executor_depot(e->inner->executor), e->args, e->size);
    free(e);
}

/* In one step for whoever asks what is out: nothing that is not is still to come. */
static void bring_home(struct pb_mpi_errand *e, int code, const void *bytes, uint32_t size,
                       const char *text) {
    struct pb_mpi_inner *in = e->inner;
    const struct pb_mpi_outcome outcome = {
        .future = e->future, .code = code, .chunk = e->chunk, .bytes = bytes, .size = size, .text = text};
    pthread_mutex_lock(&in->lock);
    in->home(in->context, &outcome);
    leave(e);
    pthread_mutex_unlock(&in->lock);
}

/* ---- Out and home ---- */

static void settled(struct pb_future *f, void *context) {
    unsigned char small[256];
    size_t size = pb_future_size(f);
    void *bytes = size > sizeof small ? malloc(size) : small;
    int code = bytes ? pb_future_result(f, bytes, size > sizeof small ? size : sizeof small, 0) : -ENOMEM;
    const char *text = bytes ? pb_future_message(f) : "no memory for its result";
    bring_home(context, code, bytes, bytes && !(size && code == -ENOMEM) ? (uint32_t)size : 0, text);
    if (bytes != small)
        free(bytes);
}

static struct pb_future *submit_chunk(struct pb_mpi_errand *e, const struct pb_mpi_task *task,
                                      pb_function *function, const void *args) {
    struct pb_executor *executor = e->inner->executor;
    e->chunk = pb_map_unpack(pb_executor_depot(executor), function, args, task->size);
    errno = ENOMEM;
    return e->chunk ? pb_submit(executor, pb_map_run_chunk, &e->chunk, sizeof e->chunk) : NULL;
}

static struct pb_future *submit_call(struct pb_mpi_errand *e, const struct pb_mpi_task *task,
                                     pb_function *function, const void *args) {
    enum { SMALL = 4096 };
    struct pb_executor *executor = e->inner->executor;
    struct call call = {function, e->inner->processes ? NULL : &e->over, NULL, task->size};
    struct pb_buffer all = {0};
    if (task->size > SMALL) {
        e->size = task->size;
        call.args = e->args = pb_depot_block(pb_executor_depot(executor), task->size);
        errno = ENOMEM;
        if (!e->args)
            return NULL;
        memcpy(e->args, args, task->size);
    }
    PB_PUT(&all, call);
    pb_buffer_add(&all, args, e->args ? 0 : task->size);
    errno = ENOMEM;
    struct pb_future *f = all.failed ? NULL : pb_submit(executor, run, all.data, all.size);
    pb_buffer_release(&all);
    return f;
}

int pb_mpi_inner_submit(struct pb_mpi_inner *in, const struct pb_mpi_task *task, uint64_t number,
                        pb_function *function, const void *args) {
    struct pb_mpi_errand *e = add(in, task->future, number);
    if (!e)
        return -ENOMEM;
    struct pb_future *f = (task->chunk ? submit_chunk : submit_call)(e, task, function, args);
    if (!f) {
        int code = -errno;
        bring_home(e, code, NULL, 0, strerror(-code));
        return 0;
    }
    if (pb_future_add_callback(f, settled, e) < 0) { /* no memory to be told of its end */
        pb_future_result(f, NULL, 0, PB_FOREVER);
        settled(f, e);
    }
    pb_future_release(f);
    return 0;
}

void pb_mpi_inner_expire(struct pb_mpi_inner *in, const struct pb_mpi_expiry *expiry) {
    pthread_mutex_lock(&in->lock);
    for (struct pb_mpi_errand *e = in->first; e; e = e->next)
        if (e->future == expiry->future && e->number <= expiry->number)
            atomic_fetch_or(&e->over, PB_MPI_EXPIRED);
    pthread_mutex_unlock(&in->lock);
}

uint32_t pb_mpi_inner_out(struct pb_mpi_inner *in) {
    pthread_mutex_lock(&in->lock);
    uint32_t out = in->out;
    pthread_mutex_unlock(&in->lock);
    return out;
}

/* ---- Open and close ---- */

void pb_mpi_inner_init(struct pb_mpi_inner *in, void (*home)(void *context, const struct pb_mpi_outcome *),
                       void *context) {
    *in = (struct pb_mpi_inner){.home = home, .context = context};
    pthread_mutex_init(&in->lock, NULL);
}

void pb_mpi_inner_free(struct pb_mpi_inner *in) {
    pthread_mutex_destroy(&in->lock);
}

int pb_mpi_inner_open(struct pb_mpi_inner *in, const char *name, const struct pb_executor_config *config,
                      struct pb_error *error) {
    in->processes = strcmp(name, "process") == 0;
    return pb_executor_open(&in->executor, name, config, error);
}

void pb_mpi_inner_close(struct pb_mpi_inner *in) {
    if (in->executor)
        pb_executor_close(in->executor, PB_DRAIN, PB_FOREVER);
    in->executor = NULL;
}
