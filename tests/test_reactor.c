/* Coroutines, their timers, and the verbs that suspend them, on both engines. */
#include "io/io.h"
#include "io/reactor.h"
#include "suite.h"

#include <stdlib.h>

#include "base/clock.h"

static const enum pb_engine engines[] = {PB_ENGINE_EPOLL};

struct stage {
    struct pb_reactor *reactor;
    unsigned ended;
    char order[64]; /* what happened, a letter each */
};

static void note(struct stage *s, char what) {
    size_t n = strlen(s->order);
    CHECK(n + 1 < sizeof s->order);
    s->order[n] = what;
}

struct actor {
    struct stage *stage;
    struct pb_coroutine *coroutine;
    struct pb_task task;
    void (*play)(struct actor *);
    char name;
    int64_t ns;
};

static void enter(void *argument) {
    struct actor *a = argument;
    a->task = (struct pb_task){.io = &pb_io_suspend, .verbs = a->coroutine};
    a->play(a);
    a->stage->ended++;
}

static void start(struct stage *s, struct actor *a) {
    a->stage = s;
    a->coroutine = pb_reactor_start(s->reactor, enter, a);
    CHECK(a->coroutine);
}

static void run_all(struct stage *s) {
    while (pb_reactor_under_way(s->reactor))
        pb_reactor_turn(s->reactor, UINT64_MAX);
}

static void sleeper(struct actor *a) {
    CHECK_INT(pb_sleep(&a->task, a->ns), 0);
    note(a->stage, a->name);
}

static struct pb_reactor *open_reactor(const void *engine, uint32_t coroutines) {
    struct pb_reactor_config config = {.engine = *(const enum pb_engine *)engine, .coroutines = coroutines};
    struct pb_reactor *r;
    struct pb_error error = {0};
    CHECK_MSG(pb_reactor_open(&r, &config, &error) == 0, "%s", error.text);
    return r;
}

static void timers_in_order(const void *engine) {
    struct stage s = {.reactor = open_reactor(engine, 8)};
    struct actor actors[] = {{.play = sleeper, .name = 'c', .ns = 3000000},
                             {.play = sleeper, .name = 'a', .ns = 0},
                             {.play = sleeper, .name = 'b', .ns = 1000000},
                             {.play = sleeper, .name = 'd', .ns = 4000000}};
    for (size_t i = 0; i < 4; i++)
        start(&s, &actors[i]);
    run_all(&s);
    CHECK_TEXT(s.order, "abcd");
    CHECK_INT(s.ended, 4);
    pb_reactor_close(s.reactor);
}

const struct pb_suite suite_reactor = {
    "reactor",
    (const struct pb_case[]){{"timers-in-order", timers_in_order, &engines[0]}, {0}},
    NULL,
};
