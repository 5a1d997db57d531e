/* What the files of this room share of a struct pb_ranks. */
#ifndef PB_RANKS_INSIDE_H
#define PB_RANKS_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "ranks/code.h"
#include "ranks/ranks.h"

/* A message: its kind, then from here on its body, which so is aligned like memory of malloc's. */
enum { PB_RANKS_HEAD = 16 };

/* The room's own kinds. */
enum { HELLO = 1, WELCOME, END, CALL, ANSWER, PING = 6 | PB_RANKS_URGENT, PONG = 7 | PB_RANKS_URGENT };

/* A call that waits for its replies. */
struct call {
    struct call *next;
    uint64_t id;
    const uint32_t *rank;
    uint32_t count, left;
    struct pb_buffer *reply;
    struct pb_error error; /* the first */
};

struct pb_ranks {
    const struct pb_transport_ops *ops;
    void *transport;
    struct pb_transport_place place;
    struct pb_peer *peer;
    _Atomic uint64_t *heard; /* of each: when something came from it last */
    bool may_spin;

    pthread_mutex_t wire;      /* whoever has it is inside the transport */
    pthread_t thread;          /* the listener, or the ear */
    struct pb_bell own, *bell; /* where this rank rests: in memory of others, too, or else `own` */
    bool rung;                 /* by everyone who sends to it */
    unsigned got;              /* messages of those that `sent` of its bell counts */
    atomic_uint ending;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t event;
    struct pb_ranks_handlers handlers;
    pthread_t holder[2]; /* threads that have a copy of them */
    uint32_t holders;
    bool taken;
    struct call *calls;
    atomic_uint waiting; /* of them; read without the lock */
    uint64_t next_call;

    /* Of the serving thread alone. */
    void *shown;
    struct pb_code_cache cache;
    bool ended;
};

/* Tells rank 0 who this is; hears in rank 0 from all who they are (hello.c). */
int pb_ranks_introduce(struct pb_ranks *, struct pb_error *);

/* One message of the room's own (calls.c). */
void pb_ranks_answer(struct pb_ranks *, const void *bytes, size_t size);
void pb_ranks_take_answer(struct pb_ranks *, uint32_t from, const void *bytes, size_t size);
/* No reply will come from that rank. */
void pb_ranks_fail_calls(struct pb_ranks *, uint32_t rank, const char *why);

/* With `wire` taken inside: 1 and a message whose bytes the caller frees; *kind is its first word, the body
 * lies behind it. */
struct arrived {
    uint32_t from, kind;
    void *bytes;
    const void *body;
    size_t size;
};
int pb_ranks_receive(struct pb_ranks *, bool urgent, struct arrived *);

#endif
