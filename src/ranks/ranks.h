/* The ranks of this program: processes that a launcher started together, on one host or on many. Rank 0 asks,
 * the others serve.
 *
 * Each process has one struct pb_ranks. Messages have a kind and a body; whoever works with ranks registers
 * what is to be done with them. They are handled one after the other by one thread: in rank 0 the listener, a
 * thread of its own; in the others the thread that serves. There a second thread, the ear, hears what is
 * urgent while a task runs.
 *
 * MPI has no wait that sleeps: to wait is to ask again and again. So who waits naps in between, the longer
 * the longer nothing has come; asking without a break is for hosts that have a processor for each rank. */
#ifndef PB_RANKS_RANKS_H
#define PB_RANKS_RANKS_H

#include <stdatomic.h>

#include "base/buffer.h"
#include "base/error.h"
#include "ranks/transport.h"

struct pb_ranks;

/* What a rank said of itself when it joined. */
struct pb_peer {
    char host[65];    /* its host's name */
    char machine[40]; /* one text for each running kernel: hosts that share it share their processors */
    uint32_t node;    /* the same for ranks that the launcher started on one host */
    int32_t pid;
    uint32_t processors; /* that it may use */
    atomic_bool lost;
};

enum {
    PB_RANKS_URGENT = 1 << 30, /* of a kind: heard while a task runs, out of order */
    PB_RANKS_KINDS = 16,       /* kinds from here on belong to who registers */
};

struct pb_ranks_handlers {
    void *context;
    /* One message; the bytes are gone when it returns. Urgent ones come on the ear's thread. */
    void (*message)(void *context, uint32_t from, uint32_t kind, const void *bytes, size_t size);
    /* After messages, and whenever the bell was rung: does what can be done; true: something was. NULL:
     * nothing ever can. */
    bool (*work)(void *context);
    /* Something is awaited soon: naps stay short. NULL: never. */
    bool (*expects)(void *context);
    /* Rank 0: that rank does not answer any more; the text says which and where. */
    void (*lost)(void *context, uint32_t rank, const char *why);
};

/* Joins by this transport, which must stay, and learns who the others are: rank 0 returns when all have told,
 * and has begun to listen. -EPROTO: ranks of different builds, or alone; others as the transport says. On
 * failure nothing is to be released. */
int pb_ranks_open(struct pb_ranks **, const struct pb_transport_ops *, struct pb_error *);
/* Rank 0: tells the others to end, and leaves with them. */
void pb_ranks_close(struct pb_ranks *);
/* Others: handles messages until rank 0 ends. Then whoever registered handlers ends, and after that it
 * leaves. */
void pb_ranks_serve(struct pb_ranks *);
void pb_ranks_leave(struct pb_ranks *);

uint32_t pb_ranks_rank(const struct pb_ranks *);
uint32_t pb_ranks_count(const struct pb_ranks *);
const struct pb_peer *pb_ranks_peer(const struct pb_ranks *, uint32_t rank);
/* Each rank on this machine, and whoever waits in rank 0, can have a processor to itself. */
bool pb_ranks_may_spin(const struct pb_ranks *);

/* Replaces the handlers; NULL: none. Rank 0: returns when no old one runs any more. */
void pb_ranks_handle(struct pb_ranks *, const struct pb_ranks_handlers *);
/* The right to work with the other ranks, which one at a time has: false if another has it. */
bool pb_ranks_take(struct pb_ranks *);
void pb_ranks_give(struct pb_ranks *);

/* Sends a copy of the body. From any thread. 0 or -errno. */
int pb_ranks_send(struct pb_ranks *, uint32_t to, uint32_t kind, const void *bytes, size_t size);
int pb_ranks_send_buffer(struct pb_ranks *, uint32_t to, uint32_t kind,
                         struct pb_buffer *); /* and releases it */
/* There is something for `work`: from any thread. */
void pb_ranks_ring(struct pb_ranks *);

/* A function to be called in another rank, in the thread that serves, with no task running: `state` is what
 * pb_ranks_show was given there. Returns 0 or -errno with the error; what it adds to `reply` comes back. */
typedef int pb_rank_function(void *state, const void *args, size_t size, struct pb_buffer *reply,
                             struct pb_error *);
/* Rank 0: calls it in `count` ranks at once and waits for all of their replies, reply[k] being of rank[k];
 * the caller releases them. The first that fails fails the call; so does a rank that is lost: -EOWNERDEAD. */
int pb_ranks_call(struct pb_ranks *, const uint32_t *rank, uint32_t count, pb_rank_function *,
                  const void *args, size_t size, struct pb_buffer *reply, struct pb_error *);
/* In a rank that serves: what functions that are called see as their state. */
void pb_ranks_show(struct pb_ranks *, void *state);

/* This process's, once it has joined by pb_ranks_begin (executor/rank.h); NULL: it has not. */
struct pb_ranks *pb_ranks_here(void);
void pb_ranks_settle_here(struct pb_ranks *);

#endif
