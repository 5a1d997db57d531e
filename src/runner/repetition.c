/* One repetition and what is measured of it. The clock is read directly around the tasks, the workers'
 * accounts around that; counters, meters and the workload's `begin` and `end` stand outside. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/name.h"
#include "runner/account.h"
#include "runner/cell.h"
#include "runner/spans.h"
#include "runner/usage.h"
#include "runner/work.h"

enum { EXECUTOR_COUNTERS = PB_SAMPLE_COUNTERS - PB_COUNTERS_MAX };

/* What was before it. */
struct before {
    pid_t *pid; /* of worker processes */
    size_t pids;
    uint32_t workers;
    struct pb_worker_info *worker;
    uint64_t counter[EXECUTOR_COUNTERS];
    struct pb_usage usage;
    struct pb_pressure pressure;
    struct pb_ranks_used ranks; /* what ranks used since; of others nothing */
    uint64_t end_value;         /* what the workload's end returned in all of them */
};

static uint64_t counter_of(const struct pb_runner_cell *cell, unsigned k) {
    uint64_t value;
    return pb_executor_counter(cell->executor, k, &value) ? value : 0;
}

static int look(const struct pb_runner_cell *cell, struct before *b, struct pb_error *error) {
    b->workers = pb_executor_workers(cell->executor);
    b->pid = pb_runner_cell_pids(cell, &b->pids);
    b->worker = calloc(b->workers, sizeof *b->worker);
    if (!b->pid || !b->worker)
        return pb_error_set(error, -ENOMEM, "runner: no memory for a sample of %u workers", b->workers);
    for (unsigned k = 0; k < EXECUTOR_COUNTERS; k++)
        b->counter[k] = counter_of(cell, k);
    pb_usage_read(&b->usage, b->pid, b->pids);
    pb_pressure_read(&cell->pressure, &b->pressure);
    return 0;
}

static void add(int64_t *sum, int64_t more) {
    *sum = *sum < 0 || more < 0 ? -1 : *sum + more;
}

/* What programs that its tasks ran used, which no clock or counter of the workers holds. How often those
 * moved from processor to processor the kernel does not tell. */
static void charge(const struct pb_runner_cell *cell, const struct before *b, struct pb_sample *s) {
    const struct pb_meters *m = &cell->setup.work->meters;
    struct pb_charged all;
    pb_meters_charged(m, b->workers, &all);
    if (all.children == 0)
        return;
    s->cpu_ns += all.cpu_ns;
    add(&s->voluntary, (int64_t)all.voluntary);
    add(&s->involuntary, (int64_t)all.involuntary);
    add(&s->minor_faults, (int64_t)all.minor_faults);
    add(&s->major_faults, (int64_t)all.major_faults);
    add(&s->peak_bytes, (int64_t)all.peak_bytes);
    s->migrations = -1;
    for (uint32_t i = 0; i < s->workers && i < m->count; i++)
        pb_account_charge(&s->worker[i], pb_meter_at(m, i)->charged.cpu_ns);
}

/* What its tasks told, and what its executor counted. */
static int read_meters(const struct pb_runner_cell *cell, const struct before *b, struct pb_wire_sample *out,
                       struct pb_error *error) {
    const struct pb_meters *m = &cell->setup.work->meters;
    struct pb_sample *s = &out->sample;
    for (unsigned k = 0; k < PB_COUNTERS_MAX; k++)
        s->counter[k] = pb_meters_counter(m, b->workers, k);
    for (unsigned k = 0; k < EXECUTOR_COUNTERS; k++)
        s->counter[PB_COUNTERS_MAX + k] = counter_of(cell, k) - b->counter[k];
    int rc = pb_meters_latency(m, b->workers, &s->latency, &s->latencies);
    rc = rc < 0 ? rc : pb_meters_failures(m, b->workers, &out->failure, &out->failures);
    return rc < 0 ? pb_error_set(error, rc, "runner: no memory for what tasks told") : 0;
}

static int64_t grown(int64_t before, int64_t after) {
    return before < 0 || after < 0 ? -1 : after - before;
}

static void count_usage(struct pb_sample *s, const struct before *b) {
    const struct pb_usage *before = &b->usage;
    struct pb_usage after;
    pb_usage_read(&after, b->pid, b->pids);
    s->voluntary = grown(before->voluntary, after.voluntary);
    s->involuntary = grown(before->involuntary, after.involuntary);
    s->migrations = grown(before->migrations, after.migrations);
    s->minor_faults = grown(before->minor_faults, after.minor_faults);
    s->major_faults = grown(before->major_faults, after.major_faults);
    s->peak_bytes = after.peak_bytes;
}

/* What ranks used, whom /proc does not know here. What is forked by them is seen in its accounts alone. */
static void add_ranks(const struct pb_runner_cell *cell, const struct before *b, struct pb_sample *s) {
    const struct pb_usage *u = &b->ranks.usage;
    if (!cell->ranks.ranks)
        return;
    s->cpu_ns += b->ranks.cpu_ns;
    add(&s->voluntary, u->voluntary);
    add(&s->involuntary, u->involuntary);
    add(&s->migrations, u->migrations);
    add(&s->minor_faults, u->minor_faults);
    add(&s->major_faults, u->major_faults);
    add(&s->peak_bytes, u->peak_bytes);
    for (uint32_t i = 0; i < s->workers; i++)
        if (pb_cell_ranks_forked(&cell->ranks, cell->executor, i))
            s->cpu_ns += s->worker[i].cpu_ns;
}

static void count_pressure(const struct pb_runner_cell *cell, struct pb_sample *s, const struct before *b) {
    struct pb_pressure after;
    pb_pressure_read(&cell->pressure, &after);
    struct pb_pressure grown_by = pb_pressure_between(&b->pressure, &after);
    s->throttled = grown_by.throttled;
    s->throttled_ns = grown_by.throttled_ns;
    s->steal_ns = grown_by.steal_ns;
}

/* "task 3: timeout: xz: killed after 5 s", of the first that did not succeed. */
static int fail_task(const struct pb_runner_cell *cell, const struct pb_wire_sample *out,
                     struct pb_error *error) {
    const struct pb_workload *w = cell->setup.found.workload;
    const struct pb_sample *s = &out->sample;
    int status = PB_ERROR;
    while (status < PB_STATUS_MAX && !s->status[status])
        status++;
    if (status == PB_STATUS_MAX)
        return 0;
    const struct pb_failure *first = out->failures ? out->failure : NULL;
    status = first ? first->status : status;
    const char *name = "error";
    for (int k = PB_STATUS_FIRST; status >= k && w->statuses && w->statuses[k - PB_STATUS_FIRST]; k++)
        name = w->statuses[k - PB_STATUS_FIRST];
    if (!first)
        return pb_error_set(error, -EIO, "a task ended with the status %s", name);
    return pb_error_set(error, -EIO, "task %llu: %s%s%s", (unsigned long long)first->task,
                        status == PB_ERROR ? "" : name, status == PB_ERROR ? "" : ": ", first->reason);
}

/* With each task clocked on its own: on serial, whose tasks see this process's memory. */
static int repeat_timed(struct pb_runner_cell *cell, const struct pb_wire_run *run,
                        struct pb_wire_sample *out, struct pb_range_result *result, struct pb_error *error) {
    if (!pb_is_serial(pb_executor_name(cell->executor)))
        return pb_error_set(
            error, -EINVAL,
            "runner protocol: times are measured on serial, or where `open` asked for a trace");
    out->task_ns = calloc(run->tasks + 1, sizeof *out->task_ns);
    if (!out->task_ns)
        return pb_error_set(error, -ENOMEM, "runner: no memory for %llu task times",
                            (unsigned long long)run->tasks);
    cell->setup.work->task_ns = out->task_ns;
    out->task_times = (uint32_t)run->tasks;
    return pb_for(cell->executor, run->tasks, pb_work_timed, NULL, 0, result, error);
}

/* With what its workers do, span by span: in a cell that was opened for it. */
static int repeat_traced(struct pb_runner_cell *cell, const struct pb_wire_run *run,
                         struct pb_range_result *result, struct pb_error *error) {
    struct pb_work *work = cell->setup.work;
    pb_body *body = work->body;
    if (!work->trace)
        return pb_error_set(error, -EINVAL, "runner protocol: a trace, but `open` asked for none");
    work->body = pb_work_traced;
    pb_trace_start(work->trace);
    int rc = cell->repeat(cell, run->tasks, result, error);
    pb_trace_stop(work->trace);
    work->body = body;
    return rc;
}

static int repeat_as_asked(struct pb_runner_cell *cell, const struct pb_wire_run *run,
                           struct pb_wire_sample *out, struct pb_range_result *result,
                           struct pb_error *error) {
    if (run->trace || (run->times && cell->setup.work->trace))
        return repeat_traced(cell, run, result, error);
    return run->times ? repeat_timed(cell, run, out, result, error)
                      : cell->repeat(cell, run->tasks, result, error);
}

static int repeat(struct pb_runner_cell *cell, const struct pb_wire_run *run, const struct before *b,
                  struct pb_wire_sample *out, struct pb_error *error) {
    struct pb_sample *s = &out->sample;
    struct pb_range_result result = {0};
    pb_accounts_read(cell->executor, b->worker, b->workers);
    uint64_t cpu = pb_usage_cpu(b->pid, b->pids), began = pb_now();
    int rc = repeat_as_asked(cell, run, out, &result, error);
    uint64_t ended = pb_now();
    s->makespan_ns = ended - began;
    s->cpu_ns = pb_usage_cpu(b->pid, b->pids) - cpu;
    pb_accounts_gain(cell->executor, b->worker, b->workers, began, ended, s);
    s->round = run->round;
    s->tasks = result.tasks;
    s->digest = result.digest;
    memcpy(s->status, result.status, sizeof s->status);
    if (rc == 0 && run->trace)
        rc = pb_spans_take(cell->setup.work->trace, began, ended, out, error);
    if (rc == 0 && run->times && !out->task_ns)
        rc = pb_spans_times(cell->setup.work->trace, run->tasks, out, error);
    return rc;
}

/* A refusal's message stands for itself: the table shows it where the row's numbers would be. */
static int begin(struct pb_runner_cell *cell, uint64_t tasks, struct pb_error *error) {
    const struct pb_workload *w = cell->setup.found.workload;
    const struct pb_repetition repetition = {.tasks = tasks,
                                             .workers = pb_executor_workers(cell->executor),
                                             .lanes = pb_executor_lanes(cell->executor)};
    struct pb_message message = {{0}};
    pb_meters_clear(&cell->setup.work->meters, repetition.workers);
    int rc = w->begin ? w->begin(cell->setup.work->state, &repetition, &message) : 0;
    if (rc == 0 && cell->ranks.ranks && w->meets)
        return pb_error_set(
            error, -ENOTSUP,
            "its tasks meet in memory, and ranks have none in common: use an executor on one machine");
    if (rc == 0 && cell->ranks.ranks) {
        struct pb_error there = {0};
        rc = pb_cell_ranks_begin(&cell->ranks, &repetition, &there);
        if (rc == -EOWNERDEAD)
            return pb_error_set(error, rc, "%s", there.text);
        snprintf(message.text, sizeof message.text, "%.255s", there.text);
    }
    const char *why = message.text[0] ? message.text : strerror(-rc);
    if (rc == -ENOTSUP)
        return pb_error_set(error, rc, "%s", why);
    return rc < 0 ? pb_error_set(error, rc, "workload %s: begin: %s", cell->setup.found.name, why) : 0;
}

int pb_runner_cell_run(struct pb_runner_cell *cell, const struct pb_wire_run *run, struct pb_wire_sample *out,
                       struct pb_error *error) {
    const struct pb_workload *w = cell->setup.found.workload;
    struct pb_sample *s = &out->sample;
    struct before before = {0};
    int rc = begin(cell, run->tasks, error);
    if (rc < 0)
        return rc;
    rc = look(cell, &before, error);
    if (rc == 0) {
        rc = repeat(cell, run, &before, out, error);
        count_pressure(cell, s, &before);
        count_usage(s, &before);
        if (rc == 0 && cell->ranks.ranks)
            rc = pb_cell_ranks_end(&cell->ranks, cell->setup.work, &before.end_value, &before.ranks, error);
        add_ranks(cell, &before, s);
        charge(cell, &before, s);
        rc = rc < 0 ? rc : read_meters(cell, &before, out, error);
        rc = rc < 0 || !w->must_succeed ? rc : fail_task(cell, out, error);
        pb_runner_list_pids(before.pid, before.pids, &out->pids);
        pb_cell_ranks_pids(&cell->ranks, &out->pids);
    }
    if (w->end) {
        uint64_t own = w->end(cell->setup.work->state);
        s->digest += pb_mix(run->tasks, cell->ranks.ranks ? before.end_value : own);
    }
    free(before.pid);
    free(before.worker);
    return rc;
}
