/* A minute of launches, all amounts of work at all widths in turns, from which gates are drawn. */
#include "cli/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/doctor.h"
#include "analysis/gate.h"
#include "cli/output.h"

enum { TRIALS = 1000 };

static int no_memory(void) {
    return pb_complain(PB_EXIT_CANNOT_RUN, "doctor: no memory: ask for fewer rows");
}

/* How many launches a gate of one row makes in its time, by how long they took here. */
static uint32_t launches_in(const struct pb_run *run, double seconds) {
    uint64_t launches = 0;
    for (uint32_t i = 0; i < run->comparisons; i++)
        launches += run->comparison[i].change.samples;
    return (uint32_t)(seconds * (double)launches / run->elapsed);
}

/* Rows of a duel stand by amount of work, then by width; here by width. */
static int draw(struct pb_doctor_command *c, const struct pb_run *run) {
    struct pb_doctor *d = &c->doctor;
    uint32_t works = c->work.count, widths = pb_gate_rows(run) / works;
    const struct pb_drawing drawing = {c->options->trials ? c->options->trials : TRIALS,
                                       launches_in(run, d->gate_seconds), c->run.seed};
    d->trials = drawing.trials;
    d->launches = drawing.launches;
    memcpy(d->threshold, pb_doctor_thresholds, sizeof d->threshold);
    d->drawn = calloc(works * widths + 1, sizeof *d->drawn);
    d->carried = calloc(widths + 1, sizeof *d->carried);
    if (!d->drawn || !d->carried)
        return no_memory();
    for (uint32_t w = 0; w < widths; w++)
        for (uint32_t a = 0; a < works; a++)
            if (pb_doctor_draw(run, a * widths + w, c->work.added[a], &drawing, &d->drawn[d->drawn_rows++]) <
                0)
                return no_memory();
    for (d->widths = 0; d->widths < widths; d->widths++) {
        d->carried[d->widths] = (struct pb_carried){.first = d->widths * works, .rows = works};
        pb_doctor_carry(d, &d->carried[d->widths]);
    }
    return 0;
}

int pb_doctor_drawn(struct pb_doctor_command *c) {
    const struct pb_doctor_gate gate = {.seconds = c->options->request.time,
                                        .threshold = pb_doctor_thresholds[0],
                                        .to_the_end = true,
                                        .seed = c->run.seed};
    struct pb_run run;
    pb_doctor_run_init(c, &run);
    int code = pb_doctor_plan(c, &run, 0, c->work.count);
    code = code ? code : pb_doctor_gate(c, &run, &gate);
    code = code ? code : draw(c, &run);
    pb_doctor_run_release(&run);
    return code;
}
