/* The future's inside: what executors may do with it. Every rule about futures is kept here, once.
 *
 * A future is one word of state and, behind it, what the task needs or left. The phase goes PENDING ->
 * RUNNING -> FINISHED or EXPIRED, or PENDING -> CANCELLED or EXPIRED, and never back; every change is a
 * compare-and-swap, so exactly one wins. What the task left is written before the phase and read after it.
 *
 * `value` holds the arguments until the task has ended and then its result: up to 24 bytes of either lie in
 * the slot, more in a block of its own. A worker that is a process may write only `state`, `code`, `value`,
 * `args_size` and `result_size` of a future that it runs, and only if the arguments lie in the slot; all
 * else, and everything behind `extra`, belongs to the depot's home. */
#ifndef PB_FUTURE_FUTURE_H
#define PB_FUTURE_FUTURE_H

#include "future/depot.h"
#include "future/queue.h"
#include "parbench/executor.h"

enum {
    PB_RESULT_MAX = 16 << 20, /* bytes of arguments or of a result */
    PB_VALUE_MAX = 24,        /* bytes that lie in the slot */
};

/* The word of state: a phase, flags, and in the upper half the number of the worker that took it. */
enum {
    PB_PHASE = 7,         /* mask: enum pb_future_state, or */
    PB_EXPIRED = 6,       /* its deadline passed: PB_FINISHED and a bit of its own, see pb_should_stop */
    PB_WAITED = 1 << 3,   /* somebody sleeps on the word */
    PB_WATCHED = 1 << 4,  /* it has watches, or had */
    PB_BUSY = 1 << 5,     /* a worker uses it */
    PB_FIRING = 1 << 6,   /* its watches are being fired, or are about to be */
    PB_SENT = 1 << 7,     /* its task has ended and the result is on its way home */
    PB_WORKER_SHIFT = 16, /* above: the worker's number and one; 0: none */
};

static inline unsigned pb_phase(unsigned state) {
    return state & PB_PHASE;
}
static inline bool pb_is_settled(unsigned state) {
    return state & PB_FINISHED; /* the bit that FINISHED, CANCELLED and EXPIRED share */
}

/* Something to be told when a future settles; linked into it. `fire` is called once, by the thread that
   settles it, without any lock; the watch may be gone when it returns. */
struct pb_watch {
    struct pb_watch *next;
    void (*fire)(struct pb_watch *, struct pb_future *);
};

/* What few futures have. Guarded by the depot's lock. */
struct pb_extra {
    struct pb_watch *watches; /* in the order in which they were added */
    char *message;            /* of its failure */
    /* Of futures with a deadline, see timing.h. */
    uint64_t deadline; /* 0: none */
    size_t place;      /* in the heap, guarded by its lock; 0: not there */
    char late[64];     /* its message once expired */
};

struct pb_future {
    _Alignas(64) atomic_uint state;
    atomic_uint next; /* the queue's */
    uint32_t turn;    /* its place in the queue; the depot's when it is in none */
    int32_t code;     /* of its failure; 0: none */
    pb_function *function;
    struct pb_extra *extra; /* or NULL */
    union {
        unsigned char bytes[PB_VALUE_MAX];
        void *block;
    } value;
    uint32_t args_size;   /* 0 once the arguments are gone */
    uint32_t result_size; /* 0 until there is a result */
};

/* Copies args into a new pending future and puts it in the depot's queue. NULL with errno; ESHUTDOWN once the
   depot refuses. */
struct pb_future *pb_future_queue(struct pb_depot *, pb_function *, const void *args, size_t size,
                                  struct pb_extra *); /* or NULL; taken over unless it fails */

static inline const void *pb_future_args(const struct pb_future *f) {
    return f->args_size > PB_VALUE_MAX ? f->value.block : f->value.bytes;
}

/* Blocks until it is settled: 0, -ETIMEDOUT, -EDEADLK. */
int pb_future_await(struct pb_future *, int64_t timeout_ns);

/* What a task writes to through pb_return and pb_fail; task->call points to one. A small result stays in
   `bytes`. */
struct pb_call {
    int code;      /* of a pb_return that failed, or 0 */
    uint32_t more; /* tasks that were run in this call besides one */
    uint32_t result_size;
    char *message;
    void *block;
    _Alignas(16) unsigned char bytes[PB_VALUE_MAX];
};

/* Runs the function alone, into an empty `call`, which then owns what it holds. Returns its code. */
int pb_call_run(struct pb_call *, pb_function *, const void *args, size_t size, struct pb_task *);
void pb_call_release(struct pb_call *);

/* Ends a future that the caller took, at its home. Takes over what `call` holds. */
void pb_future_finish(struct pb_future *, int code, struct pb_call *);
/* The same in a worker process, if arguments and result lie in the slot and there is no message. 1: the
   future has watches, which its home must then fire (pb_future_announce); 0; -ETIMEDOUT: it has expired. */
int pb_future_finish_small(struct pb_future *, int code, const struct pb_call *);
/* In a worker process, before a larger one is sent home: false if the future has expired. */
bool pb_future_sent(struct pb_future *);
bool pb_future_is_small(const struct pb_future *, const struct pb_call *);
/* Ends it with a failure that the library found, with a formatted message; false if it was settled before. */
bool pb_future_lose(struct pb_future *, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Its deadline has passed: settles it unless it is settled. RUNNING: *worker runs its task still. UNTOLD: it
   was settled before, but its watches are not fired yet. What to tell comes in *flags, for pb_future_tell:
   between the two nothing of the future may be touched. */
enum pb_expiry { PB_NOT_EXPIRED, PB_EXPIRED_WAITING, PB_EXPIRED_RUNNING, PB_UNTOLD };
enum pb_expiry pb_future_expire(struct pb_future *, unsigned *flags, uint32_t *worker);
/* At home: wakes who waits, fires what watches. */
void pb_future_tell(struct pb_future *, unsigned flags);
/* The worker that still ran an expired task is done with it, or dead. */
void pb_future_unbusy(struct pb_future *);
/* Fires the watches of a settled future that is FIRING, then lets the slot go. Of others it does nothing. */
void pb_future_announce(struct pb_future *);
/* Wakes who sleeps on it, if anybody can: for a worker that may have died between settling and waking. */
void pb_future_wake(struct pb_future *);

/* Adds a watch: 1; 0 if the future is settled: then it will not be fired; -ENOMEM. */
int pb_future_watch(struct pb_future *, struct pb_watch *);
/* Takes it back; false if it was fired, or is being fired. */
bool pb_future_unwatch(struct pb_future *, struct pb_watch *);
bool pb_future_settled(const struct pb_future *);
/* Finished with a failure, or expired; a cancelled one has not failed. */
bool pb_future_failed(const struct pb_future *);
/* Cancels all that is pending; for a depot that refuses, or it may never end. */
void pb_future_cancel_all(struct pb_depot *);
/* Its extra, made if there is none; with the depot's lock held. NULL: no memory. */
struct pb_extra *pb_future_extra(struct pb_future *);

/* Frees what hangs on a slot that is about to be given back. */
void pb_future_clear(struct pb_future *);

#endif
