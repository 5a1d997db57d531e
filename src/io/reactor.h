/* A reactor: the coroutines of one thread, their timers, and the engine by which they wait for the system.
 *
 * Tasks of an event loop run in coroutines. A verb of pb_io_suspend called in one arms the engine and
 * suspends the coroutine; the reactor's next turns run the others, and this one again when the system has
 * answered. Everything but pb_reactor_wake is called by the reactor's own thread only. */
#ifndef PB_IO_REACTOR_H
#define PB_IO_REACTOR_H

#include "base/error.h"
#include "parbench/task.h"

/* How the system is asked. AUTO is io_uring where it is permitted, else epoll. */
enum pb_engine { PB_ENGINE_AUTO, PB_ENGINE_URING, PB_ENGINE_EPOLL };

struct pb_reactor;
struct pb_coroutine;

struct pb_reactor_config {
    enum pb_engine engine;
    uint32_t coroutines; /* that may be under way at once */
    size_t stack_size;   /* bytes of each; 0: 64 KiB. Reserved, and taken page by page as they are used */
    /* Called before a coroutine runs or runs on, on the reactor's stack; or NULL. */
    void (*resumes)(void *context, void *argument);
    void *context;
    struct pb_waits *waits; /* where turns that wait while coroutines are under way are clocked; or NULL */
};

/* 0 or -errno; with AUTO, why io_uring is not used stands in pb_reactor_engine_note. With URING an error says
 * why it cannot be had. */
int pb_reactor_open(struct pb_reactor **, const struct pb_reactor_config *, struct pb_error *);
/* No coroutine may be under way. */
void pb_reactor_close(struct pb_reactor *);
const char *pb_reactor_engine(const struct pb_reactor *); /* "uring" or "epoll" */
/* "engine=epoll: io_uring is not permitted here (Operation not permitted)", or "engine=uring". */
const char *pb_reactor_engine_note(const struct pb_reactor *);

/* Runs `entry(argument)` in a coroutine, from the reactor's next turn on; NULL: all are under way. The
 * coroutine is free again when entry returns. May be called in a coroutine too. */
struct pb_coroutine *pb_reactor_start(struct pb_reactor *, void (*entry)(void *argument), void *argument);
uint32_t pb_reactor_under_way(const struct pb_reactor *);
/* Runs every coroutine that was ready once; if there was none, waits until one is, somebody wakes the
 * reactor, or the deadline (of pb_now) has passed. Returns how many were run. */
uint32_t pb_reactor_turn(struct pb_reactor *, uint64_t deadline);
/* From any thread: the turn that waits, or else the next that would, returns. */
void pb_reactor_wake(struct pb_reactor *);

/* In a coroutine: lets all others that are ready run first. If none is, waits for at most `longest_ns` until
 * one is: for who waits for something that wakes nobody here. */
void pb_coroutine_yield(struct pb_coroutine *, uint64_t longest_ns);
/* The verb in which it is suspended, and each one after it until it ends, returns -ECANCELED. */
void pb_coroutine_cancel(struct pb_coroutine *);

/* The verbs; task->verbs is the coroutine. Whatever blocks beyond them (a mutex, a lookup) stops all. */
extern const struct pb_io pb_io_suspend;

#endif
