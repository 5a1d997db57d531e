#include "driver/traces.h"

#include <errno.h>
#include <stdlib.h>

#include "analysis/facts.h"
#include "base/buffer.h"

/* The spans move to the cell. */
static void keep(struct pb_cell *cell, struct pb_wire_sample *sample) {
    free(cell->span);
    cell->span = sample->span;
    cell->spans = sample->spans;
    cell->spans_lost = sample->spans_lost;
    sample->span = NULL;
    if (!cell->spans)
        pb_cell_add_note(cell, "no trace: its runner does not tell what workers do");
}

/* Once to warm up, and once traced. */
static int trace(struct pb_session *session, const struct pb_run *run, struct pb_cell *cell,
                 int64_t timeout_ns) {
    int rc = pb_session_open(session, run, cell, timeout_ns);
    for (int traced = 0; rc == 0 && traced < 2; traced++) {
        const struct pb_wire_run what = {.tasks = cell->tasks, .trace = traced};
        struct pb_wire answer;
        rc = pb_session_run(session, cell, &what, timeout_ns, &answer);
        if (rc < 0)
            break;
        if (traced)
            keep(cell, &answer.sample);
        pb_wire_release(&answer);
        pb_session_settle(session);
    }
    return rc;
}

/* What was measured of it stands. */
static void forgive(struct pb_cell *cell, enum pb_cell_state state) {
    struct pb_buffer note = {0};
    pb_buffer_printf(&note, "no trace: %s", cell->error ? cell->error : "it failed");
    pb_cell_add_note(cell, pb_buffer_string(&note));
    pb_buffer_release(&note);
    pb_set_text(&cell->error, NULL);
    cell->state = state;
}

int pb_take_traces(struct pb_run *run, struct pb_session *sessions, int64_t timeout_ns) {
    int rc = 0;
    for (uint32_t i = 0; i < run->cells && rc != -EINTR; i++) {
        struct pb_cell *cell = &run->cell[i];
        enum pb_cell_state state = cell->state;
        if (cell->role == PB_ROLE_REFERENCE || !pb_cell_sound(cell) || !cell->samples)
            continue;
        pb_session_close(&sessions[i]);
        sessions[i].trace = true;
        rc = trace(&sessions[i], run, cell, timeout_ns);
        if (rc < 0 && rc != -EINTR)
            forgive(cell, state);
        pb_session_close(&sessions[i]);
    }
    return rc == -EINTR ? rc : 0;
}
