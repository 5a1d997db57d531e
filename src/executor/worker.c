#include "executor/worker.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "topology/limits.h"

/* ---- The crew ---- */

static size_t crew_size(uint32_t workers, uint32_t bindings) {
    return sizeof(struct pb_crew) + workers * sizeof(struct pb_account) + bindings * sizeof(struct pb_cpuset);
}

/* Each worker can have one of `processors` to itself. */
static bool can_spread(const struct pb_executor_config *config, uint32_t workers, uint32_t processors) {
    struct pb_cpuset all;
    if (processors < 2 || workers > processors)
        return false;
    if (!config->bindings)
        return true;
    pb_cpuset_zero(&all);
    for (uint32_t i = 0; i < workers && i < config->bindings; i++)
        pb_cpuset_add(&all, &config->binding[i]);
    return pb_cpuset_count(&all) >= workers;
}

struct pb_crew *pb_crew_new(const struct pb_executor_config *config, uint32_t workers, uint32_t lanes,
                            bool shared) {
    size_t size = crew_size(workers, config->bindings);
    struct pb_crew *crew = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (crew == MAP_FAILED)
        return NULL;
    if (pb_depot_open(&crew->depot, shared) < 0) {
        munmap(crew, size);
        return NULL;
    }
    struct pb_limits limits;
    pb_limits_read(&limits, NULL);
    crew->config = *config;
    crew->workers = crew->accounts = workers;
    crew->lanes = lanes;
    if (config->bindings) {
        struct pb_cpuset *binding = (struct pb_cpuset *)(crew->account + workers);
        memcpy(binding, config->binding, config->bindings * sizeof *binding);
        crew->config.binding = binding;
    }
    for (uint32_t i = 0; i < workers; i++) {
        atomic_store(&crew->account[i].cpu, -1);
        crew->account[i].waits.track = pb_trace_track(config->trace, i);
    }
    crew->depot->workers = workers;
    crew->depot->processors = limits.processors;
    crew->depot->max_pending = config->max_pending;
    crew->spins = can_spread(config, workers, limits.processors);
    return crew;
}

void pb_crew_free(struct pb_crew *crew) {
    if (!crew)
        return;
    pb_depot_close(crew->depot);
    munmap(crew, crew_size(crew->accounts, crew->config.bindings));
}

/* ---- Lanes ---- */

void pb_lane_init(struct pb_task *task, struct pb_crew *crew, uint32_t worker, uint32_t index,
                  const struct pb_io *io, void *memory) {
    *task = (struct pb_task){.io = io,
                             .lane = memory,
                             .state = crew->config.state,
                             .stop = crew->config.stop ? crew->config.stop : &crew->stop,
                             .waits = &crew->account[worker].waits,
                             .worker = crew->config.first_worker + worker,
                             .lane_index = crew->config.first_worker + index};
}

int pb_lane_enter(struct pb_task *task, const struct pb_crew *crew, struct pb_error *error) {
    return crew->config.initializer ? crew->config.initializer(task, error) : 0;
}

void pb_lane_leave(struct pb_task *task, const struct pb_crew *crew) {
    if (crew->config.finalizer)
        crew->config.finalizer(task);
}

void pb_lane_renew(struct pb_task *task, struct pb_crew *crew, uint32_t worker, size_t size) {
    struct pb_error error = {0};
    pb_lane_leave(task, crew);
    if (task->lane)
        memset(task->lane, 0, size);
    atomic_fetch_add(&crew->account[worker].restarts, 1);
    if (pb_lane_enter(task, crew, &error) < 0)
        fprintf(stderr, "parbench: worker %u renewed after %llu tasks: its initializer failed: %s\n",
                task->worker, (unsigned long long)crew->config.max_tasks_per_worker, error.text);
}

/* ---- A worker and its lane ---- */

static void bind_self(struct pb_worker *w, uint32_t index) {
    const struct pb_executor_config *config = &w->crew->config;
    if (config->bindings)
        atomic_store(&w->account->bind_error,
                     -pb_cpuset_bind_thread(&config->binding[index % config->bindings]));
}

/* The kernel's encoding of the CPU clock of a process, or of a thread that may be asked only by its own. */
static int32_t own_clock(bool shared) {
    return shared ? (int32_t)(~(unsigned)getpid() << 3 | 2) : (int32_t)(~(unsigned)gettid() << 3 | 6);
}

void pb_worker_start(struct pb_worker *w, struct pb_crew *crew, uint32_t index) {
    *w = (struct pb_worker){
        .crew = crew, .index = index, .account = &crew->account[index], .task.verbs = w->task.verbs};
    atomic_store(&w->account->pid, getpid());
    atomic_store(&w->account->clock, own_clock(crew->depot->shared));
    w->renewed_at = atomic_load(&w->account->tasks);
    pb_wait_for_work(&w->account->waits);
    bind_self(w, index);
}

/* A whole number of pages of its own, touched by the worker first: on its NUMA node, shared with nobody. */
static size_t lane_bytes(const struct pb_worker *w) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (w->crew->config.lane_size + page - 1) / page * page;
}

static void *make_lane(const struct pb_worker *w) {
    void *memory = aligned_alloc((size_t)sysconf(_SC_PAGESIZE), lane_bytes(w));
    return memory ? memset(memory, 0, lane_bytes(w)) : NULL;
}

int pb_worker_enter(struct pb_worker *w, struct pb_crew *crew, uint32_t index, const struct pb_io *io,
                    struct pb_error *error) {
    void *verbs = w->task.verbs;
    pb_worker_start(w, crew, index);
    void *memory = crew->config.lane_size ? make_lane(w) : NULL;
    if (crew->config.lane_size && !memory)
        return pb_error_set(error, -ENOMEM,
                            "worker %u: no memory for a lane of %zu bytes: ask for fewer workers", index,
                            crew->config.lane_size);
    pb_lane_init(&w->task, crew, index, index, io, memory);
    w->task.verbs = verbs;
    int rc = pb_lane_enter(&w->task, crew, error);
    if (rc < 0) {
        free(w->task.lane);
        w->task.lane = NULL;
    }
    return rc;
}

void pb_worker_leave(struct pb_worker *w) {
    pb_lane_leave(&w->task, w->crew);
    free(w->task.lane);
    w->task.lane = NULL;
}

bool pb_worker_is_spent(const struct pb_worker *w) {
    uint64_t most = w->crew->config.max_tasks_per_worker;
    return most && atomic_load_explicit(&w->account->tasks, memory_order_relaxed) - w->renewed_at >= most;
}

void pb_worker_renew(struct pb_worker *w) {
    if (!pb_worker_is_spent(w))
        return;
    w->renewed_at = atomic_load(&w->account->tasks);
    pb_lane_renew(&w->task, w->crew, w->index, lane_bytes(w));
}

/* ---- Its account ---- */

enum { ENDING = 1, MOST_LOOKS = 1000 };

void pb_worker_begin(struct pb_worker *w) {
    uint64_t cpu_ns = pb_thread_cpu();
    atomic_store_explicit(&w->account->cpu, sched_getcpu(), memory_order_relaxed);
    atomic_store_explicit(&w->account->began, cpu_ns, memory_order_release);
    pb_wait_is_over(&w->account->waits, cpu_ns);
}

void pb_worker_end(struct pb_worker *w) {
    struct pb_account *a = w->account;
    uint64_t began = atomic_load_explicit(&a->began, memory_order_relaxed);
    if (!began)
        return;
    uint64_t cpu_ns = atomic_load_explicit(&a->cpu_ns, memory_order_relaxed) + pb_thread_cpu() - began;
    atomic_store_explicit(&a->began, ENDING, memory_order_release);
    atomic_store_explicit(&a->cpu_ns, cpu_ns, memory_order_release);
    atomic_store_explicit(&a->began, 0, memory_order_release);
    pb_wait_for_work(&a->waits);
    atomic_store_explicit(&a->cpu, sched_getcpu(), memory_order_relaxed);
}

void pb_worker_count(struct pb_worker *w, uint64_t tasks) {
    atomic_store_explicit(&w->account->tasks,
                          atomic_load_explicit(&w->account->tasks, memory_order_relaxed) + tasks,
                          memory_order_relaxed);
}

/* CPU time with that of the stretch that goes on, if one does; the worker may end it at any moment, or be
 * killed while it does. */
static uint64_t cpu_now(const struct pb_account *a) {
    for (int looks = 0;; looks++) {
        uint64_t cpu_ns = atomic_load_explicit(&a->cpu_ns, memory_order_acquire);
        uint64_t began = atomic_load_explicit(&a->began, memory_order_acquire);
        struct timespec now = {0};
        if (began > ENDING)
            clock_gettime(atomic_load(&a->clock), &now);
        bool moved = began == ENDING || atomic_load_explicit(&a->cpu_ns, memory_order_acquire) != cpu_ns ||
                     atomic_load_explicit(&a->began, memory_order_acquire) != began;
        uint64_t at = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        if (!moved || looks == MOST_LOOKS)
            return began > ENDING && at > began ? cpu_ns + at - began : cpu_ns;
        sched_yield();
    }
}

void pb_account_read(const struct pb_account *a, struct pb_worker_info *info) {
    struct pb_waited waited;
    pb_waits_read(&a->waits, &waited);
    *info = (struct pb_worker_info){
        .tasks = atomic_load(&a->tasks),
        .cpu_ns = cpu_now(a),
        .gil_ns = waited.gil_ns,
        .io_ns = waited.io_ns,
        .idle_ns = waited.idle_ns,
        .idle_since = waited.idle_since,
        .pid = atomic_load(&a->pid),
        .cpu = atomic_load(&a->cpu),
        .restarts = atomic_load(&a->restarts),
        .bind_error = atomic_load(&a->bind_error),
    };
}

/* ---- Its tasks ---- */

int pb_lane_call(struct pb_task *task, struct pb_future *f, struct pb_call *call) {
    const atomic_uint *outer = task->over;
    task->over = &f->state;
    int code = pb_call_run(call, f->function, pb_future_args(f), f->args_size, task);
    task->over = outer;
    return code;
}

int pb_worker_call(struct pb_worker *w, struct pb_future *f, struct pb_call *call) {
    int code = pb_lane_call(&w->task, f, call);
    pb_worker_count(w, 1 + (uint64_t)call->more);
    return code;
}

void pb_worker_run(struct pb_worker *w, struct pb_future *f) {
    struct pb_call call;
    int code = pb_worker_call(w, f, &call);
    pb_future_finish(f, code, &call);
}
