#include "report/workers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/units.h"
#include "report/account.h"
#include "report/column.h"
#include "report/text.h"

struct total {
    double tasks, cpu_ns, samples;
    int32_t cpu;
};

static uint32_t workers_of(const struct pb_cell *c) {
    uint32_t most = 0;
    for (uint32_t i = 0; i < c->samples; i++)
        most = c->sample[i].workers > most ? c->sample[i].workers : most;
    return most;
}

static void add_up(const struct pb_cell *c, struct total *total) {
    for (uint32_t i = 0; i < c->samples; i++)
        for (uint32_t w = 0; w < c->sample[i].workers; w++) {
            total[w].tasks += (double)c->sample[i].worker[w].tasks;
            total[w].cpu_ns += (double)c->sample[i].worker[w].cpu_ns;
            total[w].cpu = c->sample[i].worker[w].cpu;
            total[w].samples++;
        }
}

static void say_worker(const struct pb_cell *c, uint32_t w, const struct total *t, struct pb_buffer *out) {
    char time[32];
    double samples = t->samples > 0 ? t->samples : 1;
    pb_buffer_printf(out, "worker %" PRIu32 ": %.*f tasks, CPU time %s", w, t->tasks / samples < 10 ? 1 : 0,
                     t->tasks / samples, pb_format_time(t->cpu_ns / samples, time, sizeof time));
    if (t->cpu >= 0)
        pb_buffer_printf(out, ", processor %" PRId32, t->cpu);
    uint32_t at;
    const struct pb_ranks_host *host = c->hosts > 1 ? pb_hosts_find(c->host, c->hosts, w, &at) : NULL;
    if (host)
        pb_buffer_printf(out, "%s %s", t->cpu >= 0 ? " of" : ", on", host->name ? host->name : "");
    pb_account_say_worker(c, w, out);
}

static void say_imbalance(const struct pb_cell *c, const struct total *total, uint32_t workers,
                          struct pb_buffer *out) {
    uint32_t busiest = 0;
    for (uint32_t w = 1; w < workers; w++)
        busiest = total[w].cpu_ns > total[busiest].cpu_ns ? w : busiest;
    pb_buffer_text(out, "imbalance ");
    pb_text_ratio(c->summary.imbalance, "", out);
    if (c->summary.imbalance >= 1.05)
        pb_buffer_printf(out, ": worker %" PRIu32 " computes longest", busiest);
    pb_buffer_text(out, "\n");
}

static void write_worker(const struct pb_cell *c, uint32_t w, const struct total *t, size_t indent,
                         size_t width, struct pb_buffer *out) {
    struct pb_buffer line = {0};
    size_t room = width > indent ? width - indent : width;
    say_worker(c, w, t, &line);
    pb_text_pad(out, indent);
    pb_text_wrap(out, pb_buffer_string(&line), room, indent + 2, true);
    out->failed |= line.failed;
    pb_buffer_release(&line);
}

int pb_workers_write(const struct pb_cell *c, size_t indent, size_t width, struct pb_buffer *out) {
    uint32_t workers = workers_of(c);
    if (workers < 2)
        return 0;
    struct total *total = calloc(workers, sizeof *total);
    if (!total)
        return -ENOMEM;
    add_up(c, total);
    for (uint32_t w = 0; w < workers; w++)
        write_worker(c, w, &total[w], indent, width, out);
    if (isfinite(c->summary.imbalance)) {
        pb_text_pad(out, indent);
        say_imbalance(c, total, workers, out);
    }
    free(total);
    return 0;
}
