/* A runner as the driver holds it: a child process in a process group of its own, with a pipe each way.
 *
 * The driver has no children but runners, and what was orphaned below one that died: that is how nothing
 * survives. */
#ifndef PB_DRIVER_CHILD_H
#define PB_DRIVER_CHILD_H

#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"
#include "runner/protocol.h"

/* What a runner is started by. */
struct pb_program {
    char *name;         /* "python3": for the record and for messages */
    char **argv;        /* NULL-ended; argv[0] is looked up in PATH */
    char **environment; /* "NAME=value", NULL-ended: in addition to, or instead of, our own; NULL: nothing */
    bool launched;      /* it is a launcher, which starts the runner as ranks (launcher.h) */
};

void pb_program_release(struct pb_program *);

/* The runners that live. */
struct pb_children {
    struct pb_child *first;
};

struct pb_child {
    pid_t pid;          /* 0: none */
    int in, out, watch; /* to it, from it, its pidfd */
    struct pb_buffer received;
    /* Of a launcher: what it said beside the protocol, the last 16 KiB or more. Its standard error comes here
     * too. */
    int err;
    bool launched, closed; /* it has answered `close`, and ends by itself */
    struct pb_buffer said;
    /* Whether it need not be waited for any longer: 0, or the error says why. Asked once a second, and when
     * it has said something. NULL: it is waited for. */
    int (*hopeless)(const struct pb_child *, struct pb_error *);
    void (*progress)(void *context, uint64_t ended); /* hears `progress`; NULL: nobody does */
    void *progress_context;
    /* Hears each line, both ways, without its newline, before it is read; NULL: nobody does. */
    void (*line)(void *context, bool said, const char *text, size_t size);
    void *line_context;
    struct pb_children *children; /* it is one of */
    struct pb_child *next;
};

/* None yet. */
#define PB_CHILD_NONE ((struct pb_child){.in = -1, .out = -1, .err = -1, .watch = -1})

/* Starts a runner: the program, or for NULL this one again. It stays where it is until it ends. Environment
   variables that would bind OpenMP threads are set aside: they come under the same name behind
   PB_CHILD_ASIDE. */
#define PB_CHILD_ASIDE "PARBENCH_ASIDE_"
int pb_child_start(struct pb_child *, struct pb_children *, const struct pb_program *, struct pb_error *);
/* Sends one request. -EPIPE: it is gone; hear what it died of. */
int pb_child_say(struct pb_child *, const struct pb_wire *);
/* The same for a line that may be no message: text that ends with a newline. */
int pb_child_say_line(struct pb_child *, const char *text, size_t size);
/* Waits for one answer; `progress` that comes before it is passed on, and prolongs nothing. The child's own
   `error` answer becomes this function's: -EIO. -ECONNRESET: it died, the error names the signal or exit
   code; -ETIMEDOUT; -EINTR: pb_signal_caught; -EPROTO. */
int pb_child_hear(struct pb_child *, struct pb_wire *, int64_t timeout_ns, struct pb_error *);
/* Kills it and whatever it started, wherever that has gone, reaps them, and closes the pipes. A launcher is
   let end its ranks first, which may be on other hosts: it is asked to (SIGTERM) unless it is `closed`, and
   has some seconds. */
void pb_child_end(struct pb_child *);

/* Names of set environment variables that runners do not get, NULL-ended: to be told to the user. */
extern const char *const pb_child_set_aside[];

#endif
