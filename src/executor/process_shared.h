/* What the three kinds of process of the process executor share: the parent that holds the futures, the fork
 * server, and the workers.
 *
 *     parent  --socket-->  fork server  --fork-->  workers
 *        \_______ the crew's queue of futures ______/ |
 *        \______________ a ring for each _____________/
 *
 * The fork server is forked at open and stays single-threaded; it forks workers, reaps them and tells.
 * Workers take futures from the crew's queue and write small results into them. What does not fit there comes
 * home through the worker's own ring, which is thrown away with it. Nothing is locked by a process that can
 * be killed. */
#ifndef PB_EXECUTOR_PROCESS_SHARED_H
#define PB_EXECUTOR_PROCESS_SHARED_H

#include <sys/types.h>

#include "executor/ring.h"
#include "executor/worker.h"

/* Messages home: a head, then `size` bytes, then `text_size` bytes of a message. */
enum pb_message_kind {
    PB_MESSAGE_READY,   /* the initializer returned `code`, with a text if it failed */
    PB_MESSAGE_DONE,    /* the task of `future` returned `code`, its result and its message follow */
    PB_MESSAGE_SETTLED, /* `future` is settled, and has watches to be fired */
};

struct pb_message_head {
    uint32_t kind;
    int32_t code;
    uint32_t future; /* its index */
    uint32_t size, text_size;
};

struct pb_slot {
    struct pb_ring up;
    _Alignas(64)
        atomic_uint room; /* counted up by the parent when it has read; the worker sleeps on it ... */
    atomic_uint waiting;  /* ... after it said so here */
};

/* One mapping, shared by all, made before the first fork. */
struct pb_hive {
    struct pb_crew *crew;
    int doorbell; /* eventfd on which the parent's collector sleeps */
    _Alignas(64) atomic_uint collector_asleep;
    struct pb_slot slot[];
};

/* Over the socket, both ways, one struct a packet. */
enum pb_server_word {
    PB_SERVER_SPAWN,        /* to the server: fork worker */
    PB_SERVER_KILL,         /* to the server: SIGKILL worker, if it is still `pid` */
    PB_SERVER_KILL_STOPPED, /* to the server: SIGKILL every worker that is stopped */
    PB_SERVER_SPAWNED,      /* from the server: it is `pid` */
    PB_SERVER_REFUSED,      /* from the server: fork failed with errno `status` */
    PB_SERVER_DIED,         /* from the server: wait status */
};

struct pb_server_packet {
    uint32_t word;
    uint32_t worker;
    pid_t pid;
    int status;
};

/* Forks the server; *socket is the parent's end. 0, or -errno with the error. It ends, with all its workers,
 * when the socket closes or the parent dies. */
int pb_fork_server_start(struct pb_hive *, pid_t *server, int *socket, struct pb_error *);

/* A worker's life, from fork to _exit. */
_Noreturn void pb_process_worker_main(struct pb_hive *, uint32_t index);

#endif
