/* For programs that make their own workers: tasks run one after the other in the caller, as under serial, and
 * each is told how many workers to make. What those do is not known here: none has a process to be asked of.
 *
 * The caller is bound to all of the workers' processors together; what it starts inherits that. */
#include "executor/caller.h"
#include "executor/executors.h"

struct own {
    struct pb_caller caller; /* first: the members of caller.h take self for one */
    struct pb_cpuset all;
};

static int own_open(void *self, struct pb_crew *crew, const struct pb_params *params,
                    struct pb_error *error) {
    struct own *o = self;
    (void)params;
    crew->lanes = 1;
    for (uint32_t i = 0; i < crew->config.bindings; i++)
        pb_cpuset_add(&o->all, &crew->config.binding[i]);
    crew->config.binding = &o->all; /* the caller, worker 0, is all that is bound */
    int rc = pb_caller_open(&o->caller, crew, error);
    atomic_store(&crew->account[0].pid, 0);
    return rc;
}

const struct pb_executor_ops pb_own_ops = {
    .name = "own",
    .summary = "a program makes its own workers, as many as it is told",
    .only = "cmd",
    .size = sizeof(struct own),
    .open = own_open,
    .notify = pb_caller_notify,
    .for_range = pb_caller_for_range,
    .close = pb_caller_close,
};
