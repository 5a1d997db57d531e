/* The life of a future: made, run, settled, waited for, released. See future.h for the word of state. */
#include "future/future.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/copy.h"
#include "base/futex.h"
#include "base/point.h"

/* ---- Made and released ---- */

/* Cancelled futures that the queue has not passed are counted out only where it matters. */
static bool is_full(struct pb_depot *d) {
    return d->max_pending && pb_queue_length(&d->queue) >= d->max_pending &&
           pb_queue_pending(d) >= d->max_pending;
}

struct pb_future *pb_future_queue(struct pb_depot *d, pb_function *function, const void *args, size_t size,
                                  struct pb_extra *extra) {
    void *block = NULL;
    if (size > PB_RESULT_MAX) {
        errno = EMSGSIZE;
        return NULL;
    }
    if (size > PB_VALUE_MAX) {
        block = pb_depot_block(d, size);
        if (!block) {
            errno = ENOMEM;
            return NULL;
        }
        memcpy(block, args, size);
    }
    pb_spin_lock(&d->lock);
    int refusal = d->refusing ? d->refusing : is_full(d) ? EAGAIN : 0;
    struct pb_future *f = refusal ? NULL : pb_depot_take(d);
    if (!f) {
        pb_spin_unlock(&d->lock);
        if (block)
            pb_depot_unblock(d, block, size);
        errno = refusal ? refusal : ENOMEM;
        return NULL;
    }
    atomic_store_explicit(&f->next, 0, memory_order_relaxed);
    f->function = function;
    f->args_size = (uint32_t)size;
    f->extra = extra;
    f->result_size = 0;
    if (block)
        f->value.block = block;
    else
        pb_copy(f->value.bytes, args, size);
    atomic_store_explicit(&f->state, PB_PENDING, memory_order_release);
    pb_queue_push(d, f);
    /* A worker about to sleep shows itself before it looks at the queue; the caller looks for it next. */
    pb_spin_unlock_fenced(&d->lock);
    return f;
}

void pb_future_clear(struct pb_future *f) {
    if (f->args_size > PB_VALUE_MAX)
        pb_depot_unblock(pb_depot_of(f), f->value.block, f->args_size);
    else if (f->result_size > PB_VALUE_MAX)
        free(f->value.block);
    f->args_size = f->result_size = 0;
    if (f->extra) {
        if (f->extra->deadline)
            pb_timing_forget(&pb_depot_of(f)->timing, f);
        free(f->extra->message);
        free(f->extra);
        f->extra = NULL;
    }
}

void pb_future_release(struct pb_future *f) {
    if (f)
        pb_depot_give(pb_depot_of(f), f);
}

void pb_future_leave(struct pb_future **f) {
    pb_future_release(*f);
}

struct pb_extra *pb_future_extra(struct pb_future *f) {
    if (!f->extra)
        f->extra = calloc(1, sizeof *f->extra);
    return f->extra;
}

/* ---- Settled ---- */

/* From phase `from` to phase `to`; returns the word before, or 0 with *moved false. Nothing but the word may
 * be touched after, unless it is FIRING or BUSY: the slot may be another future by then. */
static unsigned move(struct pb_future *f, unsigned from, unsigned to, bool *moved) {
    unsigned state = atomic_load_explicit(&f->state, memory_order_relaxed), next;
    do {
        *moved = pb_phase(state) == from;
        if (!*moved)
            return 0;
        next = (state & ~(unsigned)PB_PHASE) | to;
        if (from == PB_RUNNING && to == PB_FINISHED)
            next &= ~(unsigned)PB_BUSY;
        if (state & PB_WATCHED)
            next |= PB_FIRING;
    } while (!atomic_compare_exchange_weak_explicit(&f->state, &state, next, memory_order_acq_rel,
                                                    memory_order_relaxed));
    return state;
}

static void wake(struct pb_future *f) {
    pb_futex_wake(&f->state, UINT_MAX, pb_depot_of(f)->shared);
}

void pb_future_tell(struct pb_future *f, unsigned flags) {
    if (flags & PB_WAITED)
        wake(f);
    if (flags & PB_WATCHED)
        pb_future_announce(f);
}

/* A pending future will not begin. Who waits for room says so and then looks at the queue: adding nothing to
 * the same word orders the two even where a mere look would not. */
static void make_room(struct pb_depot *d) {
    if (atomic_fetch_add(&d->room_wanted, 0))
        pb_depot_wake_submitters(d);
}

static void set_message(struct pb_future *f, char **message) {
    struct pb_extra *extra = pb_future_extra(f);
    if (!extra)
        return; /* the code still tells */
    free(extra->message);
    extra->message = *message;
    *message = NULL;
}

static void set_value(struct pb_future *f, struct pb_call *call) {
    if (f->args_size > PB_VALUE_MAX)
        pb_depot_unblock(pb_depot_of(f), f->value.block, f->args_size);
    f->args_size = 0;
    f->result_size = call->result_size;
    if (call->block) {
        f->value.block = call->block;
        call->block = NULL;
    } else {
        pb_copy(f->value.bytes, call->bytes, call->result_size);
    }
}

void pb_future_finish(struct pb_future *f, int code, struct pb_call *call) {
    struct pb_depot *d = pb_depot_of(f);
    bool moved;
    unsigned flags;
    set_value(f, call);
    f->code = code;
    if (call->message) {
        /* An expired future keeps the message that says so. */
        pb_spin_lock(&d->lock);
        if (pb_phase(atomic_load(&f->state)) == PB_RUNNING)
            set_message(f, &call->message);
        flags = move(f, PB_RUNNING, PB_FINISHED, &moved);
        pb_spin_unlock(&d->lock);
    } else {
        flags = move(f, PB_RUNNING, PB_FINISHED, &moved);
    }
    if (moved)
        pb_future_tell(f, flags);
    else
        pb_future_unbusy(f);
    pb_call_release(call);
}

bool pb_future_is_small(const struct pb_future *f, const struct pb_call *call) {
    return f->args_size <= PB_VALUE_MAX && call->result_size <= PB_VALUE_MAX && !call->message;
}

int pb_future_finish_small(struct pb_future *f, int code, const struct pb_call *call) {
    bool moved;
    pb_copy(f->value.bytes, call->bytes, call->result_size);
    f->code = code;
    f->args_size = 0;
    f->result_size = call->result_size;
    PB_POINT(worker_before_finish);
    unsigned flags = move(f, PB_RUNNING, PB_FINISHED, &moved);
    PB_POINT(worker_after_finish);
    if (flags & PB_WAITED)
        wake(f);
    return !moved ? -ETIMEDOUT : flags & PB_WATCHED ? 1 : 0;
}

bool pb_future_sent(struct pb_future *f) {
    return pb_phase(atomic_fetch_or(&f->state, PB_SENT)) == PB_RUNNING;
}

bool pb_future_lose(struct pb_future *f, int code, const char *format, ...) {
    struct pb_call call = {0};
    bool running = pb_phase(atomic_load(&f->state)) == PB_RUNNING;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&call.message, format, arguments) < 0)
        call.message = NULL; /* the code still tells */
    va_end(arguments);
    pb_future_finish(f, code, &call);
    return running;
}

enum pb_expiry pb_future_expire(struct pb_future *f, unsigned *flags, uint32_t *worker) {
    bool moved;
    *flags = move(f, PB_PENDING, PB_EXPIRED, &moved);
    if (moved) {
        make_room(pb_depot_of(f));
        return PB_EXPIRED_WAITING;
    }
    *flags = move(f, PB_RUNNING, PB_EXPIRED, &moved);
    *worker = (*flags >> PB_WORKER_SHIFT) - 1;
    if (moved)
        return *flags & PB_SENT ? PB_EXPIRED_WAITING : PB_EXPIRED_RUNNING;
    /* Settled, but by a worker that may have been stopped before it told anybody. */
    pb_future_wake(f);
    return atomic_load(&f->state) & PB_FIRING ? PB_UNTOLD : PB_NOT_EXPIRED;
}

void pb_future_unbusy(struct pb_future *f) {
    atomic_fetch_and_explicit(&f->state, ~(unsigned)PB_BUSY, memory_order_acq_rel);
}

void pb_future_wake(struct pb_future *f) {
    unsigned state = atomic_load(&f->state);
    if (pb_is_settled(state) && (state & PB_WAITED))
        wake(f);
}

bool pb_future_cancel(struct pb_future *f) {
    bool moved;
    unsigned flags = move(f, PB_PENDING, PB_CANCELLED, &moved);
    if (moved) {
        make_room(pb_depot_of(f));
        pb_future_tell(f, flags);
    }
    return moved || pb_phase(atomic_load(&f->state)) == PB_CANCELLED;
}

void pb_future_cancel_all(struct pb_depot *d) {
    for (struct pb_future *f; (f = pb_queue_first(d));)
        pb_future_cancel(f);
}

/* ---- Looked at ---- */

enum pb_future_state pb_future_state(const struct pb_future *f) {
    unsigned phase = pb_phase(atomic_load_explicit(&f->state, memory_order_acquire));
    return phase == PB_EXPIRED ? PB_FINISHED : (enum pb_future_state)phase;
}

bool pb_future_settled(const struct pb_future *f) {
    return pb_is_settled(atomic_load(&f->state));
}

bool pb_future_failed(const struct pb_future *f) {
    unsigned phase = pb_phase(atomic_load(&f->state));
    return phase == PB_EXPIRED || (phase == PB_FINISHED && f->code != 0);
}

int pb_future_result(struct pb_future *f, void *out, size_t capacity, int64_t timeout_ns) {
    unsigned state = atomic_load_explicit(&f->state, memory_order_acquire);
    if (!pb_is_settled(state)) {
        int rc = pb_future_await(f, timeout_ns);
        if (rc < 0)
            return rc;
        state = atomic_load_explicit(&f->state, memory_order_acquire);
    }
    if (pb_phase(state) == PB_CANCELLED)
        return -ECANCELED;
    if (pb_phase(state) == PB_EXPIRED)
        return -ETIMEDOUT;
    if (f->code)
        return f->code;
    if (!out && capacity == 0)
        return 0;
    if (f->result_size > capacity)
        return -EMSGSIZE;
    pb_copy(out, f->result_size > PB_VALUE_MAX ? f->value.block : f->value.bytes, f->result_size);
    return 0;
}

int pb_future_error(struct pb_future *f, struct pb_error *error, int64_t timeout_ns) {
    int rc = pb_future_result(f, NULL, 0, timeout_ns);
    if (!pb_future_done(f) || pb_future_cancelled(f))
        return rc;
    error->code = rc;
    snprintf(error->text, sizeof error->text, "%s", pb_future_message(f));
    return 0;
}

size_t pb_future_size(const struct pb_future *f) {
    unsigned state = atomic_load_explicit(&f->state, memory_order_acquire);
    return pb_phase(state) == PB_FINISHED ? f->result_size : 0;
}

/* A settled future's messages do not change any more. */
const char *pb_future_message(const struct pb_future *f) {
    unsigned phase = pb_phase(atomic_load_explicit(&f->state, memory_order_acquire));
    const struct pb_extra *extra = f->extra;
    const char *message = !extra || !pb_is_settled(phase)   ? NULL
                          : phase == PB_EXPIRED             ? extra->late
                          : phase == PB_FINISHED && f->code ? extra->message
                                                            : NULL;
    return message ? message : "";
}
