/* Ranges: the manager deals chunks of what is left, each a share that shrinks with it (as future/range.c does
 * among threads), but none so short that a message costs more than it. A rank works on one and may have
 * others waiting. Nothing is stored per index, and of chunks only how many are out. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "executor/mpi_pool.h"

enum {
    SHARE_ALONE = 64, /* of what is left, a worker of its own rank gets one part in so many for each worker */
    SHARE_TOGETHER =
        8,            /* workers of one rank share chunks out once more, and wait for each other at its end */
    CHUNK_NS = 20000, /* as long as a chunk should run at least */
    CHUNKS_AHEAD = 3,
};

static uint64_t chunk_size(const struct pb_mpi_pool *p, const struct pb_seat_rank *s) {
    uint64_t left = p->range->n - p->next;
    uint64_t parts = (uint64_t)p->crew->workers * (s->workers > 1 ? SHARE_TOGETHER : SHARE_ALONE);
    uint64_t size = left / parts * s->workers, fair = left / (2 * (uint64_t)p->seats);
    if (s->task_ns > 0) {
        double least = fmin(fmax(CHUNK_NS, s->trip_ns / 2) * s->workers / s->task_ns, (double)fair);
        size = (double)size < least ? (uint64_t)least : size;
    }
    size = size < s->workers ? s->workers : size;
    return size < left ? size : left;
}

static bool wants(const struct pb_mpi_pool *p, const struct pb_seat_rank *s) {
    uint32_t ahead = pb_mpi_ahead(s, (double)chunk_size(p, s));
    return !s->lost && s->chunks < 1 + (ahead < CHUNKS_AHEAD ? ahead : CHUNKS_AHEAD);
}

static int tell_range(struct pb_mpi_pool *p, struct pb_seat_rank *s) {
    const struct pb_mpi_range range = {.number = p->number, .body = p->body};
    struct pb_buffer out = {0};
    PB_PUT(&out, range);
    pb_buffer_add(&out, p->range->args, p->range->args_size);
    s->range = p->number;
    return pb_ranks_send_buffer(p->ranks, s->rank, PB_MPI_RANGE, &out);
}

static void send_chunk(struct pb_mpi_pool *p, struct pb_seat_rank *s) {
    const struct pb_mpi_chunk chunk = {p->number, p->next, p->next + chunk_size(p, s)};
    const struct pb_mpi_stamp stamp = {pb_now(), ++p->messages};
    struct pb_buffer out = {0};
    int rc = s->range == p->number ? 0 : tell_range(p, s);
    PB_PUT(&out, stamp);
    PB_PUT(&out, chunk);
    pb_mpi_busy(p, s);
    p->next = chunk.end;
    p->chunks++;
    s->chunks++;
    rc = rc < 0 ? rc : pb_ranks_send_buffer(p->ranks, s->rank, PB_MPI_CHUNK, &out);
    if (rc < 0)
        pb_mpi_break_down(p, strerror(-rc));
}

static bool is_dealt(struct pb_mpi_pool *p) {
    pthread_mutex_lock(&p->lock);
    bool dealt = p->range && !p->broken && p->next < p->range->n;
    pthread_mutex_unlock(&p->lock);
    return dealt;
}

/* One to each that wants one, again and again. */
bool pb_mpi_deal(struct pb_mpi_pool *p) {
    bool any = false;
    for (bool more = is_dealt(p); more;) {
        more = false;
        for (uint32_t i = 0; i < p->seats && !p->broken && p->next < p->range->n; i++)
            if (wants(p, &p->seat[i])) {
                send_chunk(p, &p->seat[i]);
                any = more = true;
            }
        more = more && !p->broken && p->next < p->range->n;
    }
    return any;
}

void pb_mpi_end_range(struct pb_mpi_pool *p) {
    pthread_mutex_lock(&p->lock);
    p->range = NULL;
    pthread_cond_broadcast(&p->event);
    pthread_mutex_unlock(&p->lock);
}

void pb_mpi_take_chunk(struct pb_mpi_pool *p, struct pb_seat_rank *s, const void *bytes, size_t size) {
    struct pb_reader in = pb_reader_of(bytes, size);
    struct pb_mpi_chunk chunk;
    struct pb_range_result tally;
    int code;
    pb_mpi_take_told(p, s, &in);
    PB_TAKE(&in, chunk);
    PB_TAKE(&in, code);
    PB_TAKE(&in, tally);
    const char *text = pb_take_text(&in);
    s->chunks--;
    atomic_fetch_sub(&p->working, 1);
    pb_mpi_rested(p, s);
    if (!p->range || chunk.number != p->number)
        return;
    p->chunks--;
    pb_tally_add(&p->range->total, &tally);
    if (code < 0 && !p->range->error.code)
        pb_error_set(&p->range->error, code, "%s", text);
    if (p->range->error.code)
        p->next = p->range->n; /* no more of it */
    if (p->next >= p->range->n && p->chunks == 0)
        pb_mpi_end_range(p);
}
