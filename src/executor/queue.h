/* A queue of pending futures, first in first out, linked through the futures themselves. Its owner brings the
 * lock. */
#ifndef PB_EXECUTOR_QUEUE_H
#define PB_EXECUTOR_QUEUE_H

#include "future/future.h"

struct pb_queue {
    struct pb_future *head, *tail;
};

static inline void pb_queue_push(struct pb_queue *q, struct pb_future *f) {
    f->next = NULL;
    if (q->tail)
        q->tail->next = f;
    else
        q->head = f;
    q->tail = f;
}

/* NULL when empty. */
static inline struct pb_future *pb_queue_pop(struct pb_queue *q) {
    struct pb_future *f = q->head;
    if (f) {
        q->head = f->next;
        if (!q->head)
            q->tail = NULL;
    }
    return f;
}

/* Drops every future of the queue: they become cancelled. */
static inline void pb_queue_drop(struct pb_queue *q) {
    for (struct pb_future *f; (f = pb_queue_pop(q));)
        pb_future_drop(f);
}

#endif
