/* A critical section among work of one's own: Amdahl's law with its serial fraction as a parameter.
 *
 * A round is `every` of work that shares nothing, then a section of `ns` that adds to a sum in `state`. The
 * section's share of a round is s = ns / (ns + every), and as only one worker can be in it, no number of
 * workers gives more than 1/s: 1.33 by default. What the lock itself costs when it is contended comes off
 * that. The kinds do the same work and must give the same sum:
 *
 *     mutex    pthread_mutex, process-shared: who must wait sleeps
 *     spin     a spin lock: who must wait looks, then yields, so that more workers than processors get on
 *     atomic   nothing is locked, the sum is added to by one instruction: scales as spin does
 *     none     nothing is locked and the sum is read before the section's work and written after it: fast,
 *              and wrong. Updates are lost as soon as two sections overlap, and `end` tells
 *
 * A lock that is free is taken at once. One that is not is waited for without the GIL, or its holder, who
 * needs the GIL to go on, would never give it up. There is a check point in each round, outside the section.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "bench/workloads.h"

enum { LOOKS = 100 }; /* at a taken spin lock before yielding */

struct state {
    uint64_t section, outside; /* iterations */
    uint64_t rounds;
    uint32_t kind;
    _Alignas(64) pthread_mutex_t mutex;
    atomic_uint spin;
    _Atomic uint64_t sum;
};

static const struct pb_param params[] = {
    {.name = "ns",
     .type = PB_PARAM_WORK,
     .fallback = "3us",
     .unit = "ns",
     .help = "how long a critical section takes on serial"},
    {.name = "every",
     .type = PB_PARAM_WORK,
     .fallback = "1us",
     .unit = "ns",
     .help = "work outside of the section, before each one"},
    {.name = "kind",
     .type = PB_PARAM_CHOICE,
     .fallback = "mutex",
     .choices = "mutex|spin|atomic|none",
     .help = "what guards the section; none gives wrong answers"},
    {.name = "rounds",
     .type = PB_PARAM_COUNT,
     .fallback = "100",
     .min = 1,
     .max = 1e6,
     .help = "critical sections of one task"},
    {0},
};

/* ---- Guards ---- */

static bool mutex_try(struct state *self) {
    return pthread_mutex_trylock(&self->mutex) == 0;
}

static void mutex_take(struct state *self) {
    pthread_mutex_lock(&self->mutex);
}

static void mutex_give(struct state *self) {
    pthread_mutex_unlock(&self->mutex);
}

static bool spin_try(struct state *self) {
    return atomic_exchange_explicit(&self->spin, 1, memory_order_acquire) == 0;
}

static void spin_take(struct state *self) {
    for (unsigned looks = 0; !spin_try(self);)
        while (atomic_load_explicit(&self->spin, memory_order_relaxed))
            if (++looks % LOOKS == 0)
                sched_yield();
}

static void spin_give(struct state *self) {
    atomic_store_explicit(&self->spin, 0, memory_order_release);
}

static const struct guard {
    bool (*try)(struct state *);
    void (*take)(struct state *);
    void (*give)(struct state *);
} guards[] = {{mutex_try, mutex_take, mutex_give}, {spin_try, spin_take, spin_give}};

/* ---- Sections ---- */

/* Reads, works, writes: what another one writes meanwhile is lost. */
static uint64_t unguarded(struct pb_task *task, struct state *self, uint64_t x) {
    uint64_t before = atomic_load_explicit(&self->sum, memory_order_relaxed);
    (void)task;
    x = pb_spin(self->section, x);
    atomic_store_explicit(&self->sum, before + x, memory_order_relaxed);
    return x;
}

static uint64_t guarded(struct pb_task *task, struct state *self, uint64_t x) {
    const struct guard *guard = &guards[self->kind];
    if (!guard->try(self)) {
        pb_allow_begin(task);
        guard->take(self);
        pb_allow_end(task);
    }
    x = unguarded(task, self, x);
    guard->give(self);
    return x;
}

static uint64_t added(struct pb_task *task, struct state *self, uint64_t x) {
    (void)task;
    x = pb_spin(self->section, x);
    atomic_fetch_add_explicit(&self->sum, x, memory_order_relaxed);
    return x;
}

static uint64_t (*const sections[])(struct pb_task *, struct state *, uint64_t) = {guarded, guarded, added,
                                                                                   unguarded};

/* ---- The workload ---- */

/* Also undoes what a worker that died in the section left. */
static int begin(void *state, const struct pb_repetition *repetition, struct pb_message *message) {
    struct state *self = state;
    pthread_mutexattr_t shared;
    (void)repetition;
    (void)message;
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    int rc = pthread_mutex_init(&self->mutex, &shared);
    pthread_mutexattr_destroy(&shared);
    atomic_store(&self->spin, 0);
    atomic_store(&self->sum, 0);
    return -rc;
}

static uint64_t end(void *state) {
    return atomic_load(&((struct state *)state)->sum);
}

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    self->section = (uint64_t)given->value[0].integer;
    self->outside = (uint64_t)given->value[1].integer;
    self->kind = (uint32_t)given->value[2].integer;
    self->rounds = (uint64_t)given->value[3].integer;
    return begin(state, NULL, message);
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    struct state *self = task->state;
    uint64_t x = pb_mix(i, 0);
    for (uint64_t round = 0; round < self->rounds; round++) {
        x = pb_spin(self->outside, x);
        pb_checkpoint(task);
        x = sections[self->kind](task, self, x);
    }
    *digest = x;
    return PB_OK;
}

const struct pb_workload pb_workload_lock = {
    PB_WORKLOAD_HEADER,
    .name = "lock",
    .summary = "a critical section among work of one's own",
    .bound = PB_CPU,
    .meets = true,
    .params = params,
    .state_size = sizeof(struct state),
    .begin = begin,
    .end = end,
    .setup = setup,
    .run = run,
};
