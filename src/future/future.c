/* A future is one word of state and, behind it, what the task left. The word is written last, with release
 * order, and read with acquire order: whoever sees FINISHED sees the result. Nothing else needs a lock. */
#include "future/future.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/futex.h"

struct pb_future *pb_future_new(pb_function *function, const void *args, size_t size) {
    if (size > PB_RESULT_MAX) {
        errno = EMSGSIZE;
        return NULL;
    }
    struct pb_future *f = malloc(sizeof *f + size);
    if (!f)
        return NULL; /* errno is ENOMEM */
    memset(f, 0, sizeof *f);
    atomic_init(&f->state, PB_PENDING);
    atomic_init(&f->waiters, 0);
    atomic_init(&f->references, 2);
    f->function = function;
    f->args_size = size;
    if (size)
        memcpy(f->args, args, size);
    return f;
}

void pb_future_release(struct pb_future *f) {
    if (!f || atomic_fetch_sub_explicit(&f->references, 1, memory_order_acq_rel) != 1)
        return;
    free(f->message);
    free(f->result);
    free(f);
}

void pb_future_leave(struct pb_future **f) {
    pb_future_release(*f);
}

static bool settled(unsigned state) {
    return state == PB_FINISHED || state == PB_CANCELLED;
}

/* The state is written: wakes who waits, then fires the watches. Both look at the state again after they have
 * shown themselves, so none is missed. */
static void announce(struct pb_future *f) {
    if (atomic_load(&f->waiters))
        pb_futex_wake(&f->state, UINT_MAX, false);
    if (atomic_load(&f->watches))
        pb_future_fire(f);
}

static void settle(struct pb_future *f, enum pb_future_state state) {
    atomic_store(&f->state, state);
    announce(f);
}

bool pb_future_begin(struct pb_future *f) {
    unsigned pending = PB_PENDING;
    if (atomic_compare_exchange_strong(&f->state, &pending, PB_RUNNING))
        return true;
    pb_future_release(f);
    return false;
}

void pb_future_finish(struct pb_future *f, int code, struct pb_call *call) {
    f->code = code;
    f->message = call->message;
    f->result = call->result;
    f->result_size = call->result_size;
    *call = (struct pb_call){0};
    settle(f, PB_FINISHED);
    pb_future_release(f);
}

void pb_future_lose(struct pb_future *f, int code, const char *format, ...) {
    struct pb_call call = {0};
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&call.message, format, arguments) < 0)
        call.message = NULL;
    va_end(arguments);
    pb_future_finish(f, code, &call);
}

bool pb_future_cancel(struct pb_future *f) {
    unsigned pending = PB_PENDING;
    if (atomic_compare_exchange_strong(&f->state, &pending, PB_CANCELLED)) {
        announce(f);
        return true;
    }
    return pending == PB_CANCELLED;
}

void pb_future_drop(struct pb_future *f) {
    pb_future_cancel(f);
    pb_future_release(f);
}

enum pb_future_state pb_future_state(const struct pb_future *f) {
    return (enum pb_future_state)atomic_load_explicit(&f->state, memory_order_acquire);
}

bool pb_future_settled(const struct pb_future *f) {
    return settled(atomic_load(&f->state));
}

bool pb_future_failed(const struct pb_future *f) {
    unsigned state = atomic_load(&f->state);
    return state == PB_CANCELLED || (state == PB_FINISHED && f->code != 0);
}

static int wait_settled(struct pb_future *f, int64_t timeout_ns) {
    unsigned state = atomic_load(&f->state);
    if (settled(state))
        return 0;
    uint64_t deadline = pb_deadline(timeout_ns);
    int rc = 0;
    /* Counted before the state is read again: `settle` writes the state before it reads the count. */
    atomic_fetch_add(&f->waiters, 1);
    while (!settled(state = atomic_load(&f->state)) && rc == 0)
        rc = pb_futex_wait(&f->state, state, deadline, false);
    atomic_fetch_sub(&f->waiters, 1);
    return settled(state) ? 0 : rc;
}

int pb_future_result(struct pb_future *f, void *out, size_t capacity, int64_t timeout_ns) {
    int rc = wait_settled(f, timeout_ns);
    if (rc < 0)
        return rc;
    if (pb_future_state(f) == PB_CANCELLED)
        return -ECANCELED;
    if (f->code)
        return f->code;
    if (!out && capacity == 0)
        return 0;
    if (f->result_size > capacity)
        return -EMSGSIZE;
    if (f->result_size)
        memcpy(out, f->result, f->result_size);
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
    return pb_future_state(f) == PB_FINISHED ? f->result_size : 0;
}

const char *pb_future_message(const struct pb_future *f) {
    return pb_future_state(f) == PB_FINISHED && f->message ? f->message : "";
}
