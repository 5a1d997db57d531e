/* A trial: one life of a pool of the process executor, in a process of its own, with one fault or many, and
 * what is found wrong.
 *
 *     campaign  --fork-->  monitor  --fork-->  parent  --fork-->  fork server  --fork-->  workers
 *
 * The parent lives through a scenario and keeps a ledger of its futures; the monitor is its subreaper, so
 * that whatever the pool leaves behind becomes the monitor's child; it also kills, continues what is stopped,
 * and prints stacks when something hangs. All of them write what they find into the trial, which lies in
 * shared memory. The campaign only starts monitors, several at a time, and reads. */
#ifndef PB_TESTS_CRASH_TRIAL_H
#define PB_TESTS_CRASH_TRIAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "parbench/executor.h"

#define MILLISECOND INT64_C(1000000)
#define SECOND      INT64_C(1000000000)

#ifdef __SANITIZE_ADDRESS__
enum { SLACK = 3 }; /* all times that are promised, times this */
#else
enum { SLACK = 1 };
#endif

#define GRACE    (2 * SECOND * SLACK) /* futures resolve within this after a fault */
#define DEADLINE (1 * SECOND)         /* of each task where something is to be stopped */
#define STOPPED  (300 * MILLISECOND)  /* how long something stays stopped that no deadline ends */

enum who { PARENT, SERVER, WORKER, WHO_COUNT };
enum action { NOTHING, KILLED, CRASHED, HALTED, EXITED_0, EXITED_1, ACTION_COUNT };
enum phase { OPENING, TASKS, MAPPING, RANGE, CLOSING, AFTER };

extern const char *const who_name[WHO_COUNT];
extern const char *const action_name[ACTION_COUNT];
extern const char *const phase_name[];

enum { POINTS_MAX = 128, TEXT_MAX = 4096 };

/* What a trial is to do. Equal plans do the same, but for the order in which the processes run. */
struct plan {
    uint64_t seed;
    uint32_t workers;
    /* One fault: `action` strikes the process that takes `point` as `who` for the pass-th time. */
    enum action action;
    enum who who;
    int point; /* index, or -1 */
    uint32_t pass;
    enum pb_close how;
    bool deadlines; /* every task has one */
    /* Many faults: so many workers are killed at random moments; 0: none are. */
    uint32_t kills;
};

struct trial {
    struct plan plan;
    pid_t monitor;
    _Atomic pid_t parent, server;
    atomic_int phase;

    /* Of the points: how often each was taken, by whom. */
    atomic_uint passes[WHO_COUNT][POINTS_MAX];
    atomic_uint fired;      /* the fault has struck */
    atomic_int fired_in;    /* during this phase ... */
    _Atomic pid_t fired_at; /* ... this process */
    atomic_uint continued;

    atomic_int countdown; /* points that workers take until one of them is killed; 0: none is */
    atomic_uint kills;    /* counted before they are done */
    atomic_uint entered;  /* of many faults: workers that got so far as to take tasks */

    atomic_uint done;    /* the parent came to the end of its scenario */
    atomic_uint stuck;   /* 1: the parent waits for its stacks to be printed; 2: they are */
    atomic_uint wrongs;  /* what was found wrong */
    atomic_uint written; /* of text */
    char text[TEXT_MAX];
    uint64_t submitted, succeeded, failed, lost, cancelled, overdue;
};

/* The trial that this process takes part in; NULL in the campaign. Set before the fork. */
extern struct trial *trial;

/* Notes something wrong: one line. */
void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The index of a point, the same in all processes of the campaign; POINTS_MAX if there are too many. */
int point_index(const char *name);
const char *point_name(int index); /* NULL past the last */
/* To be called once, before the first fork. */
void points_open(void);
/* In a process that begins to count generations: it is the parent. */
void points_enter(void);

/* The monitor's life: runs the trial in a child and returns when nothing of it is left, or what is left was
   noted. */
void monitor_run(void (*scenario)(void));
/* In the parent: something did not happen in time. Waits until the monitor has printed everybody's stacks. */
void monitor_stuck(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What the parent does: the scenario for one fault, and the stream of tasks for many. */
void scenario(void);
void stream(void);

/* Whether the pool can go on: the fork server lives and runs. */
static inline bool server_fine(void) {
    return !(atomic_load(&trial->fired) && trial->plan.who == SERVER &&
             (trial->plan.action != HALTED || !atomic_load(&trial->continued)));
}
/* The most futures and ranges that may be lost by now. */
static inline uint64_t deaths(void) {
    bool one = atomic_load(&trial->fired) && trial->plan.who == WORKER;
    return atomic_load(&trial->kills) + (one ? 1 : 0);
}

#endif
