/* What the files of the verbs' conformance suite share: the ways in which a task may do I/O, and scenes in
 * which a verb waits.
 *
 * Each file verbs_NAME.c has a table of cases; test_verbs.c runs them in every way that this build has. Most
 * cases are one task's, with CHECKs in it; the others open the executor themselves. Nothing sleeps to be in
 * time: what must be waiting is seen to wait, and time-outs are either for ever or sure to pass. */
#ifndef PB_TESTS_VERBS_H
#define PB_TESTS_VERBS_H

#include <errno.h>
#include <stdatomic.h>
#include <sys/un.h>

#include "executor_cases.h"

enum { MILLISECOND = 1000000 };

/* An implementation of the verbs, and the executor under which tasks meet it. */
struct way {
    const char *name, *executor, *options;
    const char *io;      /* the implementation's name */
    bool may_be_missing; /* where the executor refuses the options, its cases are skipped */
    bool exclusive;      /* one task computes at a time, and another only where it may */
    bool switches;       /* at a checkpoint, and between allow_begin and allow_end */
    bool cancels;        /* a verb that waits ends with -ECANCELED when its task shall end */
};

/* An executor with room for so many tasks at once. */
struct pb_executor *way_open(const struct way *, uint32_t tasks);
void way_close(struct pb_executor *);

typedef void verbs_task(struct pb_task *, void *argument);
struct pb_future *way_submit(struct pb_executor *, verbs_task *, void *argument);
struct pb_future *way_submit_within(struct pb_executor *, verbs_task *, void *argument, int64_t timeout_ns);
/* Waits for the end of a task, and releases it. */
void way_finish(struct pb_future *);
/* Opens, runs the task, closes. */
void way_run(const struct way *, verbs_task *, void *argument);

/* A case: one task's, or with an executor of its own. */
struct verbs_case {
    const char *name;
    verbs_task *task; /* its argument is NULL */
    void (*run)(const struct way *, const void *data);
    const void *data;
    bool (*applies)(const struct way *); /* NULL: to all */
};
/* Each ends with a nameless row. */
extern const struct verbs_case verbs_files[], verbs_streams[], verbs_polls[], verbs_signals[], verbs_many[],
    verbs_switches[], verbs_cancels[];

/* ---- Scenes ---- */

/* Where a verb waits until somebody makes its condition come true. */
struct scene {
    int fd[2], other;
    char directory[32];
    struct sockaddr_un address;
    const struct waiting *waiting;
    atomic_int thread_id; /* that the task runs on, told just before it waits */
    atomic_long result;   /* of the verb, and of a sleep after it */
    atomic_long after;
    atomic_uint over;
};

struct waiting {
    const char *name;
    void (*prepare)(struct scene *);
    long (*verb)(struct pb_task *, struct scene *); /* waits ... */
    void (*release)(struct scene *);                /* ... until this has run */
    long expected;
    bool alone; /* it may keep others of its kind, and those who cancel it, waiting */
};
extern const struct waiting verbs_waiting[]; /* ends with a nameless row */

void scene_set(struct scene *, const struct waiting *);
void scene_clear(struct scene *);
/* A task on a scene: tells its thread, waits, sleeps for no time, and is over. */
void scene_task(struct pb_task *, void *scene);
/* Polls until the word is not 0. */
void scene_await(const atomic_uint *word);

/* ---- Odds and ends ---- */

/* A directory of one's own. */
void temporary(char directory[32]);
/* Writes until no more fits in; leaves it blocking. */
void fill_up(int fd);

#endif
