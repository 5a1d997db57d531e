#include "executor/worker.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

static size_t crew_size(uint32_t workers) {
    return sizeof(struct pb_crew) + workers * (sizeof(struct pb_account) + sizeof(struct pb_cpuset));
}

struct pb_crew *pb_crew_new(const struct pb_executor_config *config, uint32_t workers) {
    struct pb_crew *crew =
        mmap(NULL, crew_size(workers), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (crew == MAP_FAILED)
        return NULL;
    crew->config = *config;
    crew->workers = crew->accounts = workers;
    if (config->binding) {
        struct pb_cpuset *binding = (struct pb_cpuset *)(crew->account + workers);
        memcpy(binding, config->binding, workers * sizeof *binding);
        crew->config.binding = binding;
    }
    for (uint32_t i = 0; i < workers; i++)
        atomic_store(&crew->account[i].cpu, -1);
    return crew;
}

void pb_crew_free(struct pb_crew *crew) {
    if (crew)
        munmap(crew, crew_size(crew->accounts));
}

static void bind_self(struct pb_worker *w) {
    if (w->crew->config.binding)
        atomic_store(&w->account->bind_error,
                     -pb_cpuset_bind_thread(&w->crew->config.binding[w->task.worker]));
}

int pb_worker_enter(struct pb_worker *w, struct pb_crew *crew, uint32_t index, const struct pb_io *io,
                    struct pb_error *error) {
    const struct pb_executor_config *config = &crew->config;
    *w = (struct pb_worker){.crew = crew, .account = &crew->account[index]};
    w->task = (struct pb_task){
        .io = io, .state = config->state, .stop = &crew->stop, .worker = index, .lane_index = index};
    atomic_store(&w->account->pid, getpid());
    bind_self(w);
    if (config->lane_size) {
        /* A whole number of pages of its own, touched here first: on the worker's NUMA node, shared with
         * nobody. */
        size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (config->lane_size + page - 1) / page * page;
        w->task.lane = aligned_alloc(page, size);
        if (!w->task.lane)
            return pb_error_set(error, -ENOMEM,
                                "worker %u: no memory for a lane of %zu bytes: ask for fewer workers", index,
                                config->lane_size);
        memset(w->task.lane, 0, size);
    }
    int rc = config->initializer ? config->initializer(&w->task, error) : 0;
    if (rc < 0) {
        free(w->task.lane);
        w->task.lane = NULL;
    }
    return rc;
}

void pb_worker_leave(struct pb_worker *w) {
    if (w->crew->config.finalizer)
        w->crew->config.finalizer(&w->task);
    free(w->task.lane);
    w->task.lane = NULL;
}

void pb_worker_begin(struct pb_worker *w) {
    w->began = pb_thread_cpu();
}

void pb_worker_end(struct pb_worker *w, uint64_t tasks) {
    struct pb_account *a = w->account;
    uint64_t cpu_ns = atomic_load_explicit(&a->cpu_ns, memory_order_relaxed) + pb_thread_cpu() - w->began;
    atomic_store_explicit(&a->cpu_ns, cpu_ns, memory_order_relaxed);
    atomic_store_explicit(&a->tasks, atomic_load_explicit(&a->tasks, memory_order_relaxed) + tasks,
                          memory_order_relaxed);
    atomic_store_explicit(&a->cpu, sched_getcpu(), memory_order_relaxed);
}

void pb_worker_run(struct pb_worker *w, struct pb_future *f) {
    if (!pb_future_begin(f))
        return;
    struct pb_call call;
    pb_worker_begin(w);
    int code = pb_call_run(&call, f->function, f->args, f->args_size, &w->task);
    pb_worker_end(w, 1);
    pb_future_finish(f, code, &call);
}
