#include "driver/around.h"

int pb_calibrate_work(struct pb_run *run, struct pb_children *children, int64_t timeout_ns,
                      struct pb_error *error) {
    struct pb_child child;
    struct pb_wire answer;
    int rc = pb_child_start(&child, children, NULL, error);
    if (rc < 0)
        return rc;
    pb_child_say(&child, &(struct pb_wire){.type = PB_WIRE_CALIBRATE});
    rc = pb_child_hear(&child, &answer, timeout_ns, error);
    if (rc == 0) {
        run->work_rate = answer.work_rate;
        pb_wire_release(&answer);
    }
    pb_child_end(&child);
    return rc;
}

void pb_note_placement(const struct pb_run *run, struct pb_cell *cell) {
    struct pb_placement placement = {.workers = 0};
    struct pb_buffer text = {0};
    if (cell->samples == 0 || pb_plan_placement(run, cell, &placement, NULL) < 0)
        return;
    const struct pb_sample *last = &cell->sample[cell->samples - 1];
    for (uint32_t w = 0; w < last->workers; w++)
        pb_buffer_printf(&text, "%s%d", w ? " " : "", last->worker[w].cpu);
    for (uint32_t s = 0; s < cell->samples; s++)
        for (uint32_t w = 0; w < cell->sample[s].workers && w < placement.workers; w++) {
            int32_t cpu = cell->sample[s].worker[w].cpu;
            if (cpu >= 0 && !pb_cpuset_has(&placement.binding[w], (uint32_t)cpu))
                cell->misplaced = true;
        }
    pb_set_text(&cell->achieved, pb_buffer_string(&text));
    pb_buffer_release(&text);
    pb_placement_release(&placement);
}
