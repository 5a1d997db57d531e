/* Each group of rows gets a rank: wrong answers, failures, what runs in parallel, what does not, what is
 * unclear. Between them stands how many workers to give a program, and how many to have under way at once.
 * The best ranks get a sentence: claim, evidence, next step. */
#include "analysis/findings.h"

#include "analysis/claims.h"
#include "analysis/groups.h"
#include "analysis/phrases.h"
#include "analysis/programs.h"
#include "analysis/widths.h"

#include <errno.h>
#include <string.h>

struct sentence {
    struct pb_buffer claim, evidence, next;
};

static const struct pb_cell *better_row(const struct pb_run *run, const struct pb_cell *cell) {
    const struct pb_cell *best = NULL;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *other = &run->cell[i];
        if (pb_turned_out(other, "parallel") &&
            strcmp(pb_text(other->workload), pb_text(cell->workload)) == 0 &&
            (!best || other->summary.speedup.value > best->summary.speedup.value))
            best = other;
    }
    return best;
}

/* A failed row says itself why; here stands what follows for the others. Rows of references are seldom shown,
   so their reason is told. */
static void say_failure(struct sentence *s, const struct pb_run *run, const struct pb_group *group) {
    const struct pb_cell *cell = group->member[0];
    bool refused = cell->state == PB_CELL_REFUSED;
    if (cell->role == PB_ROLE_REFERENCE) {
        pb_buffer_printf(&s->claim, "The reference %s of %s failed, so what is possible is not known",
                         pb_buffer_string(&group->rows), pb_text(cell->workload));
        pb_buffer_text(&s->evidence, pb_text(cell->error));
        return;
    }
    pb_claim_prefix(&s->claim, run, group);
    pb_buffer_printf(&s->claim, "%s %s, so there are no speedups.", pb_buffer_string(&group->rows),
                     refused ? "was refused" : "failed");
}

static int say(const struct pb_run *run, const struct pb_group *group, struct sentence *s) {
    struct pb_group_range span = pb_group_range(group);
    struct pb_view view = {.run = run, .cell = span.worst, .better = better_row(run, span.worst)};
    int rc = pb_cell_facts(run, span.worst, &view.facts);
    if (span.worst->state == PB_CELL_FAILED || span.worst->state == PB_CELL_REFUSED) {
        say_failure(s, run, group);
    } else if (span.worst->state == PB_CELL_WRONG) {
        pb_claim_prefix(&s->claim, run, group);
        pb_phrase_wrong(run, group, &s->claim, &s->evidence, &s->next);
    } else if (pb_turned_out(span.worst, "parallel")) {
        pb_claim_parallel(&s->claim, run, group, span);
        pb_phrase_parallel(&view, &s->evidence, &s->next);
    } else if (pb_turned_out(span.worst, "overlapped")) {
        pb_claim_overlapped(&s->claim, run, group, span);
        pb_phrase_overlapped(&view, &s->evidence, &s->next);
    } else if (span.worst->offered > 0) {
        const struct pb_cell *worst = pb_claim_offered(&s->claim, run, group);
        pb_phrase_offered(run, group, worst, &s->evidence, &s->next);
    } else if (pb_turned_out(span.worst, "unclear")) {
        pb_claim_shortfall(&s->claim, run, group, span);
        pb_phrase_unclear(&view, &s->evidence, &s->next);
    } else {
        pb_claim_shortfall(&s->claim, run, group, span);
        pb_phrase_shortfall(&view, &s->evidence, &s->next);
    }
    return rc;
}

enum rank {
    WRONG,
    FAILED,
    FIRST_GOOD,
    SLOWER,
    SERIALISED,
    OVERLAP,
    USE, /* this many at once */
    PARTIAL,
    MODEL,
    GOOD,
    MORE, /* than were measured at once */
    REFUSED,
    VAGUE,
    SILENT
};

/* The first parallel group answers the question of the run; the model's lock is known beforehand; a failure
   on which no other row depends is told by its row. */
static enum rank rank_of(const struct pb_group *group, bool any_parallel, bool any_overlapped) {
    const struct pb_cell *cell = group->member[0];
    if (group->merged)
        return SILENT;
    if (cell->state == PB_CELL_WRONG)
        return WRONG;
    if (cell->state == PB_CELL_FAILED)
        return cell->role != PB_ROLE_CELL ? FAILED : SILENT;
    if (cell->state == PB_CELL_REFUSED)
        return REFUSED;
    if (pb_turned_out(cell, "parallel"))
        return any_parallel ? GOOD : FIRST_GOOD;
    if (pb_turned_out(cell, "overlapped"))
        return any_overlapped ? GOOD : OVERLAP;
    if (pb_turned_out(cell, "keeps up"))
        return OVERLAP;
    if (pb_turned_out(cell, "falls behind"))
        return SERIALISED;
    if (pb_turned_out(cell, "unclear"))
        return VAGUE;
    if (pb_runs_under(cell, "gil") || !cell->summary.cause)
        return MODEL;
    return pb_turned_out(cell, "slower") ? SLOWER : pb_turned_out(cell, "serialised") ? SERIALISED : PARTIAL;
}

static int add(struct pb_run *run, const struct pb_group *group) {
    struct sentence s = {0};
    int rc = say(run, group, &s);
    if (rc == 0 && (s.claim.failed || s.evidence.failed || s.next.failed))
        rc = -ENOMEM;
    if (rc == 0)
        rc = pb_run_add_finding(run, pb_buffer_string(&s.claim), pb_buffer_string(&s.evidence),
                                s.next.size ? s.next.data : NULL);
    pb_buffer_release(&s.claim);
    pb_buffer_release(&s.evidence);
    pb_buffer_release(&s.next);
    return rc;
}

int pb_find(struct pb_run *run) {
    struct pb_groups g;
    int rc = pb_groups_init(&g, run);
    for (int rank = 0; rank < SILENT && rc == 0; rank++) {
        bool any_parallel = false, any_overlapped = false;
        for (uint32_t i = 0; i < g.groups && rc == 0 && run->findings < PB_FINDINGS_MAX; i++) {
            if ((int)rank_of(&g.group[i], any_parallel, any_overlapped) == rank)
                rc = add(run, &g.group[i]);
            any_parallel = any_parallel || pb_turned_out(g.group[i].member[0], "parallel");
            any_overlapped = any_overlapped || pb_turned_out(g.group[i].member[0], "overlapped");
        }
        if (rc == 0 && rank == FIRST_GOOD)
            rc = pb_find_programs(run, PB_FINDINGS_MAX);
        if (rc == 0 && (rank == USE || rank == MORE))
            rc = pb_find_widths(run, rank == USE ? PB_ADVICE_USE : PB_ADVICE_MORE, PB_FINDINGS_MAX);
    }
    pb_groups_release(&g);
    return rc;
}
