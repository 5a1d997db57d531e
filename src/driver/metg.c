/* A step is a small run of its own: `spin` at one or more lengths under every executor, beside long tasks on
 * serial, which tell how long an iteration takes in each round. Steps find, by bisection of the length's
 * logarithm, where the share of work crosses a half; the last one measures three lengths around it.
 *
 * A repetition must be neither too short for the clock nor endless, so how many tasks it has follows from
 * what the step before learnt of the time that each takes beyond its work. */
#include "driver/metg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/metg.h"
#include "analysis/series.h"
#include "base/name.h"
#include "driver/choose.h"
#include "driver/planner.h"
#include "driver/widths.h"

enum {
    SHORTEST_NS = 5,
    LONGEST_NS = 1000000,
    OVERHEAD_NS = 10000,      /* of a task, before anything is known: rather too much */
    REPETITION_NS = 16000000, /* at half of it the tasks' work */
    LEAST_TASKS = 16,         /* for each worker */
    MOST_TASKS = 1 << 24,
    REFERENCE_WORK = 100000, /* iterations */
    REFERENCE_TASKS = 100,
    LEARNING = 2, /* steps at the shortest length, to learn its overhead */
    BISECTIONS = 8,
    ATTEMPTS = 2, /* at the last step */
    SEARCH_ROUNDS = 3,
    ROUNDS = 12,
};

static const double narrow = 1.5;   /* enough of a bracket */
static const double apart = 1.6;    /* the last step's lengths */
static const double hopeful = 0.55; /* share of the longest tasks, below which a half is no crossing */

struct one {
    struct pb_metg_row *row;
    const struct pb_described *executor;
    double low, high; /* iterations: too few, enough */
    double overhead;  /* of a task, in iterations */
    double next;      /* to be measured, 0: nothing */
};

struct search {
    const struct pb_run *frame;
    const struct pb_sources *sources;
    struct pb_request request;
    struct pb_choice spin, executors;
    const char *binding;
    struct pb_metg *out;
    struct one *one; /* by row */
    double iteration_ns;
    pb_progress_fn *progress;
    void *context;
    struct pb_error *error;
};

struct step {
    struct pb_run run;
    uint32_t *of;                /* by cell: which row; the reference's is unused */
    struct pb_metg_point *point; /* by cell */
};

/* ---- Steps ---- */

static int32_t add_cell(struct search *s, struct step *step, const char *executor, uint32_t workers,
                        const struct pb_described *described, double iterations, uint64_t tasks) {
    char work[64];
    snprintf(work, sizeof work, "spin:work=%.0f", iterations);
    struct pb_row row = {.workload = s->spin.one[0],
                         .canonical = work,
                         .full = work,
                         .executor = executor,
                         .threads = described ? described->threads : 0,
                         .launched = described && described->launched,
                         .tasks = tasks,
                         .workers = workers,
                         .binding = s->binding,
                         .role = PB_ROLE_CELL};
    return pb_plan_add(&step->run, &s->request, &row, s->error);
}

static uint64_t tasks_for(const struct search *s, const struct one *one, double iterations) {
    double threads = one->row->threads, whole = REPETITION_NS / s->iteration_ns * threads;
    double tasks = whole / (iterations + one->overhead);
    return (uint64_t)fmin(fmax(tasks, LEAST_TASKS * threads), MOST_TASKS);
}

static int add_point(struct search *s, struct step *step, uint32_t row, double iterations) {
    const struct one *one = &s->one[row];
    int32_t id = add_cell(s, step, one->executor->canonical, one->row->workers, one->executor, iterations,
                          tasks_for(s, one, iterations));
    if (id < 0)
        return id;
    step->of[id] = row;
    step->point[id] = (struct pb_metg_point){NULL, iterations, one->row->threads};
    return 0;
}

static int step_begin(struct search *s, struct step *step) {
    size_t most = (size_t)s->out->rows * PB_METG_POINTS + 1;
    *step = (struct step){.of = calloc(most, sizeof *step->of), .point = calloc(most, sizeof *step->point)};
    pb_run_init(&step->run);
    step->run.limits = s->frame->limits;
    step->run.seed = s->frame->seed;
    int rc = step->of && step->point ? pb_machine_copy(&step->run.machine, &s->frame->machine) : -ENOMEM;
    if (rc < 0)
        return pb_error_set(s->error, rc, "metg: no memory: ask for fewer executors");
    step->point[0] = (struct pb_metg_point){NULL, REFERENCE_WORK, 1};
    int32_t id = add_cell(s, step, "serial", 1, NULL, REFERENCE_WORK, REFERENCE_TASKS);
    return id < 0 ? id : 0;
}

static void step_end(struct step *step) {
    pb_run_release(&step->run);
    free(step->of);
    free(step->point);
}

/* Rows whose cell failed are out of the search. */
static int note_failures(struct search *s, struct step *step) {
    for (uint32_t i = 1; i < step->run.cells; i++) {
        const struct pb_cell *cell = &step->run.cell[i];
        struct pb_metg_row *row = s->one[step->of[i]].row;
        if (cell->samples && cell->state == PB_CELL_DONE)
            continue;
        row->state = PB_METG_FAILED;
        if (pb_set_text(&row->error, cell->error ? cell->error : "it was not measured") < 0)
            return -ENOMEM;
    }
    return 0;
}

static int step_run(struct search *s, struct step *step, uint32_t rounds) {
    struct pb_request request = s->request;
    struct pb_drive drive = {.run = &step->run,
                             .request = &request,
                             .sources = s->sources,
                             .progress = s->progress,
                             .progress_context = s->context};
    request.rounds = rounds;
    int rc = pb_drive(&drive, s->error);
    if (rc == 0 && pb_signal_caught())
        return -EINTR;
    for (uint32_t i = 0; i < step->run.cells; i++)
        step->point[i].cell = &step->run.cell[i];
    const struct pb_cell *reference = &step->run.cell[0];
    if (rc == 0 && !reference->samples)
        return pb_error_set(s->error, -EIO, "metg: spin on serial failed: %s",
                            reference->error ? reference->error : "it was not measured: give more time");
    return rc ? rc : note_failures(s, step);
}

/* What a task took beyond its work, in iterations of a worker. */
static double overhead_of(double iterations, double share) {
    return share > 0 && share < 1 ? iterations / share - iterations : 0;
}

/* Measures each row at its `next` length; `take` gets the share of each that was. */
static int look(struct search *s, void (*take)(struct one *, double share)) {
    struct step step;
    int rc = step_begin(s, &step);
    for (uint32_t i = 0; rc == 0 && i < s->out->rows; i++)
        if (s->one[i].next > 0 && s->one[i].row->state == PB_METG_FOUND)
            rc = add_point(s, &step, i, s->one[i].next);
    if (rc == 0 && step.run.cells > 1)
        rc = step_run(s, &step, SEARCH_ROUNDS);
    for (uint32_t i = 1; rc == 0 && i < step.run.cells; i++) {
        struct one *one = &s->one[step.of[i]];
        double share;
        if (one->row->state != PB_METG_FOUND)
            continue;
        rc = pb_metg_share(&step.point[i], &step.point[0], &share);
        one->overhead = overhead_of(one->next, share);
        take(one, share);
    }
    step_end(&step);
    return rc;
}

/* ---- The search ---- */

static int learn_iteration(struct search *s) {
    struct step step;
    int rc = step_begin(s, &step);
    rc = rc ? rc : step_run(s, &step, SEARCH_ROUNDS);
    rc = rc ? rc : pb_metg_iteration(&step.point[0], &s->iteration_ns);
    step_end(&step);
    return rc;
}

static void take_longest(struct one *one, double share) {
    one->row->longest_share = share;
    if (share < hopeful)
        one->row->state = PB_METG_NEVER;
}

static void take_overhead(struct one *one, double share) {
    (void)one;
    (void)share;
}

static void take_shortest(struct one *one, double share) {
    if (share >= 0.5)
        one->row->state = PB_METG_BELOW;
}

static void take_middle(struct one *one, double share) {
    *(share >= 0.5 ? &one->high : &one->low) = one->next;
}

static void all_next(struct search *s, double iterations) {
    for (uint32_t i = 0; i < s->out->rows; i++)
        s->one[i].next = iterations;
}

static int bracket(struct search *s) {
    double shortest = fmax(round(SHORTEST_NS / s->iteration_ns), 1), longest = LONGEST_NS / s->iteration_ns;
    for (uint32_t i = 0; i < s->out->rows; i++) {
        s->one[i].low = shortest;
        s->one[i].high = longest;
        s->one[i].overhead = OVERHEAD_NS / s->iteration_ns;
    }
    all_next(s, longest);
    int rc = look(s, take_longest);
    for (uint32_t i = 0; i < s->out->rows; i++)
        s->one[i].overhead = OVERHEAD_NS / s->iteration_ns;
    all_next(s, shortest);
    for (int i = 0; i < LEARNING && rc == 0; i++)
        rc = look(s, take_overhead);
    rc = rc ? rc : look(s, take_shortest);
    for (int i = 0; i < BISECTIONS && rc == 0; i++) {
        for (uint32_t k = 0; k < s->out->rows; k++) {
            struct one *one = &s->one[k];
            double middle = round(sqrt(one->low * one->high));
            bool done = one->high <= narrow * one->low || middle <= one->low || middle >= one->high;
            one->next = done ? 0 : middle;
        }
        rc = look(s, take_middle);
    }
    return rc;
}

/* The three lengths around each row's crossing, in `first` and the two cells behind it. */
static int add_last(struct search *s, struct step *step) {
    int rc = 0;
    for (uint32_t i = 0; i < s->out->rows && rc == 0; i++) {
        double middle = fmax(round(sqrt(s->one[i].low * s->one[i].high)), 2);
        if (s->one[i].row->state != PB_METG_FOUND)
            continue;
        rc = add_point(s, step, i, fmin(fmax(round(middle / apart), 1), middle - 1));
        rc = rc ? rc : add_point(s, step, i, middle);
        rc = rc ? rc : add_point(s, step, i, fmax(round(middle * apart), middle + 1));
    }
    return rc;
}

/* True if the crossing lies so far off that it is to be measured again, there. */
static bool is_off(struct search *s, struct one *one, const struct pb_metg_point *point) {
    double crossing = one->row->length.value / s->iteration_ns;
    if (isnan(crossing) || (crossing >= point[0].iterations / narrow &&
                            crossing <= point[PB_METG_POINTS - 1].iterations * narrow))
        return false;
    one->low = one->high = fmin(fmax(crossing, SHORTEST_NS / s->iteration_ns), LONGEST_NS / s->iteration_ns);
    return true;
}

static int finish_rows(struct search *s, const struct step *step, bool *again) {
    for (uint32_t i = 1; i + PB_METG_POINTS <= step->run.cells; i += PB_METG_POINTS) {
        struct one *one = &s->one[step->of[i]];
        if (one->row->state != PB_METG_FOUND)
            continue;
        uint64_t seed = pb_mix(step->of[i], s->frame->seed);
        int rc = pb_metg_crossing(&step->point[i], &step->point[0], seed, &one->row->length);
        rc = rc ? rc : pb_cell_median(step->point[i + 1].cell, pb_metric_busy, &one->row->busy);
        if (rc)
            return rc;
        one->row->busy /= one->row->threads;
        *again |= is_off(s, one, &step->point[i]);
    }
    return 0;
}

static int measure_crossings(struct search *s, uint32_t rounds) {
    bool again = true;
    int rc = 0;
    for (int i = 0; i < ATTEMPTS && again && rc == 0; i++) {
        struct step step;
        again = false;
        rc = step_begin(s, &step);
        rc = rc ? rc : add_last(s, &step);
        if (rc == 0 && step.run.cells > 1)
            rc = step_run(s, &step, rounds ? rounds : ROUNDS);
        rc = rc ? rc : finish_rows(s, &step, &again);
        step_end(&step);
    }
    for (uint32_t i = 0; i < s->out->rows; i++) {
        struct pb_metg_row *row = s->one[i].row;
        if (row->state == PB_METG_FOUND && !(row->length.value >= SHORTEST_NS))
            row->state = isnan(row->length.value) ? PB_METG_UNCLEAR : PB_METG_BELOW;
    }
    return rc;
}

/* ---- Rows ---- */

static int add_row(struct search *s, const struct pb_described *executor, uint32_t workers) {
    struct pb_metg *m = s->out;
    struct pb_metg_row *row = realloc(m->row, (m->rows + 1) * sizeof *row);
    if (row)
        m->row = row;
    struct one *one = realloc(s->one, (m->rows + 1) * sizeof *one);
    if (one)
        s->one = one;
    if (!row || !one)
        return -ENOMEM;
    row = &m->row[m->rows];
    *row = (struct pb_metg_row){.workers = workers,
                                .threads = executor->threads ? executor->threads : workers,
                                .length = {NAN, NAN, NAN, 0},
                                .longest_share = NAN,
                                .busy = NAN};
    s->one[m->rows++] = (struct one){.executor = executor};
    int rc = pb_set_text(&row->executor, executor->canonical);
    return rc ? rc : pb_set_text(&row->binding, s->binding);
}

static int add_rows(struct search *s) {
    struct pb_widths widths;
    int rc = pb_widths_init(&widths, &s->request, PB_CPU, false, s->frame->limits.processors, s->error);
    if (rc < 0)
        return rc;
    for (uint32_t e = 0; e < s->executors.count && rc == 0; e++) {
        bool serial = pb_is_serial(s->executors.one[e]->canonical);
        for (uint32_t w = 0; w < (serial ? 1 : widths.count) && rc == 0; w++)
            rc = add_row(s, s->executors.one[e], serial ? 1 : widths.value[w]);
    }
    pb_widths_release(&widths);
    for (uint32_t i = 0; i < s->out->rows; i++)
        s->one[i].row = &s->out->row[i];
    return rc == -ENOMEM ? pb_error_set(s->error, rc, "metg: no memory: ask for fewer executors") : rc;
}

static int choose(struct search *s, const struct pb_descriptions *d) {
    static const char *const spin[] = {"spin"}, *const all[] = {"all"};
    const struct pb_request *r = &s->request;
    int rc = pb_choose(&s->spin, "workload", d->workload, d->workloads, spin, 1, s->error);
    if (rc == 0)
        rc = pb_choose_executors(&s->executors, &s->spin, d, r->executors ? r->executor : all,
                                 r->executors ? r->executors : 1, s->error);
    return rc;
}

int pb_metg_measure(const struct pb_run *frame, const struct pb_request *request,
                    const struct pb_sources *sources, const struct pb_descriptions *descriptions,
                    pb_progress_fn *progress, void *context, struct pb_metg *out, struct pb_error *error) {
    struct search s = {.frame = frame,
                       .sources = sources,
                       .request = *request,
                       .binding = request->bindings ? request->binding[0] : "auto",
                       .out = out,
                       .progress = progress,
                       .context = context,
                       .error = error};
    *out = (struct pb_metg){.shortest = SHORTEST_NS, .longest = LONGEST_NS, .via = request->via};
    s.request.tasks = 0;
    int rc = choose(&s, descriptions);
    rc = rc ? rc : add_rows(&s);
    rc = rc ? rc : learn_iteration(&s);
    rc = rc ? rc : bracket(&s);
    rc = rc ? rc : measure_crossings(&s, request->rounds);
    pb_choice_release(&s.spin);
    pb_choice_release(&s.executors);
    free(s.one);
    return rc;
}
