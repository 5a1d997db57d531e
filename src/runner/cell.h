/* The cell that a runner has become: a workload set up, an executor open, repetitions to run. */
#ifndef PB_RUNNER_CELL_H
#define PB_RUNNER_CELL_H

#include <sys/types.h>

#include "runner/protocol.h"
#include "runner/ranks.h"
#include "runner/setup.h"
#include "topology/pressure.h"

struct pb_runner_cell {
    struct pb_setup setup;
    struct pb_cell_ranks ranks; /* where its workers are ranks */
    struct pb_executor *executor;
    struct pb_pressure_source pressure; /* where quota and hypervisor tell what they took */
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
/* Runs one repetition and measures it. -ENOTSUP: the workload refuses to be run so; the error says why. */
int pb_runner_cell_run(struct pb_runner_cell *, const struct pb_wire_run *, struct pb_wire_sample *,
                       struct pb_error *);
void pb_runner_cell_close(struct pb_runner_cell *);

/* Its worker processes; NULL: no memory. The caller frees. */
pid_t *pb_runner_cell_pids(const struct pb_runner_cell *, size_t *count);
void pb_runner_list_pids(const pid_t *, size_t count, struct pb_wire_list *);

#endif
