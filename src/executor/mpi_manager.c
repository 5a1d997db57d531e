/* The manager: what rank 0's listener does for futures. Tasks go to the rank that has least to do, in
 * batches; how many a rank gets beyond one for each of its workers follows from how long a message is under
 * way and how long a task runs: enough that none waits for the next message, and none where tasks are long,
 * so that they balance and can be cancelled. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "executor/map.h"
#include "executor/mpi_pool.h"

enum {
    BATCH_BYTES = 32 << 10,
    BATCH_TASKS = 512,
    AHEAD_MAX = 4096,
    HORIZON_NS = 100000, /* beyond twice a message's way: as long as a manager that was not run may be late */
};

/* ---- What a rank tells ---- */

/* The newest counts for a part: the machine's moods pass. */
static void average(double *mean, double value) {
    *mean = *mean > 0 ? *mean + (value - *mean) / 4 : value;
}

static void take_account(struct pb_account *a, const struct pb_mpi_account *told) {
    atomic_store(&a->tasks, told->tasks);
    atomic_store(&a->cpu_ns, told->cpu_ns);
    atomic_store(&a->waits.gil_ns, told->gil_ns);
    atomic_store(&a->waits.io_ns, told->io_ns);
    atomic_store(&a->waits.idle_ns, told->idle_ns);
    atomic_store(&a->pid, told->pid);
    atomic_store(&a->cpu, told->cpu);
    atomic_store(&a->bind_error, told->bind_error);
    atomic_store(&a->restarts, told->restarts);
}

void pb_mpi_take_told(struct pb_mpi_pool *p, struct pb_seat_rank *s, struct pb_reader *in) {
    struct pb_mpi_told told;
    struct pb_mpi_account account;
    PB_TAKE(in, told);
    for (uint32_t k = 0; k < told.accounts && k < s->workers; k++) {
        PB_TAKE(in, account);
        take_account(&p->crew->account[s->first + k], &account);
    }
    uint64_t passed = pb_now() - told.sent;
    if (told.sent && passed > told.held_ns)
        average(&s->trip_ns, (double)(passed - told.held_ns));
    if (told.done && told.busy_ns)
        average(&s->task_ns, (double)told.busy_ns * s->workers / told.done);
}

/* Whose clocks are elsewhere: from here it is seen that a rank has nothing left, and gets something. */
static void set_idle(const struct pb_mpi_pool *p, const struct pb_seat_rank *s, uint64_t since) {
    for (uint32_t k = 0; k < s->workers; k++)
        atomic_store(&p->crew->account[s->first + k].waits.idle_since, since);
}

void pb_mpi_rested(struct pb_mpi_pool *p, const struct pb_seat_rank *s) {
    if (s->out + s->chunks == 0)
        set_idle(p, s, pb_now());
}

void pb_mpi_busy(struct pb_mpi_pool *p, struct pb_seat_rank *s) {
    if (s->out + s->chunks == 0)
        set_idle(p, s, 0);
    atomic_fetch_add(&p->working, 1);
}

/* ---- Results ---- */

/* The future of that index, if that rank has it. */
static struct pb_future *future_at(const struct pb_mpi_pool *p, const struct pb_seat_rank *s,
                                   uint32_t index) {
    const struct pb_depot *d = p->crew->depot;
    struct pb_future *f = index && index < d->capacity ? pb_depot_slot(d, index) : NULL;
    return f && atomic_load(&f->state) >> PB_WORKER_SHIFT == s->first + 1 ? f : NULL;
}

static void finish(struct pb_future *f, const struct pb_mpi_result *head, const void *bytes,
                   const char *text) {
    struct pb_call call = {.result_size = head->size, .message = head->text_size ? strdup(text) : NULL};
    if (head->size > PB_VALUE_MAX) {
        call.block = malloc(head->size);
        if (!call.block) {
            free(call.message);
            pb_future_lose(f, -ENOMEM, "no memory for its result of %u bytes", head->size);
            return;
        }
        memcpy(call.block, bytes, head->size);
    } else if (head->size) {
        memcpy(call.bytes, bytes, head->size);
    }
    pb_future_finish(f, head->code, &call);
}

void pb_mpi_take_results(struct pb_mpi_pool *p, struct pb_seat_rank *s, const void *bytes, size_t size) {
    struct pb_reader in = pb_reader_of(bytes, size);
    pb_mpi_take_told(p, s, &in);
    while (in.at < in.end && !in.broken) {
        struct pb_mpi_result head;
        PB_TAKE(&in, head);
        const void *chunk = pb_reader_skip(&in, head.chunk_size), *result = pb_reader_skip(&in, head.size);
        const char *text = pb_reader_skip(&in, head.text_size);
        struct pb_future *f = in.broken ? NULL : future_at(p, s, head.future);
        s->out--;
        if (f && head.chunk_size)
            pb_map_take_outcome(f, chunk, head.chunk_size);
        if (f)
            finish(f, &head, result, text);
        atomic_fetch_sub(&p->working, 1); /* not before: who closes takes it for settled */
    }
    pb_mpi_rested(p, s);
}

/* ---- Tasks ---- */

uint32_t pb_mpi_ahead(const struct pb_seat_rank *s, double each) {
    double unit = s->task_ns * each / s->workers, horizon = 2 * s->trip_ns + HORIZON_NS;
    enum { WORTH = 50 }; /* a wait of less than one part in so many is not worth it */
    if (s->task_ns <= 0 || horizon * WORTH < unit)
        return 0;
    return (uint32_t)fmin(ceil(horizon / unit), AHEAD_MAX);
}

static uint32_t room(const struct pb_seat_rank *s) {
    uint32_t most = s->workers + pb_mpi_ahead(s, 1);
    return s->lost || s->out >= most ? 0 : most - s->out;
}

/* The one that has least to do for each of its workers. */
static struct pb_seat_rank *least_busy(const struct pb_mpi_pool *p) {
    struct pb_seat_rank *least = NULL;
    for (uint32_t i = 0; i < p->seats; i++) {
        struct pb_seat_rank *s = &p->seat[i];
        if (room(s) && (!least || (uint64_t)s->out * least->workers < (uint64_t)least->out * s->workers))
            least = s;
    }
    return least;
}

static void pack(struct pb_mpi_pool *p, struct pb_future *f, struct pb_buffer *out) {
    struct pb_mpi_task task = {.future = pb_depot_index(f)};
    struct pb_buffer chunk = {0};
    struct pb_error error;
    pb_function *function = f->function;
    const void *args = pb_future_args(f);
    task.size = f->args_size;
    if (pb_map_is_chunk(f)) {
        function = pb_map_pack(f, &chunk);
        args = chunk.data;
        task.size = (uint32_t)chunk.size;
        task.chunk = 1;
    }
    if (pb_code_of(&p->cache, (pb_any_function *)function, &task.function, &error) < 0) {
        pb_future_lose(f, error.code, "%s", error.text);
    } else {
        PB_PUT(out, task);
        pb_buffer_add(out, args, task.size);
        pb_put_padding(out);
    }
    pb_buffer_release(&chunk);
}

/* Up to its fair part of what is pending. */
static bool send_tasks(struct pb_mpi_pool *p, struct pb_seat_rank *s) {
    struct pb_depot *d = p->crew->depot;
    struct pb_mpi_stamp stamp = {pb_now(), ++p->messages};
    struct pb_buffer out = {0};
    struct pb_future *f;
    uint32_t fair = pb_queue_length(&d->queue) / p->seats + 1, most = room(s), sent = 0;
    most = most < fair ? most : fair;
    PB_PUT(&out, stamp);
    while (sent < most && sent < BATCH_TASKS && out.size < BATCH_BYTES &&
           (f = pb_queue_take(d, s->first, &p->crew->account[s->first].claim))) {
        size_t before = out.size;
        pb_depot_make_room(d);
        pack(p, f, &out);
        if (out.size > before) {
            pb_mpi_busy(p, s);
            s->out++;
            sent++;
        }
    }
    if (!sent) {
        pb_buffer_release(&out);
        return false;
    }
    int rc = pb_ranks_send_buffer(p->ranks, s->rank, PB_MPI_TASKS, &out);
    if (rc < 0)
        pb_mpi_break_down(p, strerror(-rc));
    return true;
}

/* Who closes looks whether the queue is empty, then whether anything is out: what was taken and not yet sent
 * must count. */
bool pb_mpi_feed(struct pb_mpi_pool *p) {
    bool any = false;
    struct pb_seat_rank *s;
    atomic_fetch_add(&p->working, 1);
    while (!p->broken && !pb_queue_empty(p->crew->depot) && (s = least_busy(p)))
        if (send_tasks(p, s))
            any = true;
    atomic_fetch_sub(&p->working, 1);
    return any;
}

/* ---- The end of it all ---- */

static void lose_all(struct pb_mpi_pool *p, const char *why) {
    struct pb_depot *d = p->crew->depot;
    atomic_uint claim;
    for (struct pb_future *f; (f = pb_queue_take(d, 0, &claim));)
        pb_future_lose(f, -EOWNERDEAD, "%s", why);
    uint32_t i, end;
    for (pb_depot_used(d, &i, &end); i < end; i++) {
        struct pb_future *f = pb_depot_slot(d, i);
        unsigned state = atomic_load(&f->state);
        if (pb_phase(state) == PB_RUNNING)
            pb_future_lose(f, -EOWNERDEAD, "%s", why);
        else if (pb_phase(state) == PB_EXPIRED && state & PB_BUSY)
            pb_future_unbusy(f);
    }
}

void pb_mpi_break_down(struct pb_mpi_pool *p, const char *why) {
    struct pb_depot *d = p->crew->depot;
    pthread_mutex_lock(&p->lock);
    bool before = p->broken;
    p->broken = true;
    if (!p->failure.code)
        pb_error_set(&p->failure, -EOWNERDEAD, "%s", why);
    p->to_open = p->to_close = 0;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
    if (before)
        return;
    if (!pb_depot_refuses(d))
        pb_depot_refuse(d, EOWNERDEAD);
    lose_all(p, why);
    if (p->range) {
        p->range->error = p->failure;
        pb_mpi_end_range(p);
    }
}
