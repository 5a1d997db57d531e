/* What the suites over reactors share: a stage on which actors play, each in a coroutine, on every engine. */
#ifndef PB_TESTS_REACTOR_STAGE_H
#define PB_TESTS_REACTOR_STAGE_H

#include <errno.h>

#include "io/reactor.h"
#include "suite.h"

struct stage {
    struct pb_reactor *reactor;
    unsigned ended;
    char order[64]; /* what happened, a letter each */
    int fd[2];
};

struct actor {
    void (*play)(struct actor *);
    char name;
    int64_t number;
    struct stage *stage;
    struct pb_coroutine *coroutine;
    struct pb_task task;
};

static inline void note(struct actor *a, char what) {
    size_t n = strlen(a->stage->order);
    CHECK(n + 1 < sizeof a->stage->order);
    a->stage->order[n] = what;
}

static inline void enter(void *argument) {
    struct actor *a = argument;
    a->task = (struct pb_task){.io = &pb_io_suspend, .verbs = a->coroutine};
    a->play(a);
    a->stage->ended++;
}

static inline void start(struct stage *s, struct actor *a) {
    a->stage = s;
    a->coroutine = pb_reactor_start(s->reactor, enter, a);
    CHECK(a->coroutine);
}

static inline void play_all(struct stage *s) {
    while (pb_reactor_under_way(s->reactor))
        pb_reactor_turn(s->reactor, UINT64_MAX);
}

/* Turns until nothing is ready any more. */
static inline void settle(struct stage *s) {
    while (pb_reactor_turn(s->reactor, 0) > 0)
        ;
}

/* Skips the case where the system does not have the engine. */
static inline struct stage open_stage(enum pb_engine engine, uint32_t coroutines) {
    struct pb_reactor_config config = {.engine = engine, .coroutines = coroutines};
    struct stage s = {.fd = {-1, -1}};
    struct pb_error error = {0};
    int rc = pb_reactor_open(&s.reactor, &config, &error);
    if (rc != 0 && engine == PB_ENGINE_URING)
        pb_test_skip("%s", error.text);
    CHECK_MSG(rc == 0, "%s", error.text);
    return s;
}

/* One actor alone. */
static inline void solo(enum pb_engine engine, void (*play)(struct actor *)) {
    struct stage s = open_stage(engine, 1);
    struct actor a = {.play = play};
    start(&s, &a);
    play_all(&s);
    CHECK_INT(s.ended, 1);
    pb_reactor_close(s.reactor);
}

struct engine_case {
    const char *name;
    void (*run)(const void *engine);
};

/* Case i of all engines times `count` cases, for a suite's `generate`. */
static inline bool engine_case_of(const struct engine_case *cases, size_t count, size_t i,
                                  struct pb_case *out) {
    static const struct {
        const char *name;
        enum pb_engine engine;
    } engines[] = {{"epoll", PB_ENGINE_EPOLL}, {"uring", PB_ENGINE_URING}};
    static char name[128];
    if (i >= 2 * count)
        return false;
    snprintf(name, sizeof name, "%s/%s", engines[i / count].name, cases[i % count].name);
    *out = (struct pb_case){name, cases[i % count].run, &engines[i / count].engine};
    return true;
}

static inline enum pb_engine engine_of(const void *data) {
    return *(const enum pb_engine *)data;
}

#endif
