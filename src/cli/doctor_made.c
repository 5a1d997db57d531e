/* Every trial a gate of its own, as `bench gate` makes it. Executors, widths and amounts of work take turns,
 * so that an early end leaves about as many trials of each. */
#include "cli/doctor.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/doctor.h"
#include "analysis/gate.h"
#include "base/clock.h"
#include "cli/output.h"

enum { TRIALS = 20 };

static int no_memory(void) {
    return pb_complain(PB_EXIT_CANNOT_RUN, "doctor: no memory: ask for fewer trials");
}

static void tell(const struct pb_doctor_command *c, const struct pb_made_row *row,
                 const struct pb_comparison *comparison) {
    if (c->options->verbose)
        fprintf(stderr, "%s %u, %.1f %% added: %s, %+.2f %% (%+.2f to %+.2f) in %.1f s\n", row->executor,
                row->workers, 100 * row->added, comparison->verdict, 100 * comparison->change.value,
                100 * comparison->change.low, 100 * comparison->change.high, row->seconds[row->trials - 1]);
}

/* One gate of the row's executor, width and work alone. */
static int make(struct pb_doctor_command *c, uint32_t work, uint32_t trial, struct pb_made_row *row) {
    struct pb_request *request = &c->options->request, all = *request;
    const struct pb_doctor_gate gate = {all.time, c->doctor.made_threshold, false, false,
                                        c->run.seed + trial};
    const char *executor = row->executor, *width;
    char text[16];
    uint64_t began = pb_now();
    struct pb_run run;
    snprintf(text, sizeof text, "%u", row->workers);
    width = text;
    request->executor = &executor;
    request->width = &width;
    request->executors = request->widths = 1;
    pb_doctor_run_init(c, &run);
    int code = pb_doctor_plan(c, &run, work, 1);
    *request = all;
    code = code ? code : pb_doctor_gate(c, &run, &gate);
    if (code == 0 && !c->doctor.interrupted) {
        if (pb_made_row_add(row, &run.comparison[0], (double)(pb_now() - began) / 1e9) < 0)
            code = no_memory();
        else
            tell(c, row, &run.comparison[0]);
    }
    pb_doctor_run_release(&run);
    return code;
}

/* A row for each executor and width of the plan, and each amount of work. */
static int list_rows(struct pb_doctor_command *c) {
    struct pb_doctor *d = &c->doctor;
    uint32_t works = c->work.count;
    struct pb_run run;
    pb_doctor_run_init(c, &run);
    int code = pb_doctor_plan(c, &run, 0, 1);
    uint32_t widths = code ? 0 : pb_gate_rows(&run);
    d->made = code ? NULL : calloc(works * widths + 1, sizeof *d->made);
    if (code == 0 && !d->made)
        code = no_memory();
    for (uint32_t w = 0; code == 0 && w < widths; w++)
        for (uint32_t a = 0; a < works; a++) {
            struct pb_made_row *row = &d->made[d->made_rows++];
            snprintf(row->executor, sizeof row->executor, "%s", run.cell[w].executor);
            row->workers = run.cell[w].workers;
            row->added = c->work.added[a];
        }
    pb_doctor_run_release(&run);
    return code;
}

int pb_doctor_made(struct pb_doctor_command *c) {
    struct pb_doctor *d = &c->doctor;
    uint32_t trials = c->options->trials ? c->options->trials : TRIALS;
    int code = list_rows(c);
    for (uint32_t i = 0; code == 0 && i < trials; i++)
        for (uint32_t k = 0; code == 0 && !d->interrupted && k < d->made_rows; k++)
            code = make(c, k % c->work.count, i, &d->made[k]);
    return code;
}
