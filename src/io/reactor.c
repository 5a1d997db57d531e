/* A turn has three parts: look what is ready by now (timers, and the engine if anything is armed), wait if
 * nothing is, and run what is ready at that moment. What becomes ready while these run comes in the next
 * turn, so every turn ends, and what was armed in one is handed to the system at once at the next one's
 * beginning.
 *
 * A coroutine is in one list at most, as its state says, and those lists are only ever changed by the
 * reactor's thread; `wake` is all that other threads touch. It goes IDLE -> WAITING -> IDLE around a wait,
 * and to WOKEN by pb_reactor_wake, which need not enter the kernel unless it was WAITING. The engine may then
 * return early from a later wait too, so waiting is a loop.
 *
 * A coroutine that has ended does not leave its stack: it waits there for its next task. Those are handed out
 * last in, first out, so that few in flight touch few pages. */
#include "io/coroutine.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/module.h"
#include "io/stacks.h"
#include "io/timers.h"
#include "io/waits.h"

enum {
    STACK = 64 << 10,
    STACK_MIN = 16 << 10,
    /* A coroutine whose operations never wait lets others run after so many. */
    BUDGET = 64,
    LINE = 64,
};

enum { IDLE, WAITING, WOKEN };

struct list {
    struct pb_coroutine *first, **end;
};

struct pb_reactor {
    pb_context context; /* of the turn, while a coroutine runs */
    struct pb_fiber fiber;
    const struct pb_engine_ops *ops;
    void *engine;
    uint32_t armed; /* operations */
    uint32_t under_way, limit;
    uint32_t used; /* coroutines 0 .. used - 1 have begun some time */
    uint32_t budget;
    struct pb_coroutine *coroutines, *free;
    struct list ready, yielded;
    uint64_t yield_until; /* the earliest moment that one of `yielded` waits for */
    struct pb_timers timers;
    struct pb_stacks stacks;
    void (*resumes)(void *context, void *argument);
    void *resumes_context;
    struct pb_waits *waits;
    char note[PB_ENGINE_WHY + 64];
    _Alignas(LINE) atomic_uint wake;
};

/* ---- Lists ---- */

static void list_clear(struct list *l) {
    l->first = NULL;
    l->end = &l->first;
}

static void list_append(struct list *l, struct pb_coroutine *c) {
    c->next = NULL;
    *l->end = c;
    l->end = &c->next;
}

static void make_ready(struct pb_coroutine *c) {
    pb_timers_clear(&c->reactor->timers, c->index);
    c->state = PB_COROUTINE_READY;
    list_append(&c->reactor->ready, c);
}

static void op_done(struct pb_op *op, ssize_t result) {
    struct pb_coroutine *c = op->owner;
    op->result = result;
    c->armed = false;
    c->reactor->armed--;
    make_ready(c);
}

/* ---- In a coroutine ---- */

static void suspend(struct pb_coroutine *c) {
    struct pb_reactor *r = c->reactor;
    pb_fiber_leave(&c->fiber, &r->fiber);
    pb_context_switch(&c->context, r->context);
    pb_fiber_arrive(&c->fiber, &r->fiber);
}

static void coroutine_main(void *argument) {
    struct pb_coroutine *c = argument;
    pb_fiber_arrive(&c->fiber, &c->reactor->fiber);
    for (;;) {
        c->entry(c->argument);
        c->state = PB_COROUTINE_FREE;
        suspend(c);
    }
}

static void wait_until(struct pb_coroutine *c, uint64_t deadline) {
    c->state = PB_COROUTINE_WAITING;
    c->expired = false;
    if (deadline != UINT64_MAX)
        pb_timers_set(&c->reactor->timers, c->index, deadline);
    suspend(c);
}

void pb_coroutine_spend(struct pb_coroutine *c) {
    if (c->reactor->budget-- > 0)
        return;
    make_ready(c);
    suspend(c);
}

ssize_t pb_coroutine_do(struct pb_coroutine *c, uint64_t deadline) {
    struct pb_reactor *r = c->reactor;
    c->op.owner = c;
    c->op.result = -ECANCELED;
    if (c->cancelled)
        return -ECANCELED;
    ssize_t result = r->ops->arm(r->engine, &c->op);
    if (result != PB_OP_ARMED) {
        c->op.result = result;
        pb_coroutine_spend(c);
    } else {
        c->armed = true;
        r->armed++;
        wait_until(c, deadline);
        if (c->expired && c->op.result == -ECANCELED)
            return c->cancelled ? -ECANCELED : -ETIME;
    }
    return c->cancelled ? -ECANCELED : c->op.result;
}

int pb_coroutine_sleep(struct pb_coroutine *c, uint64_t deadline) {
    if (c->cancelled)
        return -ECANCELED;
    wait_until(c, deadline);
    return c->cancelled ? -ECANCELED : 0;
}

void pb_coroutine_yield(struct pb_coroutine *c, uint64_t longest_ns) {
    struct pb_reactor *r = c->reactor;
    uint64_t until = longest_ns && !c->cancelled ? pb_now() + longest_ns : 0;
    if (until < longest_ns && !c->cancelled)
        until = UINT64_MAX;
    if (until < r->yield_until)
        r->yield_until = until;
    c->state = PB_COROUTINE_YIELDED;
    list_append(&r->yielded, c);
    suspend(c);
}

/* ---- From outside ---- */

static void end_wait(struct pb_coroutine *c) {
    if (!c->armed)
        make_ready(c);
    else if (c->op.verb != PB_VERB_CLOSE) /* which must happen */
        c->reactor->ops->cancel(c->reactor->engine, &c->op);
}

void pb_coroutine_cancel(struct pb_coroutine *c) {
    bool first = !c->cancelled;
    c->cancelled = true;
    if (c->state == PB_COROUTINE_YIELDED)
        c->reactor->yield_until = 0;
    if (c->state == PB_COROUTINE_WAITING && first && !c->expired)
        end_wait(c);
}

struct pb_coroutine *pb_reactor_start(struct pb_reactor *r, void (*entry)(void *argument), void *argument) {
    struct pb_coroutine *c = r->free;
    if (c) {
        r->free = c->next;
    } else if (r->used < r->limit) {
        c = &r->coroutines[r->used];
        char *bottom = pb_stacks_take(&r->stacks, r->used);
        c->index = r->used++;
        c->reactor = r;
        c->context = pb_context_make(bottom + r->stacks.size, coroutine_main, c);
        pb_fiber_init(&c->fiber, bottom, r->stacks.size);
    } else {
        return NULL;
    }
    r->under_way++;
    c->entry = entry;
    c->argument = argument;
    c->cancelled = false;
    c->state = PB_COROUTINE_READY;
    list_append(&r->ready, c);
    return c;
}

uint32_t pb_reactor_under_way(const struct pb_reactor *r) {
    return r->under_way;
}

void pb_reactor_wake(struct pb_reactor *r) {
    if (atomic_exchange(&r->wake, WOKEN) == WAITING)
        r->ops->wake(r->engine);
}

/* ---- A turn ---- */

static void expire(struct pb_reactor *r) {
    uint32_t owner;
    if (r->timers.count == 0)
        return;
    uint64_t now = pb_now();
    while (pb_timers_pop(&r->timers, now, &owner)) {
        struct pb_coroutine *c = &r->coroutines[owner];
        c->expired = true;
        if (!c->cancelled)
            end_wait(c);
    }
}

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* All coroutines wait, and the thread for them; without one it has nothing to do, which is not its account.
 */
static void wait_for_engine(struct pb_reactor *r, uint64_t longest) {
    struct pb_waits *waits = r->under_way ? r->waits : NULL;
    uint64_t began = pb_wait_begin(waits);
    r->ops->wait(r->engine, longest);
    pb_wait_end_io(waits, began);
}

/* Until one is ready, the deadline, or a wake, which this uses up. */
static void wait_for_one(struct pb_reactor *r, uint64_t deadline) {
    while (!r->ready.first) {
        uint64_t limit = earlier(deadline, r->yielded.first ? r->yield_until : UINT64_MAX);
        uint64_t until = earlier(limit, pb_timers_next(&r->timers));
        uint64_t now = limit == 0 || until == UINT64_MAX ? 0 : pb_now();
        unsigned idle = IDLE;
        if (limit <= now)
            return;
        bool woken = !atomic_compare_exchange_strong(&r->wake, &idle, WAITING);
        if (!woken)
            wait_for_engine(r, until == UINT64_MAX ? UINT64_MAX : until > now ? until - now : 0);
        woken |= atomic_exchange(&r->wake, IDLE) == WOKEN;
        expire(r);
        if (woken)
            return;
    }
}

static void resume(struct pb_reactor *r, struct pb_coroutine *c) {
    c->state = PB_COROUTINE_RUNNING;
    r->budget = BUDGET;
    if (r->resumes)
        r->resumes(r->resumes_context, c->argument);
    pb_fiber_leave(&r->fiber, &c->fiber);
    pb_context_switch(&r->context, c->context);
    pb_fiber_arrive(&r->fiber, &c->fiber);
    if (c->state == PB_COROUTINE_FREE) {
        r->under_way--;
        c->next = r->free;
        r->free = c;
    }
}

/* With thousands in flight neither they nor their stacks are in the cache any more: while one runs, the next
 * one's stack is fetched, and the one after that. */
static uint32_t run_all(struct pb_reactor *r, struct pb_coroutine *first) {
    uint32_t n = 0;
    for (struct pb_coroutine *c = first, *next; c; c = next, n++) {
        next = c->next;
        if (next) {
            __builtin_prefetch(next->context);
            __builtin_prefetch(next->next);
        }
        resume(r, c);
    }
    return n;
}

uint32_t pb_reactor_turn(struct pb_reactor *r, uint64_t deadline) {
    pb_fiber_here(&r->fiber);
    expire(r);
    if (r->armed)
        r->ops->wait(r->engine, 0);
    wait_for_one(r, deadline);
    struct pb_coroutine *ready = r->ready.first, *yielded = r->yielded.first;
    list_clear(&r->ready);
    list_clear(&r->yielded);
    r->yield_until = UINT64_MAX;
    uint32_t n = run_all(r, ready);
    return n + run_all(r, yielded);
}

/* ---- Opening ---- */

static int open_uring(struct pb_reactor *r, char *why) {
    struct pb_error error = {0};
    r->ops = pb_module_symbol("uring", PB_URING_SYMBOL, &error);
    if (r->ops)
        return r->ops->open(&r->engine, r->limit, op_done, why);
    snprintf(why, PB_ENGINE_WHY, "%.200s: install liburing-dev and build again", error.text);
    return error.code;
}

static int open_epoll(struct pb_reactor *r, char *why) {
    r->ops = &pb_engine_epoll;
    return r->ops->open(&r->engine, r->limit, op_done, why);
}

static int open_engine(struct pb_reactor *r, enum pb_engine engine, struct pb_error *error) {
    char why[PB_ENGINE_WHY] = "";
    int rc = engine == PB_ENGINE_EPOLL ? open_epoll(r, why) : open_uring(r, why);
    if (rc != 0 && engine == PB_ENGINE_AUTO) {
        snprintf(r->note, sizeof r->note, "engine=epoll: %s", why);
        rc = open_epoll(r, why);
    } else {
        snprintf(r->note, sizeof r->note, "engine=%s", engine == PB_ENGINE_EPOLL ? "epoll" : "uring");
    }
    if (rc != 0 && engine == PB_ENGINE_URING)
        return pb_error_set(error, rc, "engine=uring: %s: use engine=epoll, or engine=auto", why);
    return rc == 0 ? 0 : pb_error_set(error, rc, "engine=epoll: %s", why);
}

static int take_memory(struct pb_reactor *r, size_t stack_size) {
    r->coroutines = calloc(r->limit, sizeof *r->coroutines);
    if (!r->coroutines)
        return -ENOMEM;
    int rc = pb_stacks_init(&r->stacks, r->limit, stack_size);
    if (rc != 0)
        goto no_stacks;
    rc = pb_timers_init(&r->timers, r->limit);
    if (rc == 0)
        return 0;
    pb_stacks_release(&r->stacks);
no_stacks:
    free(r->coroutines);
    return rc;
}

static void give_memory(struct pb_reactor *r) {
    pb_timers_release(&r->timers);
    pb_stacks_release(&r->stacks);
    free(r->coroutines);
    free(r);
}

int pb_reactor_open(struct pb_reactor **out, const struct pb_reactor_config *config, struct pb_error *error) {
    size_t stack_size = config->stack_size ? config->stack_size : STACK;
    struct pb_reactor *r = aligned_alloc(LINE, (sizeof *r + LINE - 1) / LINE * LINE);
    if (r) {
        *r = (struct pb_reactor){.limit = config->coroutines ? config->coroutines : 1,
                                 .resumes = config->resumes,
                                 .resumes_context = config->context,
                                 .waits = config->waits,
                                 .yield_until = UINT64_MAX};
        list_clear(&r->ready);
        list_clear(&r->yielded);
    }
    int rc = r ? take_memory(r, stack_size < STACK_MIN ? STACK_MIN : stack_size) : -ENOMEM;
    if (rc != 0) {
        free(r);
        return pb_error_set(error, rc, "a reactor for %u coroutines of %zu bytes of stack: %s: use fewer",
                            config->coroutines, stack_size, strerror(-rc));
    }
    rc = open_engine(r, config->engine, error);
    if (rc == 0)
        *out = r;
    else
        give_memory(r);
    return rc;
}

void pb_reactor_close(struct pb_reactor *r) {
    r->ops->close(r->engine);
    for (uint32_t i = 0; i < r->used; i++)
        pb_fiber_release(&r->coroutines[i].fiber);
    give_memory(r);
}

const char *pb_reactor_engine(const struct pb_reactor *r) {
    return r->ops->name;
}

const char *pb_reactor_engine_note(const struct pb_reactor *r) {
    return r->note;
}
