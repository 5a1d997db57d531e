/* What the models share: a crew with its depot and its queue, of which the checker knows every atomic, and
 * the first slots for futures. */
#ifndef PB_MODELS_GROUND_H
#define PB_MODELS_GROUND_H

#include "checker.h"
#include "executor/worker.h"

enum { GROUND_WORKERS = 2, GROUND_SLOTS = 8 };

/* To be called in a model's open. */
struct pb_crew *ground_open(void);

/* Queues the task number `id`, which cannot fail here, and returns its future. */
struct pb_future *ground_submit(struct pb_crew *, unsigned id);
/* The number of the task of a future that was taken. */
unsigned ground_task(const struct pb_future *);
/* What it returns. */
struct pb_call ground_call(unsigned id);
/* The result of a future that has finished is that of task `id`. */
void ground_check(struct pb_future *, unsigned id);

#endif
