/* Each part is clocked by itself, where it passes: computing by the worker's CPU clock, waits by those who
 * wait (io/waits.h). Workers are without work when a repetition begins and soon after it ends: of such a wait
 * only what lies within the makespan counts. */
#include "runner/account.h"

#include <stdlib.h>

void pb_accounts_read(const struct pb_executor *e, struct pb_worker_info *worker, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        pb_executor_worker(e, i, &worker[i]);
}

/* A worker that just goes to rest may be read as busy for a moment longer than it then was: the next reading
 * is smaller. */
static uint64_t gained(uint64_t before, uint64_t after) {
    return after > before ? after - before : 0;
}

/* Without work until that moment, in all. */
static uint64_t idle_until(const struct pb_worker_info *info, uint64_t moment) {
    return info->idle_ns + (info->idle_since ? gained(info->idle_since, moment) : 0);
}

void pb_account_gain(const struct pb_worker_info *before, const struct pb_worker_info *after, uint64_t began,
                     uint64_t ended, struct pb_worker_sample *out) {
    uint64_t idle = gained(idle_until(before, began), idle_until(after, ended));
    *out = (struct pb_worker_sample){
        .tasks = after->tasks - before->tasks,
        .cpu_ns = gained(before->cpu_ns, after->cpu_ns),
        .cpu = after->cpu,
        .gil_ns = (int64_t)gained(before->gil_ns, after->gil_ns),
        .io_ns = (int64_t)gained(before->io_ns, after->io_ns),
        .idle_ns = (int64_t)(idle < ended - began ? idle : ended - began),
    };
}

void pb_accounts_gain(const struct pb_executor *e, const struct pb_worker_info *before, uint32_t count,
                      uint64_t began, uint64_t ended, struct pb_sample *sample) {
    sample->worker = calloc(count, sizeof *sample->worker);
    sample->workers = sample->worker ? count : 0;
    for (uint32_t i = 0; i < sample->workers; i++) {
        struct pb_worker_info after;
        pb_executor_worker(e, i, &after);
        if (!after.pid)
            sample->workers = 0;
        pb_account_gain(&before[i], &after, began, ended, &sample->worker[i]);
    }
}

void pb_account_charge(struct pb_worker_sample *worker, uint64_t cpu_ns) {
    worker->cpu_ns += cpu_ns;
    if (worker->io_ns >= 0)
        worker->io_ns = (int64_t)gained(cpu_ns, (uint64_t)worker->io_ns);
}
