#include "driver/around.h"

#include "base/clock.h"
#include "driver/placed.h"

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

/* A machine does not wake up within less. */
enum { LEAST_SLEEP_NS = 10000000 };

/* The clock of the makespan stands still meanwhile, but caches, devices and others' timers do not. */
int pb_keep_sample(struct pb_journal *journal, struct pb_cell *cell, struct pb_sample *sample, uint32_t fork,
                   uint64_t slept_before) {
    if (pb_slept() >= slept_before + LEAST_SLEEP_NS) {
        cell->suspended++;
        return 0;
    }
    sample->fork = fork;
    int rc = pb_cell_add_sample(cell, sample);
    if (rc == 0 && journal)
        pb_journal_sample(journal, cell, sample);
    return rc;
}

void pb_note_placement(const struct pb_run *run, struct pb_cell *cell) {
    struct pb_placement placement = {.workers = 0};
    struct pb_buffer text = {0};
    if (cell->launched) {
        pb_placed_achieve(cell);
        return;
    }
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
