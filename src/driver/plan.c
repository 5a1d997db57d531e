/* The plan is three nested loops, workloads over executors over widths and bindings, in the user's order,
 * with the base of each workload before them, then the program under `own`, and the references behind them.
 *
 * Cells are named by their ids throughout: adding one moves the others. */
#include "driver/plan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/name.h"
#include "driver/driver.h"
#include "driver/planner.h"
#include "driver/widths.h"

enum { CELLS_MAX = 4096 };

struct planner {
    struct pb_run *run;
    const struct pb_request *request;
    const struct pb_descriptions *descriptions;
    struct pb_error *error;
    struct pb_base base;
    struct pb_choice workloads, executors;
    const char **binding; /* each once */
    uint32_t bindings;
};

/* How many workers want a place: a loop's threads, not what it has in flight. */
static uint32_t placed_workers(const char *executor, uint32_t threads, uint32_t workers) {
    if (pb_is_serial(executor))
        return 1;
    return threads ? threads : workers;
}

/* Where nobody was bound, nobody is to be, whatever the policy would do now. */
int pb_plan_placement(const struct pb_run *run, const struct pb_cell *cell, struct pb_placement *placement,
                      struct pb_error *error) {
    bool unbound = cell->binding_effective && strcmp(cell->binding_effective, "none") == 0;
    return pb_place(placement, &run->machine, &run->limits, unbound ? "none" : cell->binding,
                    placed_workers(cell->executor, cell->threads, cell->workers), error);
}

/* "0 1", or "0,4 1,5" where a worker may use both threads of a core. */
static void format_planned(const struct pb_placement *placement, struct pb_buffer *out) {
    char set[256];
    for (uint32_t i = 0; placement->binding && i < placement->workers; i++)
        pb_buffer_printf(out, "%s%s", i ? " " : "",
                         pb_cpuset_format(&placement->binding[i], set, sizeof set));
}

static int fill_texts(struct pb_cell *cell, const struct pb_request *request, const struct pb_row *row,
                      const struct pb_placement *placement) {
    struct pb_buffer planned = {0};
    format_planned(placement, &planned);
    const struct {
        char **slot;
        const char *text;
    } rows[] = {
        {&cell->workload, row->canonical ? row->canonical : row->workload->canonical},
        {&cell->workload_name, row->workload->name},
        {&cell->workload_summary, row->workload->summary},
        {&cell->workload_full, row->full ? row->full : row->workload->full},
        {&cell->executor, row->executor},
        {&cell->runner, row->workload->runner},
        {&cell->binding, row->binding},
        {&cell->binding_effective, placement->effective},
        {&cell->binding_reason, placement->reason},
        {&cell->via, request->via ? request->via : "for"},
        {&cell->planned, pb_buffer_string(&planned)},
    };
    int rc = planned.failed ? -ENOMEM : 0;
    for (size_t i = 0; rc == 0 && i < sizeof rows / sizeof *rows; i++)
        rc = pb_set_text(rows[i].slot, rows[i].text);
    pb_buffer_release(&planned);
    return rc;
}

/* Workers on hosts that nobody knows yet. That there is such a policy can be said; a list may be of another
 * host's processors. */
static int place_elsewhere(const struct pb_run *run, const struct pb_row *row, struct pb_placement *placement,
                           struct pb_error *error) {
    struct pb_placement one = {0};
    bool list = strncmp(row->binding, "list:", 5) == 0;
    int rc = list ? 0 : pb_place(&one, &run->machine, &run->limits, row->binding, 1, error);
    pb_placement_release(&one);
    snprintf(placement->effective, sizeof placement->effective, "%s", row->binding);
    snprintf(placement->reason, sizeof placement->reason, "each host places its own workers");
    return rc == -EINVAL ? rc : 0;
}

static int place(const struct pb_run *run, const struct pb_row *row, struct pb_placement *placement,
                 struct pb_error *error) {
    if (row->launched)
        return place_elsewhere(run, row, placement, error);
    bool unbound = row->unbound && strcmp(row->binding, "auto") == 0;
    int rc = pb_place(placement, &run->machine, &run->limits, unbound ? "none" : row->binding,
                      placed_workers(row->executor, row->threads, row->workers), error);
    if (rc == 0 && unbound)
        snprintf(placement->reason, sizeof placement->reason, "%s", row->unbound);
    return rc;
}

int32_t pb_plan_add(struct pb_run *run, const struct pb_request *request, const struct pb_row *row,
                    struct pb_error *error) {
    struct pb_placement placement = {0};
    if (run->cells >= CELLS_MAX)
        return pb_error_set(error, -EINVAL,
                            "the plan is too large: it has more than %d rows: ask for fewer "
                            "executors, widths or bindings at once",
                            CELLS_MAX);
    int rc = place(run, row, &placement, error);
    if (rc < 0)
        return rc;
    struct pb_cell *cell = pb_run_add_cell(run);
    if (cell) {
        cell->role = row->role;
        cell->bound = row->workload->bound;
        cell->workers = row->workers;
        cell->tasks = row->role == PB_ROLE_REFERENCE ? 0 : request->tasks ? request->tasks : row->tasks;
        cell->tasks *= request->weak ? row->workers : 1;
        cell->program = row->workload->program;
        cell->threads = row->threads;
        cell->launched = row->launched;
        cell->state = row->workload->broken ? PB_CELL_FAILED : PB_CELL_PLANNED;
        rc = fill_texts(cell, request, row, &placement);
        if (rc == 0 && row->workload->opens)
            rc = pb_set_text(&cell->opens, row->workload->opens);
        if (rc == 0 && row->workload->broken)
            rc = pb_set_text(&cell->error, row->workload->broken);
    }
    pb_placement_release(&placement);
    if (!cell || rc < 0)
        return pb_error_set(error, -ENOMEM, "the plan: no memory for its rows: ask for fewer");
    return (int32_t)cell->id;
}

static int read_base(struct planner *p) {
    const char *text = p->request->base ? p->request->base : p->request->program ? "n=1" : "serial";
    char label[64];
    snprintf(label, sizeof label, "--base=%s", text);
    int rc = pb_base_parse(text, label, &p->base, p->error);
    if (rc == 0 && p->base.serial && p->request->program)
        rc =
            pb_error_set(p->error, -EINVAL,
                         "%s: a program that makes its own workers has no serial row: give n=1 (the default) "
                         "or another number, or none",
                         label);
    uint32_t cap = p->request->max_in_flight;
    if (rc == 0 && cap && p->base.width > cap)
        rc = pb_error_set(p->error, -EINVAL, "%s: more than %u: raise the cap with --max-in-flight=%u", label,
                          cap, p->base.width);
    return rc;
}

static int read_bindings(struct planner *p) {
    static const char *const automatic[] = {"auto"};
    const char *const *asked = p->request->bindings ? p->request->binding : automatic;
    uint32_t count = p->request->bindings ? p->request->bindings : 1;
    p->binding = calloc(count, sizeof *p->binding);
    if (!p->binding)
        return pb_error_set(p->error, -ENOMEM, "-b: no memory for the list");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t k = 0;
        while (k < p->bindings && strcmp(p->binding[k], asked[i]) != 0)
            k++;
        if (k == p->bindings)
            p->binding[p->bindings++] = asked[i];
    }
    return 0;
}

/* With a program and no workload beside it, nothing else runs. */
static int read_choices(struct planner *p) {
    static const char *const story[] = {"arcfour", "sleep"}, *const all[] = {"all"};
    const struct pb_request *r = p->request;
    const struct pb_descriptions *d = p->descriptions;
    if (r->program && !r->workloads && r->executors)
        return pb_error_set(p->error, -EINVAL,
                            "-e %s: the program after -- makes its own workers: leave -e out, or name by -w "
                            "what it is to run",
                            r->executor[0]);
    if (r->program && !r->workloads)
        return 0;
    int rc = pb_choose(&p->workloads, "workload", d->workload, d->workloads,
                       r->workloads ? r->workload : story, r->workloads ? r->workloads : 2, p->error);
    if (rc == 0)
        rc = pb_choose_executors(&p->executors, &p->workloads, d, r->executors ? r->executor : all,
                                 r->executors ? r->executors : 1, p->error);
    return rc;
}

/* The executor that is the workload's base: its own program's. */
static const char *find_serial(const struct planner *p, const struct pb_described *workload) {
    const struct pb_descriptions *d = p->descriptions;
    for (uint32_t i = 0; i < d->executors; i++)
        if (d->executor[i].program == workload->program && pb_is_serial(d->executor[i].name) &&
            !d->executor[i].absent)
            return d->executor[i].name;
    pb_error_set(p->error, -EINVAL,
                 "workload %s: its runner%s%s has no serial executor: give --base=n=1 or --base=none",
                 workload->item, workload->runner ? " " : "", workload->runner ? workload->runner : "");
    return NULL;
}

static int32_t add_serial(struct planner *p, const struct pb_described *workload, const char *executor) {
    if (!executor)
        return -EINVAL;
    struct pb_row row = {.workload = workload,
                         .executor = executor,
                         .workers = 1,
                         .binding = p->binding[0],
                         .role = p->base.serial || p->base.width ? PB_ROLE_BASE : PB_ROLE_CELL};
    return pb_plan_add(p->run, p->request, &row, p->error);
}

/* One executor's rows. Where the base is a width, it comes first, and its row is the base of the others of
 * its binding. */
static int add_executor(struct planner *p, const struct pb_described *workload,
                        const struct pb_described *executor, const struct pb_widths *widths, int32_t serial) {
    uint32_t base = p->base.width;
    int32_t first = (int32_t)p->run->cells;
    struct pb_row row = {.workload = workload,
                         .executor = executor->canonical,
                         .threads = executor->threads,
                         .launched = executor->launched,
                         .unbound = executor->only ? "the program places its own workers" : NULL,
                         .tasks = executor->only ? 1 : 0,
                         .workers = base,
                         .role = PB_ROLE_BASE};
    for (uint32_t b = 0; base && b < p->bindings; b++) {
        row.binding = p->binding[b];
        int32_t id = pb_plan_add(p->run, p->request, &row, p->error);
        if (id < 0)
            return id;
    }
    row.role = PB_ROLE_CELL;
    for (uint32_t w = 0; w < widths->count; w++) {
        row.workers = widths->value[w];
        for (uint32_t b = 0; row.workers != base && b < p->bindings; b++) {
            row.binding = p->binding[b];
            int32_t id = pb_plan_add(p->run, p->request, &row, p->error);
            if (id < 0)
                return id;
            p->run->cell[id].base = base ? first + (int32_t)b : serial;
        }
    }
    return 0;
}

static int add_workload(struct planner *p, const struct pb_described *workload) {
    struct pb_widths widths;
    int32_t serial = -1;
    int rc = pb_widths_init(&widths, p->request, workload->bound, false, p->run->limits.processors, p->error);
    if (rc < 0)
        return rc;
    if (p->base.serial) {
        serial = add_serial(p, workload, find_serial(p, workload));
        rc = serial < 0 ? serial : 0;
    }
    for (uint32_t e = 0; rc == 0 && e < p->executors.count; e++) {
        const struct pb_described *executor = p->executors.one[e];
        if (!pb_described_pairs(executor, workload))
            continue;
        if (!pb_is_serial(executor->canonical))
            rc = add_executor(p, workload, executor, &widths, serial);
        else if (!p->base.serial)
            rc = (rc = add_serial(p, workload, executor->canonical)) < 0 ? rc : 0;
    }
    pb_widths_release(&widths);
    return rc;
}

/* Rows differ in {n} alone: without it they would all be the same. */
static int check_placeholder(const struct planner *p, const struct pb_widths *widths) {
    uint32_t base = p->base.width;
    bool one = widths->count == 1 && (!base || base == widths->value[0]);
    if (one || strstr(p->request->program, "{n}"))
        return 0;
    return pb_error_set(
        p->error, -EINVAL,
        "-- PROGRAM: {n} stands neither in its arguments nor in --env, so every row would be the "
        "same: write it where the program takes its number of workers, as in -- make -j{n} or "
        "--env OMP_NUM_THREADS={n}");
}

/* What was given after `--`, under the executor that is for such workloads alone. */
static int add_program(struct planner *p) {
    const struct pb_descriptions *d = p->descriptions;
    const struct pb_described *program = pb_described_find(d->workload, d->workloads, p->request->program);
    struct pb_widths widths;
    uint32_t e = 0;
    while (program && e < d->executors &&
           !(d->executor[e].only && pb_described_pairs(&d->executor[e], program)))
        e++;
    if (!program || e == d->executors)
        return pb_error_set(p->error, -ENOENT, "%s: nothing here runs it: leave out --", p->request->program);
    int rc = pb_widths_init(&widths, p->request, program->bound, true, p->run->limits.processors, p->error);
    if (rc < 0)
        return rc;
    rc = check_placeholder(p, &widths);
    if (rc == 0)
        rc = add_executor(p, program, &d->executor[e], &widths, -1);
    pb_widths_release(&widths);
    return rc;
}

static int read_forks(const struct planner *p) {
    const struct pb_request *r = p->request;
    if (r->rounds && r->rounds < r->forks)
        return pb_error_set(
            p->error, -EINVAL,
            "--forks %u: each launch needs a round, and --rounds says %u: ask for more rounds", r->forks,
            r->rounds);
    return 0;
}

int pb_plan(struct pb_run *run, const struct pb_request *request, const struct pb_descriptions *descriptions,
            struct pb_error *error) {
    struct planner p = {.run = run, .request = request, .descriptions = descriptions, .error = error};
    int rc = read_forks(&p);
    rc = rc ? rc : read_base(&p);
    rc = rc ? rc : read_bindings(&p);
    rc = rc ? rc : read_choices(&p);
    for (uint32_t w = 0; rc == 0 && w < p.workloads.count; w++)
        rc = add_workload(&p, p.workloads.one[w]);
    if (rc == 0 && request->program)
        rc = add_program(&p);
    if (rc == 0)
        rc = pb_plan_references(run, request, descriptions, run->cells, error);
    pb_choice_release(&p.workloads);
    pb_choice_release(&p.executors);
    free(p.binding);
    return rc;
}

/* A repetition is calibrated to 20 to 100 ms on serial, and starting a runner with its executor takes about
 * 50 ms. */
double pb_expected_seconds(const struct pb_run *run, const struct pb_request *request) {
    const double repetition = 0.06, start = 0.05;
    double round = repetition * run->cells, launches = fmax(1, request->forks);
    double measuring =
        request->rounds ? request->rounds * round : fmax(request->time, request->min_rounds * round);
    return start * run->cells * (request->rounds ? launches : 1) + measuring;
}
