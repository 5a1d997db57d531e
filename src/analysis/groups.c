/* First the rows of one workload with the same outcome and cause (or the same failure) become a group; then
 * groups of different workloads with the same rows are chained, unless their sentence has figures that belong
 * to one workload. Of several widths that are as good, only the headline stays: the widest that fits the
 * processors. */
#include "analysis/groups.h"

#include "analysis/capacity.h"
#include "analysis/facts.h"
#include "results/row_name.h"
#include "results/short_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b) {
    return strcmp(pb_text(a), pb_text(b)) == 0;
}

static bool is_positive(const struct pb_cell *cell) {
    return same_text(cell->summary.outcome, "parallel") || same_text(cell->summary.outcome, "overlapped");
}

static bool says_the_same(const struct pb_cell *a, const struct pb_cell *b) {
    bool failed = a->state == PB_CELL_FAILED;
    return pb_cell_sound(a) == pb_cell_sound(b) && (pb_cell_sound(a) || a->state == b->state) &&
           same_text(a->workload, b->workload) && same_text(a->summary.outcome, b->summary.outcome) &&
           same_text(a->summary.cause, b->summary.cause) && (!failed || same_text(a->error, b->error));
}

static bool fits(const struct pb_run *run, const struct pb_cell *cell) {
    uint32_t processors = pb_capacity_of(run, cell).processors;
    return cell->bound != PB_CPU || !processors || cell->workers <= processors;
}

/* Is `a` the row to show of an executor, rather than `b`? */
static bool is_headline(const struct pb_run *run, const struct pb_cell *a, const struct pb_cell *b) {
    bool fits_a = fits(run, a), fits_b = fits(run, b);
    if (fits_a != fits_b)
        return fits_a;
    if (a->workers != b->workers)
        return fits_a == (a->workers > b->workers);
    return a->id < b->id;
}

static bool is_spoken_for(const struct pb_run *run, const struct pb_cell *cell) {
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *other = &run->cell[i];
        if (other != cell && same_text(other->executor, cell->executor) && says_the_same(other, cell) &&
            is_headline(run, other, cell))
            return true;
    }
    return false;
}

/* A row that was refused says itself why. What needs saying is that others lack the base that it would have
   been. */
static bool is_missed(const struct pb_run *run, const struct pb_cell *base) {
    for (uint32_t i = 0; i < run->cells; i++)
        if (run->cell[i].base == (int32_t)base->id && run->cell[i].samples && pb_cell_sound(&run->cell[i]))
            return true;
    return false;
}

static bool says_something(const struct pb_run *run, const struct pb_cell *cell) {
    if (cell->state == PB_CELL_REFUSED)
        return cell->role == PB_ROLE_BASE && is_missed(run, cell);
    if (!pb_cell_sound(cell))
        return true;
    if (cell->role != PB_ROLE_CELL || same_text(cell->summary.outcome, "-"))
        return false;
    return !is_positive(cell) || !is_spoken_for(run, cell);
}

bool pb_group_introduces(const struct pb_group *group, uint32_t member) {
    for (uint32_t i = 0; i < member; i++)
        if (same_text(group->member[i]->executor, group->member[member]->executor))
            return false;
    return true;
}

void pb_say_item(struct pb_buffer *out, uint32_t i, uint32_t n, const char *text) {
    pb_buffer_text(out, i == 0 ? "" : i + 1 == n ? " and " : ", ");
    pb_buffer_text(out, text);
}

static void say_widths(struct pb_buffer *out, const struct pb_group *group, uint32_t first) {
    uint32_t last = 0;
    for (uint32_t i = first; i < group->members; i++) {
        const struct pb_cell *cell = group->member[i];
        if (cell->role != PB_ROLE_CELL || cell->workers == last ||
            !same_text(cell->executor, group->member[first]->executor))
            continue;
        pb_buffer_printf(out, "%s%u", last ? "/" : " ", cell->workers);
        last = cell->workers;
    }
}

static void say_rows(const struct pb_run *run, struct pb_group *group) {
    char name[PB_SHORT_NAME];
    uint32_t said = 0, executors = 0;
    for (uint32_t i = 0; i < group->members; i++)
        executors += pb_group_introduces(group, i);
    for (uint32_t i = 0; i < group->members; i++) {
        if (!pb_group_introduces(group, i))
            continue;
        pb_say_item(&group->rows, said++, executors,
                    pb_row_executor(run, group->member[i], name, sizeof name));
        say_widths(&group->rows, group, i);
    }
}

void pb_say_workloads(struct pb_buffer *out, const struct pb_run *run, const struct pb_group *group) {
    char name[PB_SHORT_NAME];
    uint32_t said = 0, workloads = 0;
    for (const struct pb_group *g = group; g; g = g->also)
        workloads++;
    for (const struct pb_group *g = group; g; g = g->also)
        pb_say_item(out, said++, workloads, pb_cell_short_name(run, g->member[0], name, sizeof name));
}

/* Appends to `order` all cells that say the same as `first`, and were not taken yet. */
static uint32_t take_members(const struct pb_run *run, uint32_t first, bool *taken,
                             const struct pb_cell **order) {
    uint32_t members = 0;
    for (uint32_t i = first; i < run->cells; i++)
        if (!taken[i] && says_the_same(&run->cell[first], &run->cell[i]) &&
            says_something(run, &run->cell[i])) {
            taken[i] = true;
            order[members++] = &run->cell[i];
        }
    return members;
}

static bool may_merge(const struct pb_group *a, const struct pb_group *b) {
    static const char *const particular[] = {"overhead", "imbalance", "serial part", "shared hardware"};
    const struct pb_cell *x = a->member[0], *y = b->member[0];
    for (size_t i = 0; i < sizeof particular / sizeof *particular; i++)
        if (same_text(x->summary.cause, particular[i]))
            return false;
    if (x->offered > 0 || y->offered > 0)
        return false;
    return x->state != PB_CELL_WRONG && x->state == y->state && x->bound == y->bound && x->role == y->role &&
           same_text(x->summary.outcome, y->summary.outcome) &&
           same_text(x->summary.cause, y->summary.cause) &&
           (x->state != PB_CELL_FAILED || same_text(x->error, y->error)) &&
           same_text(pb_buffer_string(&a->rows), pb_buffer_string(&b->rows));
}

static void merge(struct pb_groups *g) {
    for (uint32_t i = 0; i < g->groups; i++) {
        struct pb_group *last = &g->group[i];
        for (uint32_t k = i + 1; k < g->groups && !g->group[i].merged; k++)
            if (!g->group[k].merged && may_merge(&g->group[i], &g->group[k])) {
                g->group[k].merged = true;
                last = last->also = &g->group[k];
            }
    }
}

int pb_groups_init(struct pb_groups *g, const struct pb_run *run) {
    *g = (struct pb_groups){0};
    if (run->cells == 0)
        return 0;
    bool *taken = calloc(run->cells, sizeof *taken);
    g->order = calloc(run->cells, sizeof(void *));
    g->group = calloc(run->cells, sizeof *g->group);
    bool failed = !taken || !g->order || !g->group;
    const struct pb_cell **next = g->order;
    for (uint32_t i = 0; i < run->cells && !failed; i++) {
        uint32_t members = take_members(run, i, taken, next);
        if (members == 0)
            continue;
        struct pb_group *group = &g->group[g->groups++];
        *group = (struct pb_group){.member = next, .members = members};
        next += members;
        say_rows(run, group);
        failed = group->rows.failed;
    }
    free(taken);
    if (failed)
        return -ENOMEM;
    merge(g);
    return 0;
}

void pb_groups_release(struct pb_groups *g) {
    for (uint32_t i = 0; i < g->groups; i++)
        pb_buffer_release(&g->group[i].rows);
    free(g->group);
    free(g->order);
    *g = (struct pb_groups){0};
}
