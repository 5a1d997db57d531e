#include "driver/tasks.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"

enum {
    LEAST_NS = 5000000,   /* a sample to calibrate by */
    WANTED_NS = 25000000, /* of a repetition on the widest cell */
    MOST_NS = 100000000,  /* of a repetition on serial, unless a task is long */
    LONG_NS = 1000000000, /* of a repetition on serial, beyond which fewer turns must do */
    MOST_TIMED = 4096,    /* tasks that are clocked one by one */
    TIMINGS = 3,          /* of a repetition, of which the shortest counts */
};

static uint32_t widest_of(const struct pb_run *run, const struct pb_cell *cell) {
    uint32_t widest = 1;
    for (uint32_t i = 0; i < run->cells; i++)
        if (strcmp(run->cell[i].workload, cell->workload) == 0 && run->cell[i].workers > widest)
            widest = run->cell[i].workers;
    return widest;
}

/* Enough for every worker to have several, so that the split itself costs nothing, and in whole turns;
   waiting tasks are long, and two turns show that they overlap. Tasks of seconds, programs for instance, must
   do with fewer: the rounds are worth more than the turns. */
static double least_turns(double ns_per_turn, bool io) {
    return io ? 2 : 4 * ns_per_turn <= LONG_NS ? 4 : 2 * ns_per_turn <= LONG_NS ? 2 : 1;
}

uint64_t pb_tasks_for(double ns_per_task, uint32_t widest, bool io) {
    double serial_ns = fmin(fmax((double)WANTED_NS * widest, WANTED_NS), MOST_NS);
    double tasks = fmax(serial_ns / fmax(ns_per_task, 0.01), 1);
    return (uint64_t)ceil(fmax(tasks / widest, least_turns(ns_per_task * widest, io))) * widest;
}

/* `alone_ns` is what one task takes that waits by itself. */
static void refuse_endless(struct pb_run *run, const struct pb_cell *chosen, double alone_ns,
                           double longest_ns) {
    for (uint32_t i = 0; i < run->cells; i++) {
        struct pb_cell *cell = &run->cell[i];
        uint64_t tasks = cell->tasks ? cell->tasks : chosen->tasks;
        double ns = alone_ns * (double)tasks / cell->workers;
        char text[200];
        if (strcmp(cell->workload, chosen->workload) != 0 || ns <= longest_ns)
            continue;
        snprintf(text, sizeof text,
                 "%llu tasks, %u at a time: a repetition would take %.3g s: use a smaller -n or --tasks, or "
                 "allow more with --time and --timeout",
                 (unsigned long long)tasks, cell->workers, ns / 1e9);
        cell->state = PB_CELL_REFUSED;
        pb_set_text(&cell->error, text);
    }
}

static int time_once(struct pb_session *session, struct pb_cell *cell, uint64_t tasks, int64_t timeout_ns,
                     double *ns) {
    struct pb_wire answer;
    int rc = pb_session_run(session, cell, &(struct pb_wire_run){.tasks = tasks}, timeout_ns, &answer);
    if (rc < 0)
        return rc;
    *ns = (double)answer.sample.sample.makespan_ns;
    pb_wire_release(&answer);
    pb_session_settle(session);
    return 0;
}

int pb_time_enough(struct pb_session *session, struct pb_cell *cell, const struct pb_timing *rule,
                   int64_t timeout_ns, uint64_t *tasks, double *ns) {
    double another;
    int rc = time_once(session, cell, *tasks, timeout_ns, ns);
    for (int i = 0; rc == 0 && *ns < rule->long_ns;) {
        bool enough = *ns >= rule->least_ns || *tasks >= UINT64_C(1) << 40;
        if (enough && i == rule->again)
            break;
        *tasks *= enough ? 1 : 2;
        rc = time_once(session, cell, *tasks, timeout_ns, &another);
        *ns = enough ? fmin(*ns, another) : another;
        i = enough ? i + 1 : 0;
    }
    return rc;
}

/* Waiting is not slowed by others. */
int pb_choose_tasks(struct pb_run *run, struct pb_cell *cell, struct pb_session *session, int64_t timeout_ns,
                    double longest_ns) {
    const struct pb_timing rule = {LEAST_NS, MOST_NS, cell->bound == PB_IO ? 0 : TIMINGS - 1};
    uint64_t tasks = 1;
    double ns = 0;
    int rc = pb_time_enough(session, cell, &rule, timeout_ns, &tasks, &ns);
    if (rc < 0)
        return rc;
    if (cell->tasks == 0)
        cell->tasks = pb_tasks_for(ns / (double)tasks, widest_of(run, cell), cell->bound == PB_IO);
    if (cell->bound == PB_IO)
        refuse_endless(run, cell, ns * fmin((double)tasks, cell->workers) / (double)tasks, longest_ns);
    return 0;
}

void pb_share_tasks(struct pb_run *run, const struct pb_cell *cell, bool weak) {
    bool each = weak && cell->role != PB_ROLE_REFERENCE;
    uint64_t tasks = each && cell->tasks > cell->workers ? cell->tasks / cell->workers : cell->tasks;
    if (cell->tasks == 0)
        return;
    for (uint32_t i = 0; i < run->cells; i++)
        if (strcmp(run->cell[i].workload, cell->workload) == 0)
            run->cell[i].tasks = each ? tasks * run->cell[i].workers : tasks;
}

/* Disturbance only ever slows: the least of several measurements is nearest to what a task takes. */
static void keep_least(struct pb_cell *cell, struct pb_wire_sample *sample) {
    if (!cell->task_ns) {
        cell->task_ns = sample->task_ns; /* moved */
        cell->task_times = sample->task_times;
        sample->task_ns = NULL;
        return;
    }
    for (uint32_t i = 0; i < cell->task_times && i < sample->task_times; i++)
        cell->task_ns[i] = fmin(cell->task_ns[i], sample->task_ns[i]);
}

int pb_time_tasks(struct pb_cell *cell, struct pb_session *session, int64_t timeout_ns) {
    if (!pb_is_serial(cell->executor) || cell->tasks > MOST_TIMED || cell->bound == PB_IO)
        return 0;
    for (int i = 0; i < TIMINGS; i++) {
        struct pb_wire answer;
        int rc = pb_session_time(session, cell, timeout_ns, &answer);
        if (rc == -ENOTSUP)
            break;
        if (rc < 0)
            return rc;
        bool is_long = answer.sample.sample.makespan_ns > LONG_NS;
        keep_least(cell, &answer.sample);
        pb_wire_release(&answer);
        if (is_long)
            break;
    }
    pb_session_settle(session);
    return 0;
}
