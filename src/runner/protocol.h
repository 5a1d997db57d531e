/* What driver and runner say to each other: one JSON object a line, over the runner's standard input and
 * output.
 *
 * The driver asks, the runner answers each request with one line, or with an `error`. Version 1;
 * docs/runner-protocol.md shows a conversation. Only this room and results/ know JSON. */
#ifndef PB_RUNNER_PROTOCOL_H
#define PB_RUNNER_PROTOCOL_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/trace.h"
#include "parbench/workload.h"
#include "results/hosts.h"
#include "results/sample.h"

enum { PB_PROTOCOL_VERSION = 1 };

enum pb_wire_type {
    /* requests */
    PB_WIRE_DESCRIBE,
    PB_WIRE_CALIBRATE,
    PB_WIRE_OPEN,
    PB_WIRE_RUN,
    PB_WIRE_CLOSE,
    /* answers */
    PB_WIRE_DESCRIPTION,
    PB_WIRE_CALIBRATED,
    PB_WIRE_READY,
    PB_WIRE_PROGRESS, /* before a sample, any number of times */
    PB_WIRE_SAMPLE,
    PB_WIRE_CLOSED,
    PB_WIRE_ERROR,
    PB_WIRE_TYPES,
};

struct pb_wire_list {
    char **item;
    uint32_t count;
};

/* "Describe these, or with both lists empty everything you have." */
struct pb_wire_describe {
    struct pb_wire_list workloads, executors;
};

/* "Become this cell." */
struct pb_wire_open {
    uint32_t protocol;         /* the driver's version; 0: not said */
    char *workload, *executor; /* as the user wrote them: "sha:size=4k" */
    uint32_t workers;
    struct pb_wire_list binding; /* one list of processors per worker, or none */
    char *policy;     /* launched executors: how workers are placed on each host; NULL: by `binding` */
    char *via;        /* "for", "submit", "map" */
    double work_rate; /* iterations of pb_spin per microsecond; 0: not calibrated */
    bool trace;       /* a repetition will be asked to `trace` */
};

struct pb_wire_ready {
    uint32_t protocol;            /* the runner's version */
    uint64_t tasks;               /* the workload's natural count; 0: none */
    uint64_t bytes_per_task;      /* 0: not stated */
    double offered;               /* tasks per second that become due by themselves; 0: none do */
    struct pb_wire_list statuses; /* "ok", "error", then the workload's own */
    struct pb_wire_list counters, executor_counters; /* names */
    struct pb_wire_list notes;
    struct pb_wire_list pids;   /* of worker processes whose CPU time counts beside the runner's */
    struct pb_ranks_host *host; /* launched executors: where the ranks are */
    uint32_t hosts;
    char *hosts_wrong; /* what was said of them cannot be read: why; NULL: it can */
};

/* "Run one repetition." */
struct pb_wire_run {
    uint32_t round;
    uint64_t tasks;
    bool times; /* measure each task (serial, or in a traced cell): the sample then carries task_ns */
    bool trace; /* tell what workers do: the sample then carries spans */
};

struct pb_wire_sample {
    struct pb_sample sample;
    struct pb_failure *failure; /* tasks that failed and said why */
    uint32_t failures;
    double *task_ns;
    uint32_t task_times;
    struct pb_span *span; /* by worker, in order of begin */
    uint32_t spans;
    uint64_t spans_lost;      /* for which there was no room */
    struct pb_wire_list pids; /* as in ready: workers may have been replaced */
};

/* What a runner says of one workload or executor. */
struct pb_described_param {
    char *name, *type, *value, *fallback, *range, *help;
};
struct pb_described {
    char *item; /* as asked: "sha:size=4k" */
    char *name, *summary;
    char *canonical;     /* "sha:size=4KiB": with what the user gave */
    char *full;          /* with every parameter */
    char *absent;        /* why it is not to be had; NULL: it is */
    char *only;          /* executors: the name of the one workload that it runs; NULL: any */
    enum pb_bound bound; /* workloads */
    uint32_t threads;    /* executors: how many workers it has whatever -n is; 0: as many as that */
    bool launched;       /* executors: its runner is started by a launcher, as ranks on one host or more */
    /* What follows is set by the driver and never spoken. */
    char *broken;     /* a plug-in that could not be loaded: why */
    char *opens;      /* what its runner is told to open in its place; NULL: the item itself */
    uint32_t program; /* whose it is: 0 is this program's, i the driver's i-th other */
    char *runner;     /* the name of that; NULL: this program */
    struct pb_described_param *param;
    uint32_t params;
};
struct pb_descriptions {
    struct pb_described *workload, *executor;
    uint32_t workloads, executors;
};

struct pb_wire {
    enum pb_wire_type type;
    union {
        struct pb_wire_describe describe;
        struct pb_wire_open open;
        struct pb_wire_ready ready;
        struct pb_wire_run run;
        struct pb_wire_sample sample;
        struct pb_descriptions description;
        double work_rate;      /* CALIBRATED */
        uint64_t ended;        /* PROGRESS: tasks of the repetition that have ended */
        struct pb_error error; /* ERROR */
    };
};

/* "sample": what the key `type` holds. */
const char *pb_wire_name(enum pb_wire_type);
/* Appends the message and a newline. 0 or -ENOMEM. */
int pb_wire_encode(const struct pb_wire *, struct pb_buffer *);
/* Encodes the message and writes it whole to a descriptor that blocks. 0 or -errno. */
int pb_wire_send(int fd, const struct pb_wire *);
int pb_wire_write(int fd, const char *text, size_t size); /* text that is encoded already */
/* Reads one line; the message owns what it holds until pb_wire_release. -EPROTO: no such message; the error
 * says what is wrong. */
int pb_wire_decode(struct pb_wire *, const char *line, size_t size, struct pb_error *);
void pb_wire_release(struct pb_wire *);

int pb_wire_list_add(struct pb_wire_list *, const char *text); /* copies; 0 or -ENOMEM */
void pb_wire_list_release(struct pb_wire_list *);
void pb_descriptions_release(struct pb_descriptions *);

#endif
