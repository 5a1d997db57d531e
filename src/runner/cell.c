#include "runner/cell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cpuset.h"
#include "runner/usage.h"
#include "runner/work.h"

static int find_via(struct pb_runner_cell *cell, const char *name, struct pb_error *error) {
    for (const struct pb_via *via = pb_vias; via->name; via++)
        if (!name || strcmp(via->name, name) == 0) {
            cell->repeat = via->repeat;
            return 0;
        }
    return pb_error_set(error, -EINVAL, "--via %s: this runner has for, submit and map: choose one", name);
}

static int set_up_workload(struct pb_runner_cell *cell, const struct pb_wire_open *open,
                           struct pb_error *error) {
    char owner[128];
    int rc = pb_workload_find(&cell->found, open->workload ? open->workload : "", error);
    if (rc < 0)
        return rc;
    const struct pb_workload *w = cell->found.workload;
    snprintf(owner, sizeof owner, "workload %s", cell->found.name);
    rc = pb_param_set_init(&cell->params, owner, w->params, cell->found.params, open->work_rate, error);
    if (rc < 0)
        return rc;
    cell->work_size = sizeof *cell->work + w->state_size;
    cell->work = mmap(NULL, cell->work_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (cell->work == MAP_FAILED) {
        cell->work = NULL;
        return pb_error_set(error, -ENOMEM, "%s: no memory for a state of %zu bytes", owner, w->state_size);
    }
    cell->work->workload = w;
    struct pb_message message = {{0}};
    rc = w->setup ? w->setup(cell->work->state, &cell->params.values, &message) : 0;
    if (rc < 0)
        return pb_error_set(error, rc, "%s: setup: %s", owner,
                            message.text[0] ? message.text : strerror(-rc));
    cell->set_up = true;
    return 0;
}

static int read_binding(const struct pb_wire_open *open, struct pb_cpuset **binding, struct pb_error *error) {
    if (open->binding.count == 0)
        return 0;
    *binding = calloc(open->binding.count, sizeof **binding);
    if (!*binding)
        return pb_error_set(error, -ENOMEM, "runner: no memory for bindings");
    for (uint32_t i = 0; i < open->binding.count; i++)
        if (pb_cpuset_parse(&(*binding)[i], open->binding.item[i]) < 0)
            return pb_error_set(error, -EINVAL, "runner protocol: binding \"%s\" is no list of processors",
                                open->binding.item[i]);
    return 0;
}

static int open_executor(struct pb_runner_cell *cell, const struct pb_wire_open *open,
                         struct pb_error *error) {
    struct pb_cpuset *binding = NULL;
    char *name = strdup(open->executor ? open->executor : "");
    int rc = name ? read_binding(open, &binding, error) : -ENOMEM;
    if (rc == 0) {
        char *colon = strchr(name, ':');
        if (colon)
            *colon = '\0';
        const struct pb_executor_config config = {
            .workers = open->workers,
            .options = colon ? colon + 1 : NULL,
            .lane_size = cell->found.workload->lane_size,
            .state = cell->work->state,
            .initializer = pb_work_enter,
            .finalizer = pb_work_leave,
            .binding = binding,
            .bindings = open->binding.count,
        };
        rc = pb_executor_open(&cell->executor, name, &config, error);
    }
    free(binding);
    free(name);
    return rc;
}

/* Worker processes other than this one. The caller frees. */
static pid_t *worker_pids(const struct pb_runner_cell *cell, size_t *count) {
    uint32_t workers = pb_executor_workers(cell->executor);
    pid_t *pid = calloc(workers, sizeof *pid);
    *count = 0;
    for (uint32_t i = 0; pid && i < workers; i++) {
        struct pb_worker_info info;
        pb_executor_worker(cell->executor, i, &info);
        if (info.pid && info.pid != getpid())
            pid[(*count)++] = info.pid;
    }
    return pid;
}

static void list_pids(const pid_t *pid, size_t count, struct pb_wire_list *list) {
    for (size_t i = 0; i < count; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", (int)pid[i]);
        pb_wire_list_add(list, text);
    }
}

static void note_bindings(const struct pb_runner_cell *cell, struct pb_wire_list *notes) {
    for (uint32_t i = 0; i < pb_executor_workers(cell->executor); i++) {
        struct pb_worker_info info;
        pb_executor_worker(cell->executor, i, &info);
        if (info.bind_error) {
            char text[160];
            snprintf(text, sizeof text, "worker %u could not be bound: %s", i, strerror(info.bind_error));
            pb_wire_list_add(notes, text);
        }
    }
}

static void get_ready(const struct pb_runner_cell *cell, struct pb_wire_ready *ready) {
    const struct pb_workload *w = cell->found.workload;
    size_t count;
    pid_t *pid = worker_pids(cell, &count);
    ready->protocol = PB_PROTOCOL_VERSION;
    ready->tasks = w->count ? w->count(cell->work->state) : 0;
    ready->bytes_per_task = w->bytes ? w->bytes(cell->work->state) : 0;
    pb_wire_list_add(&ready->statuses, "ok");
    pb_wire_list_add(&ready->statuses, "error");
    for (const char *const *status = w->statuses; status && *status; status++)
        pb_wire_list_add(&ready->statuses, *status);
    note_bindings(cell, &ready->notes);
    list_pids(pid, count, &ready->pids);
    free(pid);
}

int pb_runner_cell_open(struct pb_runner_cell *cell, const struct pb_wire_open *open,
                        struct pb_wire_ready *ready, struct pb_error *error) {
    *cell = (struct pb_runner_cell){0};
    int rc = find_via(cell, open->via, error);
    rc = rc < 0 ? rc : set_up_workload(cell, open, error);
    rc = rc < 0 ? rc : open_executor(cell, open, error);
    if (rc < 0) {
        pb_runner_cell_close(cell);
        return rc;
    }
    get_ready(cell, ready);
    if (error->text[0])
        pb_wire_list_add(&ready->notes, error->text);
    return rc;
}

static void account(const struct pb_runner_cell *cell, const struct pb_worker_info *before,
                    struct pb_sample *sample) {
    for (uint32_t i = 0; i < sample->workers; i++) {
        struct pb_worker_info now;
        pb_executor_worker(cell->executor, i, &now);
        sample->worker[i] = (struct pb_worker_sample){
            .tasks = now.tasks - before[i].tasks, .cpu_ns = now.cpu_ns - before[i].cpu_ns, .cpu = now.cpu};
    }
}

static int64_t grown(int64_t before, int64_t after) {
    return before < 0 || after < 0 ? -1 : after - before;
}

static void count_usage(struct pb_sample *s, const struct pb_usage *before, const struct pb_usage *after) {
    s->voluntary = grown(before->voluntary, after->voluntary);
    s->involuntary = grown(before->involuntary, after->involuntary);
    s->migrations = grown(before->migrations, after->migrations);
    s->minor_faults = grown(before->minor_faults, after->minor_faults);
    s->major_faults = grown(before->major_faults, after->major_faults);
    s->peak_bytes = after->peak_bytes;
}

/* One repetition with each task clocked on its own: serial only, whose tasks see this process's memory. */
static int repeat_timed(struct pb_runner_cell *cell, const struct pb_wire_run *run,
                        struct pb_wire_sample *out, struct pb_range_result *result, struct pb_error *error) {
    if (strcmp(pb_executor_name(cell->executor), "serial") != 0)
        return pb_error_set(error, -EINVAL, "runner protocol: times are measured on serial only");
    out->task_ns = calloc(run->tasks + 1, sizeof *out->task_ns);
    if (!out->task_ns)
        return pb_error_set(error, -ENOMEM, "runner: no memory for %llu task times",
                            (unsigned long long)run->tasks);
    cell->work->task_ns = out->task_ns;
    out->task_times = (uint32_t)run->tasks;
    return pb_for(cell->executor, run->tasks, pb_work_timed, NULL, 0, result, error);
}

int pb_runner_cell_run(struct pb_runner_cell *cell, const struct pb_wire_run *run, struct pb_wire_sample *out,
                       struct pb_error *error) {
    struct pb_sample *s = &out->sample;
    struct pb_range_result result = {0};
    struct pb_usage before, after;
    uint32_t workers = pb_executor_workers(cell->executor);
    size_t pids;
    pid_t *pid = worker_pids(cell, &pids);
    struct pb_worker_info *info = calloc(workers, sizeof *info);
    s->worker = calloc(workers, sizeof *s->worker);
    if (!pid || !info || !s->worker) {
        free(pid);
        free(info);
        return pb_error_set(error, -ENOMEM, "runner: no memory for a sample of %u workers", workers);
    }
    s->workers = workers;
    for (uint32_t i = 0; i < workers; i++)
        pb_executor_worker(cell->executor, i, &info[i]);
    pb_usage_read(&before, pid, pids);
    uint64_t cpu = pb_usage_cpu(pid, pids), began = pb_now();
    int rc = run->times ? repeat_timed(cell, run, out, &result, error)
                        : cell->repeat(cell, run->tasks, &result, error);
    s->makespan_ns = pb_now() - began;
    s->cpu_ns = pb_usage_cpu(pid, pids) - cpu;
    pb_usage_read(&after, pid, pids);
    count_usage(s, &before, &after);
    account(cell, info, s);
    s->round = run->round;
    s->tasks = result.tasks;
    s->digest = result.digest;
    memcpy(s->status, result.status, sizeof s->status);
    list_pids(pid, pids, &out->pids);
    free(pid);
    free(info);
    return rc;
}

void pb_runner_cell_close(struct pb_runner_cell *cell) {
    if (cell->executor)
        pb_executor_close(cell->executor, PB_DRAIN, PB_FOREVER);
    if (cell->set_up && cell->found.workload->teardown)
        cell->found.workload->teardown(cell->work->state);
    if (cell->work)
        munmap(cell->work, cell->work_size);
    pb_param_set_release(&cell->params);
    pb_found_release(&cell->found);
    *cell = (struct pb_runner_cell){0};
}
