/* One loop serves both sides: take what has come, do what can be done, and if that was nothing, rest. */
#include "ranks/ranks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/futex.h"
#include "base/spin.h"
#include "base/thread.h"
#include "ranks/inside.h"

enum {
    SPIN_NS =
        100000, /* where each rank has a processor, it asks so long without a break; else it naps at once */
    NAP_LEAST_NS =
        20000,     /* a nap is a share of how long nothing has come: so it delays what comes by no more ... */
    NAP_SHARE = 8, /* ... than one part in so many */
    NAP_AWAITING_NS = 500000,
    NAP_IDLE_NS = 5000000,
    NAP_RUNG_NS = 500000000, /* of who is woken, should that ever fail */
    EAR_NS = 20000000,       /* how often the ear asks */
};
#define PING_NS  1000000000ull  /* rank 0 asks each rank that has been silent so long for a sign of life */
#define LOST_NS  4000000000ull  /* and gives it up after this */
#define ALONE_NS 30000000000ull /* a rank that rank 0 has not asked for so long ends by itself */

/* ---- Messages ---- */

int pb_ranks_send_buffer(struct pb_ranks *r, uint32_t to, uint32_t kind, struct pb_buffer *b) {
    int rc = b->failed ? -ENOMEM : pb_ranks_send(r, to, kind, b->data, b->size);
    pb_buffer_release(b);
    return rc;
}

static void ring(struct pb_bell *bell) {
    atomic_fetch_add(&bell->rung, 1);
    if (atomic_load(&bell->resting))
        pb_futex_wake(&bell->rung, 1, true);
}

int pb_ranks_send(struct pb_ranks *r, uint32_t to, uint32_t kind, const void *bytes, size_t size) {
    unsigned char *copy = calloc(1, PB_RANKS_HEAD + size);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, &kind, sizeof kind);
    if (size)
        memcpy(copy + PB_RANKS_HEAD, bytes, size);
    bool urgent = (kind & PB_RANKS_URGENT) != 0;
    pthread_mutex_lock(&r->wire);
    int rc = r->ops->send(r->transport, to, urgent, copy, PB_RANKS_HEAD + size);
    pthread_mutex_unlock(&r->wire);
    struct pb_bell *bell = r->ops->bell(r->transport, to);
    if (bell && !(urgent && to)) { /* what is urgent is heard by an ear, which does not rest there */
        atomic_fetch_add(&bell->sent, 1);
        ring(bell);
    }
    return rc;
}

int pb_ranks_receive(struct pb_ranks *r, bool urgent, struct arrived *a) {
    size_t size;
    pthread_mutex_lock(&r->wire);
    int rc = r->ops->receive(r->transport, urgent, &a->from, &a->bytes, &size);
    pthread_mutex_unlock(&r->wire);
    if (rc <= 0)
        return rc;
    if (!(urgent && r->place.rank) && a->from < r->place.ranks && r->ops->bell(r->transport, a->from))
        r->got++;
    if (size < PB_RANKS_HEAD || a->from >= r->place.ranks) {
        free(a->bytes);
        return 0;
    }
    memcpy(&a->kind, a->bytes, sizeof a->kind);
    a->body = (const unsigned char *)a->bytes + PB_RANKS_HEAD;
    a->size = size - PB_RANKS_HEAD;
    if (r->heard)
        atomic_store_explicit(&r->heard[a->from], pb_now(), memory_order_relaxed);
    return 1;
}

/* ---- Handlers ---- */

static struct pb_ranks_handlers take_handlers(struct pb_ranks *r) {
    pthread_mutex_lock(&r->lock);
    struct pb_ranks_handlers h = r->handlers;
    r->holder[r->holders++] = pthread_self();
    pthread_mutex_unlock(&r->lock);
    return h;
}

static void give_handlers(struct pb_ranks *r) {
    pthread_mutex_lock(&r->lock);
    r->holders--;
    if (r->holders && pthread_equal(r->holder[0], pthread_self()))
        r->holder[0] = r->holder[1];
    pthread_cond_broadcast(&r->event);
    pthread_mutex_unlock(&r->lock);
}

static bool others_hold(const struct pb_ranks *r) {
    for (uint32_t i = 0; i < r->holders; i++)
        if (!pthread_equal(r->holder[i], pthread_self()))
            return true;
    return false;
}

/* A handler may replace them itself. */
void pb_ranks_handle(struct pb_ranks *r, const struct pb_ranks_handlers *handlers) {
    static const struct pb_ranks_handlers none;
    pthread_mutex_lock(&r->lock);
    r->handlers = handlers ? *handlers : none;
    while (others_hold(r))
        pthread_cond_wait(&r->event, &r->lock);
    pthread_mutex_unlock(&r->lock);
    pb_ranks_ring(r);
}

bool pb_ranks_take(struct pb_ranks *r) {
    pthread_mutex_lock(&r->lock);
    bool free_before = !r->taken;
    r->taken = true;
    pthread_mutex_unlock(&r->lock);
    return free_before;
}

void pb_ranks_give(struct pb_ranks *r) {
    pthread_mutex_lock(&r->lock);
    r->taken = false;
    pthread_mutex_unlock(&r->lock);
}

static void handle(struct pb_ranks *r, const struct pb_ranks_handlers *h, const struct arrived *a) {
    switch (a->kind) {
    case WELCOME:
        memcpy(&r->may_spin, a->body, a->size == sizeof r->may_spin ? a->size : 0);
        break;
    case END:
        r->ended = true;
        break;
    case CALL:
        pb_ranks_answer(r, a->body, a->size);
        break;
    case ANSWER:
        pb_ranks_take_answer(r, a->from, a->body, a->size);
        break;
    case PING:
        pb_ranks_send(r, a->from, PONG, NULL, 0);
        break;
    case PONG:
        break; /* that it came has been noted */
    default:
        if (h->message)
            h->message(h->context, a->from, a->kind, a->body, a->size);
    }
    free(a->bytes);
}

/* Takes some of what has come; true if anything had. */
static bool hear(struct pb_ranks *r, bool urgent, const struct pb_ranks_handlers *h) {
    enum { AT_MOST = 64 };
    struct arrived a;
    int heard = 0;
    while (heard < AT_MOST && pb_ranks_receive(r, urgent, &a) > 0) {
        handle(r, h, &a);
        heard++;
    }
    return heard > 0;
}

/* ---- Rest ---- */

void pb_ranks_ring(struct pb_ranks *r) {
    ring(r->bell);
}

/* Whether something has still to go. It may have come meanwhile, to who rests since before that. */
static bool is_unsent(struct pb_ranks *r) {
    pthread_mutex_lock(&r->wire);
    int32_t to = r->ops->unsent(r->transport);
    pthread_mutex_unlock(&r->wire);
    struct pb_bell *bell = to < 0 ? NULL : r->ops->bell(r->transport, (uint32_t)to);
    if (bell)
        ring(bell);
    return to >= 0;
}

/* Whether something was sent here and has not come. */
static bool is_coming(const struct pb_ranks *r) {
    return (int)(atomic_load(&r->bell->sent) - r->got) > 0;
}

static uint64_t nap_length(uint64_t idle, bool expects, uint64_t most) {
    uint64_t nap = idle / NAP_SHARE;
    most = expects ? NAP_AWAITING_NS : most;
    return nap < NAP_LEAST_NS ? NAP_LEAST_NS : nap > most ? most : nap;
}

/* Until the bell rings; or for a while, if not all ring it, or MPI wants to be asked. `seen`: the bell before
 * what can be done was looked for. */
static void rest(struct pb_ranks *r, unsigned seen, uint64_t idle, bool expects, uint64_t most) {
    if (r->may_spin && idle < SPIN_NS) {
        pb_pause();
        return;
    }
    uint64_t nap = r->rung && !is_unsent(r) && !is_coming(r) ? NAP_RUNG_NS : nap_length(idle, expects, most);
    atomic_store(&r->bell->resting, 1);
    if (atomic_load(&r->bell->rung) == seen)
        pb_futex_wait(&r->bell->rung, seen, pb_deadline((int64_t)nap), true);
    atomic_store(&r->bell->resting, 0);
}

static bool take_turn(struct pb_ranks *r, bool *expects) {
    struct pb_ranks_handlers h = take_handlers(r);
    bool busy = hear(r, false, &h);
    if (r->place.rank == 0)
        busy |= hear(r, true, &h);
    if (h.work)
        busy |= h.work(h.context);
    *expects = h.expects && h.expects(h.context);
    give_handlers(r);
    return busy;
}

/* One turn; true if there was something to do. MPI looks for a message among those that it has, and only then
 * for what has come: who may sleep over it asks twice. */
static bool look(struct pb_ranks *r, bool *expects) {
    return take_turn(r, expects) || (r->rung && take_turn(r, expects));
}

/* ---- Rank 0 ---- */

static void lose(struct pb_ranks *r, uint32_t rank, uint64_t silent) {
    char why[256];
    struct pb_peer *p = &r->peer[rank];
    snprintf(why, sizeof why,
             "rank %u on %s does not answer: nothing has come from it for %.1f s: see whether its host is up "
             "and reachable",
             rank, p->host, (double)silent / 1e9);
    p->lost = true;
    pb_ranks_fail_calls(r, rank, why);
    struct pb_ranks_handlers h = take_handlers(r);
    if (h.lost)
        h.lost(h.context, rank, why);
    give_handlers(r);
}

/* Once in a while: signs of life. Whoever was asked and is silent on is lost. */
static void look_after(struct pb_ranks *r, uint64_t now, uint64_t *next) {
    if (now < *next)
        return;
    bool late = *next && now - *next > PING_NS; /* this process itself did not run: others are not to blame */
    *next = now + PING_NS / 2;
    for (uint32_t i = 1; i < r->place.ranks; i++) {
        uint64_t heard = atomic_load_explicit(&r->heard[i], memory_order_relaxed);
        if (r->peer[i].lost)
            continue;
        if (late)
            atomic_store_explicit(&r->heard[i], heard = now, memory_order_relaxed);
        if (now > heard + LOST_NS)
            lose(r, i, now - heard);
        else
            pb_ranks_send(r, i, PING, NULL, 0);
    }
}

static void *attend(void *self) {
    struct pb_ranks *r = self;
    uint64_t busy_at = pb_now(), look_at = 0;
    prctl(PR_SET_TIMERSLACK, 1);
    prctl(PR_SET_NAME, "pb-ranks");
    while (!atomic_load(&r->ending)) {
        unsigned seen = atomic_load(&r->bell->rung);
        bool expects;
        bool busy = look(r, &expects);
        uint64_t now = pb_now();
        look_after(r, now, &look_at);
        if (busy)
            busy_at = now;
        else
            rest(r, seen, now - busy_at, expects || atomic_load(&r->waiting), PING_NS / 2);
    }
    return NULL;
}

void pb_ranks_close(struct pb_ranks *r) {
    bool all = true;
    for (uint32_t i = 1; i < r->place.ranks; i++) {
        all = all && !r->peer[i].lost;
        pb_ranks_send(r, i, END, NULL, 0);
    }
    atomic_store(&r->ending, 1);
    pb_ranks_ring(r);
    pthread_join(r->thread, NULL);
    if (!all)
        r->ops->abort(r->transport); /* who is lost would be waited for */
    pb_ranks_leave(r);
}

/* ---- The others ---- */

/* Hears what is urgent while the other thread runs a task. */
static void *hark(void *self) {
    static const struct timespec nap = {.tv_nsec = EAR_NS};
    struct pb_ranks *r = self;
    uint64_t heard = pb_now();
    while (!atomic_load(&r->ending)) {
        struct pb_ranks_handlers h = take_handlers(r);
        uint64_t now = pb_now();
        if (hear(r, true, &h))
            heard = now;
        give_handlers(r);
        if (now > heard + ALONE_NS) {
            fprintf(stderr, "parbench: rank %u on %s: rank 0 is gone: it ends\n", r->place.rank,
                    r->peer[r->place.rank].host);
            _exit(1);
        }
        nanosleep(&nap, NULL); /* MPI cannot wake it */
    }
    return NULL;
}

void pb_ranks_serve(struct pb_ranks *r) {
    uint64_t busy_at = pb_now();
    prctl(PR_SET_TIMERSLACK, 1);
    while (!r->ended) {
        unsigned seen = atomic_load(&r->bell->rung);
        bool expects;
        bool busy = look(r, &expects);
        uint64_t now = pb_now();
        if (busy)
            busy_at = now;
        else
            rest(r, seen, now - busy_at, expects, NAP_IDLE_NS);
    }
    atomic_store(&r->ending, 1);
    pthread_join(r->thread, NULL);
}

void pb_ranks_leave(struct pb_ranks *r) {
    r->ops->close(r->transport);
    free(r->peer);
    free((void *)r->heard);
    free(r);
}

/* ---- Open ---- */

/* On the machine of that rank. */
static bool has_room(const struct pb_ranks *r, uint32_t rank) {
    const struct pb_peer *p = &r->peer[rank];
    uint32_t beside = strcmp(p->machine, r->peer[0].machine) == 0; /* whoever waits in rank 0 */
    for (uint32_t i = 0; i < r->place.ranks; i++)
        beside += strcmp(r->peer[i].machine, p->machine) == 0;
    return beside <= p->processors;
}

static void welcome(struct pb_ranks *r) {
    for (uint32_t i = 1; i < r->place.ranks; i++) {
        bool may_spin = has_room(r, i);
        pb_ranks_send(r, i, WELCOME, &may_spin, sizeof may_spin);
    }
    r->may_spin = has_room(r, 0);
}

/* Rank 0 hears from all, the others from rank 0 alone. */
static void hang_bell(struct pb_ranks *r) {
    struct pb_bell *own = r->ops->bell(r->transport, r->place.rank);
    r->bell = own ? own : &r->own;
    r->rung = own != NULL;
    for (uint32_t i = 0; i < (r->place.rank ? 1 : r->place.ranks); i++)
        r->rung = r->rung && r->ops->bell(r->transport, i);
}

int pb_ranks_open(struct pb_ranks **out, const struct pb_transport_ops *ops, struct pb_error *error) {
    struct pb_ranks *r = *out = calloc(1, sizeof *r);
    if (!r)
        return pb_error_set(error, -ENOMEM, "ranks: no memory");
    r->ops = ops;
    pthread_mutex_init(&r->wire, NULL);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->event, NULL);
    int rc = ops->open(&r->transport, &r->place, error);
    if (rc == 0 && !(r->peer = calloc(r->place.ranks, sizeof *r->peer)))
        rc = pb_error_set(error, -ENOMEM, "ranks: no memory for %u of them", r->place.ranks);
    if (rc == 0)
        hang_bell(r);
    rc = rc < 0 ? rc : pb_ranks_introduce(r, error);
    if (rc == 0 && !(r->heard = calloc(r->place.ranks, sizeof *r->heard)))
        rc = pb_error_set(error, -ENOMEM, "ranks: no memory for %u of them", r->place.ranks);
    for (uint32_t i = 0; rc == 0 && i < r->place.ranks; i++)
        atomic_store(&r->heard[i], pb_now());
    if (rc == 0 && r->place.rank == 0)
        welcome(r);
    if (rc == 0)
        rc = pb_thread_start(&r->thread, r->place.rank ? hark : attend, r);
    if (rc < 0) {
        free(r->peer);
        free((void *)r->heard);
        free(r);
        *out = NULL;
    }
    return rc;
}

/* ---- What there is ---- */

uint32_t pb_ranks_rank(const struct pb_ranks *r) {
    return r->place.rank;
}

uint32_t pb_ranks_count(const struct pb_ranks *r) {
    return r->place.ranks;
}

const struct pb_peer *pb_ranks_peer(const struct pb_ranks *r, uint32_t rank) {
    return &r->peer[rank];
}

bool pb_ranks_may_spin(const struct pb_ranks *r) {
    return r->may_spin;
}

void pb_ranks_show(struct pb_ranks *r, void *state) {
    r->shown = state;
}
