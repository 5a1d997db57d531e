/* What the files of the conformance suite share: how executors differ, the executor under test, and tasks.
 *
 * Each file conformance_NAME.c has a table of cases; test_conformance.c runs them all on every executor of
 * the list. A case gets the executor's name, opens a trial of it, and closes it again. Nothing sleeps to be
 * in time: tasks stop at a gate, a word of shared memory, which the case opens when it has seen what it
 * wants. Time-outs are either for ever (the runner shows the stacks of what hangs) or sure to pass. */
#ifndef PB_TESTS_CONFORMANCE_H
#define PB_TESTS_CONFORMANCE_H

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "executor_cases.h"

enum {
    MOMENT = 1000000, /* ns: a time-out that is meant to pass */
    MANY = 64,
};

/* How an executor differs from a pool of threads. */
struct traits {
    const char *name;
    bool in_caller;  /* a task has run when pb_submit returns: nothing is ever pending, there is one worker */
    bool own_memory; /* tasks run in processes of their own: they see shared words only, and cannot submit or
                        wait
                        (-EDEADLK) */
    bool killable;   /* those processes can be killed, and are replaced */
    bool one_thread; /* one worker carries all tasks that run at once: they take turns at their verbs */
};

/* Words of shared memory: what tasks tell, and what they wait for. */
enum { BEGUN, GATE, COUNT, INITIALIZED, FINALIZED, FREE };

struct trial {
    const struct traits *is;
    atomic_uint *word;
    struct pb_executor *e;
};

struct trial trial_open(const void *name, uint32_t workers);
/* Gives the initializer, the finalizer and tasks the words as their state, unless the config has one. */
struct trial trial_open_with(const void *name, struct pb_executor_config);
/* As pb_executor_open, for a config whose state is shared words, which ranks then see too. */
int trial_executor_open(struct pb_executor **, const char *name, struct pb_executor_config,
                        struct pb_error *);
/* Drains, closes; `close` leaves the words to be looked at. */
void trial_close(struct trial *);
void trial_end(struct trial *, enum pb_close how);

/* Submits; fails the case if it is refused. */
struct pb_future *trial_submit(struct trial *, pb_function *, const void *args, size_t size);
struct pb_future *trial_number(struct trial *, pb_function *, uint64_t argument);

/* Occupies a worker: a task that has begun and waits at the gate, or that pb_should_stop ends. Where tasks
 * run in the caller the gate is open from then on, and it is over when this returns. The result is 77. */
struct pb_future *trial_hold(struct trial *);
void trial_let_go(struct trial *);

/* Polls until the word is at least `value`. */
void await(atomic_uint *word, unsigned value);
void await_state(struct pb_future *, enum pb_future_state);
/* Waits for the result, which must be a uint64_t, and releases the future. */
uint64_t take(struct pb_future *);
/* Waits for the end, whose code must be `code`, and releases the future. */
void take_code(struct pb_future *, int code);

/* Bytes that differ with their place, and whether they are those. */
void fill(void *data, size_t size);
bool is_filled(const void *data, size_t size);

/* Runs `function` in `count` threads of the test's own, all with the same argument. */
void in_threads(unsigned count, void *(*function)(void *), void *argument);

/* ---- Tasks ---- */

int do_nothing(struct pb_task *, const void *args, size_t size);
/* Gives back its arguments. */
int echo(struct pb_task *, const void *args, size_t size);
/* Of a uint64_t: its square. */
int square(struct pb_task *, const void *args, size_t size);
/* Counts word[COUNT] up; its argument is that of trial_number. */
int count_up(struct pb_task *, const void *args, size_t size);
/* Of a uint64_t: fails with that code and "code N", or succeeds with 0. */
int fail_with(struct pb_task *, const void *args, size_t size);
/* Counts word[BEGUN] up and waits at the gate; gives its argument back. */
int wait_at_gate(struct pb_task *, const void *args, size_t size);
/* The same, but does not stop when it should. */
int wait_stubbornly(struct pb_task *, const void *args, size_t size);
/* Returns word[COUNT] of the task's state. */
atomic_uint *words_of(const struct pb_task *);
/* A turn for others while a task waits for something. */
void breathe(struct pb_task *);

/* ---- The tables ---- */

/* Case i over all of them; NULL past the last (test_conformance.c). */
const struct executor_case *conformance_case(size_t i);

extern const struct executor_case conformance_submit[], conformance_result[], conformance_failure[],
    conformance_cancel[], conformance_callback[], conformance_wait[], conformance_as_completed[],
    conformance_map[], conformance_range[], conformance_close[], conformance_bound[], conformance_deadline[],
    conformance_nested[], conformance_worker[]; /* each ends with a nameless row */

#endif
