/* An executor under the meter: opened once, and then handed any number of tasks by one of three ways.
 *
 * Tasks are empty, or turn a chain of a given length (chain.h); each answers with its index, and every answer
 * is checked, so a way that loses, doubles or swaps tasks fails with -EBADMSG. One thread uses a meter. */
#ifndef PB_OVERHEAD_METER_H
#define PB_OVERHEAD_METER_H

#include "base/error.h"

enum pb_via { PB_VIA_SUBMIT, PB_VIA_FOR, PB_VIA_MAP };

enum pb_bind {
    PB_BIND_NONE,
    PB_BIND_CORE, /* each worker to a processor of its own */
    PB_BIND_ONE,  /* all workers to the same one */
};

struct pb_gauge_config {
    const char *executor; /* as the user wrote it: "openmp:schedule=static" */
    uint32_t workers;
    enum pb_via via;
    enum pb_bind bind;
    uint64_t window; /* submit: tasks handed over and not yet collected; 0: all of them */
};

/* What tasks see, in whichever process they run. */
struct pb_gauge_shared {
    _Alignas(128) uint64_t links;       /* of each task's chain; 0: an empty task */
    _Alignas(128) atomic_uint standing; /* workers at the gate */
    atomic_uint open;                   /* the gate is */
};

struct pb_gauge {
    struct pb_gauge_config config;
    struct pb_executor *executor;
    struct pb_gauge_shared *shared;
    int shared_fd;             /* by which ranks find it */
    double rate;               /* links per nanosecond */
    struct pb_future **future; /* those handed over; NULL where none is */
    struct pb_future **gate;   /* one per worker */
    uint64_t room;             /* of `future` */
    uint64_t expected;         /* by `for`: the digest of the range prepared last, */
    uint64_t prepared;         /* and its size */
};

/* -EINVAL, -ENOENT: the configuration is at fault; else the machine. The error says what to do. */
int pb_gauge_open(struct pb_gauge *, const struct pb_gauge_config *, struct pb_error *);
/* Safe after a failed open. 0, or -ETIMEDOUT if something still runs. */
int pb_gauge_close(struct pb_gauge *);

/* Makes and touches all memory that the meter itself needs for so many tasks: to be called, untimed, before
 * they are run. */
int pb_gauge_prepare(struct pb_gauge *, uint64_t tasks, struct pb_error *);
/* Length of the tasks from now on, 0 at first; only while none is handed over. */
void pb_gauge_set_length(struct pb_gauge *, double ns);

/* Hands over so many tasks, and collects and checks all their results. */
int pb_gauge_run(struct pb_gauge *, uint64_t tasks, struct pb_error *);
/* Prepares, runs and tells how long the run took. */
int pb_gauge_time(struct pb_gauge *, uint64_t tasks, uint64_t *ns, struct pb_error *);

/* By submit alone, the two halves of a run without a window. */
int pb_gauge_queue(struct pb_gauge *, uint64_t tasks, struct pb_error *);
int pb_gauge_collect(struct pb_gauge *, uint64_t tasks, struct pb_error *);

/* Stops every worker at a gate, and returns once all stand there; opening it lets them go on, and collects
 * what stopped them. -ETIMEDOUT: some worker did not come; the gate is open again. */
int pb_gauge_shut_gate(struct pb_gauge *, struct pb_error *);
int pb_gauge_open_gate(struct pb_gauge *, struct pb_error *);

/* The program's exit code for what these return. */
enum pb_exit pb_gauge_exit(int rc);

#endif
