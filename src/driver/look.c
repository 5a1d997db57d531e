#include "driver/look.h"

#include <errno.h>
#include <string.h>

#include "driver/session.h"

static const struct pb_described *find_executor(const struct pb_descriptions *d, const char *item,
                                                struct pb_error *error) {
    const struct pb_described *found = NULL, *absent = NULL;
    for (uint32_t i = 0; i < d->executors; i++) {
        const struct pb_described *e = &d->executor[i];
        if (!e->launched || (item && strcmp(e->item, item) != 0))
            continue;
        *(e->absent ? &absent : &found) = e;
    }
    if (!found && absent)
        pb_error_set(error, -EINVAL, "executor %s: it is absent here: %s", absent->item, absent->absent);
    else if (!found)
        pb_error_set(error, -EINVAL,
                     "--launcher: no executor here is launched: name its program by --runner");
    return found;
}

/* What they would run does not matter; the built-in one that needs nothing is told how much it is to do. */
static const char *find_workload(const struct pb_descriptions *d, uint32_t program) {
    for (uint32_t i = 0; program && i < d->workloads; i++)
        if (d->workload[i].program == program && !d->workload[i].absent)
            return d->workload[i].item;
    return program ? NULL : "spin:work=1";
}

static int fill(struct pb_cell *cell, const struct pb_look *look, const struct pb_described *executor,
                const char *workload) {
    cell->workers = look->workers;
    cell->program = executor->program;
    cell->launched = true;
    if (pb_set_text(&cell->workload, workload) < 0 || pb_set_text(&cell->executor, executor->canonical) < 0 ||
        pb_set_text(&cell->binding, look->policy) < 0 || pb_set_text(&cell->via, "for") < 0)
        return -ENOMEM;
    return 0;
}

int pb_look(const struct pb_look *look, const struct pb_descriptions *d, struct pb_run *run,
            struct pb_error *error) {
    const struct pb_described *executor = find_executor(d, look->executor, error);
    if (!executor)
        return -EINVAL;
    const char *workload = find_workload(d, executor->program);
    if (!workload)
        return pb_error_set(error, -EINVAL, "executor %s: its runner has no workload: mend that",
                            executor->item);
    struct pb_cell *cell = pb_run_add_cell(run);
    if (!cell || fill(cell, look, executor, workload) < 0)
        return pb_error_set(error, -ENOMEM, "--launcher: no memory for its hosts");
    struct pb_children children = {0};
    struct pb_session session = {.child = PB_CHILD_NONE,
                                 .children = &children,
                                 .program = pb_sources_program(look->sources, executor->program),
                                 .launcher = &look->sources->launcher};
    int rc = pb_session_open(&session, run, cell, look->timeout_ns);
    pb_session_close(&session);
    if (rc == -EINTR)
        return pb_error_set(error, rc, "interrupted");
    return rc < 0 ? pb_error_set(error, -EIO, "%s", cell->error ? cell->error : "no hosts were told") : 0;
}
