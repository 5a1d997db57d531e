/* The memory that tasks see is mapped shared before the executor opens, so that forked workers have it too.
 * It is written only while no task is handed over, but for the gate. */
#include "meter.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cpuset.h"
#include "chain.h"

enum { SECOND = 1000000000, GATE_SECONDS = 5, CLOSE_SECONDS = 20 };

enum pb_exit pb_gauge_exit(int rc) {
    switch (rc) {
    case 0:
        return PB_EXIT_OK;
    case -EBADMSG:
        return PB_EXIT_WRONG;
    default:
        return PB_EXIT_FAILED_CELL;
    }
}

void pb_gauge_set_length(struct pb_gauge *m, double ns) {
    m->shared->links = (uint64_t)llround(ns * m->rate);
}

/* ---- The gate ---- */

static int stand(struct pb_task *task, const void *args, size_t size) {
    struct pb_gauge_shared *shared = task->state;
    (void)args;
    (void)size;
    atomic_fetch_add(&shared->standing, 1);
    while (!atomic_load(&shared->open) && !pb_should_stop(task))
        pb_sleep(task, SECOND / 2000); /* the verb: on an event loop the other lanes get to the gate too */
    return 0;
}

int pb_gauge_open_gate(struct pb_gauge *m, struct pb_error *error) {
    int rc = 0;
    atomic_store(&m->shared->open, 1);
    for (uint32_t i = 0; i < m->config.workers; i++) {
        int ended = m->gate[i] ? pb_future_result(m->gate[i], NULL, 0, PB_FOREVER) : 0;
        if (ended && rc == 0)
            rc = pb_error_set(error, ended < 0 ? ended : -EIO, "gate: the task at it failed: %s",
                              strerror(ended < 0 ? -ended : EIO));
        pb_future_release(m->gate[i]);
        m->gate[i] = NULL;
    }
    return rc;
}

int pb_gauge_shut_gate(struct pb_gauge *m, struct pb_error *error) {
    static const struct timespec short_while = {.tv_nsec = 100000};
    uint64_t deadline = pb_deadline((int64_t)GATE_SECONDS * SECOND);
    unsigned standing;
    atomic_store(&m->shared->standing, 0);
    atomic_store(&m->shared->open, 0);
    for (uint32_t i = 0; i < m->config.workers; i++) {
        m->gate[i] = pb_submit(m->executor, stand, NULL, 0);
        if (!m->gate[i]) {
            int rc = pb_error_set(error, -errno, "gate: no task can be handed over: %s", strerror(errno));
            pb_gauge_open_gate(m, NULL);
            return rc;
        }
    }
    while ((standing = atomic_load(&m->shared->standing)) < m->config.workers && pb_remaining(deadline) > 0)
        nanosleep(&short_while, NULL);
    if (standing == m->config.workers)
        return 0;
    pb_gauge_open_gate(m, NULL);
    return pb_error_set(
        error, -ETIMEDOUT,
        "gate: only %u of %u workers took a task in %d s, so the others cannot be stopped: the "
        "executor does not run as many tasks at once as it has workers",
        standing, m->config.workers, GATE_SECONDS);
}

/* ---- Opening ---- */

/* One set per worker, to be freed; NULL with 0: no binding. */
static int bind_workers(const struct pb_gauge_config *config, struct pb_cpuset **out,
                        struct pb_error *error) {
    struct pb_cpuset usable;
    *out = NULL;
    if (config->bind == PB_BIND_NONE)
        return 0;
    int rc = pb_cpuset_of_thread(&usable);
    if (rc < 0)
        return pb_error_set(error, rc, "--bind: this process's processors cannot be read: %s", strerror(-rc));
    uint32_t have = pb_cpuset_count(&usable);
    if (config->bind == PB_BIND_CORE && have < config->workers)
        return pb_error_set(error, -EINVAL,
                            "--bind core: %u workers and only %u processors to be used: give --bind none or "
                            "one, or fewer workers",
                            config->workers, have);
    *out = calloc(config->workers, sizeof **out);
    if (!*out)
        return pb_error_set(error, -ENOMEM, "--bind: no memory for %u workers: ask for fewer",
                            config->workers);
    int32_t cpu = pb_cpuset_next(&usable, -1);
    for (uint32_t i = 0; i < config->workers; i++) {
        pb_cpuset_set(&(*out)[i], (uint32_t)cpu);
        if (config->bind == PB_BIND_CORE)
            cpu = pb_cpuset_next(&usable, cpu);
    }
    return 0;
}

/* What was asked for is what is measured. */
static int check_workers(const struct pb_gauge *m, struct pb_error *error) {
    uint32_t have = pb_executor_workers(m->executor);
    if (have != m->config.workers)
        return pb_error_set(error, -EINVAL, "WORKERS: executor %s has %u, not %u: give %u",
                            m->config.executor, have, m->config.workers, have);
    for (uint32_t i = 0; i < have; i++) {
        struct pb_worker_info info;
        int rc = pb_executor_worker(m->executor, i, &info);
        if (rc == 0 && info.bind_error)
            return pb_error_set(error, -info.bind_error, "--bind: worker %u cannot be bound: %s: give none",
                                i, strerror(info.bind_error));
    }
    return 0;
}

/* In a rank: rank 0's memory, whose machine it shares; on another what is shared stays as it was at first. */
struct seen_from {
    pid_t pid;
    int fd;
};

static int see_shared(void **state, uint32_t first, uint32_t workers, const void *args, size_t size,
                      struct pb_error *error) {
    struct seen_from from;
    char path[64];
    (void)first, (void)workers, (void)size;
    memcpy(&from, args, sizeof from);
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)from.pid, from.fd);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
    *state = mmap(NULL, sizeof(struct pb_gauge_shared), PROT_READ | PROT_WRITE, flags, fd, 0);
    if (fd >= 0)
        close(fd);
    return *state == MAP_FAILED ? pb_error_set(error, -ENOMEM, "no memory to share") : 0;
}

static void unsee_shared(void *state) {
    munmap(state, sizeof(struct pb_gauge_shared));
}

static int open_executor(struct pb_gauge *m, const struct pb_cpuset *binding, struct pb_error *error) {
    size_t length = strcspn(m->config.executor, ":");
    const char *options = m->config.executor[length] ? m->config.executor + length + 1 : NULL;
    char *name = strndup(m->config.executor, length);
    if (!name)
        return pb_error_set(error, -ENOMEM, "--executor: no memory");
    const struct seen_from place = {getpid(), m->shared_fd};
    struct pb_executor_config config = {.workers = m->config.workers,
                                        .options = options,
                                        .state = m->shared,
                                        .binding = binding,
                                        .bindings = binding ? m->config.workers : 0,
                                        .state_open = see_shared,
                                        .state_close = unsee_shared,
                                        .state_args = &place,
                                        .state_args_size = sizeof place};
    int rc = pb_executor_open(&m->executor, name, &config, error);
    free(name);
    return rc;
}

int pb_gauge_open(struct pb_gauge *m, const struct pb_gauge_config *config, struct pb_error *error) {
    struct pb_cpuset *binding;
    *m = (struct pb_gauge){.config = *config, .shared_fd = -1};
    int rc = bind_workers(config, &binding, error);
    if (rc < 0)
        return rc;
    m->rate = pb_chain_rate(); /* while nothing of the executor's runs */
    m->shared_fd = memfd_create("overhead", MFD_CLOEXEC);
    void *shared = m->shared_fd < 0 || ftruncate(m->shared_fd, sizeof *m->shared) < 0
                       ? MAP_FAILED
                       : mmap(NULL, sizeof *m->shared, PROT_READ | PROT_WRITE, MAP_SHARED, m->shared_fd, 0);
    m->shared = shared == MAP_FAILED ? NULL : shared;
    m->gate = calloc(config->workers, sizeof *m->gate);
    if (!m->shared || !m->gate)
        rc = pb_error_set(error, -ENOMEM, "executor %s: no memory for %u workers: ask for fewer",
                          config->executor, config->workers);
    rc = rc ? rc : open_executor(m, binding, error);
    rc = rc ? rc : check_workers(m, error);
    free(binding);
    return rc;
}

int pb_gauge_close(struct pb_gauge *m) {
    int rc = pb_executor_close(m->executor, PB_DRAIN, (int64_t)CLOSE_SECONDS * SECOND);
    if (rc == 0 && m->shared)
        munmap(m->shared, sizeof *m->shared);
    if (m->shared_fd >= 0)
        close(m->shared_fd);
    free(m->future);
    free(m->gate);
    *m = (struct pb_gauge){0};
    return rc;
}
