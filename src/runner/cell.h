/* The cell that a runner has become: a workload set up, an executor open, repetitions to run. */
#ifndef PB_RUNNER_CELL_H
#define PB_RUNNER_CELL_H

#include "base/param.h"
#include "runner/find.h"
#include "runner/protocol.h"

struct pb_runner_cell {
    struct pb_found found;
    struct pb_param_set params;
    struct pb_work *work; /* workload and state, in shared memory */
    size_t work_size;
    bool set_up;
    struct pb_executor *executor;
    int (*repeat)(struct pb_runner_cell *, uint64_t tasks, struct pb_range_result *, struct pb_error *);
};

/* Ways to hand tasks over, `--via`; ends with a nameless row. */
struct pb_via {
    const char *name, *summary;
    int (*repeat)(struct pb_runner_cell *, uint64_t tasks, struct pb_range_result *, struct pb_error *);
};
extern const struct pb_via pb_vias[];

/* On failure everything is released again. */
int pb_runner_cell_open(struct pb_runner_cell *, const struct pb_wire_open *, struct pb_wire_ready *,
                        struct pb_error *);
/* Runs one repetition and measures it. */
int pb_runner_cell_run(struct pb_runner_cell *, const struct pb_wire_run *, struct pb_wire_sample *,
                       struct pb_error *);
void pb_runner_cell_close(struct pb_runner_cell *);

#endif
