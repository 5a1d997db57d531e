#include "runner/cell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cpuset.h"
#include "runner/work.h"

static int find_via(struct pb_runner_cell *cell, const char *name, struct pb_error *error) {
    for (const struct pb_via *via = pb_vias; via->name; via++)
        if (!name || strcmp(via->name, name) == 0) {
            cell->repeat = via->repeat;
            return 0;
        }
    return pb_error_set(error, -EINVAL, "--via %s: this runner has for, submit and map: choose one", name);
}

/* Workers that the executor may have: an event loop has threads of its own number. Meters must lie there
   before it opens, and cost nothing until they are used. */
static uint32_t most_workers(const struct pb_wire_open *open) {
    enum { EXTRA = 64, MOST = 4096 };
    uint32_t asked = open->workers ? open->workers : pb_usable_processors();
    return asked < MOST - EXTRA ? asked + EXTRA : MOST;
}

static int set_up_workload(struct pb_runner_cell *cell, const struct pb_wire_open *open,
                           struct pb_error *error) {
    uint32_t workers = most_workers(open);
    int rc =
        pb_setup_open(&cell->setup, open->workload ? open->workload : "", open->work_rate, 0, workers, error);
    if (rc < 0 || !open->trace)
        return rc;
    cell->setup.work->trace = pb_trace_new(workers);
    return cell->setup.work->trace
               ? 0
               : pb_error_set(error, -ENOMEM, "runner: no memory for a trace of %u workers", workers);
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

static bool is_launched(const char *executor) {
    struct pb_executor_listing listing;
    for (size_t i = 0; pb_executor_list(i, &listing) == 0; i++)
        if (strcmp(listing.name, executor) == 0)
            return listing.launched;
    return false;
}

static int open_ranks(struct pb_runner_cell *cell, const struct pb_wire_open *open, const char *options,
                      struct pb_error *error) {
    if (open->trace)
        return pb_error_set(error, -ENOTSUP,
                            "executor %s: what ranks do is not traced: leave --trace out, or -e it",
                            open->executor);
    return pb_cell_ranks_open(&cell->ranks, open, options, error);
}

static int open_executor(struct pb_runner_cell *cell, const struct pb_wire_open *open,
                         struct pb_error *error) {
    struct pb_cpuset *binding = NULL;
    char *name = strdup(open->executor ? open->executor : "");
    int rc = name ? read_binding(open, &binding, error) : -ENOMEM;
    char *colon = name ? strchr(name, ':') : NULL;
    const char *options = colon ? colon + 1 : NULL;
    if (colon)
        *colon = '\0';
    bool launched = rc == 0 && is_launched(name);
    if (launched)
        rc = open_ranks(cell, open, options, error);
    if (rc == 0) {
        const struct pb_executor_config config = {
            .workers = open->workers,
            .options = options,
            .lane_size = cell->setup.found.workload->lane_size,
            .stack_size = cell->setup.found.workload->stack_size,
            .state = cell->setup.work->state,
            .initializer = pb_work_enter,
            .finalizer = pb_work_leave,
            .binding = launched ? cell->ranks.binding : binding,
            .bindings = launched ? cell->ranks.bindings : open->binding.count,
            .state_open = pb_rank_state_open,
            .state_close = pb_rank_state_close,
            .state_args = cell->ranks.setup.data,
            .state_args_size = cell->ranks.setup.size,
            .trace = cell->setup.work->trace,
        };
        rc = pb_executor_open(&cell->executor, name, &config, error);
    }
    free(binding);
    free(name);
    return rc;
}

pid_t *pb_runner_cell_pids(const struct pb_runner_cell *cell, size_t *count) {
    uint32_t workers = pb_executor_workers(cell->executor);
    pid_t *pid = calloc(workers, sizeof *pid);
    *count = 0;
    if (cell->ranks.ranks) /* which tell of themselves */
        return pid;
    for (uint32_t i = 0; pid && i < workers; i++) {
        struct pb_worker_info info;
        pb_executor_worker(cell->executor, i, &info);
        if (info.pid && info.pid != getpid())
            pid[(*count)++] = info.pid;
    }
    return pid;
}

void pb_runner_list_pids(const pid_t *pid, size_t count, struct pb_wire_list *list) {
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

/* Where they are; and on this host, whose processor time is seen from here. */
static void list_ranks(struct pb_runner_cell *cell, struct pb_wire_ready *ready) {
    pb_cell_ranks_pids(&cell->ranks, &ready->pids);
    ready->host = cell->ranks.host;
    ready->hosts = cell->ranks.hosts;
    cell->ranks.host = NULL;
    cell->ranks.hosts = 0;
}

static void get_ready(struct pb_runner_cell *cell, struct pb_wire_ready *ready) {
    const struct pb_workload *w = cell->setup.found.workload;
    size_t count;
    pid_t *pid = pb_runner_cell_pids(cell, &count);
    ready->protocol = PB_PROTOCOL_VERSION;
    ready->tasks = w->count ? w->count(cell->setup.work->state) : 0;
    ready->offered = w->offered ? w->offered(cell->setup.work->state) : 0;
    ready->bytes_per_task = w->bytes ? w->bytes(cell->setup.work->state) : 0;
    pb_wire_list_add(&ready->statuses, "ok");
    pb_wire_list_add(&ready->statuses, "error");
    for (const char *const *status = w->statuses; status && *status; status++)
        pb_wire_list_add(&ready->statuses, *status);
    for (const char *const *counter = w->counters; counter && *counter; counter++)
        pb_wire_list_add(&ready->counters, *counter);
    uint64_t value;
    const char *name;
    for (unsigned k = 0; (name = pb_executor_counter(cell->executor, k, &value)); k++)
        pb_wire_list_add(&ready->executor_counters, name);
    if (cell->setup.note.text[0])
        pb_wire_list_add(&ready->notes, cell->setup.note.text);
    note_bindings(cell, &ready->notes);
    pb_runner_list_pids(pid, count, &ready->pids);
    free(pid);
    list_ranks(cell, ready);
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
    pb_pressure_find(&cell->pressure, "");
    get_ready(cell, ready);
    if (error->text[0])
        pb_wire_list_add(&ready->notes, error->text);
    return rc;
}

void pb_runner_cell_close(struct pb_runner_cell *cell) {
    if (cell->executor)
        pb_executor_close(cell->executor, PB_DRAIN, PB_FOREVER);
    pb_cell_ranks_close(&cell->ranks);
    pb_setup_close(&cell->setup);
    *cell = (struct pb_runner_cell){0};
}
