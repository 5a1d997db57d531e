/* One cell's conversation with its runner. Whatever goes wrong in it is written to the cell, which then has
 * failed; or was refused, where the workload said that it cannot be run so. */
#ifndef PB_DRIVER_SESSION_H
#define PB_DRIVER_SESSION_H

#include "driver/launcher.h"
#include "driver/plan.h"

struct pb_session {
    struct pb_child child; /* pid 0: not open */
    struct pb_children *children;
    const struct pb_program *program;   /* its runner; NULL: this program */
    const struct pb_launcher *launcher; /* of a cell that is launched */
    struct pb_wire_list pids;
    bool natural; /* the workload has a count of its own */
    bool trace;   /* its repetitions may be asked to trace; set before it is opened */
    /* How many tasks of a long repetition have ended so far. NULL: nobody listens. */
    void (*progress)(void *context, const struct pb_cell *, const struct pb_wire_run *, uint64_t ended);
    void *progress_context;
};

/* Starts a runner and makes it the cell. Whose it is, and whoever listens to progress, is set before. Fills
   what the runner knows: natural count (cell->tasks if that is 0), bytes per task, status names, notes; of a
   cell that is launched, its hosts and where its workers were placed on them. */
int pb_session_open(struct pb_session *, const struct pb_run *, struct pb_cell *, int64_t timeout_ns);
/* The same in two parts, so that several start at once: the first does not wait for the runner. */
int pb_session_start(struct pb_session *, const struct pb_run *, struct pb_cell *);
int pb_session_make_ready(struct pb_session *, struct pb_cell *, int64_t timeout_ns);
/* One repetition; on success the caller releases the sample with pb_wire_release. -ENOTSUP: the workload
   refuses to be run so. */
int pb_session_run(struct pb_session *, struct pb_cell *, const struct pb_wire_run *, int64_t timeout_ns,
                   struct pb_wire *);
/* One repetition with each task clocked; the same otherwise. -ENOTSUP: the runner does not do that; the cell
   is as it was. */
int pb_session_time(struct pb_session *, struct pb_cell *, int64_t timeout_ns, struct pb_wire *);
/* Waits until the runner's CPU clocks have stood still for 0.1 ms, at most 100 ms; false if they never did.
 */
bool pb_session_settle(const struct pb_session *);
/* Ends it orderly, or by force. */
void pb_session_close(struct pb_session *);
bool pb_session_is_open(const struct pb_session *);

#endif
