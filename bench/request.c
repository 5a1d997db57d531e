/* The mix that a service has: some computing, a wait for somebody else, some computing.
 *
 * The computing holds a lock like CPython's and has check points in it; half of it comes before the wait, as
 * reading a request does, half after it, as making an answer does.
 *
 * Closed loop (rate=0): each lane takes its next request when it has ended one, so nothing ever queues, and a
 * latency is that of the request alone. Open loop: requests come by the clock whether or not a lane is free.
 * The k-th is due at t0 + k/rate, where t0 is the moment at which the first task began; a lane that is early
 * sleeps until then, and the latency counts from when the request was due. So the time that it waited for a
 * lane is in it; measured from its begin, an overloaded service would look as fast as an idle one
 * (coordinated omission). Which request is the k-th follows the order in which tasks begin, not their
 * numbers: executors hand several numbers at a time to a worker, and a request must not wait for one worker
 * while another is idle. */
#include <stdatomic.h>

#include "bench/clock.h"
#include "bench/workloads.h"
#include "parbench/meter.h"

struct state {
    uint64_t cpu, grain; /* iterations */
    int64_t wait_ns;
    double rate, period_ns; /* 0: closed loop */
    uint64_t items;
    _Alignas(64) _Atomic uint64_t t0, arrived; /* of this repetition; t0 is 0 until its first task begins */
};

enum { CPU, WAIT, RATE, ITEMS, GRAIN };

static const struct pb_param params[] = {
    [CPU] = {.name = "cpu",
             .type = PB_PARAM_WORK,
             .fallback = "200us",
             .help = "computing of one request, half before the wait and half after"},
    [WAIT] = {.name = "wait",
              .type = PB_PARAM_TIME,
              .fallback = "5ms",
              .min = 0,
              .max = 60e9,
              .unit = "ms",
              .help = "how long one request waits for somebody else"},
    [RATE] = {.name = "rate",
              .type = PB_PARAM_REAL,
              .fallback = "0",
              .min = 0,
              .max = 1e6,
              .help = "requests that come in a second (open loop); 0: the next when one ends"},
    [ITEMS] = {.name = "items",
               .type = PB_PARAM_COUNT,
               .fallback = "0",
               .min = 0,
               .max = 1e6,
               .help = "requests of a repetition; 0: chosen, with rate a quarter of a second's"},
    [GRAIN] = {.name = "grain",
               .type = PB_PARAM_WORK,
               .fallback = "10us",
               .help = "computing between two check points, where a lock may change hands"},
    {0},
};

static int setup(void *state, const struct pb_params *given, struct pb_message *message) {
    struct state *self = state;
    (void)message;
    self->cpu = (uint64_t)given->value[CPU].integer;
    self->grain = (uint64_t)given->value[GRAIN].integer;
    self->wait_ns = given->value[WAIT].integer;
    self->rate = given->value[RATE].real;
    self->period_ns = self->rate > 0 ? 1e9 / self->rate : 0;
    self->items = (uint64_t)given->value[ITEMS].integer;
    return 0;
}

static double offered(const void *state) {
    return ((const struct state *)state)->rate;
}

/* The harness would choose by how long a task takes on serial, which under a schedule is not the work but the
   waiting for the next: so here it is a time, long enough for percentiles and short enough for rounds. */
static uint64_t count(const void *state) {
    enum { SPAN_NS = 250000000, LEAST = 10, MOST = 100000 };
    const struct state *self = state;
    if (self->items || self->period_ns == 0)
        return self->items;
    double due = SPAN_NS / self->period_ns;
    return due < LEAST ? LEAST : due > MOST ? MOST : (uint64_t)due;
}

static int begin(void *state, const struct pb_repetition *repetition, struct pb_message *message) {
    struct state *self = state;
    (void)repetition;
    (void)message;
    atomic_store(&self->t0, 0);
    atomic_store(&self->arrived, 0);
    return 0;
}

/* Waits for the next request to come; *due becomes the moment from which its latency counts. */
static int await_arrival(struct pb_task *task, struct state *self, uint64_t *due) {
    uint64_t now = pb_clock_ns(), none = 0;
    *due = now;
    if (self->period_ns == 0)
        return 0;
    atomic_compare_exchange_strong(&self->t0, &none, now);
    uint64_t k = atomic_fetch_add(&self->arrived, 1);
    *due = atomic_load(&self->t0) + (uint64_t)((double)k * self->period_ns);
    return *due > now ? pb_sleep(task, (int64_t)(*due - now)) : 0;
}

static uint64_t compute(struct pb_task *task, uint64_t iterations, uint64_t grain, uint64_t x) {
    for (; grain && iterations > grain; iterations -= grain) {
        x = pb_spin(grain, x);
        pb_checkpoint(task);
    }
    return pb_spin(iterations, x);
}

static int run(struct pb_task *task, uint64_t i, uint64_t *digest) {
    struct state *self = task->state;
    uint64_t due, x = pb_mix(i, 0);
    int rc = await_arrival(task, self, &due);
    x = compute(task, self->cpu / 2, self->grain, x);
    if (rc == 0 && self->wait_ns > 0)
        rc = pb_sleep(task, self->wait_ns);
    x = compute(task, self->cpu - self->cpu / 2, self->grain, x);
    if (rc < 0)
        return pb_reason(task, i, PB_ERROR, "its wait was cancelled");
    pb_observe(task, pb_clock_ns() - due);
    *digest = x;
    return PB_OK;
}

const struct pb_workload pb_workload_request = {
    PB_WORKLOAD_HEADER,
    .name = "request",
    .summary = "requests of a service: compute, wait, compute",
    .bound = PB_IO,
    .meets = true,
    .params = params,
    .state_size = sizeof(struct state),
    .count = count,
    .offered = offered,
    .begin = begin,
    .setup = setup,
    .run = run,
};
