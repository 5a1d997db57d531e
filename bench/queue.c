/* A bounded queue through which all work passes: a round puts an item, takes one, which may be another
 * task's, and computes `ns` with it.
 *
 * What can be shared out is ns; what cannot is q, the time that a put and a take keep the queue to
 * themselves: some ten nanoseconds while one processor uses it, some hundreds once its cache lines travel. So
 * no number of workers gives more than (ns + q) / q: about as many times as there are workers while ns is far
 * above q, and less than serial with ns=0. The kinds do the same work and must give the same answers:
 *
 *     mutex    a ring under one process-shared mutex, with a condition for who finds it full
 *     ring     Vyukov's bounded queue for many producers and consumers: no lock, one contended word at
 *              either end
 *
 * A task takes only after it has put, so the queue holds at least as many items as there are tasks between
 * the two: nobody waits for an item but for one that is just being written. A task that finds the queue full
 * waits for others that are between put and take, and they wait for nothing: at most as many items as tasks
 * that run at once. No task is ever suspended between the two (the check point is after the take), so an
 * event loop's do not wait for each other.
 *
 * Which task takes which item is chance; that each is taken once shows in the sum of what was computed,
 * which `end` returns. A task's own digest is of what it put. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "bench/workloads.h"

enum { SIZE_MAX_ITEMS = 4096, LOOKS = 100 };

struct slot {
    _Atomic uint64_t turn; /* of kind ring: position that may be put here, or that position + 1: taken */
    uint64_t item;
};

struct state {
    uint64_t size, work, rounds;
    uint32_t kind;
    _Atomic uint64_t sum;
    _Alignas(64) pthread_mutex_t mutex;
    pthread_cond_t room;
    _Alignas(64) _Atomic uint64_t tail; /* of puts; under kind mutex guarded by it */
    _Alignas(64) _Atomic uint64_t head; /* of takes, likewise */
    _Alignas(64) struct slot slot[SIZE_MAX_ITEMS];
};

static const struct pb_param params[] = {
    {.name = "size",
     .type = PB_PARAM_COUNT,
     .fallback = "64",
     .min = 2,
     .max = SIZE_MAX_ITEMS,
     .help = "items that the queue holds at most"},
    {.name = "ns",
     .type = PB_PARAM_WORK,
     .fallback = "1us",
     .unit = "ns",
     .help = "work on each item, outside of the queue"},
    {.name = "kind",
     .type = PB_PARAM_CHOICE,
     .fallback = "mutex",
     .choices = "mutex|ring",
     .help = "a lock around it, or a lock-free ring"},
    {.name = "rounds",
     .type = PB_PARAM_COUNT,
     .fallback = "100",
     .min = 1,
     .max = 1e6,
     .help = "items that one task puts and takes"},
    {0},
};

/* ---- mutex ---- */

/* Guarded by the mutex: no more than a load and a store. */
static uint64_t next(_Atomic uint64_t *end) {
    uint64_t at = atomic_load_explicit(end, memory_order_relaxed);
    atomic_store_explicit(end, at + 1, memory_order_relaxed);
    return at;
}

static bool is_full(struct state *self) {
    return atomic_load_explicit(&self->tail, memory_order_relaxed) -
               atomic_load_explicit(&self->head, memory_order_relaxed) ==
           self->size;
}

/* Whoever waits does so without the GIL. */
static void enter(struct pb_task *task, struct state *self) {
    if (pthread_mutex_trylock(&self->mutex) == 0)
        return;
    pb_allow_begin(task);
    pthread_mutex_lock(&self->mutex);
    pb_allow_end(task);
}

static void mutex_put(struct pb_task *task, struct state *self, uint64_t item) {
    enter(task, self);
    while (is_full(self)) {
        pb_allow_begin(task);
        pthread_cond_wait(&self->room, &self->mutex);
        pb_allow_end(task);
    }
    self->slot[next(&self->tail) % self->size].item = item;
    pthread_mutex_unlock(&self->mutex);
}

static uint64_t mutex_take(struct pb_task *task, struct state *self) {
    enter(task, self);
    uint64_t item = self->slot[next(&self->head) % self->size].item;
    pthread_cond_signal(&self->room);
    pthread_mutex_unlock(&self->mutex);
    return item;
}

/* ---- ring (D. Vyukov, bounded MPMC queue, 1024cores.net) ---- */

/* Another worker is about to write what this one waits for; it may need the processor, or the GIL. */
static void wait_a_little(struct pb_task *task, unsigned *looks) {
    if (++*looks % LOOKS)
        return;
    pb_allow_begin(task);
    sched_yield();
    pb_allow_end(task);
}

/* The slot of the next position at this end whose turn is `ahead` of it: claimed for the caller. */
static struct slot *claim(struct pb_task *task, struct state *self, _Atomic uint64_t *end, uint64_t ahead,
                          uint64_t *position) {
    unsigned looks = 0;
    uint64_t at = atomic_load_explicit(end, memory_order_relaxed);
    for (;;) {
        struct slot *slot = &self->slot[at % self->size];
        uint64_t turn = atomic_load_explicit(&slot->turn, memory_order_acquire);
        if (turn != at + ahead) {
            wait_a_little(task, &looks);
            at = atomic_load_explicit(end, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(end, &at, at + 1, memory_order_relaxed,
                                                         memory_order_relaxed)) {
            *position = at;
            return slot;
        }
    }
}

static void ring_put(struct pb_task *task, struct state *self, uint64_t item) {
    uint64_t position;
    struct slot *slot = claim(task, self, &self->tail, 0, &position);
    slot->item = item;
    atomic_store_explicit(&slot->turn, position + 1, memory_order_release);
}

static uint64_t ring_take(struct pb_task *task, struct state *self) {
    uint64_t position;
    struct slot *slot = claim(task, self, &self->head, 1, &position);
    uint64_t item = slot->item;
    atomic_store_explicit(&slot->turn, position + self->size, memory_order_release);
    return item;
}

/* ---- The workload ---- */

static const struct kind {
    void (*put)(struct pb_task *, struct state *, uint64_t item);
    uint64_t (*take)(struct pb_task *, struct state *);
} kinds[] = {{mutex_put, mutex_take}, {ring_put, ring_take}};

/* An empty queue, whatever a worker that died left in it. */
static int begin(void *state, const struct pb_repetition *repetition, struct pb_message *message) {
    struct state *self = state;
    pthread_mutexattr_t mutex;
    pthread_condattr_t room;
    (void)repetition;
    (void)message;
    pthread_mutexattr_init(&mutex);
    pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_condattr_init(&room);
    pthread_condattr_setpshared(&room, PTHREAD_PROCESS_SHARED);
    int rc = pthread_mutex_init(&self->mutex, &mutex);
    rc = rc ? rc : pthread_cond_init(&self->room, &room);
    pthread_condattr_destroy(&room);
    pthread_mutexattr_destroy(&mutex);
    self->head = self->tail = self->sum = 0;
    for (uint64_t k = 0; k < self->size; k++)
        self->slot[k].turn = k;
    return -rc;
}

static uint64_t end(void *state) {
    return ((struct state *)state)->sum;
}

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    self->size = (uint64_t)given->value[0].integer;
    self->work = (uint64_t)given->value[1].integer;
    self->kind = (uint32_t)given->value[2].integer;
    self->rounds = (uint64_t)given->value[3].integer;
    return begin(state, NULL, message);
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    struct state *self = task->state;
    const struct kind *kind = &kinds[self->kind];
    uint64_t put = 0, computed = 0;
    for (uint64_t round = 0; round < self->rounds; round++) {
        uint64_t item = pb_mix(round, pb_mix(i, 0));
        put += item;
        kind->put(task, self, item);
        item = kind->take(task, self);
        computed += pb_spin(self->work, item);
        pb_checkpoint(task);
    }
    atomic_fetch_add_explicit(&self->sum, computed, memory_order_relaxed);
    *digest = put;
    return PB_OK;
}

const struct pb_workload pb_workload_queue = {
    PB_WORKLOAD_HEADER,
    .name = "queue",
    .summary = "a bounded queue through which all work passes",
    .bound = PB_CPU,
    .meets = true,
    .params = params,
    .state_size = sizeof(struct state),
    .begin = begin,
    .end = end,
    .setup = setup,
    .run = run,
};
