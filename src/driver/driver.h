/* The driver: starts runners, asks them in rounds, collects samples into the record. Links no executor, loads
 * no plug-in. */
#ifndef PB_DRIVER_DRIVER_H
#define PB_DRIVER_DRIVER_H

#include <poll.h>

#include "driver/plan.h"
#include "driver/source.h"
#include "results/journal.h"

/* What the run looks like now, for a progress bar; called between steps, and during long ones, on the
   driver's thread. */
struct pb_progress {
    const char *phase;      /* static: "starting", "calibrating", "measuring" */
    uint32_t round, rounds; /* done; planned or 0 */
    double elapsed, budget; /* s */
    double widest;          /* relative half-width still to narrow; INFINITY: unknown */
    int32_t widest_cell;    /* its id, or -1 */
    int32_t cell;           /* id of the one whose repetition runs just now, or -1; known of long ones only */
    uint64_t tasks_done, tasks; /* of that repetition */
};
typedef void pb_progress_fn(void *context, const struct pb_run *, const struct pb_progress *);

struct pb_drive {
    struct pb_run *run; /* planned; filled with samples */
    const struct pb_request *request;
    const struct pb_sources *sources; /* that the plan's workloads came from */
    struct pb_journal *journal;       /* open; the driver begins it; NULL: none */
    pb_progress_fn *progress;         /* NULL: none */
    void *progress_context;
    /* A task that failed and said why, once for each task and status of a cell, as it becomes known; on the
       driver's thread. NULL: nobody listens. */
    void (*failed)(void *context, const struct pb_cell *, const struct pb_failure *);
    void *failed_context;
};

/* Runs the plan. A repetition during which the machine slept is dropped and counted. Cells that fail are
   marked so and the others go on; a signal ends it with run->ended "interrupted". 0 unless nothing could be
   started at all. No process is left when it returns. */
int pb_drive(struct pb_drive *, struct pb_error *);

/* Expected duration of the plan in seconds, from the request alone: for --dry-run. */
double pb_expected_seconds(const struct pb_run *, const struct pb_request *);

/* SIGINT and SIGTERM set a flag that pb_drive honours; the second ends the process at once. */
void pb_signals_install(void);
int pb_signal_caught(void); /* its number, or 0 */
/* Waits until one of the descriptors has something, or a signal comes, or the deadline: 0, look what it was;
   -EINTR: pb_signal_caught; -ETIMEDOUT. */
int pb_signal_poll(struct pollfd *wait, nfds_t count, uint64_t deadline);

#endif
