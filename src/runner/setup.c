#include "runner/setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int pb_setup_open(struct pb_setup *s, const char *item, double work_rate, uint32_t first, uint32_t workers,
                  struct pb_error *error) {
    char owner[128];
    *s = (struct pb_setup){0};
    int rc = pb_workload_find(&s->found, item, error);
    if (rc < 0)
        return rc;
    const struct pb_workload *w = s->found.workload;
    snprintf(owner, sizeof owner, "workload %s", s->found.name);
    rc = pb_param_set_init(&s->params, owner, w->params, s->found.params, work_rate, error);
    if (rc < 0)
        return rc;
    s->work = pb_work_new(w, workers);
    if (!s->work)
        return pb_error_set(error, -ENOMEM, "%s: no memory for a state of %zu bytes", owner, w->state_size);
    s->work->first_worker = first;
    rc = w->setup ? w->setup(s->work->state, &s->params.values, &s->note) : 0;
    if (rc < 0)
        return pb_error_set(error, rc, "%s: setup: %s", owner,
                            s->note.text[0] ? s->note.text : strerror(-rc));
    s->done = true;
    return 0;
}

void pb_setup_close(struct pb_setup *s) {
    if (s->done && s->found.workload->teardown)
        s->found.workload->teardown(s->work->state);
    if (s->work)
        pb_work_free(s->work);
    pb_param_set_release(&s->params);
    pb_found_release(&s->found);
    *s = (struct pb_setup){0};
}
