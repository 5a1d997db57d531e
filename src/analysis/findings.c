/* Each group of rows gets a rank: wrong answers, failures, what runs in parallel, what does not, what is
 * unclear. The best ranks get a sentence: claim, evidence, next step. */
#include "analysis/findings.h"

#include "analysis/groups.h"
#include "analysis/phrases.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct sentence {
    struct pb_buffer claim, evidence, next;
};

/* What a group's figures span, over all its workloads. */
struct span {
    double low, high;
    const struct pb_cell *worst; /* the least of what was possible for it */
};

static bool is(const struct pb_cell *cell, const char *outcome) {
    return cell->summary.outcome && strcmp(cell->summary.outcome, outcome) == 0;
}

static bool several_workloads(const struct pb_run *run) {
    const char *first = NULL;
    for (uint32_t i = 0; i < run->cells; i++) {
        const char *workload = pb_text(run->cell[i].workload);
        if (run->cell[i].role == PB_ROLE_REFERENCE)
            continue;
        if (first && strcmp(first, workload) != 0)
            return true;
        first = workload;
    }
    return false;
}

/* What a row reached of what it could; for unclear rows the widest interval is the worst. */
static double share(const struct pb_cell *cell) {
    const struct pb_summary *s = &cell->summary;
    if (is(cell, "unclear"))
        return s->speedup.low / s->speedup.high;
    return s->speedup.value / (isnan(s->possible.value) ? cell->workers : s->possible.value);
}

static struct span span_of(const struct pb_group *group) {
    struct span span = {INFINITY, 0, group->member[0]};
    for (; group; group = group->also)
        for (uint32_t i = 0; i < group->members; i++) {
            const struct pb_cell *cell = group->member[i];
            span.low = fmin(span.low, cell->summary.speedup.value);
            span.high = fmax(span.high, cell->summary.speedup.value);
            if (share(cell) < share(span.worst))
                span.worst = cell;
        }
    return span;
}

/* "1.97x", "1.90 to 1.97x" */
static void say_span(struct pb_buffer *out, struct span span) {
    char low[32], high[32];
    pb_format_ratio(span.low, low, sizeof low);
    pb_format_ratio(span.high, high, sizeof high);
    if (strcmp(low, high) == 0)
        pb_buffer_printf(out, "%sx", high);
    else
        pb_buffer_printf(out, "%s to %sx", low, high);
}

static void say_prefix(struct pb_buffer *out, const struct pb_run *run, const struct pb_group *group) {
    if (!several_workloads(run))
        return;
    pb_say_workloads(out, group);
    pb_buffer_text(out, ": ");
}

/* How executors are called where they are the subject; others keep their name. */
static const struct {
    const char *name, *spoken;
    bool plural;
} subjects[] = {
    {"thread", "threads", true}, {"process", "processes", true},    {"openmp", "OpenMP", false},
    {"gil", "gil", false},       {"loop", "the event loop", false},
};

/* Returns whether the verb is in the plural. */
static bool say_subject(struct pb_buffer *out, const struct pb_group *group) {
    uint32_t said = 0, executors = 0;
    bool plural = false;
    for (uint32_t i = 0; i < group->members; i++)
        executors += pb_group_introduces(group, i);
    for (uint32_t i = 0; i < group->members; i++) {
        const char *spoken = pb_text(group->member[i]->executor);
        if (!pb_group_introduces(group, i))
            continue;
        for (size_t k = 0; k < sizeof subjects / sizeof *subjects; k++)
            if (strcmp(subjects[k].name, spoken) == 0) {
                spoken = subjects[k].spoken;
                plural = plural || subjects[k].plural;
                break;
            }
        pb_say_item(out, said++, executors, spoken);
    }
    return plural || executors > 1;
}

static uint32_t common_width(const struct pb_group *group) {
    for (uint32_t i = 1; i < group->members; i++)
        if (group->member[i]->workers != group->member[0]->workers)
            return 0;
    return group->member[0]->workers;
}

/* "both processors", "all 8 processors", "4 processors" */
static void say_processors(struct pb_buffer *out, const struct pb_run *run, uint32_t width) {
    uint32_t all = run->limits.processors;
    if (width < all || all == 0)
        pb_buffer_printf(out, "%u processors", width);
    else if (all == 2)
        pb_buffer_text(out, "both processors");
    else
        pb_buffer_printf(out, "all %u processors", all);
}

static void claim_parallel(struct pb_buffer *out, const struct pb_run *run, const struct pb_group *group,
                           struct span span) {
    uint32_t width = common_width(group);
    say_prefix(out, run, group);
    if (width) {
        size_t start = out->size;
        bool plural = say_subject(out, group);
        if (start == 0 && out->data)
            out->data[0] = (char)toupper((unsigned char)out->data[0]);
        pb_buffer_text(out, plural ? " use " : " uses ");
        say_processors(out, run, width);
    } else {
        pb_buffer_printf(out, "%s run in parallel", pb_buffer_string(&group->rows));
    }
    pb_buffer_text(out, " (");
    say_span(out, span);
    if (!isnan(span.worst->summary.possible.value))
        pb_buffer_printf(out, " of a possible %.2fx", span.worst->summary.possible.value);
    pb_buffer_text(out, ").");
}

static void claim_overlapped(struct pb_buffer *out, const struct pb_group *group, struct span span) {
    uint32_t width = common_width(group), said = 0, executors = 0;
    pb_say_workloads(out, group);
    if (!width) {
        pb_buffer_printf(out, ": tasks overlap under %s (", pb_buffer_string(&group->rows));
    } else {
        pb_buffer_printf(out, ": %u tasks at once overlap under ", width);
        for (uint32_t i = 0; i < group->members; i++)
            executors += pb_group_introduces(group, i);
        for (uint32_t i = 0; i < group->members; i++)
            if (pb_group_introduces(group, i))
                pb_say_item(out, said++, executors, pb_text(group->member[i]->executor));
        pb_buffer_text(out, " (");
    }
    say_span(out, span);
    pb_buffer_text(out, ").");
}

/* "process 2: slower (0.41x), overhead." */
static void claim_shortfall(struct pb_buffer *out, const struct pb_run *run, const struct pb_group *group,
                            struct span span) {
    const struct pb_summary *s = &span.worst->summary;
    say_prefix(out, run, group);
    pb_buffer_printf(out, "%s: %s (", pb_buffer_string(&group->rows), s->outcome);
    say_span(out, span);
    if (is(span.worst, "partial") && !isnan(s->possible.value))
        pb_buffer_printf(out, " of a possible %.2fx", s->possible.value);
    pb_buffer_text(out, ")");
    if (s->cause && strcmp(s->cause, "unknown") != 0)
        pb_buffer_printf(out, ", %s", s->cause);
    pb_buffer_text(out, ".");
}

static const struct pb_cell *better_row(const struct pb_run *run, const struct pb_cell *cell) {
    const struct pb_cell *best = NULL;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *other = &run->cell[i];
        if (is(other, "parallel") && strcmp(pb_text(other->workload), pb_text(cell->workload)) == 0 &&
            (!best || other->summary.speedup.value > best->summary.speedup.value))
            best = other;
    }
    return best;
}

/* A failed row says itself why; here stands what follows for the others. Rows of references are seldom shown,
   so their reason is told. */
static void say_failure(struct sentence *s, const struct pb_run *run, const struct pb_group *group) {
    const struct pb_cell *cell = group->member[0];
    if (cell->role == PB_ROLE_REFERENCE) {
        pb_buffer_printf(&s->claim, "The reference %s of %s failed, so what is possible is not known",
                         pb_buffer_string(&group->rows), pb_text(cell->workload));
        pb_buffer_text(&s->evidence, pb_text(cell->error));
        return;
    }
    say_prefix(&s->claim, run, group);
    pb_buffer_printf(&s->claim, "%s failed, so there are no speedups.", pb_buffer_string(&group->rows));
}

static int say(const struct pb_run *run, const struct pb_group *group, struct sentence *s) {
    struct span span = span_of(group);
    struct pb_view view = {.run = run, .cell = span.worst, .better = better_row(run, span.worst)};
    int rc = pb_cell_facts(run, span.worst, &view.facts);
    if (span.worst->state == PB_CELL_FAILED) {
        say_failure(s, run, group);
    } else if (span.worst->state == PB_CELL_WRONG) {
        say_prefix(&s->claim, run, group);
        pb_phrase_wrong(run, group, &s->claim, &s->evidence, &s->next);
    } else if (is(span.worst, "parallel")) {
        claim_parallel(&s->claim, run, group, span);
        pb_phrase_parallel(&view, &s->evidence, &s->next);
    } else if (is(span.worst, "overlapped")) {
        claim_overlapped(&s->claim, group, span);
        pb_phrase_overlapped(&view, &s->evidence, &s->next);
    } else if (is(span.worst, "unclear")) {
        claim_shortfall(&s->claim, run, group, span);
        pb_phrase_unclear(&view, &s->evidence, &s->next);
    } else {
        claim_shortfall(&s->claim, run, group, span);
        pb_phrase_shortfall(&view, &s->evidence, &s->next);
    }
    return rc;
}

enum rank { WRONG, FAILED, FIRST_GOOD, SLOWER, SERIALISED, OVERLAP, PARTIAL, MODEL, GOOD, VAGUE, SILENT };

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
    if (is(cell, "parallel"))
        return any_parallel ? GOOD : FIRST_GOOD;
    if (is(cell, "overlapped"))
        return any_overlapped ? GOOD : OVERLAP;
    if (is(cell, "unclear"))
        return VAGUE;
    if (pb_runs_under(cell, "gil") || !cell->summary.cause)
        return MODEL;
    return is(cell, "slower") ? SLOWER : is(cell, "serialised") ? SERIALISED : PARTIAL;
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
            any_parallel = any_parallel || is(g.group[i].member[0], "parallel");
            any_overlapped = any_overlapped || is(g.group[i].member[0], "overlapped");
        }
    }
    pb_groups_release(&g);
    return rc;
}
