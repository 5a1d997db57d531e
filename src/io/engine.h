/* How a reactor asks the system: an operation of a coroutine is armed, and the engine tells when it is done.
 * One file per engine; all functions but `wake` are called by the reactor's thread only. */
#ifndef PB_IO_ENGINE_H
#define PB_IO_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct pb_coroutine;

enum pb_verb {
    PB_VERB_OPEN,
    PB_VERB_CLOSE,
    PB_VERB_READ,
    PB_VERB_WRITE,
    PB_VERB_PREAD,
    PB_VERB_PWRITE,
    PB_VERB_FSYNC,
    PB_VERB_CONNECT,
    PB_VERB_ACCEPT,
    PB_VERB_SEND,
    PB_VERB_RECV,
    PB_VERB_POLL,
    PB_VERBS,
};

/* One operation, and where its result goes. It lies in its coroutine, and what it points to stays where it is
 * until it is done. */
struct pb_op {
    enum pb_verb verb;
    int fd;
    int flags; /* open, send, recv: flags; poll: events; connect: the engine's */
    union {
        mode_t mode;     /* open */
        socklen_t given; /* connect: the address's size */
    };
    union {
        const char *path; /* open */
        void *buffer;
        const void *data;
        struct sockaddr *address;    /* accept; NULL: not wanted */
        const struct sockaddr *peer; /* connect */
    };
    union {
        size_t size;
        socklen_t *room; /* accept */
    };
    off_t offset; /* pread, pwrite */
    ssize_t result;
    struct pb_coroutine *owner;
    struct pb_op *next; /* the engine's, as what follows: at first NULL and false */
    bool begun;         /* attempted before; or handed over */
    bool in_files;      /* with the thread for files */
    bool stopped;       /* asked to end */
};

/* Not a result: it will be told by pb_op_done. */
#define PB_OP_ARMED ((ssize_t)1 << 62)

/* The operation, which was armed, has ended. */
typedef void pb_op_done(struct pb_op *, ssize_t result);

struct pb_engine_ops {
    const char *name;
    /* For about so many operations at once; `done` is called for each that was armed. 0, or -errno and in
     * `why` (PB_ENGINE_WHY bytes) what stands against it. */
    int (*open)(void **self, uint32_t operations, pb_op_done *done, char *why);
    /* The result if that could be had without waiting, else PB_OP_ARMED. */
    ssize_t (*arm)(void *self, struct pb_op *);
    /* Makes one that is armed end soon, with -ECANCELED or with its result if it already has one; perhaps
     * before this returns. */
    void (*cancel)(void *self, struct pb_op *);
    /* Tells what is done; if nothing is, waits until something is, until `wake`, or for `longest`
     * nanoseconds (0: does not wait, UINT64_MAX: for ever). May return early with nothing. */
    void (*wait)(void *self, uint64_t longest);
    void (*wake)(void *self);  /* from any thread */
    void (*close)(void *self); /* nothing is armed */
};

enum { PB_ENGINE_WHY = 256 };

extern const struct pb_engine_ops pb_engine_epoll;
/* In the module parbench-uring.so, which needs nothing of the program that loads it. */
extern const struct pb_engine_ops pb_engine_uring;
#define PB_URING_SYMBOL "pb_engine_uring"

#endif
