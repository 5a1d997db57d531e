/* The ceiling, measured: this program's `spin` on threads at each width and binding of the CPU-bound cells,
 * and on serial, or at the width that is their base.
 *
 * A reference that cannot be placed, or a machine that lacks spin or threads, leaves its cells without a
 * ceiling; that is no reason to refuse what the user asked for. */
#include "driver/planner.h"

#include <errno.h>
#include <string.h>

#include "base/name.h"

#define REFERENCE "spin:work=100us"

static const struct pb_described *present(const struct pb_described *list, uint32_t count, const char *name) {
    const struct pb_described *found = pb_described_find(list, count, name);
    return found && !found->absent && found->program == 0 ? found : NULL;
}

/* What is launched may be more than this machine; its ceiling is not to be measured here then. */
static bool needs_reference(const struct pb_run *run, const struct pb_cell *cell) {
    if (cell->launched && cell->workers > run->limits.processors)
        return false;
    return cell->bound == PB_CPU && cell->base >= 0 && !pb_is_serial(cell->executor);
}

/* The reference of this executor, width and binding: found, or added. */
static int32_t reference(struct pb_run *run, const struct pb_request *request, const struct pb_row *row,
                         uint32_t first, struct pb_error *error) {
    for (uint32_t i = first; i < run->cells; i++) {
        const struct pb_cell *c = &run->cell[i];
        if (c->workers == row->workers && strcmp(c->executor, row->executor) == 0 &&
            (strcmp(c->binding, row->binding) == 0 || pb_is_serial(row->executor)))
            return (int32_t)i;
    }
    return pb_plan_add(run, request, row, error);
}

int pb_plan_references(struct pb_run *run, const struct pb_request *request,
                       const struct pb_descriptions *descriptions, uint32_t cells, struct pb_error *error) {
    const struct pb_described *spin = present(descriptions->workload, descriptions->workloads, "spin");
    if (!spin || !present(descriptions->executor, descriptions->executors, "thread"))
        return 0;
    for (uint32_t i = 0; i < cells; i++) {
        if (!needs_reference(run, &run->cell[i]))
            continue;
        char binding[sizeof((struct pb_placement *)0)->policy];
        uint32_t from = run->cell[run->cell[i].base].workers;
        strncat(strcpy(binding, ""), run->cell[i].binding, sizeof binding - 1);
        struct pb_row row = {
            .workload = spin,
            .canonical = REFERENCE,
            .full = REFERENCE,
            .executor = "thread",
            .workers = run->cell[i].workers,
            .binding = binding,
            .unbound = *run->cell[i].planned || run->cell[i].launched ? NULL : run->cell[i].binding_reason,
            .role = PB_ROLE_REFERENCE};
        int32_t wide = reference(run, request, &row, cells, error);
        if (wide == -ENOSPC)
            continue;
        row.executor = from == 1 ? "serial" : row.executor;
        row.workers = from;
        int32_t base = wide < 0 ? wide : reference(run, request, &row, cells, error);
        if (base < 0)
            return base;
        if (from > 1)
            run->cell[base].base = base;
        run->cell[wide].base = base;
        run->cell[i].reference = wide;
        run->cell[i].reference_base = base;
    }
    return 0;
}
