/* Why rows gave wrong answers. Where tasks change what they share, rows that run them one after the other are
 * right and agree with each other, and rows that run several at once are wrong, perhaps in some rounds only:
 * a race. A row that is wrong although it runs one task at a time has another fault. */
#include "analysis/phrases.h"

#include <string.h>

#include "base/name.h"
#include "results/short_name.h"

/* Whose answers the others' were held against: the first row of the workload that gave any. */
static const struct pb_cell *witness(const struct pb_run *run, const struct pb_cell *cell) {
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *c = &run->cell[i];
        bool answered = c->state != PB_CELL_FAILED && c->state != PB_CELL_REFUSED;
        if (answered && c->role != PB_ROLE_REFERENCE &&
            strcmp(pb_text(c->workload), pb_text(cell->workload)) == 0)
            return c;
    }
    return cell;
}

static bool runs_at_once(const struct pb_cell *cell) {
    return cell->workers > 1 && !pb_is_serial(cell->executor);
}

static bool all_run_at_once(const struct pb_group *group) {
    for (uint32_t i = 0; i < group->members; i++)
        if (!runs_at_once(group->member[i]))
            return false;
    return true;
}

/* Rounds of one row that contradict each other. */
static bool varies(const struct pb_group *group) {
    for (uint32_t i = 0; i < group->members; i++)
        for (uint32_t k = 1; k < group->member[i]->samples; k++)
            if (group->member[i]->sample[k].digest != group->member[i]->sample[0].digest)
                return true;
    return false;
}

/* The first row contradicted itself: nobody is known to be right. */
static void phrase_unrepeated(const struct pb_group *group, struct pb_buffer *claim,
                              struct pb_buffer *evidence, struct pb_buffer *next) {
    pb_buffer_printf(claim, "%s %s not repeat the first answers", pb_buffer_string(&group->rows),
                     group->members == 1 ? "does" : "do");
    if (pb_cell_is_own(group->member[0])) {
        pb_buffer_text(evidence, "its output differs from run to run, with the same number of workers");
        pb_buffer_text(next, "look for times, names or an order that change, or leave --check-output out");
    } else if (all_run_at_once(group)) {
        pb_buffer_text(evidence, "perhaps a race: tasks change shared state without a lock");
        pb_buffer_text(next, "run serial too: if it repeats its answers, it is a race");
    } else {
        pb_buffer_text(evidence, "a task must depend on its index alone");
        pb_buffer_text(next, "look for random or leftover state");
    }
}

/* A program that makes its own workers wrote something else than with another number of them. */
static void phrase_output(const struct pb_group *group, const struct pb_cell *right, struct pb_buffer *claim,
                          struct pb_buffer *evidence, struct pb_buffer *next) {
    pb_buffer_printf(claim, "%s %s other output than with %u", pb_buffer_string(&group->rows),
                     group->members == 1 ? "gives" : "give", right->workers);
    pb_buffer_text(evidence,
                   varies(group) ? "it differs from round to round, too" : "it is the same each round");
    pb_buffer_text(next, "compare the two; where their order is free, have the program sort what it writes");
}

void pb_phrase_wrong(const struct pb_run *run, const struct pb_group *group, struct pb_buffer *claim,
                     struct pb_buffer *evidence, struct pb_buffer *next) {
    const struct pb_cell *right = witness(run, group->member[0]);
    if (right->state == PB_CELL_WRONG) {
        phrase_unrepeated(group, claim, evidence, next);
        return;
    }
    if (pb_cell_is_own(group->member[0])) {
        phrase_output(group, right, claim, evidence, next);
        return;
    }
    pb_buffer_printf(claim, "%s %s other answers than %s", pb_buffer_string(&group->rows),
                     group->members == 1 ? "gives" : "give", pb_text(right->executor));
    if (!all_run_at_once(group)) {
        pb_buffer_text(evidence, "no race alone, since one task at a time is wrong too: what a task answers "
                                 "depends on where it runs or on what ran before");
        pb_buffer_text(next, "look for state that a worker carries from task to task");
        return;
    }
    pb_buffer_text(evidence, "a race: tasks change shared state without a lock");
    if (varies(group))
        pb_buffer_text(evidence, ", and the answers differ from round to round");
    pb_buffer_text(next, "put a lock around it, or give each task its own");
    if (!runs_at_once(right))
        pb_buffer_printf(next, ": %s is right", pb_text(right->executor));
}
