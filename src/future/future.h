/* The future's inside: what executors may do with it. Every rule about futures is kept here, once.
 *
 * States go PENDING -> RUNNING -> FINISHED, or PENDING -> CANCELLED, and never back. An executor that takes a
 * future from its queue asks pb_future_begin; false means it was cancelled meanwhile and must be dropped.
 * After a true it must call pb_future_finish exactly once. The executor owns one reference from submit until
 * finish or drop. */
#ifndef PB_FUTURE_FUTURE_H
#define PB_FUTURE_FUTURE_H

#include "parbench/executor.h"

enum { PB_RESULT_MAX = 16 << 20 }; /* bytes of arguments or of a result */

/* Something to be told when a future settles; linked into it. `fire` is called once, by the thread that
   settles it, without any lock; the watch may be gone when it returns. */
struct pb_watch {
    struct pb_watch *next;
    void (*fire)(struct pb_watch *, struct pb_future *);
};

struct pb_future {
    atomic_uint state;   /* enum pb_future_state; waiters sleep on it */
    atomic_uint waiters; /* asleep or about to be */
    atomic_uint references;
    atomic_uint watch_lock;             /* a spin lock, held for a few instructions */
    _Atomic(struct pb_watch *) watches; /* in the order in which they were added; changed under the lock */
    int code;      /* of the failure; 0: none. Written before state is FINISHED, like all below */
    char *message; /* owned, or NULL */
    void *result;  /* owned, or NULL */
    size_t result_size;
    struct pb_future *next; /* the executor's queue */
    pb_function *function;
    size_t args_size;
    _Alignas(16) unsigned char args[];
};

/* Adds a watch; false if the future is settled: then it will not be fired. */
bool pb_future_watch(struct pb_future *, struct pb_watch *);
/* Takes it back; false if it was fired, or is being fired. */
bool pb_future_unwatch(struct pb_future *, struct pb_watch *);
/* Called by whoever settles a future, after its state is written. */
void pb_future_fire(struct pb_future *);
bool pb_future_settled(const struct pb_future *);
/* Finished with a failure, or cancelled. */
bool pb_future_failed(const struct pb_future *);

/* What a task writes to through pb_return and pb_fail; task->call points to one. */
struct pb_call {
    void *result;
    size_t result_size;
    char *message;
};

/* Copies args; two references, one for the caller and one for the executor. NULL with errno. */
struct pb_future *pb_future_new(pb_function *, const void *args, size_t size);

/* PENDING -> RUNNING; false if it was cancelled: then the executor's reference is gone. */
bool pb_future_begin(struct pb_future *);
/* Finishes and gives up the executor's reference. Takes over call->result and call->message. */
void pb_future_finish(struct pb_future *, int code, struct pb_call *call);
/* Finishes with a failure that the library found, with a formatted message. */
void pb_future_lose(struct pb_future *, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Cancels a pending future on the executor's side and gives up its reference. */
void pb_future_drop(struct pb_future *);

/* Runs the function alone, into an empty `call`, which then owns what it holds. Returns its code. */
int pb_call_run(struct pb_call *, pb_function *, const void *args, size_t size, struct pb_task *);
void pb_call_release(struct pb_call *);

#endif
