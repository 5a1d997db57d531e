/* Fault injection: one call of the system's fails, once, somewhere in a program over an executor.
 *
 * The executors are linked into a program of their own, in which the calls that can fail are wrapped (the
 * linker's
 * --wrap; the sanitizers' own interposition lies behind). What is to fail, and how often what was called,
 * stands on a board in memory that the whole family shares: the program, its fork server and its workers
 * count together, so the n-th call may be any process's. */
#ifndef PB_TESTS_FAULTS_INJECT_H
#define PB_TESTS_FAULTS_INJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Calls that are counted. */
enum inject_call {
    INJECT_MALLOC,
    INJECT_CALLOC,
    INJECT_REALLOC,
    INJECT_ALIGNED_ALLOC,
    INJECT_STRDUP,
    INJECT_VASPRINTF,
    INJECT_MMAP,
    INJECT_MPROTECT,
    INJECT_MADVISE,
    INJECT_FORK,
    INJECT_PTHREAD_CREATE,
    INJECT_EVENTFD,
    INJECT_SIGNALFD,
    INJECT_SOCKETPAIR,
    INJECT_PIPE2,
    INJECT_MEMFD_CREATE,
    INJECT_TIMERFD_CREATE,
    INJECT_PIDFD_OPEN,
    INJECT_FUTEX_WAIT,
    INJECT_POLL,
    INJECT_SEND,
    INJECT_RECV,
    INJECT_READ,
    INJECT_WRITE,
    INJECT_WAITPID,
    INJECT_CLOSE,
    INJECT_OPENDIR,
    INJECT_CALLS,
};

/* A row of what is tried: a call and an error that its manual page allows. */
struct inject_kind {
    const char *name;
    enum inject_call call;
    int error;
    bool memory; /* of an allocation: a text may be lost to it */
    bool unseen; /* nobody may notice: everything succeeds all the same */
    bool lasts;  /* once it fails it may go on to fail: something is used up */
};
extern const struct inject_kind inject_kinds[]; /* ends with a nameless row */

struct inject_stack {
    int depth;
    void *frame[28];
};

struct inject_thread {
    pid_t pid, tid;
    char name[16];
    struct inject_stack stack;
};

enum { INJECT_THREADS = 48, INJECT_WORDS = 8, INJECT_LOG = 8192 };

struct inject_board {
    atomic_bool armed;
    const struct inject_kind *kind; /* what fails; NULL: nothing */
    unsigned nth;                   /* which of its calls */
    bool lasting;                   /* and all after it */
    atomic_uint count[INJECT_CALLS];

    pid_t runner; /* the program; the others are its fork server and workers */
    atomic_bool fired;
    pid_t fired_in;
    struct inject_stack where;

    /* Written by the runner's main thread. */
    unsigned violations, errors; /* errors: failures that it was told of as it should be */
    size_t log_size;
    char log[INJECT_LOG], first_error[600];

    atomic_uint threads; /* whose stacks were taken, after a hang */
    struct inject_thread thread[INJECT_THREADS];

    atomic_uint word[INJECT_WORDS]; /* for tasks */
};

/* A board in shared memory; NULL: none to be had. */
struct inject_board *inject_board_open(void);
void inject_board_reset(struct inject_board *, const struct inject_kind *, unsigned nth, bool lasting);
/* The wrapped calls of this process, and of those that it forks, look at the board from now on. */
void inject_board_use(struct inject_board *);

/* From here on allocations of this process are remembered; reports what was not freed. */
void inject_heap_watch(void);
void inject_heap_check(struct inject_board *);

/* Something that must not be. */
void inject_violation(struct inject_board *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- Stacks ---- */

void inject_stack_take(struct inject_stack *);
/* Loads what unwinding needs, and lets threads answer on the board when they are asked. */
void inject_stacks_prepare(struct inject_board *);
/* Asks every thread of a process for its stack; they come to the board. */
void inject_stacks_ask(pid_t);
/* Never blocked, whatever the library blocks. */
int inject_stacks_signal(void);
void inject_stack_print(const struct inject_stack *);

/* ---- Scenarios ---- */

struct inject_scenario {
    const char *name;
    void (*run)(struct inject_board *, const char *executor);
    bool processes_only; /* its tasks die */
};
extern const struct inject_scenario inject_scenarios[]; /* ends with a nameless row */

#endif
