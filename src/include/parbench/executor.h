/* Executors and futures: Python's concurrent.futures in C.
 *
 *     struct pb_executor *pool;
 *     pb_executor_open(&pool, "process", &(struct pb_executor_config){.workers = 4}, &error);
 *     struct pb_future *f = pb_submit(pool, work, &args, sizeof args);
 *     pb_future_result(f, &answer, sizeof answer, PB_FOREVER);
 *     pb_future_release(f);
 *     pb_executor_close(pool, PB_DRAIN, PB_FOREVER);
 *
 * docs/futures.md is the guide; docs/examples/ holds whole programs.
 *
 * Arguments and results are bytes, copied. A task fails with a code and a message; both come back whole,
 * whichever worker ran it. Every function may be called from any thread unless it says otherwise. Functions
 * that return int return 0 or -errno.
 *
 * Fork and threads: open executors of processes before the program starts threads of its own. Their workers
 * are forked from the program as it is at that moment, and a lock that another thread holds just then stays
 * locked in them.
 *
 * Waiting inside a task, for a future of the executor that runs it: where workers are threads, the waiter
 * runs other pending tasks meanwhile (on its own stack: the nesting is as deep as tasks wait for tasks);
 * pb_for runs its range there and then. Under an event loop the task is suspended and the loop goes on; only
 * where every lane is taken does the waiter run another task itself. Waiting for another executor's future
 * stops the whole loop, as any call that blocks does. In a worker process nothing can be waited for or
 * submitted that the process did not open itself: -EDEADLK.
 */
#ifndef PARBENCH_EXECUTOR_H
#define PARBENCH_EXECUTOR_H

#include "parbench/param.h"
#include "parbench/task.h"

#define PB_FOREVER INT64_MAX /* a time-out that never comes; all time-outs are relative, in nanoseconds */

struct pb_executor;
struct pb_future;
struct pb_cpuset;

/* Why something failed. `code` is -errno; `text` reads "what: why: what to do". */
struct pb_error {
    int code;
    char text[508];
};

/* ---- Executors ---- */

enum pb_when_full {
    PB_BLOCK,  /* pb_submit waits until a task has begun or was cancelled */
    PB_REFUSE, /* it returns NULL with EAGAIN */
};

struct pb_executor_config {
    uint32_t workers;    /* tasks that run at once; for an event loop: that are in flight at once, however few
                            threads it has; 0: the usable processors */
    const char *options; /* "schedule=static,chunk=4": the executor's own parameters; NULL: its defaults */

    size_t lane_size;  /* memory for each lane, zeroed and first touched by its worker */
    size_t stack_size; /* that one task needs, where tasks have stacks of their own: coroutines; 0: 64 KiB */
    void *state;       /* shown to tasks as task->state */
    /* Runs once per lane, in its worker, before any task; 0, or -errno with an error: then open fails with
     * it. */
    int (*initializer)(struct pb_task *, struct pb_error *);
    /* Runs in the worker when it ends orderly. */
    void (*finalizer)(struct pb_task *);

    /* Where workers bind themselves: worker w to the one numbered w % bindings. 0: nowhere. */
    const struct pb_cpuset *binding;
    uint32_t bindings;

    uint64_t max_pending; /* tasks that may wait to begin; 0: any number */
    enum pb_when_full when_full;
    /* A worker that has run so many is renewed before its next task: finalizer, fresh lane, initializer; a
     * worker process is replaced, and of an event loop each lane is renewed on its own. Each index of a range
     * counts, looked at when the range ends. 0: never. */
    uint64_t max_tasks_per_worker;

    /* Where workers are in other programs' processes (executor mpi), `state` means nothing to them:
       state_open is called once in each such process, before its workers' initializers, and makes what they
       see instead, from `state_args`, which are copied; state_close is called after their finalizers. The
       process has the workers first .. first + workers - 1. 0, or -errno with an error: then open fails with
       it. NULL: they see NULL. */
    int (*state_open)(void **state, uint32_t first, uint32_t workers, const void *args, size_t size,
                      struct pb_error *);
    void (*state_close)(void *state);
    const void *state_args;
    size_t state_args_size;

    struct pb_trace *trace; /* the library's own: where waits of workers are noted; or NULL */
    uint32_t first_worker;  /* the library's own: what its first worker is told that it is */
    const atomic_uint
        *stop; /* the library's own: what pb_should_stop looks at; NULL: the executor's own flag */
};

enum pb_close {
    PB_DRAIN,  /* finish all that was submitted */
    PB_CANCEL, /* cancel what is pending, finish what runs */
    PB_KILL,   /* cancel what is pending, end what runs: kill worker processes, ask others through
                  pb_should_stop, cancel what waits in an event loop */
};

/* Opens `name`, one of the list. On failure *out is NULL and the error says what to do. On success the
   error's code is 0, and its text a warning, a note or empty. Blocks until the workers run and every
   initializer has returned. */
int pb_executor_open(struct pb_executor **out, const char *name, const struct pb_executor_config *,
                     struct pb_error *);

/* Refuses new tasks, then ends as `how` says: every future is finished or cancelled and no worker is left
   when it returns 0. -ETIMEDOUT: something still runs that cannot be killed. A second call changes nothing.
 */
int pb_executor_shutdown(struct pb_executor *, enum pb_close how, int64_t timeout_ns);

/* Shuts down, then frees the executor; no other thread may use it any more. Futures outlive it. -ETIMEDOUT:
   the executor and the threads that still run stay behind, never to be freed. */
int pb_executor_close(struct pb_executor *, enum pb_close how, int64_t timeout_ns);

/* Like Python's `with`: on whatever path leaves the block, waits for what was submitted and closes.
 *     PB_SCOPED_EXECUTOR pool = NULL;
 *     if (pb_executor_open(&pool, ...) < 0) return 1; */
#define PB_SCOPED_EXECUTOR __attribute__((cleanup(pb_executor_leave))) struct pb_executor *
void pb_executor_leave(struct pb_executor **);

uint32_t pb_executor_workers(const struct pb_executor *); /* threads or processes that run tasks */
uint32_t pb_executor_lanes(const struct pb_executor *);   /* tasks that run at once */
uint64_t pb_executor_pending(const struct pb_executor *); /* tasks that wait to begin, just now */
const char *pb_executor_name(const struct pb_executor *);

/* What a worker did since the executor was opened, and where it is. */
struct pb_worker_info {
    uint64_t tasks;  /* that it ran to their end */
    uint64_t cpu_ns; /* CPU time of its thread or process inside ranges and tasks */
    /* Off the processor: waiting for the lock of executor gil, waiting in I/O verbs, and without work. */
    uint64_t gil_ns, io_ns, idle_ns;
    uint64_t idle_since; /* CLOCK_MONOTONIC: without work from then on, which is not in idle_ns yet; or 0 */
    int32_t pid;         /* its process; 0: it is made by a task, and nothing is known of it */
    int32_t cpu;         /* the processor it was last seen on; -1: not known yet */
    uint32_t restarts;   /* times it was replaced */
    int32_t bind_error;  /* 0, or errno of binding it */
};
int pb_executor_worker(const struct pb_executor *, uint32_t worker, struct pb_worker_info *);

/* What an executor counts beside tasks ("lock switches"): the name and the sum over its workers since it was
   opened; k from 0, NULL past the end. */
const char *pb_executor_counter(const struct pb_executor *, unsigned k, uint64_t *value);

/* Processors that this process may use, by affinity and cgroup quota; at least 1. */
uint32_t pb_usable_processors(void);

/* ---- Tasks and futures ---- */

/* A task. Returns 0, or the code of its failure (any other number); its result is what it gave to pb_return.
 */
typedef int pb_function(struct pb_task *, const void *args, size_t size);

/* Inside a task: gives back `size` bytes, copied at once. A second call replaces the first. 0; -EMSGSIZE
   above 16 MiB, -ENOMEM: then the task fails so, whatever it returns. */
int pb_return(struct pb_task *, const void *data, size_t size);
/* Inside a task: leaves a message for the failure; returns `code` so that `return pb_fail(...)` reads well.
 */
int pb_fail(struct pb_task *, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Hands one task to the executor; blocks only where config.max_pending says so. Returns a future that the
   caller owns and gives up with pb_future_release, or NULL with errno: ESHUTDOWN after shutdown, EAGAIN
   (full), ENOMEM (16 million futures may be held at a time), EMSGSIZE (args above 16 MiB), EDEADLK (inside a
   worker process), EOWNERDEAD (its processes are gone). */
struct pb_future *pb_submit(struct pb_executor *, pb_function *, const void *args, size_t size);
/* The same with a deadline, `timeout_ns` from now: a task that has not ended by then fails with -ETIMEDOUT.
   If it waits it never begins; if it runs, its worker process is killed and replaced, or, where workers are
   threads, pb_should_stop turns true and the worker is free again once the task returns. Under an event loop
   the verb in which it is suspended, and each after it, returns -ECANCELED besides. */
struct pb_future *pb_submit_within(struct pb_executor *, pb_function *, const void *args, size_t size,
                                   int64_t timeout_ns);

enum pb_future_state { PB_PENDING, PB_RUNNING, PB_FINISHED, PB_CANCELLED };
enum pb_future_state pb_future_state(const struct pb_future *);
static inline bool pb_future_running(const struct pb_future *f) {
    return pb_future_state(f) == PB_RUNNING;
}
static inline bool pb_future_cancelled(const struct pb_future *f) {
    return pb_future_state(f) == PB_CANCELLED;
}
/* Finished, with a result or a failure, or cancelled. */
static inline bool pb_future_done(const struct pb_future *f) {
    return pb_future_state(f) >= PB_FINISHED;
}

/* Waits for the end of the task. 0 with the result copied to `out`; -ETIMEDOUT; -ECANCELED; -EMSGSIZE if
   `capacity` is too small; else the task's own failure: a positive code as it was returned, or -errno if the
   library lost it (-EOWNERDEAD: its worker died; -ETIMEDOUT with the future done: its deadline passed;
   -EMSGSIZE with a message: its result was too large); -EDEADLK. `out` may be NULL with capacity 0. */
int pb_future_result(struct pb_future *, void *out, size_t capacity, int64_t timeout_ns);
/* Waits likewise and tells the failure: 0 with error->code what pb_future_result returns for the task (0:
   none) and its message; -ETIMEDOUT, -ECANCELED or -EDEADLK with no failure to tell. */
int pb_future_error(struct pb_future *, struct pb_error *, int64_t timeout_ns);
/* Size of the result in bytes; 0 unless finished. */
size_t pb_future_size(const struct pb_future *);
/* The message of a failed task, valid while the future is held; "" if it did not fail or left none. */
const char *pb_future_message(const struct pb_future *);
/* Cancels a pending task: true if it will not run. */
bool pb_future_cancel(struct pb_future *);
/* Gives the future up; NULL is let be. The task goes on, unheard. */
void pb_future_release(struct pb_future *);
#define PB_SCOPED_FUTURE __attribute__((cleanup(pb_future_leave))) struct pb_future *
void pb_future_leave(struct pb_future **);

/* Calls `function(future, context)` once the future is finished or cancelled: at once, on the calling thread,
   if it already is; else on the thread that finishes or cancels it, in the order in which they were added. It
   may submit, add and release, and must not block; it is called also if the future was released before. 0 or
   -ENOMEM. */
int pb_future_add_callback(struct pb_future *, void (*function)(struct pb_future *, void *context),
                           void *context);

/* ---- Many futures, of whichever executors ---- */

enum pb_wait_for {
    PB_FIRST_COMPLETED, /* until one is finished or cancelled */
    PB_FIRST_FAILED,    /* until one has failed (cancelled is not failed), or all are done */
    PB_ALL_COMPLETED,
};

/* Waits; 0, or -ETIMEDOUT with the condition not met, -EDEADLK, -ENOMEM. *done, if not NULL, becomes the
   number of entries of the list that are finished or cancelled by then. The same future may stand in it more
   than once. */
int pb_wait(struct pb_future *const *futures, size_t count, enum pb_wait_for, int64_t timeout_ns,
            size_t *done);

/* Futures as they complete: those already done first, in the order of the list, then in order of completion;
   each once, however often it stands in the list. One deadline for the whole iteration. One thread at a time.
 */
struct pb_as_completed;
int pb_as_completed_open(struct pb_as_completed **, struct pb_future *const *futures, size_t count,
                         int64_t timeout_ns);
/* The next one, in *out; 0; -ENOENT after the last; -ETIMEDOUT. The futures stay the caller's. */
int pb_as_completed_next(struct pb_as_completed *, struct pb_future **out);
void pb_as_completed_close(struct pb_as_completed *);

/* Results of function(args[i]) in the order of i, for i in [0, count). `args` holds count values of `size`
   bytes each and must stay until close; NULL: each task gets its index, a uint64_t. One thread at a time. */
struct pb_map;
struct pb_map_options {
    size_t
        window; /* tasks handed over and not yet taken, so that memory does not grow with count; 0: chosen */
    size_t chunk;       /* tasks that a worker takes at a time; 0: chosen, by how long they run */
    int64_t timeout_ns; /* for all of it, from open; 0: none */
};
int pb_map_open(struct pb_map **, struct pb_executor *, pb_function *, const void *args, size_t size,
                uint64_t count, const struct pb_map_options *); /* NULL: defaults */
/* The next result, as pb_future_result gives it; -ENOENT after the last. A failed task fails its own call
   alone; after a time-out the same one is next. `message`, if not NULL, receives the failure's text. */
int pb_map_next(struct pb_map *, void *out, size_t capacity, struct pb_error *message);
/* Abandons what was not taken: pending tasks are cancelled, running ones go on unheard. */
void pb_map_close(struct pb_map *);

/* ---- Ranges ---- */

/* One index of a range. Returns a status 0 .. 7: 0 is good; adds what it computed to nothing: it writes a
 * digest. */
typedef int pb_body(struct pb_task *, uint64_t i, const void *args, uint64_t *digest);

struct pb_range_result {
    uint64_t tasks;     /* that ran */
    uint64_t digest;    /* sum over i of pb_mix(i, digest(i)), modulo 2^64: independent of order and worker */
    uint64_t status[8]; /* how many tasks returned each status */
};

/* Runs body(i) for i in [0, n) on all workers and waits; nothing is stored per index. Equals
       for (i = 0; i < n; i++) body(task, i, args, &digest);
   in any order. 0; -EOWNERDEAD if workers died: the error names them, what they had claimed did not run;
   -ESHUTDOWN. One range at a time runs on an executor; others wait their turn. */
int pb_for(struct pb_executor *, uint64_t n, pb_body *, const void *args, size_t size,
           struct pb_range_result *, struct pb_error *);

/* ---- Ranks ---- */

/* For programs that a launcher of MPI starts as several processes, ranks (mpiexec -n 5 ./program). To be
   called in each, before threads are started. In rank 0 it returns 0: the executor `mpi` can then be opened,
   one at a time, with as many workers as there are other ranks. Those serve it and do not return: they exit
   when rank 0 calls pb_ranks_end, with 0. -ENOENT: no launcher started this process, or of an MPI that the
   library was not built with; -EPROTO: other ranks run another build, the error names them. */
int pb_ranks_begin(struct pb_error *);
/* Rank 0, once no executor `mpi` is open: ends the other ranks and leaves MPI. Nothing if it was not begun.
 */
void pb_ranks_end(void);

/* ---- The list ---- */

/* Row i of the list of executors, whether this build and machine have it or not; NULL past its end. */
struct pb_executor_listing {
    const char *name, *summary;
    const char *absent;            /* why it is not to be had here, and what to do; NULL: it is */
    const struct pb_param *params; /* ends with a nameless row; NULL: none, or absent */
    const char *only;              /* the one workload of `bench` that it is for; NULL: it runs any task */
    bool launched; /* its workers are other processes of the program, which a launcher must start:
                      pb_ranks_begin */
    /* How many workers it has whatever is asked for; NULL: as many as asked, or absent. */
    uint32_t (*carriers)(const struct pb_params *);
};
int pb_executor_list(size_t i, struct pb_executor_listing *);

#endif
