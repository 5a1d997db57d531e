#include "runner/ranks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ranks/bytes.h"
#include "topology/place.h"

/* ---- In every rank: the workload ---- */

/* What lies behind a rank's state. */
struct rank_setup {
    struct pb_setup setup;
    struct pb_usage usage; /* when the repetition began */
    uint64_t cpu_ns;
};

int pb_rank_state_open(void **state, uint32_t first, uint32_t workers, const void *args, size_t size,
                       struct pb_error *error) {
    struct pb_reader in = pb_reader_of(args, size);
    struct rank_setup *r = calloc(1, sizeof *r);
    double work_rate;
    PB_TAKE(&in, work_rate);
    const char *item = pb_take_text(&in);
    if (!r)
        return pb_error_set(error, -ENOMEM, "no memory for its state");
    int rc = pb_setup_open(&r->setup, item, work_rate, first, workers, error);
    if (rc < 0) {
        pb_setup_close(&r->setup);
        free(r);
        return rc;
    }
    r->setup.work->owner = r;
    *state = r->setup.work->state;
    return 0;
}

static struct rank_setup *setup_of(void *state) {
    return pb_work_at(state)->owner;
}

void pb_rank_state_close(void *state) {
    struct rank_setup *r = setup_of(state);
    pb_setup_close(&r->setup);
    free(r);
}

/* ---- In every rank: around a repetition ---- */

static int begin_here(void *state, const void *args, size_t size, struct pb_buffer *reply,
                      struct pb_error *error) {
    struct rank_setup *r = setup_of(state);
    const struct pb_workload *w = r->setup.found.workload;
    struct pb_repetition repetition;
    struct pb_message message = {{0}};
    (void)reply;
    memcpy(&repetition, args, size < sizeof repetition ? size : sizeof repetition);
    pb_meters_clear(&r->setup.work->meters, r->setup.work->meters.count);
    int rc = w->begin ? w->begin(state, &repetition, &message) : 0;
    if (rc < 0)
        return pb_error_set(error, rc, "%s", message.text[0] ? message.text : strerror(-rc));
    pb_usage_read(&r->usage, NULL, 0);
    r->cpu_ns = pb_usage_cpu(NULL, 0);
    return 0;
}

static int64_t grown(int64_t before, int64_t after) {
    return before < 0 || after < 0 ? -1 : after - before;
}

static struct pb_ranks_used used_here(const struct rank_setup *r) {
    struct pb_ranks_used used = {.cpu_ns = pb_usage_cpu(NULL, 0) - r->cpu_ns};
    struct pb_usage now;
    pb_usage_read(&now, NULL, 0);
    used.usage = (struct pb_usage){.voluntary = grown(r->usage.voluntary, now.voluntary),
                                   .involuntary = grown(r->usage.involuntary, now.involuntary),
                                   .migrations = grown(r->usage.migrations, now.migrations),
                                   .minor_faults = grown(r->usage.minor_faults, now.minor_faults),
                                   .major_faults = grown(r->usage.major_faults, now.major_faults),
                                   .peak_bytes = now.peak_bytes};
    return used;
}

/* A meter travels without its latencies where there are none: they are most of it. */
enum {
    BEFORE_LATENCY = offsetof(struct pb_meter, latency),
    BEHIND_LATENCY = offsetof(struct pb_meter, failure)
};

static void put_meter(struct pb_buffer *out, const struct pb_meter *m) {
    pb_buffer_add(out, m, BEFORE_LATENCY);
    if (m->observed)
        PB_PUT(out, m->latency);
    if (m->failures)
        PB_PUT(out, m->failure);
}

static void take_meter(struct pb_reader *in, struct pb_meter *m) {
    pb_reader_take(in, m, BEFORE_LATENCY);
    if (m->observed)
        PB_TAKE(in, m->latency);
    if (m->failures)
        PB_TAKE(in, m->failure);
}

static int end_here(void *state, const void *args, size_t size, struct pb_buffer *reply,
                    struct pb_error *error) {
    struct rank_setup *r = setup_of(state);
    struct pb_work *work = r->setup.work;
    const struct pb_workload *w = work->workload;
    const struct pb_ranks_used used = used_here(r);
    const uint64_t end = w->end ? w->end(state) : 0;
    (void)args, (void)size, (void)error;
    PB_PUT(reply, used);
    PB_PUT(reply, end);
    for (uint32_t k = 0; k < work->meters.count; k++)
        put_meter(reply, pb_meter_at(&work->meters, k));
    return 0;
}

/* ---- In every rank: its host ---- */

static int describe_here(void *state, const void *args, size_t size, struct pb_buffer *reply,
                         struct pb_error *error) {
    struct pb_machine machine;
    struct pb_limits limits;
    (void)state, (void)args, (void)size;
    int rc = pb_machine_init(&machine, error);
    if (rc < 0)
        return rc;
    pb_limits_read(&limits, &machine);
    PB_PUT(reply, limits);
    PB_PUT(reply, machine);
    pb_buffer_add(reply, machine.pu, machine.pus * sizeof *machine.pu);
    pb_machine_release(&machine);
    return 0;
}

static int read_description(struct pb_ranks_host *h, const struct pb_buffer *reply) {
    struct pb_reader in = pb_reader_of(reply->data, reply->size);
    PB_TAKE(&in, h->limits);
    PB_TAKE(&in, h->machine);
    size_t size = h->machine.pus * sizeof *h->machine.pu;
    h->machine.pu = malloc(size + 1);
    if (!h->machine.pu)
        return -ENOMEM;
    pb_reader_take(&in, h->machine.pu, size);
    return in.broken ? -EPROTO : 0;
}

/* ---- Rank 0: hosts ---- */

static int add_number(uint32_t **list, uint32_t *count, uint32_t number) {
    uint32_t *more = realloc(*list, (*count + 1) * sizeof *more);
    if (!more)
        return -ENOMEM;
    more[(*count)++] = number;
    *list = more;
    return 0;
}

/* Ranks by host, in the order of their lowest; and the first of each, to be asked. */
static int list_hosts(struct pb_cell_ranks *c, uint32_t **first, struct pb_error *error) {
    uint32_t ranks = pb_ranks_count(c->ranks);
    c->host = calloc(ranks, sizeof *c->host);
    *first = calloc(ranks, sizeof **first);
    int rc = c->host && *first ? 0 : -ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < ranks; i++) {
        const struct pb_peer *p = pb_ranks_peer(c->ranks, i);
        uint32_t h = 0;
        while (h < c->hosts && pb_ranks_peer(c->ranks, (*first)[h])->node != p->node)
            h++;
        if (h == c->hosts) {
            (*first)[c->hosts++] = i;
            if (!(c->host[h].name = strdup(p->host)))
                rc = -ENOMEM;
        }
        rc = rc < 0 ? rc : add_number(&c->host[h].rank, &c->host[h].ranks, i);
        rc = rc < 0 ? rc : add_number(&c->host[h].pid, &c->host[h].pids, (uint32_t)p->pid);
    }
    return rc < 0 ? pb_error_set(error, rc, "ranks: no memory for what %u of them say", ranks) : 0;
}

/* Rank 0 asks itself, too: by calling. */
static int describe_hosts(struct pb_cell_ranks *c, const uint32_t *first, struct pb_error *error) {
    struct pb_buffer *reply = calloc(c->hosts, sizeof *reply);
    if (!reply)
        return pb_error_set(error, -ENOMEM, "ranks: no memory for %u hosts", c->hosts);
    int rc = describe_here(NULL, NULL, 0, &reply[0], error);
    if (rc == 0)
        rc = pb_ranks_call(c->ranks, first + 1, c->hosts - 1, describe_here, NULL, 0, reply + 1, error);
    for (uint32_t h = 0; h < c->hosts; h++) {
        if (rc == 0 && read_description(&c->host[h], &reply[h]) < 0)
            rc = pb_error_set(error, -ENOMEM, "ranks: no memory for the topology of %s", c->host[h].name);
        pb_buffer_release(&reply[h]);
    }
    free(reply);
    return rc;
}

/* ---- Rank 0: placement ---- */

static const char *machine_of(const struct pb_cell_ranks *c, uint32_t host) {
    return pb_ranks_peer(c->ranks, c->host[host].rank[0])->machine;
}

static uint32_t host_of(const struct pb_cell_ranks *c, uint32_t rank) {
    uint32_t h = 0;
    while (pb_ranks_peer(c->ranks, c->host[h].rank[0])->node != pb_ranks_peer(c->ranks, rank)->node)
        h++;
    return h;
}

/* Hosts that are one machine share its processors: their workers are placed together. */
static uint32_t workers_on(const struct pb_cell_ranks *c, const char *machine) {
    uint32_t workers = 0;
    for (uint32_t i = 0; i < c->parts; i++)
        if (strcmp(pb_ranks_peer(c->ranks, c->part[i].rank)->machine, machine) == 0)
            workers += c->part[i].workers;
    return workers;
}

static int add_plan(struct pb_ranks_host *h, uint32_t worker, const struct pb_cpuset *set) {
    char text[4096] = "";
    char **more = realloc(h->planned, (h->plans + 1) * sizeof *more);
    if (!more)
        return -ENOMEM;
    h->planned = more;
    more[h->plans] = strdup(set ? pb_cpuset_format(set, text, sizeof text) : "");
    if (!more[h->plans++])
        return -ENOMEM;
    return add_number(&h->worker, &h->workers, worker);
}

/* The workers of one machine, in their order. */
static int apply(struct pb_cell_ranks *c, const char *machine, const struct pb_placement *placement) {
    uint32_t k = 0;
    int rc = 0;
    for (uint32_t i = 0; i < c->parts; i++) {
        if (strcmp(pb_ranks_peer(c->ranks, c->part[i].rank)->machine, machine) != 0)
            continue;
        struct pb_ranks_host *h = &c->host[host_of(c, c->part[i].rank)];
        for (uint32_t w = 0; rc == 0 && w < c->part[i].workers; w++, k++) {
            const struct pb_cpuset *set = placement->binding ? &placement->binding[k] : NULL;
            rc = add_plan(h, c->part[i].first + w, set);
            if (set)
                c->binding[c->part[i].first + w] = *set;
        }
    }
    return rc;
}

static int name_placement(struct pb_cell_ranks *c, const char *machine,
                          const struct pb_placement *placement) {
    for (uint32_t h = 0; h < c->hosts; h++)
        if (strcmp(machine_of(c, h), machine) == 0 &&
            (!(c->host[h].effective = strdup(placement->effective)) ||
             !(c->host[h].reason = strdup(placement->reason))))
            return -ENOMEM;
    return 0;
}

/* All of a machine's hosts at once; whether its workers are bound in *bound. */
static int place_machine(struct pb_cell_ranks *c, uint32_t host, const char *policy, bool *bound,
                         struct pb_error *error) {
    const char *machine = machine_of(c, host);
    struct pb_placement placement = {0};
    struct pb_error why = {0};
    uint32_t workers = workers_on(c, machine);
    int rc = workers
                 ? pb_place(&placement, &c->host[host].machine, &c->host[host].limits, policy, workers, &why)
                 : 0;
    if (rc < 0)
        return pb_error_set(error, rc, "%s: %s", c->host[host].name, why.text);
    rc = name_placement(c, machine, &placement);
    rc = rc < 0 ? rc : apply(c, machine, &placement);
    *bound = placement.binding || !workers;
    pb_placement_release(&placement);
    return rc < 0 ? pb_error_set(error, rc, "ranks: no memory for their placement") : 0;
}

static int place_all(struct pb_cell_ranks *c, const char *policy, uint32_t workers, struct pb_error *error) {
    bool all = true;
    int rc = 0;
    c->binding = calloc(workers, sizeof *c->binding);
    if (!c->binding)
        return pb_error_set(error, -ENOMEM, "ranks: no memory for bindings");
    for (uint32_t h = 0; rc == 0 && h < c->hosts; h++) {
        bool bound = true, first = true;
        for (uint32_t before = 0; before < h; before++)
            first = first && strcmp(machine_of(c, before), machine_of(c, h)) != 0;
        if (first)
            rc = place_machine(c, h, policy, &bound, error);
        if (!bound) /* there each may run where its rank may */
            for (uint32_t i = 0; i < c->parts; i++)
                for (uint32_t w = 0; w < c->part[i].workers; w++)
                    if (strcmp(pb_ranks_peer(c->ranks, c->part[i].rank)->machine, machine_of(c, h)) == 0)
                        c->binding[c->part[i].first + w] = c->host[h].limits.allowed;
        all = all && !bound;
    }
    c->bindings = all ? 0 : workers;
    return rc;
}

/* ---- Rank 0: the cell ---- */

/* The executor's own parameters, as it reads them. */
static int read_options(const char *options, bool *together, uint32_t *ranks, struct pb_error *error) {
    struct pb_executor_listing listing;
    struct pb_param_set set;
    size_t i = 0;
    while (pb_executor_list(i, &listing) == 0 && !listing.launched)
        i++;
    int rc = pb_param_set_init(&set, "executor mpi", listing.params, options, 0, error);
    if (rc < 0)
        return rc;
    for (i = 0; listing.params[i].name; i++) {
        if (strcmp(listing.params[i].name, "inner") == 0)
            *together = set.values.value[i].integer != 0;
        else if (strcmp(listing.params[i].name, "ranks") == 0)
            *ranks = (uint32_t)set.values.value[i].integer;
    }
    pb_param_set_release(&set);
    return 0;
}

void pb_cell_ranks_pids(const struct pb_cell_ranks *c, struct pb_wire_list *list) {
    for (uint32_t i = 0; c->ranks && i < pb_ranks_count(c->ranks); i++) {
        const struct pb_peer *p = pb_ranks_peer(c->ranks, i);
        char text[16];
        snprintf(text, sizeof text, "%d", p->pid);
        if (strcmp(p->machine, pb_ranks_peer(c->ranks, 0)->machine) == 0)
            pb_wire_list_add(list, text);
    }
}

int pb_cell_ranks_open(struct pb_cell_ranks *c, const struct pb_wire_open *open, const char *options,
                       struct pb_error *error) {
    uint32_t workers = open->workers ? open->workers : 1, ranks = 0, *first = NULL;
    bool together = false;
    c->ranks = pb_ranks_here();
    if (!c->ranks)
        return pb_error_set(error, -EINVAL,
                            "executor mpi: this runner has no ranks: it was not started by a launcher");
    int rc = read_options(options, &together, &ranks, error);
    rc = rc < 0 ? rc : pb_ranks_deal(c->ranks, workers, together, ranks, &c->part, &c->parts, error);
    if (rc == 0 && !(c->rank = calloc(c->parts, sizeof *c->rank)))
        rc = pb_error_set(error, -ENOMEM, "ranks: no memory for %u of them", c->parts);
    for (uint32_t i = 0; rc == 0 && i < c->parts; i++)
        c->rank[i] = c->part[i].rank;
    rc = rc < 0 ? rc : list_hosts(c, &first, error);
    rc = rc < 0 ? rc : describe_hosts(c, first, error);
    rc = rc < 0 ? rc : place_all(c, open->policy ? open->policy : "auto", workers, error);
    free(first);
    PB_PUT(&c->setup, open->work_rate);
    pb_put_text(&c->setup, open->workload ? open->workload : "");
    if (rc == 0 && c->setup.failed)
        rc = pb_error_set(error, -ENOMEM, "ranks: no memory for the workload's name");
    return rc;
}

void pb_cell_ranks_close(struct pb_cell_ranks *c) {
    pb_hosts_release(c->host, c->hosts);
    pb_buffer_release(&c->setup);
    free(c->part);
    free(c->rank);
    free(c->binding);
    *c = (struct pb_cell_ranks){0};
}

bool pb_cell_ranks_forked(const struct pb_cell_ranks *c, const struct pb_executor *e, uint32_t worker) {
    struct pb_worker_info info;
    uint32_t i = 0;
    while (i < c->parts && worker >= c->part[i].first + c->part[i].workers)
        i++;
    return i < c->parts && pb_executor_worker(e, worker, &info) == 0 && info.pid &&
           info.pid != pb_ranks_peer(c->ranks, c->part[i].rank)->pid;
}

static int call_all(struct pb_cell_ranks *c, pb_rank_function *function, const void *args, size_t size,
                    struct pb_buffer **reply, struct pb_error *error) {
    *reply = calloc(c->parts, sizeof **reply);
    return *reply ? pb_ranks_call(c->ranks, c->rank, c->parts, function, args, size, *reply, error)
                  : pb_error_set(error, -ENOMEM, "ranks: no memory for what they say");
}

static void release(struct pb_cell_ranks *c, struct pb_buffer *reply) {
    for (uint32_t i = 0; reply && i < c->parts; i++)
        pb_buffer_release(&reply[i]);
    free(reply);
}

int pb_cell_ranks_begin(struct pb_cell_ranks *c, const struct pb_repetition *repetition,
                        struct pb_error *error) {
    struct pb_buffer *reply;
    int rc = call_all(c, begin_here, repetition, sizeof *repetition, &reply, error);
    release(c, reply);
    return rc;
}

static void add(int64_t *sum, int64_t more) {
    *sum = *sum < 0 || more < 0 ? -1 : *sum + more;
}

static void add_used(struct pb_ranks_used *sum, const struct pb_ranks_used *more) {
    add(&sum->usage.voluntary, more->usage.voluntary);
    add(&sum->usage.involuntary, more->usage.involuntary);
    add(&sum->usage.migrations, more->usage.migrations);
    add(&sum->usage.minor_faults, more->usage.minor_faults);
    add(&sum->usage.major_faults, more->usage.major_faults);
    add(&sum->usage.peak_bytes, more->usage.peak_bytes);
    sum->cpu_ns += more->cpu_ns;
}

int pb_cell_ranks_end(struct pb_cell_ranks *c, struct pb_work *work, uint64_t *end_value,
                      struct pb_ranks_used *used, struct pb_error *error) {
    struct pb_buffer *reply;
    int rc = call_all(c, end_here, NULL, 0, &reply, error);
    *used = (struct pb_ranks_used){.cpu_ns = 0};
    *end_value = 0;
    for (uint32_t i = 0; rc == 0 && i < c->parts; i++) {
        struct pb_reader in = pb_reader_of(reply[i].data, reply[i].size);
        struct pb_ranks_used more;
        uint64_t end;
        PB_TAKE(&in, more);
        PB_TAKE(&in, end);
        add_used(used, &more);
        *end_value += end;
        for (uint32_t w = 0; w < c->part[i].workers; w++) {
            struct pb_meter *m = pb_meter_of(&work->meters, c->part[i].first + w);
            if (m)
                take_meter(&in, m);
        }
    }
    release(c, reply);
    return rc;
}
