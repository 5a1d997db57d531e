/* What scenarios are written with: each step may fail, is judged when it does, and leaves the next ones
 * possible. */
#ifndef PB_TESTS_FAULTS_SCENE_H
#define PB_TESTS_FAULTS_SCENE_H

#include "faults/inject.h"
#include "parbench/executor.h"

enum { SCENE_TICKETS = 24, SCENE_LARGE = 1 << 20 };

/* A task and what is to become of it. */
struct ticket {
    struct pb_future *future; /* NULL: refused */
    atomic_uint calls;        /* of its callback */
    bool watched;
    int code;         /* that it is to end with */
    const char *said; /* part of its message; NULL: none is looked at */
    const void *result;
    size_t size;
    bool bare; /* it leaves no message */
    bool may_be_cancelled, may_be_anything;
    uint64_t number; /* room for args and result */
};

struct scene {
    struct inject_board *board;
    const char *executor;
    struct pb_executor *pool;
    struct ticket ticket[SCENE_TICKETS];
    size_t tickets;
};

/* False, judged, if it cannot be opened. */
bool scene_open(struct scene *, struct inject_board *, const char *executor,
                const struct pb_executor_config *);
/* Closes, then looks at every ticket once more, and gives it up. */
void scene_close(struct scene *, enum pb_close how);

/* Hands a task over; `wanted` is what is to become of it. The ticket, also if it was refused. */
struct ticket *scene_submit(struct scene *, pb_function *, const void *args, size_t size,
                            struct ticket wanted);
/* The same with a deadline. */
struct ticket *scene_submit_within(struct scene *, pb_function *, const void *args, size_t size,
                                   int64_t timeout_ns, struct ticket wanted);
/* x * x + 1, computed by a task. */
struct ticket *scene_square(struct scene *, uint64_t x);
/* Waits for the end of the task, and judges it. */
void scene_collect(struct scene *, struct ticket *);
void scene_collect_all(struct scene *);

/* A failure that the library told of: it must be an error that can be, with a text, if there is room for one
   (text NULL: there is none). */
void scene_judge(struct scene *, const char *what, int code, const char *text);
/* Nothing was injected, or nothing that may be noticed. */
bool scene_is_clean(const struct scene *);
bool scene_is_serial(const struct scene *);

/* ---- Tasks ---- */

enum { WORD_GATE, WORD_ENTERED, WORD_LEFT, WORD_MUTE };

pb_function scene_task_square, scene_task_echo, scene_task_fail, scene_task_huge, scene_task_gate,
    scene_task_stay, scene_task_nap, scene_task_die;

#endif
