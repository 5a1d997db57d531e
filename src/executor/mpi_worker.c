/* A rank at work. The thread that serves takes messages. Tasks it runs itself, as the rank's one worker
 * (mpi_alone.c): results are sent between two of them once there are many or the last were sent a while ago,
 * so that a batch of long tasks is told of one by one. Or it hands them to an inner executor (mpi_inner.c):
 * results come back on whichever thread ran them, are put into one buffer, and are sent by the thread that
 * serves. The ear tells a task that its time is over. */
#include "executor/mpi_worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "executor/map.h"
#include "executor/mpi_alone.h"
#include "executor/mpi_inner.h"
#include "executor/part.h"

enum { SEND_BYTES = 16 << 10, SEND_NS = 100000 };

struct pb_mpi_worker {
    struct pb_ranks *ranks;
    struct pb_code_cache cache;
    struct pb_mpi_alone alone; /* the one worker, or ... */
    struct pb_mpi_inner inner; /* ... an executor that has more; at most one of them is open */
    uint32_t workers;
    void (*state_close)(void *);
    void *state;
    atomic_uint *stop; /* in memory that processes see */

    /* The range whose chunks come. */
    uint64_t number;
    pb_body *body;
    void *args;
    size_t args_size;

    uint64_t messages;   /* number of the last */
    bool waited;         /* since the last message all that had come was taken */
    uint64_t sent, came; /* the stamp of the last message with work, and when it came */
    uint64_t told;       /* when the last report was sent, or work came to who had none */

    pthread_mutex_t lock; /* guards what follows */
    uint64_t opening;
    uint32_t running; /* the future whose task runs here; 0: none does */
    atomic_uint over; /* its time */
    struct pb_buffer results;
    uint32_t done; /* tasks in the results */
};

/* ---- Reports ---- */

static void put_accounts(struct pb_mpi_worker *w, struct pb_buffer *out) {
    for (uint32_t k = 0; k < w->workers; k++) {
        struct pb_worker_info i;
        if (w->inner.executor)
            pb_executor_worker(w->inner.executor, k, &i);
        else
            pb_account_read(&w->alone.crew->account[k], &i);
        const struct pb_mpi_account a = {.tasks = i.tasks,
                                         .cpu_ns = i.cpu_ns,
                                         .gil_ns = i.gil_ns,
                                         .io_ns = i.io_ns,
                                         .idle_ns = i.idle_ns,
                                         .pid = i.pid,
                                         .cpu = i.cpu,
                                         .bind_error = i.bind_error,
                                         .restarts = i.restarts};
        PB_PUT(out, a);
    }
}

/* Begins a report of `done` tasks. Accounts are many where workers are: they are told where nothing is left
 * to do. */
static void begin_report(struct pb_mpi_worker *w, struct pb_buffer *out, uint32_t done, bool accounts) {
    uint64_t now = pb_now();
    const struct pb_mpi_told told = {.sent = w->sent,
                                     .held_ns = now - w->came,
                                     .busy_ns = now - w->told,
                                     .done = done,
                                     .accounts = accounts ? w->workers : 0};
    PB_PUT(out, told);
    if (accounts)
        put_accounts(w, out);
    w->told = now;
    w->sent = 0; /* a stamp comes back once */
}

/* Sends what has come in; true if anything had. */
static bool send_results(struct pb_mpi_worker *w) {
    struct pb_buffer out = {0}, results;
    pthread_mutex_lock(&w->lock);
    results = w->results;
    uint32_t done = w->done;
    w->results = (struct pb_buffer){0};
    w->done = 0;
    pthread_mutex_unlock(&w->lock);
    if (!done)
        return false;
    bool last =
        pb_mpi_inner_out(&w->inner) == 0; /* looked at later: whoever comes home now is told of next */
    begin_report(w, &out, done, last);
    pb_buffer_add(&out, results.data, results.size);
    pb_buffer_release(&results);
    pb_ranks_send_buffer(w->ranks, 0, PB_MPI_RESULTS, &out);
    return true;
}

/* ---- Tasks ---- */

static void put_result(struct pb_mpi_worker *w, const struct pb_mpi_outcome *o) {
    struct pb_buffer chunk = {0};
    if (o->chunk)
        pb_map_pack_outcome(o->chunk, &chunk);
    const struct pb_mpi_result head = {.future = o->future,
                                       .code = o->code,
                                       .size = o->size,
                                       .text_size = *o->text ? (uint32_t)strlen(o->text) + 1 : 0,
                                       .chunk_size = (uint32_t)chunk.size};
    pthread_mutex_lock(&w->lock);
    PB_PUT(&w->results, head);
    pb_buffer_add(&w->results, chunk.data, chunk.size);
    pb_buffer_add(&w->results, o->bytes, o->size);
    pb_buffer_add(&w->results, o->text, head.text_size);
    w->done++;
    bool failed = w->results.failed || chunk.failed;
    pthread_mutex_unlock(&w->lock);
    pb_buffer_release(&chunk);
    if (failed) {
        fprintf(stderr, "parbench: rank %u: no memory for a result\n", pb_ranks_rank(w->ranks));
        abort(); /* nobody would ever hear of it */
    }
}

static void come_home(void *context, const struct pb_mpi_outcome *outcome) {
    struct pb_mpi_worker *w = context;
    put_result(w, outcome);
    pb_ranks_ring(w->ranks);
}

static void hand_on(struct pb_mpi_worker *w, const struct pb_mpi_task *task, const void *args) {
    struct pb_error error = {0};
    pb_any_function *function;
    int rc = pb_code_here(&w->cache, &task->function, &function, &error);
    if (rc == 0 &&
        (rc = pb_mpi_inner_submit(&w->inner, task, w->messages, (pb_function *)function, args)) < 0)
        pb_error_set(&error, rc, "no memory for a task");
    if (rc < 0)
        put_result(w, &(struct pb_mpi_outcome){.future = task->future, .code = rc, .text = error.text});
}

/* ---- Tasks of this rank's own ---- */

static void set_running(struct pb_mpi_worker *w, uint32_t future) {
    pthread_mutex_lock(&w->lock);
    w->running = future;
    atomic_store(&w->over, 0);
    pthread_mutex_unlock(&w->lock);
}

static void run_here(struct pb_mpi_worker *w, const struct pb_mpi_task *task, const void *args) {
    struct pb_error error = {0};
    struct pb_call call;
    pb_any_function *function;
    void *chunk = NULL;
    int code = pb_code_here(&w->cache, &task->function, &function, &error);
    if (code == 0 && task->chunk) {
        chunk = pb_map_unpack(w->alone.crew->depot, (pb_function *)function, args, task->size);
        code = chunk ? 0 : pb_error_set(&error, -ENOMEM, "no memory for its arguments");
    }
    if (code < 0) {
        put_result(w, &(struct pb_mpi_outcome){.future = task->future, .code = code, .text = error.text});
        return;
    }
    set_running(w, task->future);
    code = chunk ? pb_mpi_alone_run(&w->alone, &call, pb_map_run_chunk, &chunk, sizeof chunk, &w->over)
                 : pb_mpi_alone_run(&w->alone, &call, (pb_function *)function, args, task->size, &w->over);
    set_running(w, 0);
    put_result(w, &(struct pb_mpi_outcome){.future = task->future,
                                           .code = code,
                                           .chunk = chunk,
                                           .bytes = call.block ? call.block : call.bytes,
                                           .size = call.result_size,
                                           .text = call.message ? call.message : ""});
    pb_call_release(&call);
    if (w->results.size > SEND_BYTES || pb_now() - w->told > SEND_NS)
        send_results(w);
}

/* ---- Messages with tasks ---- */

/* A stamp goes back only if the message was taken at once: else it would tell how long it lay here. */
static void note_arrival(struct pb_mpi_worker *w, struct pb_reader *in) {
    struct pb_mpi_stamp stamp;
    PB_TAKE(in, stamp);
    bool idle =
        pb_mpi_inner_out(&w->inner) == 0; /* before it looks for results: what is home is among them */
    pthread_mutex_lock(&w->lock);
    idle = idle && !w->done;
    w->messages = stamp.number;
    pthread_mutex_unlock(&w->lock);
    w->sent = idle && w->waited ? stamp.sent : 0;
    w->waited = false;
    w->came = pb_now();
    if (idle)
        w->told = w->came;
}

static void take_tasks(struct pb_mpi_worker *w, const void *bytes, size_t size) {
    struct pb_reader in = pb_reader_of(bytes, size);
    note_arrival(w, &in);
    if (!w->inner.executor)
        pb_mpi_alone_begin(&w->alone);
    while (in.at < in.end && !in.broken) {
        struct pb_mpi_task task;
        PB_TAKE(&in, task);
        const void *args = pb_reader_skip(&in, pb_padded(task.size));
        if (!in.broken && w->inner.executor)
            hand_on(w, &task, args);
        else if (!in.broken)
            run_here(w, &task, args);
    }
    if (!w->inner.executor)
        pb_mpi_alone_end(&w->alone);
}

/* ---- Ranges ---- */

static void take_range(struct pb_mpi_worker *w, const void *bytes, size_t size) {
    struct pb_reader in = pb_reader_of(bytes, size);
    struct pb_mpi_range range;
    struct pb_error error = {0};
    pb_any_function *body;
    PB_TAKE(&in, range);
    size_t args = (size_t)(in.end - in.at);
    void *copy = realloc(w->args, args + 1);
    w->number = 0;
    if (copy)
        w->args = memcpy(copy, in.at, args);
    if (!copy || pb_code_here(&w->cache, &range.body, &body, &error) < 0)
        return; /* its chunks say so */
    w->number = range.number;
    w->body = (pb_body *)body;
    w->args_size = args;
}

static int run_part(struct pb_mpi_worker *w, const struct pb_mpi_chunk *chunk, struct pb_range_result *tally,
                    struct pb_error *error) {
    if (chunk->number != w->number)
        return pb_error_set(error, -ENOENT,
                            "its function is not in rank %u: load it in every rank, from the same file",
                            pb_ranks_rank(w->ranks));
    if (w->inner.executor)
        return pb_for_part(w->inner.executor, chunk->begin, chunk->end, w->body, w->args, w->args_size, tally,
                           error);
    pb_mpi_alone_begin(&w->alone);
    pb_mpi_alone_for(&w->alone, chunk->begin, chunk->end, w->body, w->args, w->args_size, tally);
    pb_mpi_alone_end(&w->alone);
    return 0;
}

static void take_chunk(struct pb_mpi_worker *w, const void *bytes, size_t size) {
    struct pb_reader in = pb_reader_of(bytes, size);
    struct pb_mpi_chunk chunk;
    struct pb_range_result tally = {0};
    struct pb_error error = {0};
    struct pb_buffer out = {0};
    note_arrival(w, &in);
    PB_TAKE(&in, chunk);
    int code = run_part(w, &chunk, &tally, &error);
    begin_report(w, &out, (uint32_t)tally.tasks, true);
    PB_PUT(&out, chunk);
    PB_PUT(&out, code);
    PB_PUT(&out, tally);
    pb_put_text(&out, code < 0 ? error.text : "");
    pb_ranks_send_buffer(w->ranks, 0, PB_MPI_CHUNK_DONE, &out);
}

/* ---- Open and close ---- */

static int find_functions(struct pb_mpi_worker *w, const struct pb_mpi_open *open,
                          pb_any_function *function[PB_MPI_FUNCTIONS], struct pb_error *error) {
    int rc = 0;
    for (int i = 0; rc == 0 && i < PB_MPI_FUNCTIONS; i++)
        rc = pb_code_here(&w->cache, &open->function[i], &function[i], error);
    return rc;
}

static int make_state(struct pb_mpi_worker *w, const struct pb_mpi_open *open,
                      pb_any_function *const function[PB_MPI_FUNCTIONS], const struct pb_reader *args,
                      struct pb_error *error) {
    int (*make)(void **, uint32_t, uint32_t, const void *, size_t, struct pb_error *);
    if (!function[PB_MPI_STATE_OPEN])
        return 0;
    memcpy(&make, &function[PB_MPI_STATE_OPEN], sizeof make);
    int rc = make(&w->state, open->first, open->workers, args->at, (size_t)(args->end - args->at), error);
    if (rc == 0)
        memcpy(&w->state_close, &function[PB_MPI_STATE_CLOSE], sizeof w->state_close);
    return rc;
}

static int open_inner(struct pb_mpi_worker *w, const char *inner, const struct pb_mpi_open *open,
                      pb_any_function *const function[PB_MPI_FUNCTIONS], const struct pb_cpuset *binding,
                      struct pb_error *error) {
    struct pb_executor_config config = {.workers = open->workers,
                                        .lane_size = open->lane_size,
                                        .stack_size = open->stack_size,
                                        .state = w->state,
                                        .binding = binding,
                                        .bindings = open->bindings,
                                        .max_tasks_per_worker = open->max_tasks_per_worker,
                                        .first_worker = open->first,
                                        .stop = w->stop};
    memcpy(&config.initializer, &function[PB_MPI_INITIALIZER], sizeof config.initializer);
    memcpy(&config.finalizer, &function[PB_MPI_FINALIZER], sizeof config.finalizer);
    w->workers = open->workers;
    pthread_mutex_lock(&w->lock);
    w->opening = open->opening;
    atomic_store(w->stop, 0);
    pthread_mutex_unlock(&w->lock);
    return *inner ? pb_mpi_inner_open(&w->inner, inner, &config, error)
                  : pb_mpi_alone_open(&w->alone, &config, error);
}

static void close_worker(struct pb_mpi_worker *w) {
    pb_mpi_inner_close(&w->inner);
    if (w->alone.crew)
        pb_mpi_alone_close(&w->alone);
    if (w->state_close)
        w->state_close(w->state);
    w->state_close = NULL;
    w->state = NULL;
    pb_ranks_show(w->ranks, NULL);
}

static void take_open(struct pb_mpi_worker *w, const void *bytes, size_t size) {
    struct pb_reader in = pb_reader_of(bytes, size);
    struct pb_mpi_open open;
    pb_any_function *function[PB_MPI_FUNCTIONS] = {NULL};
    struct pb_error error = {0};
    struct pb_buffer out = {0};
    close_worker(w);
    PB_TAKE(&in, open);
    const char *inner = pb_take_text(&in);
    size_t sets = open.bindings * sizeof(struct pb_cpuset);
    struct pb_cpuset *binding = malloc(sets + 1);
    int rc = binding ? 0 : pb_error_set(&error, -ENOMEM, "no memory for its bindings");
    if (binding)
        pb_reader_take(&in, binding, sets);
    rc = rc < 0 ? rc : find_functions(w, &open, function, &error);
    rc = rc < 0 ? rc : make_state(w, &open, function, &in, &error);
    rc = rc < 0 ? rc : open_inner(w, inner, &open, function, binding, &error);
    pb_ranks_show(w->ranks, w->state);
    free(binding);
    PB_PUT(&out, rc);
    pb_put_text(&out, error.text);
    w->told = w->came = pb_now();
    w->workers = rc < 0 ? 0 : w->inner.executor ? pb_executor_workers(w->inner.executor) : 1;
    begin_report(w, &out, 0, rc == 0);
    if (rc < 0)
        close_worker(w);
    pb_ranks_send_buffer(w->ranks, 0, PB_MPI_OPENED, &out);
}

/* ---- Messages ---- */

static void expire(struct pb_mpi_worker *w, const void *bytes, size_t size) {
    struct pb_mpi_expiry expiry;
    if (size != sizeof expiry)
        return;
    memcpy(&expiry, bytes, sizeof expiry);
    pb_mpi_inner_expire(&w->inner, &expiry);
    pthread_mutex_lock(&w->lock);
    if (w->running == expiry.future && w->messages <= expiry.number)
        atomic_fetch_or(&w->over, PB_MPI_EXPIRED);
    pthread_mutex_unlock(&w->lock);
}

static void stop(struct pb_mpi_worker *w, const void *bytes, size_t size) {
    uint64_t opening = 0;
    memcpy(&opening, bytes, size == sizeof opening ? size : 0);
    pthread_mutex_lock(&w->lock);
    if (opening == w->opening)
        atomic_store(w->stop, 1);
    pthread_mutex_unlock(&w->lock);
}

static void message(void *self, uint32_t from, uint32_t kind, const void *bytes, size_t size) {
    struct pb_mpi_worker *w = self;
    (void)from;
    switch (kind) {
    case PB_MPI_OPEN:
        take_open(w, bytes, size);
        break;
    case PB_MPI_TASKS:
        take_tasks(w, bytes, size);
        break;
    case PB_MPI_RANGE:
        take_range(w, bytes, size);
        break;
    case PB_MPI_CHUNK:
        take_chunk(w, bytes, size);
        break;
    case PB_MPI_CLOSE:
        close_worker(w);
        pb_ranks_send(w->ranks, 0, PB_MPI_CLOSED, NULL, 0);
        break;
    case PB_MPI_STOP:
        stop(w, bytes, size);
        break;
    case PB_MPI_EXPIRE:
        expire(w, bytes, size);
        break;
    }
}

static bool work(void *self) {
    struct pb_mpi_worker *w = self;
    w->waited = true;
    return send_results(w);
}

static bool expects(void *self) {
    struct pb_mpi_worker *w = self;
    return pb_mpi_inner_out(&w->inner) > 0;
}

struct pb_mpi_worker *pb_mpi_worker_new(struct pb_ranks *ranks) {
    struct pb_mpi_worker *w = calloc(1, sizeof *w);
    void *page = mmap(NULL, sizeof *w->stop, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!w || page == MAP_FAILED) {
        free(w);
        return NULL;
    }
    w->ranks = ranks;
    w->stop = page;
    pthread_mutex_init(&w->lock, NULL);
    pb_mpi_inner_init(&w->inner, come_home, w);
    pb_ranks_handle(ranks, &(struct pb_ranks_handlers){w, message, work, expects, NULL});
    return w;
}

void pb_mpi_worker_free(struct pb_mpi_worker *w) {
    close_worker(w);
    pb_mpi_inner_free(&w->inner);
    munmap(w->stop, sizeof *w->stop);
    pb_buffer_release(&w->results);
    free(w->args);
    free(w);
}
