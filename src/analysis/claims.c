#include "analysis/claims.h"

#include "analysis/capacity.h"
#include "analysis/facts.h"
#include "analysis/phrases.h"
#include "results/row_name.h"
#include "results/short_name.h"

#include <ctype.h>
#include <string.h>

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
    if (pb_turned_out(cell, "unclear"))
        return s->speedup.low / s->speedup.high;
    return s->speedup.value / (isnan(s->possible.value) ? cell->workers : s->possible.value);
}

struct pb_group_range pb_group_range(const struct pb_group *group) {
    struct pb_group_range span = {INFINITY, 0, group->member[0]};
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
static void say_span(struct pb_buffer *out, struct pb_group_range span) {
    char low[32], high[32];
    pb_format_ratio(span.low, low, sizeof low);
    pb_format_ratio(span.high, high, sizeof high);
    if (strcmp(low, high) == 0)
        pb_buffer_printf(out, "%sx", high);
    else
        pb_buffer_printf(out, "%s to %sx", low, high);
}

static bool all_own(const struct pb_group *group) {
    for (uint32_t i = 0; i < group->members; i++)
        if (!pb_cell_is_own(group->member[i]))
            return false;
    return true;
}

void pb_claim_prefix(struct pb_buffer *out, const struct pb_run *run, const struct pb_group *group) {
    if (!several_workloads(run) || all_own(group))
        return;
    pb_say_workloads(out, run, group);
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
static bool say_subject(struct pb_buffer *out, const struct pb_run *run, const struct pb_group *group) {
    char name[PB_SHORT_NAME];
    uint32_t said = 0, executors = 0;
    bool plural = false;
    for (uint32_t i = 0; i < group->members; i++)
        executors += pb_group_introduces(group, i);
    for (uint32_t i = 0; i < group->members; i++) {
        const char *spoken = pb_row_executor(run, group->member[i], name, sizeof name);
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

/* The same for all of them; 0: they are not, or not known. */
static uint32_t common_processors(const struct pb_run *run, const struct pb_group *group) {
    uint32_t processors = pb_capacity_of(run, group->member[0]).processors;
    for (uint32_t i = 1; i < group->members; i++)
        if (pb_capacity_of(run, group->member[i]).processors != processors)
            return 0;
    return processors;
}

/* "both processors", "all 8 processors", "4 processors" */
static void say_processors(struct pb_buffer *out, uint32_t all, uint32_t width) {
    if (width < all || all == 0)
        pb_buffer_printf(out, "%u processors", width);
    else if (all == 2)
        pb_buffer_text(out, "both processors");
    else
        pb_buffer_printf(out, "all %u processors", all);
}

void pb_claim_parallel(struct pb_buffer *out, const struct pb_run *run, const struct pb_group *group,
                       struct pb_group_range span) {
    uint32_t width = common_width(group);
    pb_claim_prefix(out, run, group);
    if (width) {
        size_t start = out->size;
        bool plural = say_subject(out, run, group);
        if (start == 0 && out->data && !all_own(group))
            out->data[0] = (char)toupper((unsigned char)out->data[0]);
        pb_buffer_text(out, plural ? " use " : " uses ");
        say_processors(out, common_processors(run, group), width);
    } else {
        pb_buffer_printf(out, "%s run in parallel", pb_buffer_string(&group->rows));
    }
    pb_buffer_text(out, " (");
    say_span(out, span);
    if (!isnan(span.worst->summary.possible.value))
        pb_buffer_printf(out, " of a possible %.2fx", span.worst->summary.possible.value);
    pb_buffer_text(out, ").");
}

void pb_claim_overlapped(struct pb_buffer *out, const struct pb_run *run, const struct pb_group *group,
                         struct pb_group_range span) {
    uint32_t width = common_width(group), said = 0, executors = 0;
    pb_say_workloads(out, run, group);
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
void pb_claim_shortfall(struct pb_buffer *out, const struct pb_run *run, const struct pb_group *group,
                        struct pb_group_range span) {
    const struct pb_summary *s = &span.worst->summary;
    pb_claim_prefix(out, run, group);
    pb_buffer_printf(out, "%s: %s (", pb_buffer_string(&group->rows), s->outcome);
    say_span(out, span);
    if (pb_turned_out(span.worst, "partial") && !isnan(s->possible.value))
        pb_buffer_printf(out, " of a possible %.2fx", s->possible.value);
    pb_buffer_text(out, ")");
    if (s->cause && strcmp(s->cause, "unknown") != 0)
        pb_buffer_printf(out, ", %s", s->cause);
    pb_buffer_text(out, ".");
}

const struct pb_cell *pb_claim_offered(struct pb_buffer *out, const struct pb_run *run,
                                       const struct pb_group *group) {
    char name[PB_SHORT_NAME];
    const struct pb_cell *worst = group->member[0];
    bool up = pb_turned_out(worst, "keeps up"), one = group->members == 1;
    for (uint32_t i = 1; i < group->members; i++)
        if (group->member[i]->summary.kept.value < worst->summary.kept.value)
            worst = group->member[i];
    pb_buffer_printf(out, "%s: %s", pb_cell_short_name(run, worst, name, sizeof name),
                     pb_buffer_string(&group->rows));
    if (pb_turned_out(worst, "unclear"))
        pb_buffer_printf(out, ": unclear whether %s with the %g tasks that come in a second.",
                         one ? "it keeps up" : "they keep up", worst->offered);
    else if (up)
        pb_buffer_printf(out, " %s with the %g tasks that come in a second.", one ? "keeps up" : "keep up",
                         worst->offered);
    else
        pb_buffer_printf(out, " %s: %.0f of the %g tasks that come in a second are done.",
                         one ? "falls behind" : "fall behind", worst->summary.kept.value * worst->offered,
                         worst->offered);
    return worst;
}
