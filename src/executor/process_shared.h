/* What the three kinds of process of the process executor share: the parent that holds the futures, the fork
 * server, and the workers.
 *
 *     parent  --socket-->  fork server  --fork-->  workers
 *        \______________ a pair of rings each ______/
 *
 * The fork server is forked at open and stays single-threaded; it forks workers, reaps them and tells. Each
 * worker has a slot of its own with two rings, thrown away with it: nothing that two workers write is shared
 * but the cursor of a range. */
#ifndef PB_EXECUTOR_PROCESS_SHARED_H
#define PB_EXECUTOR_PROCESS_SHARED_H

#include <sys/types.h>

#include "executor/ring.h"
#include "executor/worker.h"
#include "future/future.h"
#include "future/range.h"

/* Messages through the rings: a head, then `size` bytes, then `text_size` bytes of a message. */
enum pb_message_kind {
    PB_MESSAGE_CALL,  /* to the worker: function, arguments */
    PB_MESSAGE_RANGE, /* to the worker: struct pb_range as the parent has it, then its arguments */
    PB_MESSAGE_EXIT,  /* to the worker */
    PB_MESSAGE_READY, /* from the worker: its initializer returned `code`, with a text if it failed */
    PB_MESSAGE_DONE,  /* from the worker: the call's code, result, text */
    PB_MESSAGE_TALLY, /* from the worker: what it ran of the range, a struct pb_range_result */
};

struct pb_message_head {
    uint32_t kind;
    int32_t code;
    uint64_t size, text_size;
    pb_function *function;
};

struct pb_slot {
    struct pb_ring down, up; /* to the worker, from it */
    /* The worker sleeps on `wake` while `asleep`; the parent counts it up after each change that it may wait
     * for. */
    _Alignas(64) atomic_uint wake;
    atomic_uint asleep;
};

/* One mapping, shared by all, made before the first fork. */
struct pb_hive {
    struct pb_crew *crew;
    int doorbell; /* eventfd on which the parent's collector sleeps */
    atomic_uint collector_asleep;
    _Alignas(64) _Atomic uint64_t cursor; /* of the range that runs */
    struct pb_slot slot[];
};

/* Over the socket, both ways, one struct a packet. */
enum pb_server_word {
    PB_SERVER_SPAWN,   /* to the server: fork worker */
    PB_SERVER_KILL,    /* to the server: SIGKILL worker */
    PB_SERVER_SPAWNED, /* from the server: it is `pid` */
    PB_SERVER_REFUSED, /* from the server: fork failed with errno `status` */
    PB_SERVER_DIED,    /* from the server: wait status */
};

struct pb_server_packet {
    uint32_t word;
    uint32_t worker;
    pid_t pid;
    int status;
};

/* Forks the server; *socket is the parent's end. 0 or -errno. It ends, with all its workers, when the socket
 * closes or the parent dies. */
int pb_fork_server_start(struct pb_hive *, pid_t *server, int *socket);

/* A worker's life, from fork to _exit. */
_Noreturn void pb_process_worker_main(struct pb_hive *, uint32_t index);

#endif
