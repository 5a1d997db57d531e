/* A rank at work. The thread that serves takes messages. Tasks it runs itself, as the rank's one worker
 * (mpi_alone.c): results are sent between two of them once there are many or the last were sent a while ago,
 * so that a batch of long tasks is told of one by one. Or it hands them to an inner executor: then they stand
 * in a list, results come back on whichever thread ran them, are put into one buffer, and are sent by the
 * thread that serves. The ear tells a task that its time is over. */
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
#include "executor/mpi_message.h"
#include "executor/part.h"

enum { SEND_BYTES = 16 << 10, SEND_NS = 100000, EXPIRED = 4 /* see pb_should_stop */ };

/* A task that is here. */
struct errand {
    struct errand *next, **link;
    struct pb_mpi_worker *worker;
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

struct pb_mpi_worker {
    struct pb_ranks *ranks;
    struct pb_code_cache cache;
    struct pb_mpi_alone alone; /* the one worker, or ... */
    struct pb_executor *inner; /* ... an executor that has more; NULL: it has none, or is not open */
    bool processes;
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
    struct errand *errands; /* of the inner executor */
    uint32_t running;       /* the future whose task runs here; 0: none does */
    atomic_uint over;       /* its time */
    struct pb_buffer results;
    uint32_t done, here; /* tasks in the results; tasks that are here */
};

/* ---- Reports ---- */

static void put_accounts(struct pb_mpi_worker *w, struct pb_buffer *out) {
    for (uint32_t k = 0; k < w->workers; k++) {
        struct pb_worker_info i;
        if (w->inner)
            pb_executor_worker(w->inner, k, &i);
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
    bool last = w->here == 0;
    w->results = (struct pb_buffer){0};
    w->done = 0;
    pthread_mutex_unlock(&w->lock);
    if (!done)
        return false;
    begin_report(w, &out, done, last || !w->inner);
    pb_buffer_add(&out, results.data, results.size);
    pb_buffer_release(&results);
    pb_ranks_send_buffer(w->ranks, 0, PB_MPI_RESULTS, &out);
    return true;
}

/* ---- Tasks ---- */

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

static struct errand *add_errand(struct pb_mpi_worker *w, uint32_t future) {
    struct errand *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->worker = w;
    e->future = future;
    e->number = w->messages;
    pthread_mutex_lock(&w->lock);
    e->next = w->errands;
    e->link = &w->errands;
    if (e->next)
        e->next->link = &e->next;
    w->errands = e;
    w->here++;
    pthread_mutex_unlock(&w->lock);
    return e;
}

/* With the lock held. */
static void remove_errand(struct errand *e) {
    *e->link = e->next;
    if (e->next)
        e->next->link = e->link;
    e->worker->here--;
    if (e->args)
        pb_depot_unblock(pb_executor_depot(e->worker->inner), e->args, e->size);
    free(e);
}

/* What became of a task; `chunk` is a map's, or NULL. */
static void put_result(struct pb_mpi_worker *w, uint32_t future, void *chunk, int code, const void *bytes,
                       uint32_t size, const char *text) {
    struct pb_buffer outcome = {0};
    if (chunk)
        pb_map_pack_outcome(chunk, &outcome);
    const struct pb_mpi_result head = {.future = future,
                                       .code = code,
                                       .size = size,
                                       .text_size = *text ? (uint32_t)strlen(text) + 1 : 0,
                                       .chunk_size = (uint32_t)outcome.size};
    pthread_mutex_lock(&w->lock);
    PB_PUT(&w->results, head);
    pb_buffer_add(&w->results, outcome.data, outcome.size);
    pb_buffer_add(&w->results, bytes, size);
    pb_buffer_add(&w->results, text, head.text_size);
    w->done++;
    pthread_mutex_unlock(&w->lock);
    pb_buffer_release(&outcome);
}

/* ---- Tasks of the inner executor ---- */

static void put_errand(struct errand *e, int code, const void *bytes, uint32_t size, const char *text) {
    struct pb_mpi_worker *w = e->worker;
    put_result(w, e->future, e->chunk, code, bytes, size, text);
    pthread_mutex_lock(&w->lock);
    remove_errand(e);
    pthread_mutex_unlock(&w->lock);
}

/* On whichever thread ran it. */
static void bring_home(struct pb_future *f, void *context) {
    struct errand *e = context;
    struct pb_mpi_worker *w = e->worker;
    unsigned char small[256];
    size_t size = pb_future_size(f);
    void *bytes = size > sizeof small ? malloc(size) : small;
    int code = bytes ? pb_future_result(f, bytes, size > sizeof small ? size : sizeof small, 0) : -ENOMEM;
    const char *text = bytes ? pb_future_message(f) : "no memory for its result";
    put_errand(e, code, bytes, bytes && !(size && code == -ENOMEM) ? (uint32_t)size : 0, text);
    if (bytes != small)
        free(bytes);
    pb_ranks_ring(w->ranks);
}

static struct pb_future *submit(struct pb_mpi_worker *w, struct errand *e, const struct pb_mpi_task *task,
                                pb_function *function, const void *args) {
    enum { SMALL = 4096 };
    struct call call = {function, w->processes ? NULL : &e->over, NULL, task->size};
    struct pb_buffer all = {0};
    if (task->chunk) {
        e->chunk = pb_map_unpack(pb_executor_depot(w->inner), function, args, task->size);
        errno = ENOMEM;
        return e->chunk ? pb_submit(w->inner, pb_map_run_chunk, &e->chunk, sizeof e->chunk) : NULL;
    }
    if (task->size > SMALL) {
        e->size = task->size;
        call.args = e->args = pb_depot_block(pb_executor_depot(w->inner), task->size);
        if (!e->args) {
            errno = ENOMEM;
            return NULL;
        }
        memcpy(e->args, args, task->size);
    }
    PB_PUT(&all, call);
    pb_buffer_add(&all, args, e->args ? 0 : task->size);
    struct pb_future *f = all.failed ? NULL : pb_submit(w->inner, run, all.data, all.size);
    pb_buffer_release(&all);
    return f;
}

static void hand_on(struct pb_mpi_worker *w, const struct pb_mpi_task *task, const void *args) {
    struct pb_error error = {0};
    pb_any_function *function;
    struct errand *e = add_errand(w, task->future);
    if (!e) {
        fprintf(stderr, "parbench: rank %u: no memory for a task\n", pb_ranks_rank(w->ranks));
        abort(); /* nobody would ever hear of it */
    }
    int rc = pb_code_here(&w->cache, &task->function, &function, &error);
    struct pb_future *f = rc < 0 ? NULL : submit(w, e, task, (pb_function *)function, args);
    if (!f && rc == 0)
        rc = pb_error_set(&error, -errno, "%s", strerror(errno));
    if (!f) {
        put_errand(e, rc, NULL, 0, error.text);
        return;
    }
    if (pb_future_add_callback(f, bring_home, e) < 0)
        put_errand(e, -ENOMEM, NULL, 0, "no memory to hear of its end");
    pb_future_release(f);
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
        put_result(w, task->future, NULL, code, NULL, 0, error.text);
        return;
    }
    set_running(w, task->future);
    code = chunk ? pb_mpi_alone_run(&w->alone, &call, pb_map_run_chunk, &chunk, sizeof chunk, &w->over)
                 : pb_mpi_alone_run(&w->alone, &call, (pb_function *)function, args, task->size, &w->over);
    set_running(w, 0);
    put_result(w, task->future, chunk, code, call.block ? call.block : call.bytes, call.result_size,
               call.message ? call.message : "");
    pb_call_release(&call);
    if (w->results.size > SEND_BYTES || pb_now() - w->told > SEND_NS)
        send_results(w);
}

/* ---- Messages with tasks ---- */

/* A stamp goes back only if the message was taken at once: else it would tell how long it lay here. */
static void note_arrival(struct pb_mpi_worker *w, struct pb_reader *in) {
    struct pb_mpi_stamp stamp;
    PB_TAKE(in, stamp);
    pthread_mutex_lock(&w->lock);
    bool idle = w->here == 0 && !w->done;
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
    if (!w->inner)
        pb_mpi_alone_begin(&w->alone);
    while (in.at < in.end && !in.broken) {
        struct pb_mpi_task task;
        PB_TAKE(&in, task);
        const void *args = pb_reader_skip(&in, pb_padded(task.size));
        if (!in.broken && w->inner)
            hand_on(w, &task, args);
        else if (!in.broken)
            run_here(w, &task, args);
    }
    if (!w->inner)
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
    if (w->inner)
        return pb_for_part(w->inner, chunk->begin, chunk->end, w->body, w->args, w->args_size, tally, error);
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
    w->processes = strcmp(inner, "process") == 0;
    w->workers = open->workers;
    pthread_mutex_lock(&w->lock);
    w->opening = open->opening;
    atomic_store(w->stop, 0);
    pthread_mutex_unlock(&w->lock);
    return *inner ? pb_executor_open(&w->inner, inner, &config, error)
                  : pb_mpi_alone_open(&w->alone, &config, error);
}

static void close_worker(struct pb_mpi_worker *w) {
    if (w->inner)
        pb_executor_close(w->inner, PB_DRAIN, PB_FOREVER);
    if (w->alone.crew)
        pb_mpi_alone_close(&w->alone);
    w->inner = NULL;
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
    w->workers = rc < 0 ? 0 : w->inner ? pb_executor_workers(w->inner) : 1;
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
    pthread_mutex_lock(&w->lock);
    for (struct errand *e = w->errands; e; e = e->next)
        if (e->future == expiry.future && e->number <= expiry.number)
            atomic_fetch_or(&e->over, EXPIRED);
    if (w->running == expiry.future && w->messages <= expiry.number)
        atomic_fetch_or(&w->over, EXPIRED);
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
    pthread_mutex_lock(&w->lock);
    bool any = w->here > 0;
    pthread_mutex_unlock(&w->lock);
    return any;
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
    pb_ranks_handle(ranks, &(struct pb_ranks_handlers){w, message, work, expects, NULL});
    return w;
}

void pb_mpi_worker_free(struct pb_mpi_worker *w) {
    close_worker(w);
    munmap(w->stop, sizeof *w->stop);
    pb_buffer_release(&w->results);
    free(w->args);
    free(w);
}
