/* What a coroutine is, for the verbs that suspend it and for the reactor that resumes it. */
#ifndef PB_IO_COROUTINE_H
#define PB_IO_COROUTINE_H

#include "io/engine.h"
#include "io/fiber.h"
#include "io/reactor.h"
#include "io/switch.h"

enum pb_coroutine_state {
    PB_COROUTINE_FREE,
    PB_COROUTINE_READY,   /* in the list `ready`, or of this turn */
    PB_COROUTINE_YIELDED, /* in the list `yielded`, or of this turn */
    PB_COROUTINE_RUNNING,
    PB_COROUTINE_WAITING, /* for its operation if that is armed, and for its timer if it has one */
};

struct pb_coroutine {
    pb_context context;
    struct pb_coroutine *next; /* in the list that it is in */
    struct pb_reactor *reactor;
    void (*entry)(void *argument);
    void *argument;
    uint32_t index;
    uint8_t state;
    bool armed;     /* `op` */
    bool expired;   /* its timer has ended what it waited for */
    bool cancelled; /* see pb_coroutine_cancel */
    struct pb_op op;
    struct pb_fiber fiber;
};

/* All of these are called by the coroutine itself. */

/* Does c->op, whose verb and arguments are set and the rest zero, until the deadline at the latest. The
 * result; -ECANCELED if the coroutine was cancelled, and then c->op.result may be a result that nobody has
 * seen; -ETIME if the deadline has ended it. */
ssize_t pb_coroutine_do(struct pb_coroutine *, uint64_t deadline);
/* Counts an operation that did not wait: after many of them others run first. */
void pb_coroutine_spend(struct pb_coroutine *);
/* 0 or -ECANCELED. */
int pb_coroutine_sleep(struct pb_coroutine *, uint64_t deadline);

#endif
