/* Ranks as an executor: rank 0 holds the futures, the others run them. What is here is called by whoever
 * submits, opens and closes; messages are sent and taken by the thread that listens (mpi_manager.c,
 * mpi_range.c). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/wait.h"
#include "executor/executors.h"
#include "executor/mpi_pool.h"

enum { INNER, RANKS };

static const struct pb_param parameters[] = {
    [INNER] = {.name = "inner",
               .type = PB_PARAM_CHOICE,
               .fallback = "none",
               .choices = "none|thread|process|openmp",
               .help = "what runs the tasks of a host, in one rank there; none: each worker is a rank"},
    [RANKS] = {.name = "ranks",
               .type = PB_PARAM_COUNT,
               .fallback = "0",
               .max = PB_WORKERS_MAX,
               .help = "ranks that share the workers, with an inner executor; 0: one on each host"},
    {0},
};

static const char *const inners[] = {"", "thread", "process", "openmp"};

/* ---- The listener's side ---- */

static void hear_opened(struct pb_mpi_pool *p, struct pb_seat_rank *s, const void *bytes, size_t size) {
    struct pb_reader in = pb_reader_of(bytes, size);
    int code;
    PB_TAKE(&in, code);
    const char *text = pb_take_text(&in);
    pb_mpi_take_told(p, s, &in);
    s->trip_ns = 0; /* to open took long */
    pthread_mutex_lock(&p->lock);
    if (code < 0 && !p->failure.code)
        pb_error_set(&p->failure, code, "rank %u on %s: %s", s->rank, pb_ranks_peer(p->ranks, s->rank)->host,
                     text);
    if (!s->answered && p->to_open)
        p->to_open--;
    s->answered = true;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

static void hear_closed(struct pb_mpi_pool *p, struct pb_seat_rank *s) {
    pthread_mutex_lock(&p->lock);
    if (!s->closed && p->to_close)
        p->to_close--;
    s->closed = true;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

static void message(void *self, uint32_t from, uint32_t kind, const void *bytes, size_t size) {
    struct pb_mpi_pool *p = self;
    struct pb_seat_rank *s = p->seat_of[from];
    bool late = p->broken && (kind == PB_MPI_RESULTS || kind == PB_MPI_CHUNK_DONE); /* all was given up */
    if (!s || late)
        return;
    if (kind == PB_MPI_RESULTS)
        pb_mpi_take_results(p, s, bytes, size);
    else if (kind == PB_MPI_CHUNK_DONE)
        pb_mpi_take_chunk(p, s, bytes, size);
    else if (kind == PB_MPI_OPENED)
        hear_opened(p, s, bytes, size);
    else if (kind == PB_MPI_CLOSED)
        hear_closed(p, s);
}

/* Tasks that run on though their time is over: their ranks are told. */
static void tell_expired(struct pb_mpi_pool *p) {
    struct pb_depot *d = p->crew->depot;
    uint32_t i, end;
    for (pb_depot_used(d, &i, &end); i < end; i++) {
        unsigned state = atomic_load(&pb_depot_slot(d, i)->state), worker = state >> PB_WORKER_SHIFT;
        if (pb_phase(state) != PB_EXPIRED || !(state & PB_BUSY))
            continue;
        const struct pb_mpi_expiry expiry = {.number = p->messages, .future = i};
        for (uint32_t k = 0; k < p->seats; k++)
            if (p->seat[k].first + 1 == worker)
                pb_ranks_send(p->ranks, p->seat[k].rank, PB_MPI_EXPIRE, &expiry, sizeof expiry);
    }
}

static bool work(void *self) {
    struct pb_mpi_pool *p = self;
    if (!p->opened)
        return false;
    if (atomic_exchange(&p->kill, 0))
        tell_expired(p);
    bool any = pb_mpi_feed(p);
    any |= pb_mpi_deal(p);
    if (p->closing && !atomic_load(&p->working)) {
        pthread_mutex_lock(&p->lock); /* whoever closes waits for that */
        pthread_cond_broadcast(&p->event);
        pthread_mutex_unlock(&p->lock);
    }
    return any;
}

static bool expects(void *self) {
    const struct pb_mpi_pool *p = self;
    return atomic_load(&p->working) || p->to_open || p->to_close;
}

static void lost(void *self, uint32_t rank, const char *why) {
    struct pb_mpi_pool *p = self;
    struct pb_seat_rank *s = p->seat_of[rank];
    if (!s)
        return;
    s->lost = true;
    pb_mpi_break_down(p, why);
}

/* ---- Open ---- */

static int pack_config(struct pb_mpi_pool *p, const struct pb_seat_rank *s, const char *inner,
                       struct pb_buffer *out, struct pb_error *error) {
    const struct pb_executor_config *c = &p->crew->config;
    struct pb_mpi_open open = {.opening = p->opening,
                               .first = s->first,
                               .workers = s->workers,
                               .lane_size = c->lane_size,
                               .stack_size = c->stack_size,
                               .max_tasks_per_worker = c->max_tasks_per_worker,
                               .bindings = c->bindings ? s->workers : 0};
    pb_any_function *const functions[PB_MPI_FUNCTIONS] = {
        [PB_MPI_INITIALIZER] = (pb_any_function *)c->initializer,
        [PB_MPI_FINALIZER] = (pb_any_function *)c->finalizer,
        [PB_MPI_STATE_OPEN] = (pb_any_function *)c->state_open,
        [PB_MPI_STATE_CLOSE] = (pb_any_function *)c->state_close,
    };
    for (int i = 0; i < PB_MPI_FUNCTIONS; i++) {
        int rc = pb_code_of(&p->cache, functions[i], &open.function[i], error);
        if (rc < 0)
            return rc;
    }
    PB_PUT(out, open);
    pb_put_text(out, inner);
    for (uint32_t i = 0; i < open.bindings; i++)
        PB_PUT(out, c->binding[(s->first + i) % c->bindings]);
    pb_buffer_add(out, c->state_args, c->state_args_size);
    return 0;
}

static int send_open(struct pb_mpi_pool *p, const char *inner, struct pb_error *error) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < p->seats; i++) {
        struct pb_buffer out = {0};
        rc = pack_config(p, &p->seat[i], inner, &out, error);
        if (rc == 0) {
            pthread_mutex_lock(&p->lock);
            p->to_open++;
            pthread_mutex_unlock(&p->lock);
            rc = pb_ranks_send_buffer(p->ranks, p->seat[i].rank, PB_MPI_OPEN, &out);
        }
        pb_buffer_release(&out);
    }
    return rc;
}

static int find_seats(struct pb_mpi_pool *p, const struct pb_params *params, struct pb_error *error) {
    struct pb_part *part = NULL;
    int rc = pb_ranks_deal(p->ranks, p->crew->workers, params->value[INNER].integer != 0,
                           (uint32_t)params->value[RANKS].integer, &part, &p->seats, error);
    p->seat = calloc(p->seats + 1, sizeof *p->seat);
    p->seat_of = calloc(pb_ranks_count(p->ranks), sizeof *p->seat_of);
    if (rc == 0 && (!p->seat || !p->seat_of))
        rc = pb_error_set(error, -ENOMEM, "executor mpi: no memory for %u ranks", p->seats);
    for (uint32_t i = 0; rc == 0 && i < p->seats; i++) {
        p->seat[i] =
            (struct pb_seat_rank){.rank = part[i].rank, .first = part[i].first, .workers = part[i].workers};
        p->seat_of[part[i].rank] = &p->seat[i];
    }
    free(part);
    return rc;
}

static int mpi_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                    struct pb_error *error) {
    struct pb_mpi_pool *p = self;
    p->crew = crew;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->event, NULL);
    p->ranks = pb_ranks_here();
    if (!p->ranks)
        return pb_error_set(
            error, -EINVAL,
            "executor mpi: there are no ranks: start the program by mpiexec and call pb_ranks_begin");
    int rc = find_seats(p, params, error);
    if (rc < 0)
        return rc;
    if (!pb_ranks_take(p->ranks))
        return pb_error_set(error, -EBUSY, "executor mpi: the ranks work for another: close that first");
    p->handling = true;
    p->opening = p->messages = pb_now(); /* numbers go on from one opening to the next */
    pb_ranks_handle(p->ranks, &(struct pb_ranks_handlers){p, message, work, expects, lost});
    crew->depot->workers = pb_ranks_may_spin(p->ranks) ? 0 : UINT32_MAX; /* whether who waits may spin */
    rc = send_open(p, inners[params->value[INNER].integer], error);
    pb_ranks_ring(p->ranks);
    pb_block_begin();
    pthread_mutex_lock(&p->lock);
    while (rc == 0 && p->to_open)
        pthread_cond_wait(&p->event, &p->lock);
    if (p->failure.code) {
        rc = p->failure.code;
        pb_error_set(error, rc, "%s", p->failure.text);
    }
    p->opened = rc == 0;
    pthread_mutex_unlock(&p->lock);
    pb_block_end();
    return rc;
}

/* ---- Work ---- */

static void mpi_notify(void *self) {
    const struct pb_mpi_pool *p = self;
    pb_ranks_ring(p->ranks);
}

static void mpi_kill(void *self, uint32_t worker) {
    struct pb_mpi_pool *p = self;
    (void)worker;
    atomic_store(&p->kill, 1);
    pb_ranks_ring(p->ranks);
}

static int mpi_for_range(void *self, struct pb_range *range) {
    struct pb_mpi_pool *p = self;
    struct pb_code_cache cache = {0};
    struct pb_code body;
    int rc = pb_code_of(&cache, (pb_any_function *)range->body, &body, &range->error);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&p->lock);
    if (p->broken || p->closing) {
        range->error = p->failure;
        if (!p->failure.code)
            pb_error_set(&range->error, -ESHUTDOWN, "pb_for: its executor was shut down meanwhile");
    } else {
        p->body = body;
        p->number++;
        p->next = range->begin;
        p->chunks = 0;
        p->range = range;
    }
    pthread_mutex_unlock(&p->lock);
    pb_ranks_ring(p->ranks);
    pb_block_begin();
    pthread_mutex_lock(&p->lock);
    while (p->range == range)
        pthread_cond_wait(&p->event, &p->lock);
    pthread_mutex_unlock(&p->lock);
    pb_block_end();
    return range->error.code;
}

/* ---- Close ---- */

static bool is_drained(const struct pb_mpi_pool *p) {
    return p->broken || (pb_queue_empty(p->crew->depot) && !atomic_load(&p->working) && !p->range);
}

static int await_drained(struct pb_mpi_pool *p, uint64_t deadline) {
    int rc = 0;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_mutex_unlock(&p->lock);
    pb_ranks_ring(p->ranks);
    pthread_mutex_lock(&p->lock);
    while (!is_drained(p) && rc == 0)
        rc = pb_cond_wait(&p->event, &p->lock, deadline);
    pthread_mutex_unlock(&p->lock);
    return rc;
}

static int close_ranks(struct pb_mpi_pool *p, uint64_t deadline) {
    int rc = 0;
    for (uint32_t i = 0; i < p->seats; i++)
        if (!p->seat[i].lost) {
            pthread_mutex_lock(&p->lock);
            p->to_close++;
            pthread_mutex_unlock(&p->lock);
            pb_ranks_send(p->ranks, p->seat[i].rank, PB_MPI_CLOSE, NULL, 0);
        }
    pb_ranks_ring(p->ranks);
    pthread_mutex_lock(&p->lock);
    while (p->to_close && !p->broken && rc == 0)
        rc = pb_cond_wait(&p->event, &p->lock, deadline);
    pthread_mutex_unlock(&p->lock);
    return rc;
}

static int mpi_close(void *self, enum pb_close how, uint64_t deadline) {
    struct pb_mpi_pool *p = self;
    int rc = 0;
    if (p->handling) {
        pb_block_begin();
        for (uint32_t i = 0; how == PB_KILL && i < p->seats; i++)
            pb_ranks_send(p->ranks, p->seat[i].rank, PB_MPI_STOP, &p->opening, sizeof p->opening);
        rc = await_drained(p, deadline);
        rc = rc < 0 ? rc : close_ranks(p, deadline);
        if (rc == 0) {
            pb_ranks_handle(p->ranks, NULL);
            pb_ranks_give(p->ranks);
        }
        pb_block_end();
    }
    if (rc == 0) {
        free(p->seat);
        free(p->seat_of);
    }
    return rc; /* lock and event stay: a caller may come too late with a range */
}

const struct pb_executor_ops pb_mpi_ops = {
    .name = "mpi",
    .summary = "other processes of this program, on this or other hosts, over MPI",
    .params = parameters,
    .size = sizeof(struct pb_mpi_pool),
    .processes = true,
    .open = mpi_open,
    .notify = mpi_notify,
    .for_range = mpi_for_range,
    .kill = mpi_kill,
    .close = mpi_close,
};
