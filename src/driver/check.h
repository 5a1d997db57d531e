/* Holds a fixed conversation with a program that says it is a runner, and reads whatever it says strictly.
 * For who writes a runner: docs/runner-protocol.md is what it is held against. */
#ifndef PB_DRIVER_CHECK_H
#define PB_DRIVER_CHECK_H

#include "driver/child.h"
#include "runner/protocol_check.h"

struct pb_check_request {
    const struct pb_program *program;
    const char *workload;        /* an item; NULL: the first that is not absent */
    const char *const *executor; /* items */
    uint32_t executors;          /* 0: each that is not absent */
    int64_t timeout_ns;          /* of one answer */
};

/* A line of the conversation. They are numbered from 1 on, both sides', through all of it. */
struct pb_check_line {
    uint32_t number;
    bool said; /* by the checker; else by the runner */
    const char *text;
    size_t size;
};

/* How one check went. */
struct pb_check_result {
    const char *name; /* "run-again", "executor thread" */
    bool failed;
    struct pb_wire_fault fault; /* the first, if it failed */
    struct pb_check_line line;  /* that is wrong, or that was not answered; number 0: none */
    uint32_t advised;           /* number of a line whose text is right, but not as advised; 0: none */
};

struct pb_check_listener {
    void (*line)(void *context, const struct pb_check_line *);           /* as it is said; may be NULL */
    void (*result)(void *context, const struct pb_check_result *);       /* as each check ends */
    void (*unchecked)(void *context, const char *name, const char *why); /* a check that means nothing now */
    void *context;
};

/* 0 when it has come to its end, however the checks went. Else it could not: -EINTR (pb_signal_caught), or
   what starting the program gave. Nothing of the program is left. */
int pb_check_runner(const struct pb_check_request *, const struct pb_check_listener *, struct pb_error *);

#endif
