#include "cli/like.h"

#include <stdio.h>
#include <string.h>

#include "cli/load.h"
#include "cli/output.h"

static uint64_t tasks_in(const struct pb_run *earlier, const struct pb_cell *cell) {
    for (uint32_t i = 0; i < earlier->cells; i++) {
        const struct pb_cell *c = &earlier->cell[i];
        if (c->role != PB_ROLE_REFERENCE && c->tasks && c->workload &&
            strcmp(c->workload, cell->workload) == 0)
            return c->tasks;
    }
    return 0;
}

int pb_like(struct pb_run *run, const char *path) {
    struct pb_run earlier;
    struct pb_error error;
    char why[400];
    bool any = false;
    int rc = pb_load_run(&earlier, path, &error);
    if (rc < 0) {
        snprintf(why, sizeof why, "--like %.300s", error.text);
        return pb_complain(pb_load_exit(rc), why);
    }
    for (uint32_t i = 0; i < run->cells; i++) {
        struct pb_cell *cell = &run->cell[i];
        uint64_t tasks = cell->role == PB_ROLE_REFERENCE ? 0 : tasks_in(&earlier, cell);
        cell->tasks = tasks ? tasks : cell->tasks;
        any |= tasks > 0;
    }
    pb_run_release(&earlier);
    if (any)
        return PB_EXIT_OK;
    snprintf(why, sizeof why, "--like %.200s: it has none of these workloads: name one that it has by -w",
             path);
    return pb_complain(PB_EXIT_USAGE, why);
}
