/* The plan is three nested loops, workloads over executors over widths and bindings, in the user's order,
 * with the base of each workload before them and the references behind them.
 *
 * Cells are named by their ids throughout: adding one moves the others. */
#include "driver/plan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "driver/driver.h"
#include "driver/planner.h"
#include "driver/widths.h"

enum { CELLS_MAX = 4096 };

enum base { BASE_SERIAL, BASE_ONE, BASE_NONE };

struct planner {
    struct pb_run *run;
    const struct pb_request *request;
    const struct pb_descriptions *descriptions;
    struct pb_error *error;
    enum base base;
    struct pb_choice workloads, executors;
    const char **binding; /* each once */
    uint32_t bindings;
};

bool pb_is_serial(const char *executor) {
    return strncmp(executor, "serial", 6) == 0 && (executor[6] == '\0' || executor[6] == ':');
}

/* How many workers want a place: a loop's threads, not what it has in flight. */
static uint32_t placed_workers(const char *executor, uint32_t workers) {
    if (pb_is_serial(executor))
        return 1;
    if (strncmp(executor, "loop", 4) != 0 || (executor[4] != '\0' && executor[4] != ':'))
        return workers;
    const char *threads = strstr(executor, "threads=");
    unsigned long count = threads ? strtoul(threads + strlen("threads="), NULL, 10) : 1;
    return count >= 1 && count <= PB_CPUS_MAX ? (uint32_t)count : 1;
}

int pb_plan_placement(const struct pb_run *run, const struct pb_cell *cell, struct pb_placement *placement,
                      struct pb_error *error) {
    return pb_place(placement, &run->machine, &run->limits, cell->binding,
                    placed_workers(cell->executor, cell->workers), error);
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

int32_t pb_plan_add(struct pb_run *run, const struct pb_request *request, const struct pb_row *row,
                    struct pb_error *error) {
    struct pb_placement placement = {0};
    if (run->cells >= CELLS_MAX)
        return pb_error_set(error, -EINVAL,
                            "the plan is too large: it has more than %d rows: ask for fewer "
                            "executors, widths or bindings at once",
                            CELLS_MAX);
    int rc = pb_place(&placement, &run->machine, &run->limits, row->binding,
                      placed_workers(row->executor, row->workers), error);
    if (rc < 0)
        return rc;
    struct pb_cell *cell = pb_run_add_cell(run);
    if (cell) {
        cell->role = row->role;
        cell->bound = row->workload->bound;
        cell->workers = row->workers;
        cell->tasks = row->role == PB_ROLE_REFERENCE ? 0 : request->tasks;
        cell->program = row->workload->program;
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
    static const char *const names[] = {"serial", "n=1", "none"};
    const char *text = p->request->base ? p->request->base : "serial";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            p->base = (enum base)i;
            return 0;
        }
    return pb_error_set(p->error, -EINVAL, "--base=%s: unknown: give serial, n=1 or none", text);
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

static int read_choices(struct planner *p) {
    static const char *const story[] = {"arcfour", "sleep"}, *const all[] = {"all"};
    const struct pb_request *r = p->request;
    const struct pb_descriptions *d = p->descriptions;
    int rc = pb_choose(&p->workloads, "workload", d->workload, d->workloads,
                       r->workloads ? r->workload : story, r->workloads ? r->workloads : 2, p->error);
    if (rc == 0)
        rc = pb_choose(&p->executors, "executor", d->executor, d->executors, r->executors ? r->executor : all,
                       r->executors ? r->executors : 1, p->error);
    return rc;
}

static int32_t add_serial(struct planner *p, const struct pb_described *workload, const char *executor) {
    struct pb_row row = {.workload = workload,
                         .executor = executor,
                         .workers = 1,
                         .binding = p->binding[0],
                         .role = p->base == BASE_NONE ? PB_ROLE_CELL : PB_ROLE_BASE};
    return pb_plan_add(p->run, p->request, &row, p->error);
}

/* One executor's rows. With base n=1 the first width is 1, and its row is the base of the others of its
 * binding. */
static int add_executor(struct planner *p, const struct pb_described *workload, const char *executor,
                        const struct pb_widths *widths, int32_t serial) {
    bool one = p->base == BASE_ONE;
    int32_t first = (int32_t)p->run->cells;
    for (uint32_t b = 0; one && b < p->bindings; b++) {
        struct pb_row row = {.workload = workload,
                             .executor = executor,
                             .workers = 1,
                             .binding = p->binding[b],
                             .role = PB_ROLE_BASE};
        int32_t id = pb_plan_add(p->run, p->request, &row, p->error);
        if (id < 0)
            return id;
    }
    for (uint32_t w = 0; w < widths->count; w++) {
        if (one && widths->value[w] == 1)
            continue;
        for (uint32_t b = 0; b < p->bindings; b++) {
            struct pb_row row = {.workload = workload,
                                 .executor = executor,
                                 .workers = widths->value[w],
                                 .binding = p->binding[b],
                                 .role = PB_ROLE_CELL};
            int32_t id = pb_plan_add(p->run, p->request, &row, p->error);
            if (id < 0)
                return id;
            p->run->cell[id].base = one ? first + (int32_t)b : serial;
        }
    }
    return 0;
}

static int add_workload(struct planner *p, const struct pb_described *workload) {
    struct pb_widths widths;
    int32_t serial = -1;
    int rc = pb_widths_init(&widths, p->request, workload->bound, p->run->limits.processors, p->error);
    if (rc < 0)
        return rc;
    if (p->base == BASE_SERIAL) {
        serial = add_serial(p, workload, "serial");
        rc = serial < 0 ? serial : 0;
    }
    for (uint32_t e = 0; rc == 0 && e < p->executors.count; e++) {
        const char *executor = p->executors.one[e]->canonical;
        if (p->executors.one[e]->program != workload->program)
            continue;
        if (!pb_is_serial(executor))
            rc = add_executor(p, workload, executor, &widths, serial);
        else if (p->base != BASE_SERIAL)
            rc = (rc = add_serial(p, workload, executor)) < 0 ? rc : 0;
    }
    pb_widths_release(&widths);
    return rc;
}

int pb_plan(struct pb_run *run, const struct pb_request *request, const struct pb_descriptions *descriptions,
            struct pb_error *error) {
    struct planner p = {.run = run, .request = request, .descriptions = descriptions, .error = error};
    int rc = read_base(&p);
    rc = rc ? rc : read_bindings(&p);
    rc = rc ? rc : read_choices(&p);
    for (uint32_t w = 0; rc == 0 && w < p.workloads.count; w++)
        rc = add_workload(&p, p.workloads.one[w]);
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
    double round = repetition * run->cells;
    double measuring =
        request->rounds ? request->rounds * round : fmax(request->time, request->min_rounds * round);
    return start * run->cells + measuring;
}
