/* A row of `parts` for each thing that a name may hold: what it is of a cell, what it usually is, and what is
 * written before it. Both questions, what is unusual and what tells two rows apart, go over it. */
#include "results/row_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/name.h"
#include "results/short_name.h"

static const char *or_empty(const char *text) {
    return text ? text : "";
}

static const char *binding(const struct pb_cell *c) {
    return or_empty(c->binding);
}

static const char *via(const struct pb_cell *c) {
    return or_empty(c->via);
}

static const char *runner(const struct pb_cell *c) {
    return or_empty(c->runner);
}

static const char *side(const struct pb_cell *c) {
    return or_empty(c->side);
}

static const char *role(const struct pb_cell *c) {
    return c->role == PB_ROLE_REFERENCE ? "reference" : "";
}

static const struct part {
    unsigned bit;
    const char *label, *usual;
    const char *(*of)(const struct pb_cell *);
} parts[] = {
    {PB_ROW_BINDING, "bind=", "auto", binding},
    {PB_ROW_VIA, "via=", "for", via},
    {PB_ROW_RUNNER, "runner=", "", runner},
    {PB_ROW_SIDE, "", "", side},
    {PB_ROW_ROLE, "", "", role},
};

#define PARTS (sizeof parts / sizeof *parts)

/* ---- What it is called ---- */

const char *pb_row_executor(const struct pb_run *run, const struct pb_cell *c, char *out, size_t size) {
    if (pb_cell_is_own(c))
        return pb_cell_short_name(run, c, out, size);
    snprintf(out, size, "%s", or_empty(c->executor));
    return out;
}

void pb_row_brief(const char *executor, uint32_t workers, struct pb_buffer *out) {
    pb_buffer_text(out, or_empty(executor));
    if (!pb_is_serial(executor))
        pb_buffer_printf(out, " %" PRIu32, workers);
}

void pb_row_name(const struct pb_run *run, const struct pb_cell *c, unsigned asked, struct pb_buffer *out) {
    char name[PB_SHORT_NAME];
    bool spoken = (asked & PB_ROW_SPOKEN) != 0;
    if ((asked & PB_ROW_WORKLOAD) && !(spoken && pb_cell_is_own(c)))
        pb_buffer_printf(out, "%s ",
                         spoken ? pb_cell_short_name(run, c, name, sizeof name) : or_empty(c->workload));
    pb_row_brief(spoken ? pb_row_executor(run, c, name, sizeof name) : c->executor, c->workers, out);
    for (size_t i = 0; i < PARTS; i++)
        if ((asked & parts[i].bit) && *parts[i].of(c))
            pb_buffer_printf(out, " %s%s", parts[i].label, parts[i].of(c));
}

/* ---- How much of it ---- */

unsigned pb_row_unusual(const struct pb_cell *c) {
    unsigned found = 0;
    for (size_t i = 0; i < PARTS; i++)
        if (*parts[i].of(c) && strcmp(parts[i].of(c), parts[i].usual) != 0)
            found |= parts[i].bit;
    return found;
}

static bool same(const char *a, const char *b) {
    return strcmp(or_empty(a), or_empty(b)) == 0;
}

/* The parts in which two rows differ that have the same workload, executor and workers; else none. */
static unsigned differences(const struct pb_cell *a, const struct pb_cell *b) {
    unsigned found = 0;
    if (!same(a->workload, b->workload) || !same(a->executor, b->executor) || a->workers != b->workers)
        return 0;
    for (size_t i = 0; i < PARTS; i++)
        if (strcmp(parts[i].of(a), parts[i].of(b)) != 0)
            found |= parts[i].bit;
    return found;
}

unsigned pb_row_apart(const struct pb_run *run, const struct pb_cell *c,
                      bool (*counts)(const struct pb_cell *)) {
    unsigned found = 0;
    for (uint32_t i = 0; i < run->cells; i++) {
        const struct pb_cell *other = &run->cell[i];
        if (other == c || (counts && !counts(other)))
            continue;
        found |= same(other->workload, c->workload) ? 0 : PB_ROW_WORKLOAD;
        unsigned ways = differences(c, other);
        if (!(ways & found))
            found |= ways & -ways; /* the first of them */
    }
    return found;
}

bool pb_row_is_asked(const struct pb_cell *c) {
    return c->role != PB_ROLE_REFERENCE;
}
