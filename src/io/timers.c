#include "io/timers.h"

#include <errno.h>
#include <stdlib.h>

enum { CHILDREN = 4, LINE = 64 };

int pb_timers_init(struct pb_timers *t, uint32_t owners) {
    size_t entries = (size_t)owners + LINE / sizeof(struct pb_timer);
    size_t bytes = (entries * sizeof(struct pb_timer) + LINE - 1) / LINE * LINE;
    *t = (struct pb_timers){.memory = aligned_alloc(LINE, bytes), .place = calloc(owners, sizeof *t->place)};
    if (!t->memory || !t->place) {
        pb_timers_release(t);
        return -ENOMEM;
    }
    /* So that heap[1], with which the first children begin, begins a cache line. */
    t->heap = (struct pb_timer *)t->memory + LINE / sizeof(struct pb_timer) - 1;
    return 0;
}

void pb_timers_release(struct pb_timers *t) {
    free(t->memory);
    free(t->place);
}

static bool before(const struct pb_timer *a, const struct pb_timer *b) {
    return a->deadline < b->deadline || (a->deadline == b->deadline && (int32_t)(a->order - b->order) < 0);
}

static void put(struct pb_timers *t, uint32_t i, struct pb_timer timer) {
    t->heap[i] = timer;
    t->place[timer.owner] = i + 1;
}

/* Place i is free: puts the timer there, or above it if it is earlier than what is there. */
static void put_from_below(struct pb_timers *t, uint32_t i, struct pb_timer timer) {
    while (i > 0) {
        uint32_t parent = (i - 1) / CHILDREN;
        if (!before(&timer, &t->heap[parent]))
            break;
        put(t, i, t->heap[parent]);
        i = parent;
    }
    put(t, i, timer);
}

static uint32_t earliest_child(const struct pb_timers *t, uint32_t first) {
    uint32_t least = first, end = first + CHILDREN < t->count ? first + CHILDREN : t->count;
    for (uint32_t i = first + 1; i < end; i++)
        least = before(&t->heap[i], &t->heap[least]) ? i : least;
    return least;
}

/* The same downwards. */
static void put_from_above(struct pb_timers *t, uint32_t i, struct pb_timer timer) {
    for (;;) {
        uint32_t first = CHILDREN * i + 1;
        if (first >= t->count)
            break;
        uint32_t least = earliest_child(t, first);
        if (!before(&t->heap[least], &timer))
            break;
        put(t, i, t->heap[least]);
        i = least;
    }
    put(t, i, timer);
}

static void take_out(struct pb_timers *t, uint32_t i) {
    t->place[t->heap[i].owner] = 0;
    struct pb_timer last = t->heap[--t->count];
    if (i == t->count)
        return;
    if (i > 0 && before(&last, &t->heap[(i - 1) / CHILDREN]))
        put_from_below(t, i, last);
    else
        put_from_above(t, i, last);
}

void pb_timers_set(struct pb_timers *t, uint32_t owner, uint64_t deadline) {
    put_from_below(t, t->count++, (struct pb_timer){deadline, t->order++, owner});
}

void pb_timers_clear(struct pb_timers *t, uint32_t owner) {
    if (t->place[owner])
        take_out(t, t->place[owner] - 1);
}

bool pb_timers_pop(struct pb_timers *t, uint64_t now, uint32_t *owner) {
    if (pb_timers_next(t) > now || t->count == 0)
        return false;
    *owner = t->heap[0].owner;
    take_out(t, 0);
    return true;
}
